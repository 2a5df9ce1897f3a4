"""A job as people see it: with its place in line, its percentage and when it will be ready."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bot.domain import cooldown, ledger, progress, retry
from bot.domain.circuits import Circuit
from bot.domain.jobs import TERMINAL, UNCOUNTED, UPSTREAM, Failure, Job, JobState, Offer
from bot.domain.lineage import Credit, is_joined
from bot.domain.order import Kind
from bot.domain.refs import Channel, MessageRef, Person
from bot.domain.releases import GONE, Release
from bot.domain.switches import Switch
from bot.domain.videos import Video
from bot.ports import JobFilter, Unit
from bot.services.chains import LEAVES, dearer
from bot.services.moves import ALONE, gate_key
from bot.services.places import Places, expected
from bot.services.purses import paid_by
from bot.services.shop import Instead, Shop
from bot.services.switches import held_back
from bot.services.workspaces import Workspaces

QUEUED_FOR = 20 * retry.SECOND
"""Ms for which a job stays queued at the backend after it said so; jobs are asked about rarely."""

_SHORTER_HELPS = frozenset({Failure.RENDER_FAILED, Failure.TIMED_OUT, Failure.INVALID_REQUEST})
_ACCOUNT_FAILED = frozenset({Failure.BILLING, Failure.CREDENTIALS, Failure.TOO_MANY_TRIES})
_OTHER_MODEL_HELPS = _SHORTER_HELPS | _ACCOUNT_FAILED | {Failure.MODEL_RETIRED}


@dataclass(frozen=True, slots=True)
class JobView:
    """What a card shows. Times are ms; None where it does not apply to the state.

    `result` is the message that holds the video; `undelivered` means that it could not be posted.
    `credit` names the others behind a remix, `payer` the channel or sponsor that pays,
    `refunded` are credits that an admin gave back to whoever paid, and `held_back` is what one
    set so that a job waits for as long as that. `zone` is that of a job which waits for a time that
    its person chose. `circuit` is the trouble that its account has, `dearer` where it could go for
    more credits, if its person says yes, `shorter` and `other_model` what could be ordered instead
    of one that failed, `final` the same video by a better model. `stuck`: much the same was refused
    several times in a row. `release` is how its video stands. `alone`: what it goes on from could
    not be joined to it.
    """

    job: Job
    video: Video | None = None
    place_in_line: int | None = None
    starts_at: int | None = None
    ready_at: int | None = None
    percent: int | None = None
    late: bool = False
    credit: Credit | None = None
    result: MessageRef | None = None
    undelivered: bool = False
    payer: Channel | Person | None = None
    held_back: Switch | None = None
    refunded: int = 0
    zone: ZoneInfo | None = None
    circuit: Circuit | None = None
    dearer: Offer | None = None
    shorter: Instead | None = None
    other_model: Instead | None = None
    stuck: bool = False
    release: Release | None = None
    final: Instead | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Horizon:
    """What forecasts rest on: the catalogue, the lines, and ms until a render is `slow`."""

    shop: Shop
    places: Places
    slow: int
    workspaces: Workspaces


class Outlook:
    """Builds views within one transaction; asks for each kind of past once."""

    def __init__(self, tx: Unit, horizon: Horizon, now: int) -> None:
        self._tx = tx
        self._horizon = horizon
        self._now = now
        self._hopes: dict[Kind, progress.Expectation] = {}

    async def view(self, job: Job) -> JobView:
        """The job as it stands now."""
        view = await self._standing(job)
        if job.payer:
            view = replace(view, payer=await paid_by(self._tx, job))
        return replace(view, credit=await self._credit(job)) if job.remix_of else view

    async def _credit(self, job: Job) -> Credit | None:
        parent = await self._tx.jobs.get(job.remix_of or "")
        root = parent if job.root == job.remix_of else await self._tx.jobs.get(job.root or "")
        return Credit(parent.person, root.person, job.operation) if parent and root else None

    async def _standing(self, job: Job) -> JobView:
        if job.state is JobState.WAITING:
            return await self._waiting(job)
        if job.state in UPSTREAM and job.submitted_at is not None:
            return await self._running(job, job.submitted_at)
        if job.state in {JobState.DELIVERING, JobState.DONE}:
            return await self._finished(job)
        return await self._ended(job) if job.state in UNCOUNTED else JobView(job)

    async def _ended(self, job: Job) -> JobView:
        """What helps after an end without a video."""
        shop, view = self._horizon.shop, JobView(job)
        if job.failure in _SHORTER_HELPS:
            view = replace(view, shorter=shop.shorter(job.spec))
        if job.failure in _OTHER_MODEL_HELPS:
            others = shop.other_models(job.spec)
            view = replace(view, other_model=next((o for o in others if _helps(o, job)), None))
        if job.failure in LEAVES:
            view = replace(view, dearer=await dearer(self._tx, shop, job))
        if job.failure is Failure.MODERATED:
            ended = await lately_ended(self._tx, job.person)
            until_then = [one for one in ended if one.accepted_at <= job.accepted_at]
            view = replace(view, stuck=cooldown.is_stuck(until_then))
        return view

    async def _waiting(self, job: Job) -> JobView:
        switch = await held_back(self._tx, job)
        stand = await self._horizon.places.stand(self._tx, job, self._now)
        if stand is None:
            return JobView(job, held_back=switch)
        view = JobView(job, place_in_line=stand.place, held_back=switch)
        if switch:
            return view
        circuit = await self._tx.circuits.get(gate_key(job))
        if circuit.trouble:
            other = await dearer(self._tx, self._horizon.shop, job)
            return replace(view, circuit=circuit, dearer=other)
        return replace(view, starts_at=stand.starts_at, zone=await self._zone(job))

    async def _zone(self, job: Job) -> ZoneInfo | None:
        if (job.not_before or 0) <= self._now:
            return None
        return (await self._horizon.workspaces.of(self._tx, job.person.tenant)).zone

    async def _running(self, job: Job, submitted_at: int) -> JobView:
        hope = await self.hope(job)
        return JobView(
            job,
            ready_at=progress.ready_at(submitted_at, self._now, hope),
            percent=percent_of(job, self._now, hope),
            late=self._now - submitted_at >= self._horizon.slow,
        )

    async def _finished(self, job: Job) -> JobView:
        video = await self._tx.videos.of(job.id)
        release = await self._tx.releases.get(job.id)
        posted = await self._tx.outbox.get(release.key) if release else None
        ref = posted.ref if posted else None
        gone = release is not None and release.stand in GONE
        return JobView(
            job,
            video,
            result=ref,
            undelivered=job.state is JobState.DONE and ref is None and not gone,
            refunded=ledger.refunded(await self._tx.ledger.of_job(job.id)),
            release=release,
            final=self._horizon.shop.final_of(job),
            alone=await self._is_alone(job),
        )

    async def _is_alone(self, job: Job) -> bool:
        if not is_joined(job):
            return False
        return any(why == ALONE for _, _, why in await self._tx.jobs.history(job.id))

    async def hope(self, job: Job) -> progress.Expectation:
        """How long jobs of this kind take."""
        kind = _kind(job)
        if kind not in self._hopes:
            self._hopes[kind] = await expectation(self._tx, job, self._horizon.shop.typical(job))
        return self._hopes[kind]


def percent_of(job: Job, now: int, hope: progress.Expectation) -> int:
    """What the bar of a job at the backend shows."""
    queued = job.state is JobState.QUEUED and now - job.updated_at < QUEUED_FOR
    submitted_at = job.submitted_at or job.accepted_at
    return progress.shown_percent(
        job.progress, submitted_at, now, hope, queued=queued, asked_at=job.updated_at
    )


def _helps(other: Instead, job: Job) -> bool:
    """Whether another model is no way back to an account that failed."""
    return job.failure not in _ACCOUNT_FAILED or other.offer.gate != job.offer.gate


async def lately_ended(tx: Unit, person: Person) -> tuple[Job, ...]:
    """The last jobs of somebody that ended, the newest first."""
    wanted = JobFilter(person.tenant, person.id, TERMINAL, limit=cooldown.LOOKED_AT)
    return await tx.jobs.list(wanted)


async def expectation(tx: Unit, job: Job, typical: int) -> progress.Expectation:
    """How long such a job takes: from past ones, else the `typical` ms of the catalogue."""
    return await expected(tx, _kind(job), typical)


def _kind(job: Job) -> Kind:
    spec = job.spec
    return (spec.model, spec.size.width, spec.size.height, spec.seconds)
