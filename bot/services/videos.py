"""What people do with videos: order, look, cancel, order again. One transaction each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot import wording
from bot.domain import refs
from bot.domain.catalogue import Catalogue
from bot.domain.jobs import (
    LIVE,
    UNCOUNTED,
    UPSTREAM,
    Job,
    JobState,
    Operation,
    Stopping,
    Wanted,
    checkable,
    may_see,
)
from bot.domain.later import NOW, Timing, kept
from bot.domain.lineage import is_of_another, style_of, unstyled
from bot.domain.refs import Person, Place, Tenant, alone
from bot.domain.releases import is_reviewer
from bot.domain.tiers import Tiers
from bot.domain.videos import VideoSpec
from bot.errors import InvalidInput, NotConfirmed, NothingBetter, TooLate, UnknownThing
from bot.ports import JobFilter, Unit
from bot.services import threads
from bot.services.blocks import refuse_blocked
from bot.services.line import styles_of, whole_prompt
from bot.services.moves import Ending
from bot.services.orders import Accepted, CreateRequest, Desk, Orders
from bot.services.shop import Shop, lacking
from bot.services.showing import check_watched, is_published, sees
from bot.services.styles import CHANNEL
from bot.services.views import JobView, Outlook
from bot.services.workspaces import Workspaces

Which = Literal["mine", "all", "failed"]
Find = Callable[[Unit, Workspaces, Person, str], Awaitable[Job]]
"""Where a job that was typed is looked for: `seen_by` or `reached_by`."""
S = JobState
SUGGESTED = 100
"""Jobs looked through for those that somebody may mean."""
STATES_WANTED: Mapping[Wanted, frozenset[JobState] | None] = {
    Wanted.ANY: None,
    Wanted.LIVE: LIVE - {JobState.DELIVERING},
    Wanted.FINISHED: threads.FINISHED,
    Wanted.ENDED: UNCOUNTED,
    Wanted.UNKNOWN: frozenset({S.SUBMIT_UNKNOWN}),
}
CANCEL_TRIES = 10
"""Views of a moving job that a cancel may miss before it is called too late."""


@dataclass(frozen=True, slots=True)
class Anew:
    """What is to be different in a retry; None and 0: nothing.

    `most`: credits for each video, should another account have to make it.
    """

    seconds: int | None = None
    model: str | None = None
    most: int = 0


AS_BEFORE = Anew()


@dataclass(frozen=True, slots=True)
class How:
    """What else was said of an order; None: nothing. `preset` as in `CreateRequest`."""

    timing: Timing | None = None
    preset: str | None = None


AS_USUAL = How()


@dataclass(frozen=True, slots=True)
class Further:
    """How a video goes on. None: in its own words, and for as long as its model usually makes."""

    prompt: str | None = None
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class CancelOutcome:
    """`done` when the job is cancelled; else the wish is stored and its outcome still open.

    `stopping` is what becomes then of the work at the backend.
    """

    job: Job
    done: bool
    stopping: Stopping = Stopping.ENDS


@dataclass(frozen=True, slots=True)
class QueueView:
    """What runs and what waits in a workspace, in order."""

    running: tuple[JobView, ...]
    waiting: tuple[JobView, ...]


class Videos:
    """The use cases of members."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._orders = Orders(desk)
        self._store = desk.store
        self._clock = desk.clock

    @property
    def shop(self) -> Shop:
        """What can be ordered."""
        return self._desk.horizon.shop

    @property
    def tiers(self) -> Tiers:
        """What people of a role may order."""
        return self._desk.tiers

    async def create(self, request: CreateRequest) -> Accepted:
        """Accept an order; raises a `Refused`, and then nothing is stored and nothing is held."""
        return await self._orders.accept(request)

    async def retry(
        self,
        person: Person,
        place: Place,
        interaction: str,
        typed: str,
        anew: Anew = AS_BEFORE,
    ) -> Accepted:
        """Order again what ended without a video, at today's price."""
        old = await self._own(person, typed, "retry")
        if old.state not in UNCOUNTED:
            raise TooLate("retry", old.state)
        spec = _changed(_ordered(old), anew, self.shop.catalogue())
        request = CreateRequest(person, _hidden(place, old), interaction, spec)
        source, timing = await self._open_source(person, old), kept(old.lane)
        return await self._orders.accept(
            replace(
                request,
                retry_of=old.id,
                source=source,
                operation=old.operation,
                timing=timing,
                most=anew.most,
                sent=_sent_before(old),
            )
        )

    async def again(
        self,
        person: Person,
        place: Place,
        interaction: str,
        typed: str,
        prompt: str | None,
        how: How = AS_USUAL,
    ) -> Accepted:
        """Order the same kind of video once more, with the same or another prompt.

        It is relaxed as that was, and in its style as that is worded there, unless it is said
        otherwise. Raises `Withheld` for the draft of somebody else: its words are not for
        everybody.
        """
        old = await self._watched(person, typed, seen_by)
        spec = replace(_ordered(old), prompt=prompt or old.spec.prompt)
        request = CreateRequest(person, _hidden(place, old), interaction, spec)
        source = await self._open_source(person, old)
        same = prompt is None and how.preset is None
        return await self._orders.accept(
            replace(
                request,
                source=source,
                operation=old.operation,
                timing=how.timing or kept(old.lane),
                preset=how.preset,
                sent=_sent_before(old) if same else None,
            )
        )

    async def remix(
        self,
        person: Person,
        place: Place,
        interaction: str,
        typed: str,
        change: str,
        how: How = AS_USUAL,
    ) -> Accepted:
        """Order a change of a finished video; it is charged to who asks for it."""
        source = await self._finished(person, typed, "remix")
        spec = replace(source.spec, prompt=change, style=None)
        async with self._store.reading() as tx:
            if source.operation is Operation.EXTEND:
                spec = await self._whole(tx, spec, source)
            where = await _where(tx, person, place, source)
        request = CreateRequest(person, where, interaction, spec)
        request = _about(source, Operation.REMIX, request, how)
        return await self._orders.accept(replace(request, preset=how.preset or CHANNEL))

    async def _whole(self, tx: Unit, spec: VideoSpec, source: Job) -> VideoSpec:
        """For a change of all of an extended video: its own first picture, and about its length."""
        model, video = self.shop.catalogue().get(spec.model), await tx.videos.of(source.id)
        length = video.seconds if video else spec.seconds
        fitting = [seconds for seconds in model.seconds if seconds <= length]
        return replace(spec, image=None, seconds=max(fitting, default=min(model.seconds)))

    async def extend(
        self,
        person: Person,
        place: Place,
        interaction: str,
        typed: str,
        further: Further,
        how: How = AS_USUAL,
    ) -> Accepted:
        """Order what comes after the end of a finished video; it is charged to who asks for it.

        It has the style of the video, unless another is asked for.
        Raises `CannotExtend` and `FullLength`, and otherwise as `create` does.
        """
        source = await self._finished(person, typed, "extend")
        model = self.shop.catalogue().get(source.spec.model)
        seconds = further.seconds or model.default_seconds
        if seconds not in model.seconds:
            raise InvalidInput("seconds", str(seconds), wording.one_of(model.seconds))
        at_home = source.person.tenant == person.tenant
        spec = replace(
            source.spec,
            prompt=further.prompt or source.spec.prompt,
            seconds=seconds,
            image=None,
            last=None,
            references=(),
            style=source.spec.style if at_home else None,
        )
        async with self._store.reading() as tx:
            where = await _where(tx, person, place, source)
        request = CreateRequest(person, where, interaction, spec)
        return await self._orders.accept(_about(source, Operation.EXTEND, request, how))

    async def finalize(
        self, person: Person, place: Place, interaction: str, typed: str, how: How = AS_USUAL
    ) -> tuple[Accepted, Job]:
        """Order a finished video once more by the model for finals; returns its draft too.

        It has the style of the draft, unless another is asked for.
        Raises `NothingBetter` where there is no such model, and otherwise as `create` does.
        """
        draft = await self._finished(person, typed, "finalize", seen_by)
        final = self.shop.final_of(draft)
        if final is None:
            raise NothingBetter(draft.spec.model)
        async with self._store.reading() as tx:
            sent = await whole_prompt(tx, draft)
            prompt = unstyled(sent, await styles_of(tx, draft))
            where = await _where(tx, person, place, draft)
        spec = replace(final.spec, prompt=prompt, style=style_of(draft))
        request = CreateRequest(person, where, interaction, spec)
        request = _about(draft, Operation.FINALIZE, request, how)
        if how.preset is None and sent != prompt:
            request = replace(request, sent=sent)
        try:
            return await self._orders.accept(request), draft
        except NotConfirmed as no:
            raise NotConfirmed(no.price, no.left, draft.offer.price) from no

    async def check(self, person: Person, typed: str) -> Job:
        """An ended job of the person's that the backend may be asked about once more."""
        job = await self._own(person, typed, "check")
        if not checkable(job):
            raise TooLate("check", job.state)
        return job

    async def adopt(self, place: Place, interaction: str, old: Job) -> Accepted:
        """Take over what became of an ended job after all, for its owner, at the price of then."""
        request = CreateRequest(old.person, _hidden(place, old), interaction, old.spec)
        source = await self._source(old)
        return await self._orders.accept(
            replace(request, retry_of=old.id, source=source, operation=old.operation, found=old)
        )

    async def current(self, person: Person, place: Place) -> str:
        """The newest finished video in a thread; raises `InvalidInput` where there is none."""
        job = await self.in_thread(person, place)
        if job is None:
            raise InvalidInput("job", "", wording.WHICH_VIDEO)
        return job.id

    async def in_thread(self, person: Person, place: Place) -> Job | None:
        """The newest finished video in a thread that the person may see."""
        async with self._store.reading() as tx:
            return await threads.newest_in(tx, person, place)

    async def _source(self, job: Job) -> Job | None:
        """The job that a remix changed; None for a first video."""
        if job.remix_of is None:
            return None
        async with self._store.reading() as tx:
            return await tx.jobs.get(job.remix_of)

    async def _open_source(self, person: Person, job: Job) -> Job | None:
        """The same, for another order; one of another workspace must still be published here."""
        source = await self._source(job)
        if source and source.person.tenant != person.tenant:
            async with self._store.reading() as tx:
                if not await is_published(tx, source, person.tenant):
                    raise UnknownThing("job", source.id)
        return source

    async def cancel(self, person: Person, typed: str) -> CancelOutcome:
        """Cancel at once what is not yet at the backend; else store the wish for the worker.

        A job may move while we look at it, so the newest view is tried again a few times.
        """
        for _ in range(CANCEL_TRIES):
            moved = await self._cancel_seen(await self._own(person, typed, "cancel"))
            if moved:
                done = moved.state is S.CANCELLED
                return CancelOutcome(moved, done, self.shop.stopping(moved))
        raise TooLate("cancel", S.SUBMITTING)

    async def _cancel_seen(self, job: Job) -> Job | None:
        if job.state in {S.ACCEPTED, S.WAITING}:
            return await self._desk.moves.end(job, Ending(S.CANCELLED, None))
        if job.state not in UPSTREAM:
            raise TooLate("cancel", job.state)
        # The worker stops it as soon as it holds a reference to stop.
        known = job.state in {S.QUEUED, S.RENDERING}
        due = self._clock.now() if known else job.due_at
        return await self._desk.moves.move(
            job, job.state, "cancel:asked", cancel_asked=True, due_at=due
        )

    async def find(self, person: Person, typed: str) -> JobView:
        """One job by its id or the beginning of it."""
        async with self._store.reading() as tx:
            return await self._outlook(tx).view(
                await seen_by(tx, self._desk.workspaces, person, typed)
            )

    async def known(self, person: Person, typed: str) -> JobView:
        """The same, or a video of another workspace that is published in the person's."""
        async with self._store.reading() as tx:
            return await self._outlook(tx).view(
                await reached_by(tx, self._desk.workspaces, person, typed)
            )

    async def suggest(
        self, person: Person, place: Place, typed: str, wanted: Wanted
    ) -> tuple[Job, ...]:
        """Jobs that somebody may mean by what they typed so far: their own and the place's.

        Of what others made there, only what they may watch.
        """
        states = STATES_WANTED[wanted]
        own = JobFilter(person.tenant, person.id, states, limit=SUGGESTED)
        here = JobFilter(person.tenant, None, states, channel=place.channel, limit=SUGGESTED)
        async with self._store.reading() as tx:
            found = [*await tx.jobs.list(own), *await tx.jobs.list(here)]
            fitting = {job.id: job for job in found if may_see(person, job) and _means(typed, job)}
            hidden = await self._hidden(tx, person, place, fitting.values())
        shown = [job for name, job in fitting.items() if name not in hidden]
        return tuple(sorted(shown, key=lambda job: -job.accepted_at))

    async def _hidden(
        self, tx: Unit, person: Person, place: Place, jobs: Iterable[Job]
    ) -> Collection[str]:
        """Which of a place's jobs have a video that somebody may not watch: drafts of others."""
        made = {j.id for j in jobs if j.person.id != person.id and j.state in threads.FINISHED}
        house = await self._desk.workspaces.house(tx, person.tenant, place.channel)
        if not made or is_reviewer(person, house):
            return ()
        return made - await tx.releases.published(made)

    async def finished(self, person: Person, typed: str) -> JobView:
        """A job whose video can be shown to the person."""
        job = await self._watched(person, typed)
        view = await self.known(person, job.id)
        if view.job.state not in {S.DELIVERING, S.DONE}:
            raise TooLate("show", view.job.state)
        return view

    async def show(self, person: Person, place: Place, typed: str, interaction: str) -> JobView:
        """Post a finished video again, in the place where it was asked for.

        What is not published goes to whoever asked, alone. Who is blocked shows nothing to others.
        """
        async with self._store.transaction() as tx:
            job = await reached_by(tx, self._desk.workspaces, person, typed)
            if job.state is not S.DONE:
                raise TooLate("show", job.state)
            await check_watched(tx, self._desk.workspaces, person, job)
            where = await _showable(tx, person, place, job)
            if not where.private:
                await refuse_blocked(tx, person)
            key = f"show/{person.tenant.key}/{interaction}"
            await tx.outbox.touch(key, job.id, where, self._clock.now())
            view = await self._outlook(tx).view(job)
        self._desk.told(job)
        return view

    async def jobs(self, person: Person, which: Which, limit: int = 10) -> tuple[JobView, ...]:
        """Jobs, newest first: one's own, everyone's that are not private, or one's failed ones."""
        mine = None if which == "all" else person.id
        states = UNCOUNTED if which == "failed" else None
        async with self._store.reading() as tx:
            wanted = JobFilter(person.tenant, mine, states, limit=limit)
            found = await tx.jobs.list(wanted)
            outlook = self._outlook(tx)
            return tuple([await outlook.view(job) for job in found if may_see(person, job)])

    async def queue(self, person: Person) -> QueueView:
        """What runs and what waits in the workspace; private jobs of others are left out."""
        async with self._store.reading() as tx:
            live = await tx.jobs.list(JobFilter(person.tenant, states=LIVE, limit=200))
            outlook = self._outlook(tx)
            views = [await outlook.view(job) for job in reversed(live) if may_see(person, job)]
        waiting = [view for view in views if view.job.state is S.WAITING]
        running = [view for view in views if view.job.state is not S.WAITING]
        waiting.sort(key=lambda view: view.place_in_line or 0)
        return QueueView(tuple(running), tuple(waiting))

    def _outlook(self, tx: Unit) -> Outlook:
        return Outlook(tx, self._desk.horizon, self._clock.now())

    async def _own(self, person: Person, typed: str, wish: str) -> Job:
        """A job that the person may change: their own, or any for an admin."""
        job = await self._seen(person, typed)
        if job.person.id != person.id and not person.admin:
            raise UnknownThing(f"job:{wish}", typed)
        return job

    async def _watched(self, person: Person, typed: str, find: Find | None = None) -> Job:
        """A job whose video the person may see, once there is one; also from elsewhere."""
        async with self._store.reading() as tx:
            job = await (find or reached_by)(tx, self._desk.workspaces, person, typed)
            await check_watched(tx, self._desk.workspaces, person, job)
        return job

    async def _finished(
        self, person: Person, typed: str, verb: str, find: Find | None = None
    ) -> Job:
        """The same, of a video that is there."""
        job = await self._watched(person, typed, find)
        if job.state not in {S.DELIVERING, S.DONE}:
            raise TooLate(verb, job.state)
        return job

    async def _seen(self, person: Person, typed: str) -> Job:
        async with self._store.reading() as tx:
            return await seen_by(tx, self._desk.workspaces, person, typed)


def _about(source: Job, operation: Operation, request: CreateRequest, how: How) -> CreateRequest:
    """The request for something that is made of a video."""
    return replace(
        request,
        source=source,
        operation=operation,
        timing=how.timing or NOW,
        preset=how.preset,
    )


def _changed(spec: VideoSpec, anew: Anew, catalogue: Catalogue) -> VideoSpec:
    """Another length or model of the same; raises `InvalidInput` where that is not on sale."""
    if anew.seconds is None and anew.model is None:
        return spec
    model = catalogue.get(anew.model or spec.model)
    changed = replace(spec, model=model.name, seconds=anew.seconds or spec.seconds)
    if model.makes(changed):
        return changed
    if changed.seconds not in model.seconds:
        raise InvalidInput("seconds", str(changed.seconds), wording.one_of(model.seconds))
    if changed.size not in model.sizes:
        raise InvalidInput("size", str(changed.size), wording.one_of(model.sizes))
    raise lacking(model, changed, catalogue)


def _ordered(old: Job) -> VideoSpec:
    """What a job was to be, without the picture that was taken of the video that it extends."""
    return replace(old.spec, image=None) if old.operation is Operation.EXTEND else old.spec


def _sent_before(old: Job) -> str | None:
    """The words that were sent for a job, where another order of it is sent the same.

    How a change of a video is told depends on where that is then.
    """
    return None if is_of_another(old) else old.sent_prompt


def _hidden(place: Place, job: Job) -> Place:
    """The place, in private when the job is."""
    return replace(place, private=place.private or job.place.private)


async def _where(tx: Unit, person: Person, place: Place, source: Job) -> Place:
    """The place, in private where the video that something is made of is."""
    is_open = await is_published(tx, source, person.tenant)
    return place if is_open else _hidden(place, source)


async def _showable(tx: Unit, person: Person, place: Place, job: Job) -> Place:
    """Where a video may be shown again: what is not published, to whoever asked alone."""
    if await is_published(tx, job, person.tenant):
        return place
    return replace(place, private=True) if person == job.person else alone(person)


def _means(typed: str, job: Job) -> bool:
    """Whether what somebody typed so far is in a job's id or prompt."""
    text = typed.strip().lstrip("#").lower()
    return job.id.startswith(text) or text in job.spec.prompt.lower()


async def seen_by(tx: Unit, workspaces: Workspaces, person: Person, typed: str) -> Job:
    """The job of their own workspace that somebody means.

    Raises `UnknownThing` for one that they may not see.
    """
    prefix = refs.job_id_typed(typed)
    found = await _called(tx, person.tenant, prefix) if prefix else ()
    return _meant(typed, [job for job in found if await sees(tx, workspaces, person, job)])


async def reached_by(tx: Unit, workspaces: Workspaces, person: Person, typed: str) -> Job:
    """The same, or a video of another workspace that is published in theirs.

    Only for what everybody may do with a published video.
    """
    prefix = refs.job_id_typed(typed)
    found = await _called(tx, person.tenant, prefix) if prefix else ()
    across = await tx.publications.called(person.tenant, prefix, 2) if prefix else ()
    others = [job for job in [await tx.jobs.get(name) for name in across] if job]
    every = (*found, *others)
    return _meant(typed, [job for job in every if await sees(tx, workspaces, person, job)])


def _meant(typed: str, visible: Sequence[Job]) -> Job:
    if not visible:
        raise UnknownThing("job", typed)
    if len(visible) > 1:
        raise InvalidInput("job", typed, ", ".join(job.id for job in visible))
    return visible[0]


async def _called(tx: Unit, tenant: Tenant, prefix: str) -> tuple[Job, ...]:
    """Jobs of a workspace by the beginning of their ids. Buttons name whole ones."""
    whole = await tx.jobs.get(prefix)
    if whole and whole.person.tenant == tenant:
        return (whole,)
    return await tx.jobs.list(JobFilter(tenant, prefix=prefix, limit=2))
