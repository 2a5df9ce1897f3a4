"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count

START = 1_790_000_000_000
"""A morning in September 2026 (ms)."""

_TURNS = 25
"""Turns of the loop that woken sleepers get before time goes on."""


class FakeClock:
    """`Clock` for tests: `advance` and `run_for` are the only ways that time passes."""

    def __init__(self, now: int = START) -> None:
        self._now = now
        self._order = count()
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []

    def now(self) -> int:
        return self._now

    async def sleep(self, ms: int) -> None:
        if ms <= 0:
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + ms, next(self._order), woken))
        await woken

    def advance(self, ms: int) -> None:
        """Move time on at once; whoever is due wakes when the test next awaits."""
        self._now += ms
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _wake(heapq.heappop(self._sleepers)[2])

    async def run_for(self, ms: int) -> None:
        """Let time pass: each sleeper wakes at its own moment and does its work before the next."""
        end = self._now + ms
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self.advance(max(0, self._sleepers[0][0] - self._now))
            await _settle()
        self._now = end
        await _settle()

    @property
    def first(self) -> int | None:
        """When the first of them wakes (ms); None when nobody waits."""
        return self._sleepers[0][0] if self._sleepers else None

    @property
    def sleepers(self) -> int:
        """How many wait."""
        return sum(not woken.done() for _, _, woken in self._sleepers)


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)


async def _settle() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)
