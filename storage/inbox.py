"""What came in from a chat and waits: what comes about together shares one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bot.ports import Arrival
from storage.arrivals import Arrivals
from storage.tables import IS_NAME_ONLY, IS_UNDONE, inbox

TOGETHER = 500
"""Arrivals written at once; databases take some thousand values in one statement."""

_CHAT = inbox.c.chat == bindparam("of_chat")
_TAKE = insert(inbox)
_KNOWN = select(inbox.c.key).where(_CHAT, inbox.c.key.in_(bindparam("keys", expanding=True)))
_WAITING = (
    select(inbox.c.key, inbox.c.text, inbox.c.at)
    .where(_CHAT, IS_UNDONE)
    .order_by(inbox.c.at, inbox.c.id)
    .limit(bindparam("most"))
)
_DONE = update(inbox).where(_CHAT, inbox.c.key == bindparam("of_key")).values(text=None)
_TIDY = delete(inbox).where(
    _CHAT,
    IS_NAME_ONLY,
    inbox.c.at < bindparam("before"),
    # Other names of what still waits are kept with it.
    inbox.c.arrival.not_in(select(inbox.c.key).where(_CHAT, IS_UNDONE).correlate(None)),
)


@dataclass(frozen=True, slots=True)
class _Taking:
    """One call of `take`; `taken` is what its caller waits for."""

    keys: tuple[str, ...]
    text: str
    at: int
    taken: asyncio.Future[bool]


class SqlInbox:
    """`Inbox` of one chat."""

    def __init__(self, arrivals: Arrivals, chat: str) -> None:
        self._arrivals = arrivals
        self._chat = chat
        self._open: list[_Taking] = []
        self._writing: asyncio.Task[None] | None = None

    async def take(self, keys: Sequence[str], text: str, at: int) -> bool:
        """Store it, unless one of its keys was taken before."""
        taking = _Taking(tuple(keys), text, at, asyncio.get_running_loop().create_future())
        self._open.append(taking)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await taking.taken

    async def waiting(self, limit: int) -> tuple[Arrival, ...]:
        """What is not done, the oldest first."""
        wanted = {"of_chat": self._chat, "most": limit}

        def look(connection: Connection) -> tuple[Arrival, ...]:
            rows = connection.execute(_WAITING, wanted)
            return tuple(Arrival(row.key, row.text, row.at) for row in rows)

        return await self._arrivals.run(look)

    async def done(self, key: str) -> None:
        """Keep its keys, not its text."""
        which = {"of_chat": self._chat, "of_key": key}
        await self._arrivals.run(lambda connection: connection.execute(_DONE, which))

    async def tidy(self, before: int) -> int:
        """Forget the keys of what came before then and is done."""
        old = {"of_chat": self._chat, "before": before}
        return await self._arrivals.run(lambda connection: connection.execute(_TIDY, old).rowcount)

    # --- taking together ------------------------------------------------------------------

    async def _write_all(self) -> None:
        try:
            while self._open:
                await self._write_some()
        finally:
            self._writing = None
            left, self._open = self._open, []
            _let_go(left)

    async def _write_some(self) -> None:
        """Write what came until it was our turn; where one spoils it, each by itself."""
        batch = self._close()
        rows = self._rows(batch)
        try:
            # Hardly anything comes twice, so nobody is asked first.
            await self._arrivals.run(lambda connection: connection.execute(_TAKE, rows))
        except Exception:  # noqa: BLE001 - whoever spoilt it is told when written alone
            for taking in batch:
                await self._write_alone(taking)
        else:
            for taking in batch:
                _tell(taking, new=True)
        finally:
            _let_go(batch)

    async def _write_alone(self, taking: _Taking) -> None:
        rows = self._rows([taking])
        keys = {"of_chat": self._chat, "keys": list(taking.keys)}

        def write(connection: Connection) -> bool:
            if connection.scalar(_KNOWN, keys) is not None:
                return False
            connection.execute(_TAKE, rows)
            return True

        try:
            new = await self._arrivals.run(write)
        except Exception as error:  # noqa: BLE001 - it is raised where it belongs
            if not taking.taken.done():
                taking.taken.set_exception(error)
        else:
            _tell(taking, new=new)

    def _close(self) -> Sequence[_Taking]:
        """The next ones, without those whose caller is gone."""
        batch, self._open = self._open[:TOGETHER], self._open[TOGETHER:]
        return [taking for taking in batch if not taking.taken.done()]

    def _rows(self, batch: Iterable[_Taking]) -> list[dict[str, object]]:
        """A row for each key; the first has the text."""
        return [
            {
                "chat": self._chat,
                "key": key,
                "arrival": taking.keys[0],
                "text": taking.text if key == taking.keys[0] else None,
                "at": taking.at,
            }
            for taking in batch
            for key in dict.fromkeys(taking.keys)
        ]


def _tell(taking: _Taking, *, new: bool) -> None:
    """Whoever waits no longer is left alone."""
    if not taking.taken.done():
        taking.taken.set_result(new)


def _let_go(takings: Iterable[_Taking]) -> None:
    """Nobody answers them any more, when the bot is being stopped."""
    for taking in takings:
        taking.taken.cancel()
