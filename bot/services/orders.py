"""Accepting an order: job, hold and card in one transaction, or nothing at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bot import wording
from bot.domain import cooldown, later, ledger
from bot.domain.budgets import Spending
from bot.domain.jobs import UNCOUNTED, Job, JobState, Offer, Operation
from bot.domain.later import NOW, Plan, Timing
from bot.domain.lineage import MAX_WORDS, OF_ANOTHER
from bot.domain.order import Lane
from bot.domain.permits import Ask, Order
from bot.domain.refs import Channel, Person, Place
from bot.domain.styles import added_by, styled
from bot.domain.tiers import Tiers
from bot.domain.usage import Usage
from bot.domain.videos import MAX_PROMPT, VideoSpec
from bot.domain.workspaces import Workspace
from bot.errors import CannotPost, CoolingDown, InvalidInput, NotEnoughCredits, TooLate, Waits
from bot.ports import Attempt, Clock, Store, Unit
from bot.services.blocks import refuse_blocked
from bot.services.budgets import Budgets
from bot.services.chains import first_able
from bot.services.ledger import Credits
from bot.services.moves import Moves, Told, card_key, touch_banner
from bot.services.permits import ask_author, check_shared, is_permitted
from bot.services.purses import choose, paid_by
from bot.services.quotas import Asked, Quotas
from bot.services.quotes import check_agreed
from bot.services.sources import refuse_too_long
from bot.services.styles import chosen
from bot.services.switches import refuse_closed
from bot.services.views import Horizon, lately_ended
from bot.services.workspaces import Workspaces

Preflight = Callable[[Place], Awaitable[tuple[str, ...]]]
Before = Callable[[Unit], Awaitable[None]]
"""Something that belongs into the transaction that accepts an order."""
S = JobState
_LONG_WORDS = frozenset({Operation.FINALIZE, Operation.EXTEND})
"""What may be made of the words of others, as they are or as they were sent."""


async def _nothing(_: Unit) -> None:
    """There is nothing else to write."""


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """An order: `count` videos of one spec, to be posted in `place`."""

    person: Person
    place: Place
    interaction: str
    spec: VideoSpec
    count: int = 1
    retry_of: str | None = None
    source: Job | None = None
    """The finished job of whose video it is to be made."""
    operation: Operation = Operation.CREATE
    """How; without a source, nothing but a create."""
    found: Job | None = None
    """An ended job whose video the backend has after all: it is taken over, nothing is ordered."""
    timing: Timing = NOW
    """How it wants to start."""
    most: int = 0
    """Credits for each video that the person agreed to, should another account have to make it."""
    agreed: int = 0
    """Credits for all of it that they agreed to before it had to wait for somebody else."""
    preset: str | None = None
    """A style by name, `styles.PLAIN`, or `CHANNEL`'s; None: that of `spec`, as it is."""
    sent: str | None = None
    """The words to send where they are known already; else the prompt with its style."""

    @property
    def root(self) -> str | None:
        """The job of the first video of the family, for a change of one of its videos."""
        return (self.source.root or self.source.id) if self.source else None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stored order. `price` is for all its jobs, `left` what whoever pays can still spend.

    `again` when the same interaction had been accepted before: nothing new was stored. `payer` is
    the channel or the sponsor that pays in the person's place.
    """

    jobs: tuple[Job, ...]
    again: bool
    price: int
    left: int
    payer: Channel | Person | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What the use cases share."""

    store: Store
    clock: Clock
    moves: Moves
    horizon: Horizon
    quotas: Quotas
    credits: Credits
    preflight: Preflight
    new_id: Callable[[], str]
    told: Told
    workspaces: Workspaces
    budgets: Budgets
    tiers: Tiers
    cool_down: int = 60_000
    """Ms for which whoever was refused alike several times in a row orders nothing; 0: none."""


class Orders:
    """The counter at which jobs begin."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store
        self._clock = desk.clock

    async def accept(self, request: CreateRequest, before: Before = _nothing) -> Accepted:
        """Jobs, holds and cards in one transaction; the same request twice is one order.

        What `before` writes is stored with them, or not at all. Raises a `Refused`, and then
        nothing is stored and nothing is held; after `Waits` the order is kept for a yes.
        """
        desk = self._desk
        found = request.found
        offers = (found.offer,) if found else self._offers(request)
        problems = await desk.preflight(request.place)
        if problems:
            raise CannotPost(problems)
        try:
            async with self._store.transaction() as tx:
                await before(tx)
                accepted = await self._accept_in(tx, request, offers)
        except _Unpermitted as no:
            await self._ask(no)
            author = wording.called_from(no.source.person, request.person.tenant)
            raise Waits(no.source.id, author, _wish(no.request)) from no
        for job in () if accepted.again else accepted.jobs:
            desk.told(job)
        return accepted

    def _offers(self, request: CreateRequest) -> tuple[Offer, ...]:
        shop, spec, source = self._desk.horizon.shop, request.spec, request.source
        lane, place = request.timing.lane, request.place
        if source and request.operation is Operation.EXTEND:
            return shop.continuing(spec, source, lane, place)
        return shop.offers(spec, lane, place)

    async def _accept_in(
        self, tx: Unit, request: CreateRequest, offers: Sequence[Offer]
    ) -> Accepted:
        person = request.person
        seen = await tx.jobs.by_interaction(person.tenant, request.interaction)
        if seen:
            return await _receipt(tx, seen, again=True)
        await refuse_blocked(tx, person)
        request = await _with_style(tx, request)
        await _refuse_too_long(tx, request)
        permitted = await self._is_permitted(tx, request)
        await self._refuse_stuck(tx, request)
        offer = await self._chosen(tx, request, offers)
        await refuse_closed(tx, person.tenant, offer, request.spec.model)
        await _unclaimed(tx, request.found)
        workspace = await self._desk.workspaces.of(tx, person.tenant)
        spendings = await self._admit(tx, request, offer, workspace.zone)
        plan = _planned(request.timing, self._clock.now(), workspace)
        jobs = await self._add_all(tx, request, offer, plan)
        accepted = await _receipt(tx, jobs, again=False)
        await _confirmed(tx, request, accepted, workspace.confirm_above)
        await _use_permit(tx, request, accepted.price, permitted=permitted)
        await self._desk.budgets.warn(tx, person.tenant, spendings)
        return accepted

    async def _is_permitted(self, tx: Unit, request: CreateRequest) -> bool:
        """Whether the author of the video that is to be changed need not be asked.

        Raises `Withheld` where they are against it. A job that ended without a video was permitted
        before, so its retry is.
        """
        source = request.source
        if source is None:
            return True
        if not request.found:
            await check_shared(tx, request.person, source)
        if await _was_permitted(tx, request, source):
            return True
        return await is_permitted(tx, self._desk.workspaces, request.person, source)

    async def _ask(self, no: _Unpermitted) -> None:
        """Keep an order that all but the author agrees with, and ask them."""
        ask = Ask(
            self._desk.new_id(),
            no.request.person,
            no.source.person,
            no.source.id,
            _kept(no.request, no.price),
            self._clock.now(),
        )
        async with self._store.transaction() as tx:
            await check_shared(tx, ask.person, no.source)
            await ask_author(tx, ask)

    async def _refuse_stuck(self, tx: Unit, request: CreateRequest) -> None:
        """Raise `CoolingDown` for whoever has content rules refuse much the same again and again.

        A backend may close an account for that.
        """
        if self._desk.cool_down and not request.found:
            ended = await lately_ended(tx, request.person)
            until = cooldown.cool_until(ended, self._desk.cool_down)
            if until > self._clock.now():
                raise CoolingDown(until)

    async def _chosen(self, tx: Unit, request: CreateRequest, offers: Sequence[Offer]) -> Offer:
        """Whose terms an order gets; what is taken over keeps its own."""
        tenant, model, now = request.person.tenant, request.spec.model, self._clock.now()
        if request.found:
            return offers[0]
        chosen = await first_able(tx, tenant, offers, model, most=request.most, now=now)
        if chosen is None:
            names = (one.name for one in self._desk.horizon.shop.catalogue() if one.name != model)
            raise InvalidInput("model", model, wording.one_of(names))
        return chosen

    async def _admit(
        self, tx: Unit, request: CreateRequest, offer: Offer, zone: ZoneInfo
    ) -> tuple[Spending, ...]:
        """The budgets as they stand with the order; raises a `Refused` where a limit is against it.

        Each sum over the past is made once here: it is most of what an order asks the store.
        """
        desk, person, spec, count = self._desk, request.person, request.spec, request.count
        if not request.found:
            desk.tiers.check(person, spec, count)
        if request.timing.lane is Lane.URGENT:
            await desk.budgets.check_urgent(tx, person)
        asked = Usage(count, count * spec.seconds, count * offer.price, count * offer.cost)
        order = Asked(person, request.place, spec.model, asked)
        await desk.quotas.admit(tx, order, zone)
        return await desk.budgets.admit(tx, order, offer.provider, zone)

    async def _add_all(
        self, tx: Unit, request: CreateRequest, offer: Offer, plan: Plan
    ) -> tuple[Job, ...]:
        """All jobs of an order; what it lacks in credits is told for the whole of it."""
        jobs: list[Job] = []
        payer = await choose(tx, request.place, request.root, request.count * offer.price)
        for part in range(request.count):
            try:
                jobs.append(await self._add(tx, request, offer, plan, part, payer))
            except NotEnoughCredits as no:
                had = no.available + part * offer.price
                raise NotEnoughCredits(request.count * offer.price, had) from no
        return tuple(jobs)

    async def _add(
        self,
        tx: Unit,
        request: CreateRequest,
        offer: Offer,
        plan: Plan,
        part: int,
        payer: str | None,
    ) -> Job:
        now, source = self._clock.now(), request.source
        pictured = self._may_need_picture(request)
        job = Job(
            id=self._desk.new_id(),
            person=request.person,
            place=request.place,
            interaction=request.interaction,
            part=part,
            spec=request.spec,
            offer=offer,
            # Only a picture needs preparing; without one the job may go straight into line.
            state=S.ACCEPTED if pictured else S.WAITING,
            version=1,
            accepted_at=now,
            updated_at=now,
            due_at=now if pictured else max(now, plan.not_before or 0),
            retry_of=request.retry_of,
            remix_of=source.id if source else None,
            root=request.root,
            operation=request.operation,
            sent_prompt=_sent(request),
            payer=payer,
            lane=plan.lane,
            not_before=plan.not_before,
            off_peak_at=plan.off_peak_at,
        )
        if request.found:
            job = _taken_over(job, request.found)
        await tx.jobs.add(job)
        if request.found:
            await tx.attempts.open(_attempt_of(job))
        await self._desk.credits.hold(tx, job)
        await tx.outbox.touch(card_key(job.id), job.id, job.place, now)
        await touch_banner(tx, job, now)
        return job

    def _may_need_picture(self, request: CreateRequest) -> bool:
        """Whether there are pictures, or it may have to begin with one of another video."""
        if request.spec.pictures or request.operation not in OF_ANOTHER:
            return bool(request.spec.pictures)
        models = self._desk.horizon.shop.catalogue()
        return any(one.takes_image for one in models if one.name == request.spec.model)


class _Unpermitted(Exception):
    """The author of `source` has to be asked before `request`, for `price` credits, is done."""

    def __init__(self, request: CreateRequest, source: Job, price: int) -> None:
        super().__init__(source.id)
        self.request = request
        self.source = source
        self.price = price


def _wish(request: CreateRequest) -> str:
    """The verb of what an author is asked about."""
    return "extend" if request.operation is Operation.EXTEND else "remix"


def _kept(request: CreateRequest, price: int) -> Order:
    """All of a request that is to be known when its author said yes."""
    return Order(
        request.place,
        request.interaction,
        request.spec,
        request.operation,
        request.count,
        request.timing,
        request.most,
        price,
        request.sent,
    )


def waited(ask: Ask, source: Job) -> CreateRequest:
    """The request that a question was asked for."""
    order = ask.order
    return CreateRequest(
        ask.person,
        order.place,
        order.interaction,
        order.spec,
        order.count,
        source=source,
        operation=order.operation,
        timing=order.timing,
        most=order.most,
        agreed=order.agreed,
        sent=order.sent,
    )


async def _with_style(tx: Unit, request: CreateRequest) -> CreateRequest:
    """The request with a copy of the style that it asks for.

    Raises `UnknownThing`, and `InvalidInput` where it makes the prompt too long.
    """
    style = request.spec.style
    if request.preset is not None:
        style = await chosen(tx, request.person, request.place, request.preset)
    spec = replace(request.spec, style=style)
    # What was made of the words of others may be longer than what people type.
    most = MAX_WORDS if request.operation in _LONG_WORDS else MAX_PROMPT
    if style and request.sent is None and len(styled(spec.prompt, style)) > most:
        takes = wording.too_long_with_style(most, style, len(added_by(style)))
        raise InvalidInput("prompt", wording.cut(spec.prompt, 60), takes)
    return replace(request, spec=spec)


def _sent(request: CreateRequest) -> str | None:
    """The words for the backend where they are not the typed ones.

    How a change of a video is told is known only when it is sent; see `services.line`.
    """
    if request.sent or request.spec.style is None or request.operation in OF_ANOTHER:
        return request.sent
    return styled(request.spec.prompt, request.spec.style)


async def _refuse_too_long(tx: Unit, request: CreateRequest) -> None:
    """Raise `FullLength` where a video cannot go on for as long as that."""
    if request.source and request.operation is Operation.EXTEND and not request.found:
        await refuse_too_long(tx, request.source, request.spec.seconds)


async def _use_permit(tx: Unit, request: CreateRequest, price: int, *, permitted: bool) -> None:
    """Undo the order where its author has to be asked; else a yes to one order was made use of."""
    source = request.source
    if source is None:
        return
    if not permitted:
        raise _Unpermitted(request, source, price)
    await tx.permits.use(source.id, request.person)


async def _was_permitted(tx: Unit, request: CreateRequest, source: Job) -> bool:
    """Whether the person's own earlier order, of which this is a retry, changed the same video."""
    old = await tx.jobs.get(request.retry_of) if request.retry_of else None
    return old is not None and (old.person, old.remix_of) == (request.person, source.id)


def _planned(timing: Timing, now: int, workspace: Workspace) -> Plan:
    try:
        return later.plan(timing, now, workspace.zone, workspace.off_peak)
    except ValueError as error:
        raise InvalidInput("when", later.OFF_PEAK, wording.NO_OFF_PEAK) from error


async def _receipt(tx: Unit, jobs: tuple[Job, ...], *, again: bool) -> Accepted:
    """The jobs of a stored order with what they cost, and what whoever pays has left."""
    job = jobs[0]
    left = await tx.ledger.balance(ledger.credits_of(ledger.payer(job.person, job.payer)))
    price = sum(one.offer.price for one in jobs)
    return Accepted(jobs, again, price, left, await paid_by(tx, job))


async def _confirmed(
    tx: Unit, request: CreateRequest, accepted: Accepted, above: int | None
) -> None:
    """Raise `NotConfirmed` above the workspace's threshold, once all else is fine."""
    price = accepted.price
    if above is not None and price > max(above, request.agreed) and not request.found:
        await check_agreed(tx, request.person, request.interaction, price, accepted.left + price)


async def _unclaimed(tx: Unit, found: Job | None) -> None:
    """Refuse to take over twice what a backend made once."""
    for other in await tx.jobs.holding(found) if found else ():
        if other.state not in UNCOUNTED:
            raise TooLate("check", other.state)


def _taken_over(job: Job, found: Job) -> Job:
    """A new job for what the backend has under the name of an ended one."""
    return replace(
        job,
        state=S.QUEUED,
        attempt=1,
        reference=found.reference,
        sent_prompt=found.sent_prompt,
        intent_at=found.intent_at,
        submitted_at=job.accepted_at,
    )


def _attempt_of(job: Job) -> Attempt:
    offer = job.offer
    return Attempt(
        job.id, job.attempt, offer.provider, offer.account, job.accepted_at, job.reference
    )
