"""Where commands wait for their turn, so that the first answers to others are never late.

A first answer has three seconds, the rest of the work a quarter of an hour or more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic

AT_ONCE = 4
"""Commands worked on side by side. More would only make the first answers of others late."""
OUTSIDE = frozenset({"check"})
"""Verbs that wait for others than us, and so take nobody's place."""
QUIET = 0.007
"""Seconds without an arrival after which work begins: whoever came has the first answer by then."""
PATIENCE = 10.0
"""Seconds for which a command lets those who rush in go first."""


class Room:
    """Times are real ones, in seconds: they are about this process's own load."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._places = asyncio.Semaphore(AT_ONCE)
        self._arrived = -QUIET
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    @contextmanager
    def visit(self) -> Generator[None]:
        """From the arrival of an interaction to the end of all that it asks for."""
        self.arrive()
        with self.stay():
            yield

    def arrive(self) -> None:
        """Somebody came, whose first answer has no time to lose."""
        self._arrived = self._now()

    @contextmanager
    def stay(self) -> Generator[None]:
        """While somebody is worked for."""
        self._inside += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """A place to work in, once there is one and nobody comes in."""
        ends = self._now() + PATIENCE
        async with self._places:
            while (wait := self._arrived + QUIET - self._now()) > 0 and self._now() < ends:  # noqa: ASYNC110 - quiet is when nothing happens
                await asyncio.sleep(wait)
            yield

    async def empty(self, patience: float) -> None:
        """Until all have left, or for `patience` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._empty.wait()
