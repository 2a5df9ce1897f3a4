"""What backends tell of their jobs by themselves. It is never believed: it only wakes the job."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.domain.jobs import JobState, Offer
from bot.domain.webhooks import Hook
from bot.ports import Clock, Store
from bot.services.moves import Moves
from bot.services.polling import Heard
from bot.services.shop import Supplier

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


def addresses(
    hooks: Sequence[Hook], suppliers: Sequence[Supplier], public_url: str
) -> Callable[[Offer], str]:
    """Where the backend of an offer may tell of its job; "" where it cannot.

    An address that holds a secret goes only to where the account is today, as its key does.
    """
    told = {(hook.provider, hook.account): public_url.rstrip("/") + hook.path for hook in hooks}
    found = {
        (one.provider, one.account, one.base_url): told[one.provider, one.account]
        for one in suppliers
        if public_url and (one.provider, one.account) in told
    }
    return lambda offer: found.get((offer.provider, offer.account, offer.base_url), "")
