"""A recorded transaction, run again by Python's sqlite3 alone: what the database itself costs."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, cast

from sqlalchemy import Engine, event

from bot.bootstrap import new_job_id

Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, with several sets of values where `many`."""

    sql: str
    values: Values
    many: bool


@dataclass(frozen=True, slots=True)
class Script:
    """The statements of one order; each time it is played, `names` in them become new ones."""

    statements: tuple[Statement, ...]
    names: tuple[str, ...]

    def again(self) -> list[Statement]:
        """The same order by the same person once more."""
        fresh = {name: new_job_id() for name in self.names}
        return [
            Statement(one.sql, _renamed(one.values, fresh), one.many) for one in self.statements
        ]


def _renamed(values: Values, fresh: Mapping[str, str]) -> Values:
    """The same values, also within sets of them, with other names."""
    return [
        _renamed(cast("Values", one), fresh) if isinstance(one, list | tuple) else _name(one, fresh)
        for one in values
    ]


def _name(value: object, fresh: Mapping[str, str]) -> object:
    if isinstance(value, str):
        for old, new in fresh.items():
            value = value.replace(old, new)
    return value


class Recorder:
    """Writes down what an engine sends to its database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._heard: list[Statement] = []
        event.listen(engine, "before_cursor_execute", self._hear)

    def _hear(self, *details: Any) -> None:  # noqa: ANN401 - the library's own signature
        _, _, sql, values, _, many = details
        self._heard.append(Statement(sql, values, many))

    def taken(self, *names: str) -> Script:
        """All since the last time."""
        script = Script(tuple(self._heard), names)
        self._heard.clear()
        return script

    def leave(self) -> None:
        """Listen no more."""
        event.remove(self._engine, "before_cursor_execute", self._hear)


def copied(database: Path, target: Path) -> None:
    """A copy of what is stored now."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def played(connection: sqlite3.Connection, statements: Sequence[Statement]) -> float:
    """Ms of one transaction; `connection` should have the settings of the bot's own."""
    began = perf_counter()
    for one in statements:
        run = connection.executemany if one.many else connection.execute
        run(one.sql, one.values).fetchall()
    connection.commit()
    return 1000 * (perf_counter() - began)
