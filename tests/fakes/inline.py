"""Everything in one thread: the same random steps give the same run, and run faster.

Only for tests that need to be repeated exactly; the others use the threads that the bot uses.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

import pytest

from storage import driver

T = TypeVar("T")


class InlineConnection(driver.Connection):
    """A connection whose statements run where they are awaited, without waiting for the disk."""

    def __await__(self) -> Generator[Any, None, Self]:
        self._connection: sqlite3.Connection | None = self._connector()
        self._connection.execute("PRAGMA synchronous=OFF")
        yield from ()
        return self

    async def _execute(self, fn: Callable[..., T], *args: object, **kwargs: object) -> T:
        if self._connection is None:
            raise ValueError("no active connection")
        return fn(*args, **kwargs)

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


async def _at_once(work: Callable[..., T], *args: object, **kwargs: object) -> T:
    return work(*args, **kwargs)


@contextmanager
def one_thread() -> Generator[None]:
    """Databases opened and work handed to threads within the block stay in this thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "Connection", InlineConnection)
        patch.setattr(asyncio, "to_thread", _at_once)
        yield
