"""What backends tell of their jobs by themselves. It is never believed: it only wakes the job."""

from __future__ import annotations

from bot.domain.jobs import JobState
from bot.ports import Clock, Store
from bot.services.moves import Moves
from bot.services.polling import Heard

_ASKED_ABOUT = frozenset({JobState.QUEUED, JobState.RENDERING})


class Webhooks:
    """Makes jobs due that a backend has news of."""

    def __init__(self, store: Store, clock: Clock, moves: Moves, heard: Heard) -> None:
        self._store = store
        self._clock = clock
        self._moves = moves
        self._heard = heard

    async def woken(self, provider: str, account: str, name: str) -> None:
        """An account told of the job that it calls `name`; fine when it is not ours, or over."""
        now, gate = self._clock.now(), f"{provider}/{account}"
        # Before the job is looked for: its name may only just be on its way into its row.
        self._heard.note(gate, name, now)
        async with self._store.transaction() as tx:
            found = await tx.jobs.named(provider, account, name)
            running = [job for job in found if job.state in _ASKED_ABOUT]
            woken = [await tx.jobs.show_progress(job, job.progress, now, now) for job in running]
        if found:
            self._heard.came(gate, now)
        for job in woken:
            self._moves.tell(job)
