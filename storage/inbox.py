"""What came in from a chat and waits."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bot.ports import Arrival
from storage.tables import IS_NAME_ONLY, IS_UNDONE, inbox

T = TypeVar("T")

TOGETHER = 500
"""Arrivals written at once; databases take some thousand values in one statement."""
SLICE = 200
"""Keys forgotten at once, so that nobody waits long for it."""

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
_OLD = (
    select(inbox.c.id)
    .where(
        _CHAT,
        IS_NAME_ONLY,
        inbox.c.at < bindparam("before"),
        # Other names of what still waits are kept with it.
        inbox.c.arrival.not_in(select(inbox.c.key).where(_CHAT, IS_UNDONE).correlate(None)),
    )
    .limit(bindparam("most"))
)
_TIDY = delete(inbox).where(inbox.c.id.in_(_OLD))
# In the words of the database, for these two are on everybody's way.
_TAKE_HERE = "INSERT INTO inbox (chat, key, arrival, text, at) VALUES "
_DONE_HERE = "UPDATE inbox SET text = NULL WHERE chat = ? AND key = ?"


@dataclass(frozen=True, slots=True)
class _Taking:
    """One call of `take`; `taken` is what its caller waits for."""

    keys: tuple[str, ...]
    text: str
    at: int
    taken: asyncio.Future[bool]


class Runner(Protocol):
    """Runs whole transactions; see `storage.arrivals`."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in one."""
        ...


class File(Runner, Protocol):
    """The same in a file, on the loop."""

    def write(self, statement: str, values: Sequence[object]) -> None:
        """Run one statement by itself."""
        ...

    async def settle(self) -> None:
        """Bring to its place what was written."""
        ...


class _Kept:
    """What all inboxes have in common."""

    def __init__(self, runner: Runner, chat: str) -> None:
        self._runner = runner
        self._chat = chat

    async def waiting(self, limit: int) -> tuple[Arrival, ...]:
        """What is not done, the oldest first."""
        wanted = {"of_chat": self._chat, "most": limit}

        def look(connection: Connection) -> tuple[Arrival, ...]:
            rows = connection.execute(_WAITING, wanted)
            return tuple(Arrival(row.key, row.text, row.at) for row in rows)

        return await self._runner.run(look)

    async def done(self, key: str) -> None:
        """Keep its keys, not its text."""
        which = {"of_chat": self._chat, "of_key": key}
        await self._runner.run(lambda connection: connection.execute(_DONE, which))

    async def tidy(self, before: int) -> int:
        """Forget the keys of what came before then and is done, a few at a time."""
        old = {"of_chat": self._chat, "before": before, "most": SLICE}
        forgotten = 0
        while some := await self._runner.run(lambda one: one.execute(_TIDY, old).rowcount):
            forgotten += some
            await asyncio.sleep(0)
        return forgotten


class FileInbox(_Kept):
    """`Inbox` of one chat in a file that nobody else writes to: taken in one statement, at once."""

    def __init__(self, file: File, chat: str) -> None:
        super().__init__(file, chat)
        self._file = file

    async def take(self, keys: Sequence[str], text: str, at: int) -> bool:
        """Store it, unless one of its keys was taken before."""
        names = tuple(dict.fromkeys(keys))
        values: list[object] = []
        for name in names:
            values += self._chat, name, names[0], text if name == names[0] else None, at
        try:
            self._file.write(_TAKE_HERE + ",".join(["(?, ?, ?, ?, ?)"] * len(names)), values)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
                raise
            return False
        return True

    async def done(self, key: str) -> None:
        """Keep its keys, not its text."""
        self._file.write(_DONE_HERE, (self._chat, key))

    async def tidy(self, before: int) -> int:
        """Forget the keys of what came before then and is done, a few at a time."""
        forgotten = await super().tidy(before)
        await self._file.settle()
        return forgotten


class SqlInbox(_Kept):
    """`Inbox` of one chat on a server: what comes about together shares one transaction."""

    def __init__(self, server: Runner, chat: str) -> None:
        super().__init__(server, chat)
        self._open: list[_Taking] = []
        self._writing: asyncio.Task[None] | None = None

    async def take(self, keys: Sequence[str], text: str, at: int) -> bool:
        """Store it, unless one of its keys was taken before."""
        taking = _Taking(tuple(keys), text, at, asyncio.get_running_loop().create_future())
        self._open.append(taking)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await taking.taken

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
            await self._runner.run(lambda connection: connection.execute(_TAKE, rows))
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
            new = await self._runner.run(write)
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
