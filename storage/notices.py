"""News for admins and people, and wishes for more that admins decide on."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.notices import Notice, Posting, Request, Wish, read, written
from bot.domain.quotas import Period, Unit
from bot.domain.refs import Person, Tenant
from storage.dialects import new_row
from storage.mapping import Row, workspace_columns
from storage.tables import notices, outbox, requests

_ADD = new_row(notices)
_GET = select(notices).where(notices.c.id == bindparam("id"))
_UNSENT = (
    select(notices.c.id)
    .where(
        notices.c.platform == bindparam("platform"),
        notices.c.tenant == bindparam("tenant"),
        notices.c.at >= bindparam("since"),
        ~select(outbox.c.key).where(outbox.c.key == "notice/" + notices.c.id).exists(),
    )
    .order_by(notices.c.at, notices.c.id)
)

_ASK = new_row(requests)
_REQUEST = select(requests).where(
    requests.c.id == bindparam("id"),
    requests.c.platform == bindparam("platform"),
    requests.c.tenant == bindparam("tenant"),
)
_DECIDE = (
    update(requests)
    .where(requests.c.id == bindparam("which"), requests.c.state == Wish.OPEN.value)
    .values(
        state=bindparam("new_state"),
        decided_by=bindparam("by"),
        decided_name=bindparam("name"),
        decided_at=bindparam("at"),
    )
)


class SqlNotices:
    """`NoticeRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, posting: Posting) -> bool:
        """Store a notice; False when its id is taken."""
        kind, values = written(posting.notice)
        row = {
            "id": posting.id,
            **workspace_columns(posting.tenant),
            "kind": kind.value,
            "body": json.dumps(values),
            "at": posting.at,
        }
        added = await self._connection.execute(_ADD[self._connection.dialect.name], row)
        return bool(added.rowcount)

    async def get(self, notice_id: str) -> Posting | None:
        """One notice."""
        row = (await self._connection.execute(_GET, {"id": notice_id})).first()
        if row is None:
            return None
        notice: Notice = read(row.kind, json.loads(row.body))
        return Posting(row.id, Tenant(row.platform, row.tenant), notice, row.at)

    async def unsent(self, tenant: Tenant, since: int) -> tuple[str, ...]:
        """Ids of notices since then (ms) for which there was nowhere to send them."""
        here = {**workspace_columns(tenant), "since": since}
        return tuple(await self._connection.scalars(_UNSENT, here))

    # --- wishes ---------------------------------------------------------------------------

    async def ask(self, request: Request) -> bool:
        """Store a wish; False when the person has an open one, or the id is taken."""
        row = {
            "id": request.id,
            **workspace_columns(request.person.tenant),
            "person": request.person.id,
            "person_name": request.person.name,
            "unit": request.unit.value,
            "period": request.period.value if request.period else None,
            "model": request.model,
            "amount": request.amount,
            "reason": request.reason,
            "state": request.state.value,
            "asked_at": request.asked_at,
        }
        asked = await self._connection.execute(_ASK[self._connection.dialect.name], row)
        return bool(asked.rowcount)

    async def request(self, tenant: Tenant, request_id: str) -> Request | None:
        """A wish of somebody in a workspace."""
        wanted = {"id": request_id, **workspace_columns(tenant)}
        row = (await self._connection.execute(_REQUEST, wanted)).first()
        return _request_of(row) if row else None

    async def decide(self, request: Request, state: Wish, by: Person, at: int) -> bool:
        """Decide on an open wish; False when somebody was faster."""
        values = {
            "which": request.id,
            "new_state": state.value,
            "by": by.key,
            "name": by.name,
            "at": at,
        }
        return (await self._connection.execute(_DECIDE, values)).rowcount == 1


def _request_of(row: Row) -> Request:
    tenant = Tenant(row.platform, row.tenant)
    return Request(
        row.id,
        Person(tenant, row.person, row.person_name),
        row.amount,
        Unit(row.unit),
        Period(row.period) if row.period else None,
        row.model,
        row.reason,
        Wish(row.state),
        row.asked_at,
        _decided_by(tenant, row),
    )


def _decided_by(tenant: Tenant, row: Row) -> Person | None:
    if row.decided_by is None:
        return None
    return Person(tenant, row.decided_by.removeprefix(f"{tenant.key}/"), row.decided_name or "")
