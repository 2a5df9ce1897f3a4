"""Lets the bars on cards move on between two questions to the backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain import retry
from bot.domain.jobs import Job, JobState
from bot.ports import Clock, Store
from bot.services.moves import card_key
from bot.services.polling import Plans
from bot.services.views import percent_of

INTERVAL = retry.SECOND
"""Ms between two looks at which cards should move."""
STEPS = 20
"""Into how many pieces a bar's way is cut, from the first to the last."""
SLOWEST, FASTEST = 10 * retry.SECOND, 2 * retry.SECOND
"""Ms between two moves of one bar, whatever the chat would take."""
MOST = 1000
"""Jobs whose cards are cared for after a start."""

_MOVING = frozenset({JobState.QUEUED, JobState.RENDERING})


@dataclass(frozen=True, slots=True)
class _Bar:
    job: Job
    at: int
    """When the card was last told of (ms)."""


class Pulse:
    """Touches cards in the outbox; when they are edited is a matter of the chat's pace.

    Kept in memory, and read anew from the store at the first beat.
    """

    def __init__(self, store: Store, clock: Clock, plans: Plans, call: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._plans = plans
        self._call = call
        self._bars: dict[str, _Bar] = {}
        self._started = False

    def told(self, job: Job) -> None:
        """A job changed, and its card was told of it."""
        if job.state in _MOVING:
            self._bars[job.id] = _Bar(job, self._clock.now())
        else:
            self._bars.pop(job.id, None)

    async def beat(self) -> None:
        """Move every bar that stood still for long enough."""
        if not self._started:
            await self._load()
        now = self._clock.now()
        stale = [bar.job for bar in self._bars.values() if now - bar.at >= FASTEST]
        moving = [job for job in stale if await self._moves_on(job, now)]
        if not moving:
            return
        async with self._store.transaction() as tx:
            for job in moving:
                await tx.outbox.touch(card_key(job.id), job.id, job.place, now)
        for job in moving:
            if job.id in self._bars:
                self._bars[job.id] = _Bar(self._bars[job.id].job, now)
        self._call()

    async def _load(self) -> None:
        async with self._store.reading() as tx:
            found = await tx.jobs.in_state(_MOVING, MOST)
        self._bars = {job.id: _Bar(job, job.updated_at) for job in found} | self._bars
        self._started = True

    async def _moves_on(self, job: Job, now: int) -> bool:
        hope = (await self._plans.of(job)).hope
        wait = max(FASTEST, min(hope.median // STEPS, SLOWEST))
        told = self._bars[job.id].at if job.id in self._bars else now
        return now - told >= wait and percent_of(job, told, hope) != percent_of(job, now, hope)
