"""How a job changes: state, money and message in one transaction, and nobody told before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.domain import ledger, releases, takedowns
from bot.domain.gates import Gate
from bot.domain.jobs import Failure, Job, JobState, Offer
from bot.domain.refs import Place, Tenant
from bot.domain.releases import Release, Stand
from bot.domain.usage import cost_of, counted
from bot.domain.videos import Video
from bot.ports import Blobs, Clock, Leads, Media, Store, Unit, VideoProvider, alone
from bot.services.budgets import Budgets
from bot.services.comparisons import touch_comparison
from bot.services.origins import tell_authors
from bot.services.showing import RELEASE, shown
from bot.services.workspaces import Workspaces

MAX_REASON = 500
"""Characters kept of what a backend said about a failure."""

VERIFIED = "file:verified"
"""Why a job has its video, in its history."""
ALONE = "file:alone"
"""The same, where what came before it could not be joined to it."""
Told = Callable[[Job], None]
"""Called after a commit that changed a job, so that timers and messages follow at once."""


def card_key(job_id: str) -> str:
    """Nonce of a job's card."""
    return f"card/{job_id}"


def result_key(job_id: str) -> str:
    """Nonce of a job's result message."""
    return f"result/{job_id}"


def banner_key(root: str) -> str:
    """Nonce of the message that heads a thread of remixes."""
    return f"banner/{root}"


async def banner_in(tx: Unit, root: str, tenant: Tenant) -> str:
    """Nonce of the message that heads the thread of a family in a workspace."""
    there = await tx.publications.get(root, tenant)
    return banner_key(there.key.removeprefix(RELEASE) if there else root)


async def touch_banner(tx: Unit, job: Job, now: int) -> None:
    """There is news for the head of the thread that a remix belongs to, where there is one."""
    if job.root is None:
        return
    posted = await shown(tx, job.root, job.place.tenant)
    if posted and posted.ref and shares_thread(job.place, posted.ref.place):
        where = replace(posted.ref.place, thread=None)
        key = await banner_in(tx, job.root, where.tenant)
        await tx.outbox.touch(key, job.root, where, now)
    elif job.payer:
        # What is made elsewhere is not told there, but a sponsor's credits go all the same.
        await tell_banner(tx, job.root, job.place.tenant, now)


async def tell_banner(tx: Unit, root: str, tenant: Tenant, now: int) -> None:
    """There is news for the head of a thread of remixes in a workspace, if there is one."""
    head = await tx.outbox.get(await banner_in(tx, root, tenant))
    if head:
        await tx.outbox.touch(head.key, root, head.place, now)


def shares_thread(place: Place, root: Place) -> bool:
    """Whether what was asked for in `place` belongs under a message in `root`."""
    here, there = (place.tenant, place.channel), (root.tenant, root.channel)
    return here == there and not (place.private or root.private)


def gate_key(job: Job) -> str:
    """The gate that a job waits before: its provider account."""
    return job.offer.gate


async def gate_of(tx: Unit, name: str) -> Gate:
    """A gate as it was stored last; a new one where none was."""
    return await tx.gates.get(name) or Gate(name)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ends without a video; `charged` when the backend keeps its money.

    `cost` is what it said that this is (USD·10⁻⁶); None when it did not.
    """

    state: JobState
    failure: Failure | None
    reason: str = ""
    charged: bool = False
    cost: int | None = None


class Moves:
    """The only writer of job states."""

    def __init__(
        self, store: Store, clock: Clock, told: Told, budgets: Budgets, workspaces: Workspaces
    ) -> None:
        self._store = store
        self._clock = clock
        self._told = told
        self._budgets = budgets
        self._workspaces = workspaces

    async def move(self, job: Job, state: JobState, why: str, **changes: object) -> Job | None:
        """Move a job and tell its card. None when somebody else moved it first."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            moved = await self.write(tx, job, state, why, now, **changes)
        return self.tell(moved)

    async def write(
        self, tx: Unit, job: Job, state: JobState, why: str, now: int, **changes: object
    ) -> Job | None:
        """The same inside a transaction that does more; call `tell` after it."""
        moved = await tx.jobs.move(job, state, now, why, **changes)
        if moved:
            await tx.outbox.touch(card_key(job.id), job.id, job.place, now)
        if moved and counted(moved).micros > counted(job).micros:
            await self._budgets.watch(tx, moved)
        return moved

    async def show(self, job: Job) -> None:
        """Have the card of a job made anew: what it tells changed by time alone."""
        async with self._store.transaction() as tx:
            await tx.outbox.touch(card_key(job.id), job.id, job.place, self._clock.now())
        self.tell(job)

    def tell(self, moved: Job | None) -> Job | None:
        """Pass on a stored change."""
        if moved:
            self._told(moved)
        return moved

    async def end(self, job: Job, ending: Ending) -> Job | None:
        """Close a job without a video: the hold goes back whole, a loss is the workspace's."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            moved = await self.write_end(tx, job, ending, now)
        return self.tell(moved)

    async def write_end(self, tx: Unit, job: Job, ending: Ending, now: int) -> Job | None:
        """The same inside a transaction that does more; call `tell` after it."""
        word = ending.failure or ending.state
        moved = await self.write(
            tx,
            job,
            ending.state,
            f"end:{word}",
            now,
            due_at=None,
            finished_at=now,
            failure=ending.failure,
            reason=ending.reason[:MAX_REASON] or None,
            cost_reported=_lost(job, ending),
        )
        if moved is None:
            return None
        await tx.attempts.close(job.id, job.attempt, str(word), now)
        await touch_banner(tx, job, now)
        await touch_comparison(tx, moved, now)
        price = job.offer.price
        if price:
            await tx.ledger.post(
                ledger.release(job.hold, job.person, price, str(word), now, job.payer)
            )
        if price and ending.charged:
            await tx.ledger.post(ledger.loss(job.id, job.person.tenant, price, now))
        if ending.charged:
            await _book_cost(tx, moved, now)
        return moved

    async def stored(self, job: Job, video: Video, why: str = VERIFIED) -> Job | None:
        """The verified file is ours: spend the hold and send the result, all at once."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            moved = await self.write(tx, job, JobState.DELIVERING, why, now, due_at=None, tries=0)
            if moved:
                await tx.videos.add(video)
                await tx.attempts.close(job.id, job.attempt, "done", now)
                if job.offer.price:
                    await tx.ledger.post(
                        ledger.settle(job.hold, job.person, job.offer.price, now, job.payer)
                    )
                await _book_cost(tx, moved, now)
                release = await self._begin(tx, job, now)
                await tx.releases.add(release)
                where = replace(job.place, private=release.stand is not Stand.PUBLISHED)
                await tx.outbox.touch(release.key, job.id, where, now)
                await touch_comparison(tx, moved, now)
                await touch_banner(tx, job, now)
                if release.stand is Stand.PUBLISHED:
                    await tell_authors(tx, job, now)
        return self.tell(moved)

    async def _begin(self, tx: Unit, job: Job, now: int) -> Release:
        house = await self._workspaces.house(tx, job.person.tenant, job.place.channel)
        strikes = await tx.takedowns.strikes(job.person, now - 2 * takedowns.WITHIN)
        watched = takedowns.watched_until(strikes) > now
        return releases.begun(job, house, result_key(job.id), now, watched=watched)


async def _book_cost(tx: Unit, job: Job, now: int) -> None:
    """Write down what the backend takes for a job: its word, else the catalogue's."""
    micros = cost_of(job)
    if micros > 0:
        tenant, provider = job.person.tenant, job.offer.provider
        await tx.ledger.post(ledger.cost(job.id, tenant, provider, micros, now))


def _lost(job: Job, ending: Ending) -> int | None:
    """What a job without a video cost all the same (USD·10⁻⁶); None: nothing."""
    if not ending.charged:
        return None
    return cost_of(job) if ending.cost is None else ending.cost


def nowhere(_: Offer) -> str:
    """No backend can tell us anything."""
    return ""


@dataclass(frozen=True, slots=True)
class Kit:
    """What every step of a job works with.

    `provider_of` gives the client of the account that a job is pinned to; `typical` how long
    (ms) the catalogue says that a job takes; `webhook_of` where that account's backend may tell of
    it, "" for nowhere.
    """

    store: Store
    clock: Clock
    moves: Moves
    provider_of: Callable[[Offer], VideoProvider]
    media: Media
    blobs: Blobs
    typical: Callable[[Job], int]
    leads: Leads = alone
    webhook_of: Callable[[Offer], str] = nowhere
