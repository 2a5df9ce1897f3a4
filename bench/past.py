"""A long past: the rows of a few finished jobs again and again, under new names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

from bot.bootstrap import new_job_id

Row = dict[str, Any]
_OF_A_JOB: Mapping[str, str] = {
    "jobs": "SELECT * FROM jobs WHERE id = :job",
    "attempts": "SELECT * FROM attempts WHERE job_id = :job",
    "job_history": "SELECT * FROM job_history WHERE job_id = :job ORDER BY id",
    "entries": "SELECT * FROM entries WHERE job_id = :job ORDER BY id",
    "outbox": "SELECT * FROM outbox WHERE job_id = :job",
    "videos": "SELECT * FROM videos WHERE job_id = :job",
    "messages": "SELECT * FROM messages WHERE instr(nonce, :job) ORDER BY id",
}
"""The rows of a job by table, in an order that foreign keys allow."""
_NUMBERED = {"job_history", "entries", "messages"}
"""Tables whose rows the database numbers itself."""


def multiplied(database: Path, number: int) -> None:
    """Bring the jobs in the store of a stopped bot to `number`; the books stay right."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.row_factory = sqlite3.Row
        names = [str(row["id"]) for row in connection.execute("SELECT id FROM jobs")]
        patterns = [(name, _rows_of(connection, name)) for name in names]
        books = _Books(connection)
        for name, pattern in islice(cycle(patterns), number - len(names)):
            for table, row in _like(name, pattern):
                _insert(connection, table, books.counted_on(table, row))
        books.close()


def _rows_of(connection: sqlite3.Connection, name: str) -> list[tuple[str, Row]]:
    return [
        (table, dict(row))
        for table, wanted in _OF_A_JOB.items()
        for row in connection.execute(wanted, {"job": name})
    ]


def _like(name: str, pattern: list[tuple[str, Row]]) -> Iterator[tuple[str, Row]]:
    """The rows of another job with the same life."""
    fresh = new_job_id()
    for table, row in pattern:
        copy = {
            column: value.replace(name, fresh) if isinstance(value, str) else value
            for column, value in row.items()
            if column != "id" or table not in _NUMBERED
        }
        if table == "jobs":
            copy["interaction"] = fresh
        yield table, copy


def _insert(connection: sqlite3.Connection, table: str, row: Row) -> None:
    columns, places = ", ".join(row), ", ".join("?" * len(row))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - our own names
    connection.execute(sql, tuple(row.values()))


class _Books:
    """What counts on from row to row: balances, and the revisions of messages."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        accounts = connection.execute("SELECT name, balance FROM accounts")
        self._balances: dict[str, int] = {row["name"]: row["balance"] for row in accounts}
        last = connection.execute("SELECT max(revision) AS last FROM messages").fetchone()
        self._revisions = count(last["last"] + 1)

    def counted_on(self, table: str, row: Row) -> Row:
        """The row with the numbers that come next."""
        if table == "entries":
            account = row["account"]
            self._balances[account] += row["amount"]
            return row | {"balance": self._balances[account]}
        return row | {"revision": next(self._revisions)} if table == "messages" else row

    def close(self) -> None:
        """Write the balances back."""
        change = "UPDATE accounts SET balance = ? WHERE name = ?"
        changes = [(balance, name) for name, balance in self._balances.items()]
        self._connection.executemany(change, changes)
