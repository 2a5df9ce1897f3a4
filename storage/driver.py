"""An aiosqlite connection that makes one trip to its thread for each statement.

The usual cursor makes four: open, execute, fetch, close. They cost more than the statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, Self

import aiosqlite

Parameters = Sequence[Any]


class Outcome(NamedTuple):
    """All that a statement left in its cursor."""

    rows: list[Any]
    description: Any
    rowcount: int
    lastrowid: int | None


Work = Callable[[sqlite3.Connection], sqlite3.Cursor]


class Cursor:
    """Runs a statement and brings back all of its rows at once."""

    arraysize = 1

    def __init__(self, run: Callable[[Work], Awaitable[Outcome]]) -> None:
        self._run = run
        self._outcome = Outcome([], None, -1, None)

    @property
    def description(self) -> Any:  # noqa: ANN401 - as the database API has it
        """The columns of the rows; None where there are none."""
        return self._outcome.description

    @property
    def rowcount(self) -> int:
        """How many rows were written."""
        return self._outcome.rowcount

    @property
    def lastrowid(self) -> int | None:
        """Number of the row that was added last."""
        return self._outcome.lastrowid

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Parameters = ()) -> Self:
        """Run one statement."""
        self._outcome = await self._run(lambda connection: connection.execute(sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Parameters]) -> Self:
        """Run one statement for each set of parameters."""
        self._outcome = await self._run(lambda connection: connection.executemany(sql, parameters))
        return self

    async def fetchall(self) -> list[Any]:
        """Every row of the last statement."""
        return self._outcome.rows

    async def close(self) -> None:
        """Nothing is left open."""


class Connection(aiosqlite.Connection):
    """A connection with such cursors; `open_file` runs in the connection's own thread."""

    def __init__(self, open_file: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(open_file, iter_chunk_size=64)
        # A process that dies of something else must not wait for this thread.
        self._thread.daemon = True

    def cursor(self) -> Cursor:  # pyright: ignore[reportIncompatibleMethodOverride] - on purpose
        """A cursor; nothing is run yet."""
        return Cursor(partial(self._execute, self._finish))  # pyright: ignore[reportUnknownMemberType] - untyped

    def _finish(self, work: Work) -> Outcome:
        cursor = work(self._conn)
        rows = cursor.fetchall() if cursor.description else []
        # The count of a statement with RETURNING is right only after its rows were read.
        outcome = Outcome(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
        cursor.close()
        return outcome
