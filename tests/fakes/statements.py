"""Statements of SQL are put into words once for a whole run, not once for each store of a test.

An engine keeps what it has compiled, and takes it along when it goes; nearly every test has engines
of its own, and would compile for longer than it does anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import Compiled
from sqlalchemy.util import LRUCache

Key = tuple[Any, ...]
"""The engine's dialect, then whatever tells statements apart."""
SIZE = 4000
"""More than all of our statements."""


class Compilations(LRUCache[Key, Compiled]):
    """What engines have compiled; those of one kind of database have it together."""

    def get(self, key: Key, default: Any = None) -> Any:  # noqa: ANN401 - as the library has it
        return super().get(_shared(key), default)

    def __setitem__(self, key: Key, value: Compiled) -> None:
        super().__setitem__(_shared(key), value)


def _shared(key: Key) -> Key:
    dialect: Dialect
    dialect, *rest = key
    return (type(dialect), *rest)


@pytest.fixture(autouse=True, scope="session")
def compile_once() -> Iterator[None]:
    compilations = Compilations(SIZE)

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compilations)

    event.listen(Engine, "engine_connect", share)
    yield
    event.remove(Engine, "engine_connect", share)
