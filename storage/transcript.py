"""Memory of a chat that has no server of its own: messages, and what changed since."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from bot.domain.refs import Place, Tenant
from bot.ports import Said
from storage.dialects import Insert, each, insert_for
from storage.engine import Database
from storage.mapping import Row, dumped, loaded, place_columns, place_of, workspace_columns
from storage.tables import messages

# Writers take turns, so nobody else counts on from the same number.
_next_revision = select(func.coalesce(func.max(messages.c.revision), 0) + 1).scalar_subquery()


def _adding(dialect: str) -> Insert:
    new = insert_for(dialect, messages).values(revision=_next_revision)
    return new.on_conflict_do_nothing(index_elements=["nonce"])


_ADD = {dialect: add.returning(messages) for dialect, add in each(_adding).items()}
_KNOWN = select(messages).where(messages.c.nonce == bindparam("nonce"))
_REPLACE = (
    update(messages)
    .where(messages.c.id == bindparam("seen_id"), ~messages.c.gone)
    .values(body=bindparam("new_body"), revision=_next_revision)
    .returning(messages)
)
# The row stays, so that neither its id nor its revision is ever another one's.
_REMOVE = _REPLACE.values(nonce=bindparam("new_nonce"), gone=True)
_HERE = (
    messages.c.platform == bindparam("platform"),
    messages.c.tenant == bindparam("tenant"),
)
_SINCE = (
    select(messages)
    .where(*_HERE, messages.c.revision > bindparam("revision"))
    .order_by(messages.c.revision)
    .limit(bindparam("most"))
)
_NEWEST = (
    select(messages)
    .where(*_HERE, ~messages.c.gone)
    .order_by(messages.c.id.desc())
    .limit(bindparam("most"))
)

log = logging.getLogger(__name__)


class SqlTranscript:
    """`Transcript` in the same database as the jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[_Listener] = []

    async def say(
        self, place: Place, author: str, body: dict[str, Any], nonce: str, at: int
    ) -> Said:
        """Store a message; the first one's when the nonce is known."""
        row = {
            "nonce": nonce,
            **workspace_columns(place.tenant),
            **place_columns(place),
            "author": author,
            "body": dumped(body),
            "at": at,
        }
        async with self._database.writing() as connection:
            added = (await connection.execute(_ADD[connection.dialect.name], row)).first()
            if added is None:
                return _said_of((await connection.execute(_KNOWN, {"nonce": nonce})).one())
        return self._tell(_said_of(added))

    async def replace(self, message_id: str, body: dict[str, Any]) -> Said | None:
        """Store a new body; None when there is no such message."""
        return await self._change(_REPLACE, message_id, body)

    async def remove(self, message_id: str) -> Said | None:
        """Keep nothing of a message but that it is gone; None when there is no such message."""
        return await self._change(_REMOVE, message_id, {}, new_nonce=f"gone/{message_id}")

    async def _change(
        self, change: ReturningUpdate[Any], message_id: str, body: dict[str, Any], **more: str
    ) -> Said | None:
        if not message_id.isdecimal():
            return None
        values = {"seen_id": int(message_id), "new_body": dumped(body), **more}
        async with self._database.writing() as connection:
            row = (await connection.execute(change, values)).first()
        return self._tell(_said_of(row)) if row else None

    async def since(self, tenant: Tenant, revision: int, limit: int) -> tuple[Said, ...]:
        """Messages that are new, changed or gone after `revision`, in that order."""
        return await self._read(_SINCE, tenant, revision=revision, most=limit)

    async def newest(self, tenant: Tenant, limit: int) -> tuple[Said, ...]:
        """The last messages that are not gone, the oldest first."""
        return (await self._read(_NEWEST, tenant, most=limit))[::-1]

    async def _read(self, wanted: Select[Any], tenant: Tenant, **more: int) -> tuple[Said, ...]:
        values = {**workspace_columns(tenant), **more}
        async with self._database.reading() as connection:
            return tuple(_said_of(row) for row in await connection.execute(wanted, values))

    def listen(self, heard: Callable[[Said], None]) -> Callable[[], None]:
        """Call `heard` with each message stored, replaced or removed here; returns the way out."""
        listener = _Listener(heard)
        self._listeners.append(listener)

        def leave() -> None:
            with suppress(ValueError):  # left already
                self._listeners.remove(listener)

        return leave

    def _tell(self, said: Said) -> Said:
        for listener in tuple(self._listeners):
            try:
                listener.heard(said)
            except Exception:
                # The message is stored whatever becomes of those who listen.
                log.exception("a listener of the transcript broke")
        return said


@dataclass(eq=False, slots=True)
class _Listener:
    """One call of `listen`; the same function may listen twice."""

    heard: Callable[[Said], None]


def _said_of(row: Row) -> Said:
    body = loaded(row.body) or {}
    return Said(str(row.id), place_of(row), row.author, body, row.at, row.revision, row.gone)
