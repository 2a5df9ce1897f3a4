"""The real time."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """`Clock` of the operating system."""

    def now(self) -> int:
        """Ms since the epoch."""
        return time.time_ns() // 1_000_000

    async def sleep(self, ms: int) -> None:
        """Wait; returns at once for 0 or less."""
        if ms > 0:
            await asyncio.sleep(ms / 1000)
