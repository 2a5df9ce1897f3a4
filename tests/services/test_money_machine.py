"""Limits, budgets and credits, on both databases at once, beside books that are kept by hand."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from bot.domain import ledger, quotas
from bot.domain.budgets import Budget
from bot.domain.checks import Fault
from bot.domain.jobs import HELD, Failure, Job, JobState
from bot.domain.notices import BudgetAlert
from bot.domain.quotas import Extra, Period, Rule, Unit, Window
from bot.domain.refs import Blob, Channel, Person, Place, Tenant
from bot.domain.usage import Usage
from bot.domain.videos import Size, Video, VideoSpec
from bot.errors import BudgetSpent, InvalidInput, NotEnoughCredits, QuotaExceeded, Refused
from bot.ports import JobFilter
from bot.services.moves import Ending
from bot.services.orders import Accepted, CreateRequest
from storage.store import SqlStore, open_store
from storage.tables import accounts, tallies
from tests.fakes.clock import START, FakeClock
from tests.fakes.core import Core, Options, World
from tests.fakes.deeds import deed
from tests.fakes.inline import one_thread
from tests.fakes.plain_books import ZONE, PlainBooks, PlainJob, Sums, Wares, ends

S = JobState
T = TypeVar("T")
LIVES = int(os.environ.get("TEST_LIVES", "10"))
"""Many more by hand, after changes of what is counted."""
STEPS = 35
ALLOWANCE = 440
MINUTE = 60_000
SECONDS = 4
PRICES = {"sora-2": 40, "sora-2-pro": 120}
CENT = 10_000
"""USD·10⁻⁶; a credit is one."""
CHANNELS = ("studio", "lab")


def wall(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    """What the clock on the wall in Berlin shows, as ms."""
    return int(datetime(year, month, day, hour, minute, tzinfo=ZONE).timestamp() * 1000)


MONTHS = [wall(2026, 10, 1, 0), wall(2026, 11, 1, 0), wall(2027, 1, 1, 0)]
NIGHTS = [wall(2026, 10, 25, 1, 30), wall(2027, 3, 28, 1, 30)]
"""In one an hour comes twice, in the other it is left out."""
BORDERS = [
    *(month + ms for month in MONTHS for ms in (-1, 0, 1, 14 * MINUTE, 15 * MINUTE)),
    *(night + 15 * MINUTE * quarters for night in NIGHTS for quarters in range(9)),
]
EVES = [moment - 6 * 60 * MINUTE for moment in (*MONTHS, *NIGHTS)]

channels = st.sampled_from(CHANNELS)
models = st.sampled_from(sorted(PRICES))
units, periods, windows = (st.sampled_from(list(kind)) for kind in (Unit, Period, Window))
subjects = st.sampled_from(
    ["ana", "lea", "role:77", "role:88", "everyone", "channel:studio", "channel:lab", "workspace"]
)
names = st.sampled_from(["ana", "lea", "mara"])
costs = st.none() | st.sampled_from([0, 7 * CENT, 40 * CENT, 300 * CENT])
scopes = st.sampled_from(["workspace", "channel/studio", "channel/lab", "provider/simulator"])
of_models = st.sampled_from(["", "", *sorted(PRICES)])


@dataclass(frozen=True)
class Wish:
    """What somebody orders, maybe by a double press."""

    name: str
    channel: str
    model: str
    number: int
    twice: bool


wishes = st.builds(Wish, names, channels, models, st.integers(1, 3), st.booleans())
numbers = st.sampled_from([0, 2, 3, 4, 6, 9, 14, 20])
limits = st.builds(Rule, subjects, units, periods, numbers, windows, of_models)
caps = st.sampled_from([0, 2, 4, 7, 12, 20])
parts, roles = st.sampled_from([0, 0, 1, 2]), st.sampled_from([None, "77"])


def budget_of(scope: str, period: Period, cap: int, part: int, role: str | None) -> Budget:
    """A cap of so many cheap videos, and quarters of it kept back."""
    return Budget(scope, period, cap * 40 * CENT, part * cap * 10 * CENT, role)


budgets = st.builds(budget_of, scopes, periods, caps, parts, roles)
leaps = st.sampled_from([days * 24 * 60 - m for days in (1, 7, 30) for m in (0, 1, 14, 15, 16)])
"""Minutes after which something is about to leave a rolling window."""
minutes_on = st.integers(0, 45) | leaps | st.integers(46, 40 * 24 * 60)
gifts = st.sampled_from(sorted(PRICES.values())) | st.integers(1, 400)
"""Credits, often just enough."""
picks = st.integers(0, 5)
"""Which job or rule it is, counted from the newest."""


class Desk(Core):
    """A core at which nobody works: jobs go where a test moves them."""

    def _told(self, job: Job) -> None:
        """Nobody hears of it."""


# --- two cores as one -----------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """All that a database knows of a workspace."""

    jobs: dict[str, tuple[JobState, int | None]]
    tallies: dict[tuple[str, str, int], Sums]
    balances: dict[str, int]
    told: dict[str, BudgetAlert]
    used: list[tuple[Rule, Usage]]
    """What counts for each limit, as one person sees it."""
    extras: list[tuple[int, int]]
    """(amount, until) of what all people have above limits now."""
    spent: list[tuple[Budget, int]]
    faults: tuple[Fault, ...]


@dataclass
class Pair:
    """Does everything on both databases, and finds that they agree."""

    runner: asyncio.Runner
    clock: FakeClock
    cores: tuple[Desk, ...]
    workspaces: count[int]

    def move_in(self) -> Tenant:
        """A new workspace, whatever became of the last one."""
        number = next(self.workspaces)
        for core in self.cores:
            core.world.ids = count(number * 1000)
        return Tenant("web", f"life{number:05}")

    def do(self, ask: Callable[[Desk], Awaitable[T]]) -> T | Refused:
        """What came of it everywhere; a refusal is an answer too."""
        first, *others = (self.runner.run(_answer(ask(core))) for core in self.cores)
        for other in others:
            assert said(other) == said(first)
        return first


async def _answer(work: Awaitable[T]) -> T | Refused:
    try:
        return await work
    except Refused as no:
        return no


def said(answer: object) -> object:
    """An answer as a value that can be compared."""
    return (type(answer), vars(answer)) if isinstance(answer, Refused) else answer


async def facts_of(core: Desk, person: Person, *others: Person) -> Facts:
    tenant, now = person.tenant, core.clock.now()
    assert isinstance(core.store, SqlStore)
    here = (tallies.c.platform == tenant.platform, tallies.c.tenant == tenant.id)
    its_accounts = accounts.c.name.contains(tenant.key)
    async with core.store.database.reading() as connection:
        sums = (await connection.execute(select(tallies).where(*here))).all()
        balances = (await connection.execute(select(accounts).where(its_accounts))).all()
    async with core.store.reading() as tx:
        jobs = await tx.jobs.list(JobFilter(tenant, limit=10_000))
        postings = [await tx.notices.get(name) for name in await tx.notices.unsent(tenant, 0)]
        faults = await tx.checks.faults()
        given = [await tx.quotas.extras(one, now) for one in (person, *others)]
        used = [
            (limit, await tx.usage.total(*counts_for(limit, person, now)))
            for limit in await tx.quotas.rules(tenant)
        ]
    spendings = await core.budgets.standings(replace(person, admin=True))
    return Facts(
        {job.id: (job.state, job.cost_reported) for job in jobs},
        {(row.scope, row.model, row.slot): tuple(row[-4:]) for row in sums if any(row[-4:])},
        {row.name: row.balance for row in balances if row.balance},
        {one.id: one.notice for one in postings if one and isinstance(one.notice, BudgetAlert)},
        used,
        sorted((one.amount, one.until) for of in given for one in of),
        [(one.budget, one.spent) for one in spendings],
        # What went astray in one life must not end the next ones, too.
        tuple(fault for fault in faults if fault.tenant == tenant),
    )


def counts_for(limit: Rule, person: Person, now: int) -> tuple[Tenant, str, str, int]:
    """What is added up for a limit, as the bot does it."""
    scope, since = quotas.scope_of(limit, person), quotas.started(limit, now, ZONE)
    return person.tenant, scope, limit.model, since


# --- the machine ------------------------------------------------------------------------------


class Money(RuleBasedStateMachine):
    """Each life is a workspace of its own in the same two databases."""

    pair: ClassVar[Pair]
    answers: ClassVar[Counter[type[object]]]

    def __init__(self) -> None:
        super().__init__()
        self.tenant = tenant = self.pair.move_in()
        self.people = {
            "ana": Person(tenant, "ana", "Ana"),
            "lea": Person(tenant, "lea", "Lea", roles=("77", "88")),
            "mara": Person(tenant, "mara", "Mara", admin=True, roles=("88",)),
        }
        self.books = PlainBooks(tenant, "simulator", ALLOWANCE)
        self.clicks = count(1)

    @property
    def now(self) -> int:
        return self.pair.clock.now()

    def deed(self) -> Any:  # noqa: ANN401 - as the services take it
        return deed(self.people["mara"], f"deed {next(self.clicks)}")

    @initialize(
        start=st.sampled_from([START, *EVES]),
        some=st.lists(limits, max_size=3),
        money=st.lists(budgets, max_size=2),
    )
    def begin(self, start: int, some: list[Rule], money: list[Budget]) -> None:
        self.pair.clock.advance(start - self.now)
        for limit in some:
            self.set_limit(limit)
        for budget in money:
            self.set_budget(budget)

    # --- steps: each with an order, for without any all would be easy -------------------------

    @rule(minutes=minutes_on, ms=st.integers(0, 1), wish=wishes)
    def time_passes(self, minutes: int, ms: int, wish: Wish) -> None:
        self.pair.clock.advance(minutes * MINUTE + ms)
        self.order(wish)

    @rule(minutes=st.integers(1, 120), wish=wishes)
    def the_clock_is_set_back(self, minutes: int, wish: Wish) -> None:
        self.pair.clock.advance(-minutes * MINUTE)
        self.order(wish)

    @rule(which=st.integers(0, 5), wish=wishes)
    def a_border_comes(self, which: int, wish: Wish) -> None:
        coming = [moment for moment in BORDERS if moment > self.now]
        if coming:
            self.pair.clock.advance(coming[which % len(coming)] - self.now)
        self.order(wish)

    @rule(pick=picks, cost=costs, wish=wishes)
    def a_job_is_finished(self, pick: int, cost: int | None, wish: Wish) -> None:
        self.order(wish)
        if job := picked(self.books.jobs, pick):
            self.finish(job, cost)

    @rule(pick=picks, charged=st.booleans(), cost=costs, wish=wishes)
    def a_job_fails(self, pick: int, *, charged: bool, cost: int | None, wish: Wish) -> None:
        self.order(wish)
        if job := picked(self.books.jobs, pick):
            self.fail(job, charged=charged, cost=cost)

    @rule(pick=picks, sent=st.booleans(), wish=wishes)
    def somebody_cancels(self, pick: int, *, sent: bool, wish: Wish) -> None:
        self.order(wish)
        if job := picked(self.books.jobs, pick):
            self.cancel(job, sent=sent)

    @rule(owner=names | channels, amount=gifts, wish=wishes)
    def credits_are_granted(self, owner: str, amount: int, wish: Wish) -> None:
        self.grant(owner, amount)
        self.order(wish)

    @rule(limit=limits, wish=wishes)
    def a_limit_is_set(self, limit: Rule, wish: Wish) -> None:
        self.set_limit(limit)
        self.order(wish)

    @rule(pick=picks, wish=wishes)
    def a_limit_is_dropped(self, pick: int, wish: Wish) -> None:
        if old := picked(self.books.rules, pick):
            self.drop_limit(old)
        self.order(wish)

    @rule(name=names, pick=picks, amount=st.integers(1, 200), wish=wishes)
    def somebody_may_have_more(self, name: str, pick: int, amount: int, wish: Wish) -> None:
        kind = picked(self.books.rules, pick) or Rule("", Unit.VIDEOS, Period.DAY, 0)
        self.give_more(self.people[name], kind, amount)
        self.order(wish)

    @rule(name=names, wish=wishes)
    def somebody_starts_anew(self, name: str, wish: Wish) -> None:
        self.start_anew(self.people[name])
        self.order(wish)

    @rule(budget=budgets, wish=wishes)
    def a_budget_is_set(self, budget: Budget, wish: Wish) -> None:
        self.set_budget(budget)
        self.order(wish)

    @rule(pick=picks, wish=wishes)
    def a_budget_is_dropped(self, pick: int, wish: Wish) -> None:
        if old := picked(self.books.budgets, pick):
            order = self.deed()
            assert self.pair.do(lambda core: core.budgets.drop(order, old)) is True
            self.books.budgets.remove(old)
        self.order(wish)

    # --- what people do -----------------------------------------------------------------------

    def order(self, wish: Wish) -> None:
        person, price, channel = self.people[wish.name], PRICES[wish.model], wish.channel
        wares = Wares(wish.model, SECONDS, price, price * CENT, wish.number)
        expected = self.books.refusals(person, channel, wares, self.now)
        request = self.request(person, wish)
        accepted = self.pair.do(lambda core: core.videos.create(request))
        self.answers[type(accepted)] += 1
        if isinstance(accepted, Refused):
            assert said(accepted) in [said(no) for no in expected]
            return
        assert not expected
        self.accept(accepted, person, replace(wares, count=1), channel)
        if wish.twice:
            again = self.pair.do(lambda core: core.videos.create(request))
            assert again == replace(accepted, again=True)

    def request(self, person: Person, wish: Wish) -> CreateRequest:
        place, click = Place(self.tenant, wish.channel), f"click {next(self.clicks)}"
        spec = VideoSpec("a red kite", wish.model, Size(1280, 720), SECONDS)
        return CreateRequest(person, place, click, spec, wish.number)

    def accept(self, accepted: Accepted, person: Person, one: Wares, channel: str) -> None:
        price = len(accepted.jobs) * one.price
        payer = self.books.payer(person, channel, price)
        for job in accepted.jobs:
            self.books.accept(PlainJob(job.id, person, channel, one, self.now, payer))
        self.books.watch(self.books.budgets_for(channel), self.now)
        left = self.books.credits[ledger.credits_of(payer).name]
        assert (accepted.price, accepted.left) == (price, left)
        assert accepted.payer == (payer if isinstance(payer, Channel) else None)

    def cancel(self, job: PlainJob, *, sent: bool) -> None:
        if sent and job.state == "live":
            self.pair.do(lambda core: advance(core, job.id, S.QUEUED))
        outcome = self.pair.do(lambda core: core.videos.cancel(job.person, job.id))
        if job.state == "live" and not isinstance(outcome, Refused) and outcome.done:
            self.books.lost(job, None)

    # --- what backends do ---------------------------------------------------------------------

    def finish(self, job: PlainJob, cost: int | None) -> None:
        if job.state == "live":
            self.pair.do(lambda core: finish(core, job.id, cost))
            dearer = cost is not None and cost > job.cost
            job.reported = cost
            self.books.made(job)
            self.watch(job, dearer=dearer)
        self.nothing_ends_twice(job)

    def fail(self, job: PlainJob, *, charged: bool, cost: int | None) -> None:
        if job.state == "live":
            ending = Ending(S.FAILED, Failure.RENDER_FAILED, "no", charged, cost)
            self.pair.do(lambda core: end(core, job.id, ending))
            taken = (job.cost if cost is None else cost) if charged else None
            dearer = taken is not None and taken > job.cost
            self.books.lost(job, taken)
            self.watch(job, dearer=dearer)
        self.nothing_ends_twice(job)

    def watch(self, job: PlainJob, *, dearer: bool) -> None:
        if dearer:
            self.books.watch(self.books.budgets_for(job.channel), self.now)

    def nothing_ends_twice(self, job: PlainJob) -> None:
        """Whoever still holds an old view of a job comes to nothing."""
        assert self.pair.do(lambda core: end_seen_long_ago(core, job.id)) is None

    # --- what admins do -----------------------------------------------------------------------

    def grant(self, owner: str, amount: int) -> None:
        """By a double press."""
        to, order = self.people.get(owner) or Channel(self.tenant, owner), self.deed()
        self.books.join(to)
        account = ledger.credits_of(to)
        self.books.move(ledger.issued_by(self.tenant), account, amount)
        for _ in range(2):
            has = self.pair.do(lambda core: core.credits.grant(order, to, amount))
            assert has == self.books.credits[account.name]

    def set_limit(self, limit: Rule) -> None:
        factor = {Unit.VIDEOS: 1, Unit.SECONDS: SECONDS, Unit.CREDITS: 50}[limit.unit]
        new, order = replace(limit, limit=factor * limit.limit), self.deed()
        self.pair.do(lambda core: core.quotas.set_rule(order, new))
        self.books.rules = [old for old in self.books.rules if not alike(old, new)] + [new]

    def drop_limit(self, old: Rule) -> None:
        order, later = self.deed(), self.deed()
        for asked, dropped in ((order, True), (order, True), (later, False)):
            assert (
                self.pair.do(lambda core, asked=asked: core.quotas.drop_rule(asked, old)) is dropped
            )
        self.books.rules.remove(old)

    def own_limits(self, person: Person) -> list[Rule]:
        """Those that a person has alone."""
        return [r for r in self.books.rules_for(person, "") if r.subject != "workspace"]

    def give_more(self, person: Person, kind: Rule, amount: int) -> None:
        """By a double press."""
        order = self.deed()
        own = [limit for limit in self.own_limits(person) if same_kind(limit, kind)]
        for _ in range(2):
            given = self.pair.do(lambda core: core.quotas.grant_as(order, person, kind, amount))
            assert isinstance(given, InvalidInput) == (not own)
        for limit in own:
            self.add_extra(person, limit, amount)

    def start_anew(self, person: Person) -> None:
        """By a double press."""
        for limit in self.own_limits(person):
            missing = self.books.used(limit, person, self.now) - self.books.above(
                limit, person, self.now
            )
            if missing > 0:
                self.add_extra(person, limit, missing)
        order = self.deed()
        given = [self.pair.do(lambda core: core.quotas.reset(order, person)) for _ in range(2)]
        assert given[0] == given[1]

    def add_extra(self, person: Person, limit: Rule, amount: int) -> None:
        until = ends(limit, self.now)
        kind = (limit.unit, limit.period, limit.model)
        self.books.extras.append(Extra("", person.id, *kind, amount, until))

    def set_budget(self, new: Budget) -> None:
        order = self.deed()
        stands = self.pair.do(lambda core: core.budgets.set(order, new))
        place = (new.scope, new.period)
        others = [old for old in self.books.budgets if (old.scope, old.period) != place]
        self.books.budgets = [*others, new]
        self.books.watch([new], self.now)
        assert not isinstance(stands, Refused)
        assert stands.spent == self.books.spent(new, self.now)

    # --- what must always hold ----------------------------------------------------------------

    @invariant()
    def the_books_agree(self) -> None:
        ana, *others = self.people.values()
        facts = self.pair.do(lambda core: facts_of(core, ana, *others))
        assert not isinstance(facts, Refused)
        assert facts.faults == ()
        assert facts.balances == {name: n for name, n in self.books.credits.items() if n}
        assert min(self.owned(), default=0) >= 0
        assert facts.tallies == self.books.tallies()
        assert told_in(facts) == self.books.told
        for limit, used in facts.used:
            assert quotas.amount(used, limit.unit) == self.books.used(limit, ana, self.now)
        for budget, spent in facts.spent:
            assert spent == self.books.spent(budget, self.now)
        extras = [one for one in self.books.extras if one.until > self.now]
        assert facts.extras == sorted((one.amount, one.until) for one in extras)
        assert {name: cost for name, (_, cost) in facts.jobs.items()} == {
            job.id: job.reported for job in self.books.jobs
        }
        live = {job.id for job in self.books.jobs if job.state == "live"}
        assert {name for name, (state, _) in facts.jobs.items() if state in HELD} == live

    def owned(self) -> list[int]:
        """All balances but those of the accounts from which credits and money come."""
        sources = {ledger.issued_by(self.tenant), ledger.owed_to(self.tenant, "simulator")}
        names = {source.name for source in sources}
        return [n for name, n in self.books.credits.items() if name not in names]


def told_in(facts: Facts) -> dict[tuple[str, Period, int, int], tuple[int, int]]:
    """Alerts as the plain books keep them; when a period began is in an alert's name alone."""
    found: dict[tuple[str, Period, int, int], tuple[int, int]] = {}
    for name, alert in facts.told.items():
        start = int(name.split("/")[-2])
        found[alert.scope, alert.period, start, alert.percent] = (alert.spent, alert.cap)
    return found


def picked(some: Sequence[T], pick: int) -> T | None:
    """One of the newest; None of nothing."""
    return some[-1 - pick % len(some)] if some else None


def alike(old: Rule, new: Rule) -> bool:
    """Whether one rule takes the place of the other."""
    return old.subject == new.subject and same_kind(old, new)


def same_kind(old: Rule, new: Rule) -> bool:
    """Whether two rules count the same."""
    return (old.unit, old.period, old.model) == (new.unit, new.period, new.model)


# --- how a job goes on ------------------------------------------------------------------------

WAY = (S.WAITING, S.SUBMITTING, S.QUEUED, S.FETCHING)


async def advance(core: Desk, job_id: str, state: JobState, **changes: object) -> None:
    """Move a job that has not ended up to `state`, step by step."""
    job = await core.job(job_id)
    if job.state not in WAY:
        return
    for step in WAY[WAY.index(job.state) + 1 : WAY.index(state) + 1]:
        values = changes if step is state else {}
        moved = await core.moves.move(job, step, "test", due_at=None, **values)
        assert moved
        job = moved


async def finish(core: Desk, job_id: str, cost: int | None) -> None:
    await advance(core, job_id, S.FETCHING, cost_reported=cost)
    job, blob = await core.job(job_id), Blob("0" * 64, ".mp4", 1)
    video = Video(job_id, blob, None, 1280, 720, 4000, 96, core.clock.now(), simulated=True)
    assert await core.moves.stored(job, video)
    assert await core.moves.stored(job, video) is None


async def end(core: Desk, job_id: str, ending: Ending) -> None:
    job = await core.job(job_id)
    assert await core.moves.end(job, ending)
    assert await core.moves.end(job, ending) is None


async def end_seen_long_ago(core: Desk, job_id: str) -> Job | None:
    seen = replace(await core.job(job_id), state=S.WAITING, version=1)
    return await core.moves.end(seen, Ending(S.CANCELLED, None))


# --- the test ---------------------------------------------------------------------------------


@asynccontextmanager
async def desk_on(url: str, folder: Path, clock: FakeClock) -> AsyncGenerator[Desk]:
    store = await open_store(url)
    yield Desk(World(folder, url, clock), store, Options(allowance=ALLOWANCE))
    await store.aclose()


@contextmanager
def both(folder: Path, server: str) -> Generator[Pair]:
    """A core on each database, with one clock."""
    clock, file = FakeClock(), f"sqlite:///{folder / 'bot.db'}"
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        cores = [
            runner.run(stack.enter_async_context(desk_on(url, folder, clock)))
            for url in (file, server)
        ]
        yield Pair(runner, clock, tuple(cores), count(1))
        runner.run(stack.aclose())


@pytest.mark.slow
@pytest.mark.timeout(400 + 10 * LIVES)
def test_both_databases_count_as_a_patient_person_with_a_list_would(
    tmp_path: Path, postgres_url: str
) -> None:
    with one_thread(), both(tmp_path, postgres_url) as both_cores:

        class MoneyHere(Money):
            pair = both_cores
            answers: ClassVar[Counter[type[object]]] = Counter()

        run_state_machine_as_test(
            MoneyHere,
            settings=settings(
                max_examples=LIVES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
        # What never happens proves nothing.
        for answer in (Accepted, QuotaExceeded, BudgetSpent, NotEnoughCredits):
            assert MoneyHere.answers[answer] >= LIVES // 5, MoneyHere.answers
