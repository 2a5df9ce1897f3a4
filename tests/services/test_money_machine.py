"""Limits, budgets and credits, on both databases at once, beside books that are kept by hand."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
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
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from bot.domain import ledger
from bot.domain.budgets import Budget
from bot.domain.checks import Fault
from bot.domain.jobs import HELD, Failure, Job, JobState
from bot.domain.notices import BudgetAlert
from bot.domain.quotas import Extra, Period, Rule, Unit, Window
from bot.domain.refs import Blob, Channel, Person, Place, Tenant
from bot.domain.videos import Size, Video, VideoSpec
from bot.errors import InvalidInput, Refused
from bot.ports import JobFilter
from bot.services.moves import Ending
from bot.services.orders import CreateRequest
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
ALLOWANCE = 600
MINUTE = 60_000
SECONDS = 4
PRICES = {"sora-2": 40, "sora-2-pro": 120}
CENT = 10_000
"""USD·10⁻⁶; a credit is one."""
CHANNELS = ("studio", "lab")


def wall(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    """What the clock on the wall in Berlin shows, as ms."""
    return int(datetime(year, month, day, hour, minute, tzinfo=ZONE).timestamp() * 1000)


MONTH_ENDS = [wall(2026, 9, 30, 23), wall(2026, 10, 31, 23), wall(2026, 12, 31, 23)]
NIGHTS = [wall(2026, 10, 25, 1, 30), wall(2027, 3, 28, 1, 30)]
"""In one an hour comes twice, in the other it is left out."""
EVES = [wall(2026, 10, 24, 20), wall(2027, 3, 27, 20)]

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
    faults: tuple[Fault, ...]


@dataclass
class Pair:
    """Does everything on both databases, and finds that they agree."""

    runner: asyncio.Runner
    clock: FakeClock
    cores: tuple[Desk, ...]
    workspaces: count[int]

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


async def facts_of(core: Desk, tenant: Tenant) -> Facts:
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
    return Facts(
        {job.id: (job.state, job.cost_reported) for job in jobs},
        {(row.scope, row.model, row.slot): tuple(row[-4:]) for row in sums if any(row[-4:])},
        {row.name: row.balance for row in balances if row.balance},
        {one.id: one.notice for one in postings if one and isinstance(one.notice, BudgetAlert)},
        faults,
    )


# --- the machine ------------------------------------------------------------------------------


class Money(RuleBasedStateMachine):
    """Each life is a workspace of its own in the same two databases."""

    pair: ClassVar[Pair]
    jobs: Bundle[PlainJob] = Bundle("jobs")
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.tenant = tenant = Tenant("web", f"life{next(self.pair.workspaces):05}")
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

    # --- time ---------------------------------------------------------------------------------

    @initialize(start=st.sampled_from([START, *EVES, *MONTH_ENDS]))
    def begin(self, start: int) -> None:
        self.pair.clock.advance(start - self.now)

    @rule(minutes=st.integers(1, 45) | st.integers(46, 40 * 24 * 60))
    def time_passes(self, minutes: int) -> None:
        self.pair.clock.advance(minutes * MINUTE + 1)

    @rule(minutes=st.integers(1, 120))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self.pair.clock.advance(-minutes * MINUTE)

    @rule(moment=st.sampled_from([*MONTH_ENDS, *NIGHTS]), quarters=st.integers(0, 8))
    def a_border_comes(self, moment: int, quarters: int) -> None:
        self.pair.clock.advance(max(0, moment + quarters * 15 * MINUTE - self.now))

    # --- what people do -----------------------------------------------------------------------

    @rule(
        target=jobs,
        name=names,
        channel=channels,
        model=models,
        number=st.integers(1, 3),
        twice=st.booleans(),
    )
    def order(
        self, name: str, channel: str, model: str, number: int, *, twice: bool
    ) -> MultipleResults[PlainJob]:
        person, price = self.people[name], PRICES[model]
        wares = Wares(model, SECONDS, price, price * CENT, number)
        expected = self.books.refusals(person, channel, wares, self.now)
        request = CreateRequest(
            person,
            Place(self.tenant, channel),
            f"click {next(self.clicks)}",
            VideoSpec("a red kite", model, Size(1280, 720), SECONDS),
            number,
        )
        accepted = self.pair.do(lambda core: core.videos.create(request))
        if isinstance(accepted, Refused):
            assert said(accepted) in [said(no) for no in expected]
            return multiple()
        assert not expected
        payer = self.books.payer(person, channel, number * price)
        new = [
            PlainJob(job.id, person, channel, replace(wares, count=1), self.now, payer)
            for job in accepted.jobs
        ]
        for job in new:
            self.books.accept(job)
        self.books.watch(self.books.budgets_for(channel), self.now)
        left = self.books.credits[ledger.credits_of(payer).name]
        owner = payer if isinstance(payer, Channel) else None
        assert (accepted.price, accepted.left) == (number * price, left)
        assert accepted.payer == owner
        if twice:
            again = self.pair.do(lambda core: core.videos.create(request))
            assert again == replace(accepted, again=True)
        return multiple(*new)

    @rule(job=jobs)
    def cancel(self, job: PlainJob) -> None:
        outcome = self.pair.do(lambda core: core.videos.cancel(job.person, job.id))
        if job.state == "live" and not isinstance(outcome, Refused) and outcome.done:
            self.books.lost(job, None)

    # --- what backends do ---------------------------------------------------------------------

    @rule(job=jobs)
    def send(self, job: PlainJob) -> None:
        self.pair.do(lambda core: advance(core, job.id, S.QUEUED))

    @rule(job=jobs, cost=costs)
    def finish(self, job: PlainJob, cost: int | None) -> None:
        if job.state == "live":
            self.pair.do(lambda core: finish(core, job.id, cost))
            dearer = cost is not None and cost > job.cost
            job.reported = cost
            self.books.made(job)
            self.watch(job, dearer=dearer)
        self.nothing_ends_twice(job)

    @rule(job=jobs, charged=st.booleans(), cost=costs)
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

    @rule(owner=names | channels, amount=st.integers(1, 400))
    def grant(self, owner: str, amount: int) -> None:
        to, order = self.people.get(owner) or Channel(self.tenant, owner), self.deed()
        self.books.join(to)
        account = ledger.credits_of(to)
        self.books.move(ledger.issued_by(self.tenant), account, amount)
        for _ in range(2):
            has = self.pair.do(lambda core: core.credits.grant(order, to, amount))
            assert has == self.books.credits[account.name]

    @rule(
        limit=st.builds(Rule, subjects, units, periods, st.integers(0, 6), windows, of_models),
    )
    def set_limit(self, limit: Rule) -> None:
        factor = {Unit.VIDEOS: 1, Unit.SECONDS: SECONDS, Unit.CREDITS: 100}[limit.unit]
        new, order = replace(limit, limit=factor * limit.limit), self.deed()
        self.pair.do(lambda core: core.quotas.set_rule(order, new))
        self.books.rules = [old for old in self.books.rules if not alike(old, new)] + [new]

    @rule(data=st.data())
    def drop_limit(self, data: st.DataObject) -> None:
        if self.books.rules:
            old, order = data.draw(st.sampled_from(self.books.rules)), self.deed()
            assert self.pair.do(lambda core: core.quotas.drop_rule(order, old)) is True
            assert self.pair.do(lambda core: core.quotas.drop_rule(order, old)) is False
            self.books.rules.remove(old)

    @rule(name=names, data=st.data(), amount=st.integers(1, 200))
    def give_more(self, name: str, data: st.DataObject, amount: int) -> None:
        person, order = self.people[name], self.deed()
        kinds = self.books.rules or [Rule("", Unit.VIDEOS, Period.DAY, 0)]
        wanted = data.draw(st.sampled_from(kinds))
        own = [r for r in self.books.rules_for(person, "") if same_kind(r, wanted)]
        own = [r for r in own if r.subject != "workspace"]
        given = self.pair.do(lambda core: core.quotas.grant_as(order, person, wanted, amount))
        assert isinstance(given, InvalidInput) == (not own)
        for limit in own:
            self.add_extra(person, limit, amount)

    @rule(name=names)
    def start_anew(self, name: str) -> None:
        person, order = self.people[name], self.deed()
        for limit in list(self.books.rules_for(person, "")):
            shared = limit.subject == "workspace"
            used = self.used(limit, person)
            missing = used - self.books.above(limit, person, self.now)
            if missing > 0 and not shared:
                self.add_extra(person, limit, missing)
        self.pair.do(lambda core: core.quotas.reset(order, person))

    def used(self, limit: Rule, person: Person) -> int:
        at = {Unit.VIDEOS: 0, Unit.SECONDS: 1, Unit.CREDITS: 2}[limit.unit]
        return sum(job.sums()[at] for job in self.books.counting(limit, person, self.now))

    def add_extra(self, person: Person, limit: Rule, amount: int) -> None:
        until = ends(limit, self.now)
        kind = (limit.unit, limit.period, limit.model)
        self.books.extras.append(Extra("", person.id, *kind, amount, until))

    @rule(
        scope=scopes,
        period=periods,
        cap=st.integers(0, 12),
        part=st.sampled_from([0, 0, 1, 2]),
        role=st.sampled_from([None, "77"]),
    )
    def set_budget(self, scope: str, period: Period, cap: int, part: int, role: str | None) -> None:
        whole = cap * 40 * CENT
        new, order = Budget(scope, period, whole, whole * part // 4, role), self.deed()
        stands = self.pair.do(lambda core: core.budgets.set(order, new))
        place = (scope, period)
        others = [old for old in self.books.budgets if (old.scope, old.period) != place]
        self.books.budgets = [*others, new]
        self.books.watch([new], self.now)
        assert not isinstance(stands, Refused)
        assert stands.spent == self.books.spent(new, self.now)

    @rule(data=st.data())
    def drop_budget(self, data: st.DataObject) -> None:
        if self.books.budgets:
            old, order = data.draw(st.sampled_from(self.books.budgets)), self.deed()
            assert self.pair.do(lambda core: core.budgets.drop(order, old)) is True
            self.books.budgets.remove(old)

    # --- what must always hold ----------------------------------------------------------------

    @invariant()
    def the_books_agree(self) -> None:
        type(self).steps += 1
        facts = self.pair.do(lambda core: facts_of(core, self.tenant))
        assert not isinstance(facts, Refused)
        assert facts.faults == ()
        assert facts.balances == {name: n for name, n in self.books.credits.items() if n}
        assert min(self.owned(), default=0) >= 0
        assert facts.tallies == self.books.tallies()
        assert told_in(facts) == self.books.told
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
@pytest.mark.timeout(60 + 10 * LIVES)
def test_both_databases_count_as_a_patient_person_with_a_list_would(
    tmp_path: Path, postgres_url: str
) -> None:
    with one_thread(), both(tmp_path, postgres_url) as both_cores:

        class MoneyHere(Money):
            pair = both_cores

        run_state_machine_as_test(
            MoneyHere,
            settings=settings(
                max_examples=LIVES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
        assert MoneyHere.steps >= LIVES * 20
