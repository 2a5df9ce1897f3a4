"""Where commands wait for their turn, so that the first answers to others are never late.

A first answer has three seconds, the rest of the work a quarter of an hour or more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic
from typing import Any

AT_ONCE = 4
"""Commands worked on side by side. More would only make the first answers of others late."""
LET_IN = 64
"""Commands let in from the line at once. More than are worked on: a chat may have to be asked who
somebody is, which takes a while and nothing of ours."""
OUTSIDE = frozenset({"check"})
"""Verbs that wait for others than us, and so take nobody's place."""
RUSH = 0.015
"""Seconds that a command is worked on. Who comes sooner after another is part of a rush."""
QUIET = 0.007
"""Seconds without an arrival after which a rush is over: all have their first answers by then."""
ALONE = 0.002
"""Seconds after which work begins for one who came alone, and has the first answer by then."""
PATIENCE = 10.0
"""Seconds for which work lets those who rush in go first."""

Begin = Callable[[], asyncio.Task[Any]]
"""Begins all that one command asks for, in a task."""


class Room:
    """Times are real ones, in seconds: they are about this process's own load."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._places = asyncio.Semaphore(AT_ONCE)
        self._looking = asyncio.Lock()
        self._seats = asyncio.Semaphore(LET_IN)
        self._line: deque[Begin] = deque()
        self._doorman: asyncio.Task[None] | None = None
        self._arrived = -RUSH
        self._rush_began = -RUSH
        self._calm_at = -RUSH
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
        now = self._now()
        gap, self._arrived = now - self._arrived, now
        if gap > QUIET:
            self._rush_began = now
        calm = QUIET if gap < RUSH else ALONE
        self._calm_at = min(now + calm, self._rush_began + PATIENCE)

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

    def line_up(self, begin: Begin) -> None:
        """Begin it when nobody comes in and there is space; who came first is first.

        Whoever waits in line is a name on a list. Thousands of tasks would be looked through for
        garbage again and again, at the cost of those who come.
        """
        self._line.append(begin)
        if self._doorman is None:
            self._doorman = asyncio.create_task(self._let_in(), name="doorman")

    async def _let_in(self) -> None:
        try:
            while self._line:
                await self._seats.acquire()
                await self._calm_down()
                self._line.popleft()().add_done_callback(lambda _: self._seats.release())
                # Whoever came meanwhile is heard first.
                await asyncio.sleep(0)
        finally:
            self._doorman = None

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """A place to work in, once there is one and nobody comes in."""
        async with self._places:
            # One asks for all: each look is in the way of those who come.
            async with self._looking:
                await self._calm_down()
            yield

    async def _calm_down(self) -> None:
        while (wait := self._calm_at - self._now()) > 0:  # noqa: ASYNC110 - calm is when nothing happens
            await asyncio.sleep(wait)

    async def shut(self) -> None:
        """Let nobody in any more; who is in line is forgotten."""
        self._line.clear()
        if self._doorman:
            self._doorman.cancel()
            await asyncio.gather(self._doorman, return_exceptions=True)

    async def empty(self, patience: float) -> None:
        """Until all inside have left, or for `patience` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._empty.wait()
