"""Timers on APScheduler's memory store: nothing durable lives here, the truth is in the jobs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from apscheduler.executors.asyncio import (  # pyright: ignore[reportMissingTypeStubs] - untyped
    AsyncIOExecutor,
)
from apscheduler.jobstores.base import (  # pyright: ignore[reportMissingTypeStubs] - untyped
    JobLookupError,
)
from apscheduler.jobstores.memory import (  # pyright: ignore[reportMissingTypeStubs] - untyped
    MemoryJobStore,
)
from apscheduler.schedulers.asyncio import (  # pyright: ignore[reportMissingTypeStubs] - untyped
    AsyncIOScheduler,
)

from bot.ports import Wake


class SchedulerWakeups:
    """`Wakeups` on one machine."""

    def __init__(self) -> None:
        # Typed as Any once, here: the library has no type marker.
        self._scheduler: Any = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": AsyncIOExecutor()},
            timezone=UTC,
            # Late is fine, never is not; several missed runs are one.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin to fire."""
        self._scheduler.start()

    def at(self, name: str, when: int, wake: Wake) -> None:
        """Call `wake(name)` at `when` (ms), replacing an earlier timer of that name."""
        self._scheduler.add_job(
            wake,
            "date",
            args=[name],
            id=name,
            replace_existing=True,
            run_date=datetime.fromtimestamp(when / 1000, UTC),
        )

    def every(self, name: str, interval: int, wake: Wake) -> None:
        """Call `wake(name)` each `interval` ms."""
        self._scheduler.add_job(
            wake, "interval", args=[name], id=name, replace_existing=True, seconds=interval / 1000
        )

    def forget(self, name: str) -> None:
        """Drop a timer; fine when there is none."""
        try:
            self._scheduler.remove_job(name)
        except JobLookupError:
            return

    async def aclose(self) -> None:
        """Fire no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            # The scheduler stops in a callback of the loop; let that run.
            await asyncio.sleep(0)
