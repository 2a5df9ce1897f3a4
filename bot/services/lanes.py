"""Which lanes are on their way, and which have to wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from bot.domain import retry
from bot.ports import Clock, Lane
from bot.services.records import first_of

AT_ONCE = 64
"""Lanes on their way side by side."""

log = logging.getLogger(__name__)


class Lanes:
    """One task for each busy lane; `ended` is called when there is room for more."""

    def __init__(self, clock: Clock, ended: Callable[[], None]) -> None:
        self._clock = clock
        self._ended = ended
        self._busy: dict[Lane, asyncio.Task[None]] = {}
        self._paused: dict[Lane, int] = {}
        self.stopping = False

    @property
    def busy(self) -> bool:
        """Whether any is on its way."""
        return bool(self._busy)

    @property
    def room(self) -> int:
        """How many more may start."""
        return AT_ONCE - len(self._busy)

    def start(self, lane: Lane, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin `work`; the lane is busy until it ends."""
        task = asyncio.create_task(work, name=f"lane {lane.channel} {lane.kind}")
        self._busy[lane] = task
        task.add_done_callback(lambda task: self._done(lane, task))
        return task

    def pause(self, lane: Lane, until: int) -> None:
        """Take nothing for it before `until` (ms)."""
        self._paused[lane] = until

    def closed(self, now: int) -> frozenset[Lane]:
        """Those that may not be started."""
        self._paused = {lane: until for lane, until in self._paused.items() if until > now}
        return frozenset((*self._busy, *self._paused))

    def next_release(self) -> int | None:
        """When the first pause ends (ms)."""
        return min(self._paused.values(), default=None)

    async def stop(self, patience: int) -> None:
        """Begin no other message; give those on their way `patience` ms, then let go of them."""
        self.stopping = True
        try:
            if self._busy:
                await first_of(self._clock.sleep(patience), self._all_ended())
        finally:
            late = list(self._busy.values())
            for task in late:
                task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _all_ended(self) -> None:
        while self._busy:
            await asyncio.wait(self._busy.values())

    def _done(self, lane: Lane, task: asyncio.Task[None]) -> None:
        del self._busy[lane]
        if not task.cancelled() and (error := task.exception()):
            # The outbox still has everything; a fault that stays must not spin.
            log.error("sending failed; trying again", exc_info=error)
            self.pause(lane, self._clock.now() + retry.SECOND)
        self._ended()
