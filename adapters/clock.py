"""The real time."""

from __future__ import annotations

import asyncio
import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""The one that goes on while the machine sleeps, where there is one."""


def elapsed() -> int:
    """Ms since the machine was started; nobody can set it, and no pause stops it."""
    return time.clock_gettime_ns(_CLOCK) // 1_000_000


class SystemClock:
    """`Clock` of the operating system."""

    def now(self) -> int:
        """Ms since the epoch."""
        return time.time_ns() // 1_000_000

    async def sleep(self, ms: int) -> None:
        """Wait; returns at once for 0 or less."""
        if ms > 0:
            await asyncio.sleep(ms / 1000)
