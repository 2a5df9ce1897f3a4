"""Whatever is moved between people, channels and pots: nothing is lost, made or spent twice."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bot.domain import ledger
from bot.domain.jobs import HELD, Job, JobState
from bot.domain.ledger import Kind, Owner
from bot.domain.quotas import Period, for_channel
from bot.domain.refs import Channel, Person
from bot.domain.schedules import Schedule
from bot.errors import NotEnoughCredits, Refused
from bot.ports import JobFilter
from bot.services.schedules import Schedules
from bot.services.sponsors import Sponsors
from bot.services.transfers import Transfers
from tests.fakes.core import ANA, BEN, KITE, STUDIO, TENANT, Core, Options, World, running
from tests.fakes.deeds import deed
from tests.fakes.inline import one_thread

T = TypeVar("T")
ROOM = Channel(TENANT, "studio", "studio")
OPTIONS = Options(allowance=300)
DAY = 86_400_000
FINISHED = frozenset({JobState.DELIVERING, JobState.DONE})

people = st.sampled_from([ANA, BEN])
owners = st.sampled_from([ANA, BEN, ROOM])
amounts = st.integers(1, 250)
choices = st.integers(0, 1_000)


class Bank(RuleBasedStateMachine):
    """Admins and people move credits while jobs come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name))
        self.world.provider.instant = True
        self.life = AsyncExitStack()
        self.core = self.start()

    def start(self) -> Core:
        return self.run(self.life.enter_async_context(running(self.world, OPTIONS)))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def tried(self, work: Coroutine[Any, Any, object]) -> None:
        with suppress(Refused):
            self.run(work)

    def teardown(self) -> None:
        self.run(self.life.aclose())
        self.runner.close()
        self.folder.cleanup()

    @property
    def transfers(self) -> Transfers:
        core = self.core
        return Transfers(core.store, core.clock, core.credits, core.videos)

    def a_job(self, states: frozenset[JobState], which: int) -> Job | None:
        found = [job for job in self.run(self.jobs()) if job.state in states]
        return found[which % len(found)] if found else None

    async def jobs(self) -> tuple[Job, ...]:
        async with self.core.store.reading() as tx:
            return await tx.jobs.list(JobFilter(TENANT, limit=10_000))

    def name(self) -> str:
        return self.world.new_id()

    # --- what people and admins do ------------------------------------------------------------

    @rule(owner=owners, amount=amounts)
    def grant(self, owner: Owner, amount: int) -> None:
        self.run(self.core.credits.grant(deed(interaction=self.name()), owner, amount))

    @rule(owner=owners, amount=amounts, times=st.integers(1, 2))
    def take(self, owner: Owner, amount: int, times: int) -> None:
        name = self.name()
        for _ in range(times):
            self.tried(self.transfers.take(deed(interaction=name), owner, amount))

    @rule(giver=owners, taker=owners, amount=amounts)
    def transfer(self, giver: Owner, taker: Owner, amount: int) -> None:
        wanted = self.transfers.transfer(deed(interaction=self.name()), giver, taker, amount)
        self.tried(wanted)

    @rule(person=people, number=st.integers(1, 3), private=st.booleans())
    def order(self, person: Person, number: int, private: bool) -> None:  # noqa: FBT001 - a case
        place = replace(STUDIO, private=private)
        spec = replace(KITE, seconds=4)
        with suppress(NotEnoughCredits):
            self.run(self.core.create(person, spec, self.name(), number, place))

    @rule(person=people, which=choices)
    def remix(self, person: Person, which: int) -> None:
        if job := self.a_job(FINISHED, which):
            mine = replace(STUDIO, private=job.place.private)
            self.tried(self.core.videos.remix(person, mine, self.name(), job.id, "at night"))

    @rule(person=people, amount=st.integers(0, 250), which=choices)
    def sponsor(self, person: Person, amount: int, which: int) -> None:
        if job := self.a_job(FINISHED, which):
            core = self.core
            sponsors = Sponsors(core.store, core.clock, core.credits, core.videos)
            self.tried(sponsors.sponsor(person, job.id, amount, self.name()))

    @rule(which=choices)
    def cancel(self, which: int) -> None:
        if job := self.a_job(HELD, which):
            self.tried(self.core.videos.cancel(job.person, job.id))

    @rule(which=choices)
    def refund(self, which: int) -> None:
        if job := self.a_job(FINISHED, which):
            self.tried(self.transfers.refund(deed(interaction=self.name()), job.id))

    @rule(
        owner=owners,
        amount=amounts,
        cap=st.none() | st.integers(1, 400),
        expires=st.booleans(),
    )
    def schedule(
        self,
        owner: Person | Channel,
        amount: int,
        cap: int | None,
        expires: bool,  # noqa: FBT001 - a case
    ) -> None:
        subject = owner.id if isinstance(owner, Person) else for_channel(owner.id)
        wanted = Schedule(subject, amount, Period.DAY, cap, expires)
        schedules = Schedules(self.core.store, self.core.clock, self.core.credits)
        self.run(schedules.put(deed(interaction=self.name()), wanted, owner))

    # --- what time does -----------------------------------------------------------------------

    @rule()
    def work(self) -> None:
        self.run(self.core.wait(2_000))

    @rule(instant=st.booleans())
    def backend(self, instant: bool) -> None:  # noqa: FBT001 - a case
        self.world.provider.instant = instant

    @rule(back=st.booleans())
    def another_day(self, back: bool) -> None:  # noqa: FBT001 - a case
        self.run(self.core.work())
        self.core.clock.advance(-3_600_000 if back else DAY)
        self.run(self.core.credits.renew())
        before = self.run(self.issued())
        assert self.run(self.core.credits.renew()) == 0
        assert self.run(self.issued()) == before

    @rule()
    def restart(self) -> None:
        self.run(self.life.aclose())
        self.life = AsyncExitStack()
        self.core = self.start()

    async def issued(self) -> int:
        async with self.core.store.reading() as tx:
            return await tx.ledger.balance(ledger.issued_by(TENANT))

    # --- what must always hold ----------------------------------------------------------------

    @invariant()
    def nothing_is_astray(self) -> None:
        self.run(self.check())

    async def check(self) -> None:
        # Of one moment: jobs take their steps meanwhile.
        async with self.core.store.reading() as tx:
            jobs = await tx.jobs.list(JobFilter(TENANT, limit=10_000))
            # Both sides of all, each balance the sum of its entries, none below nothing.
            assert await tx.ledger.check() == ()
            balances = dict(await tx.ledger.purses(""))
            of_jobs = {job.id: await tx.ledger.of_job(job.id) for job in jobs}
        for money in (False, True):
            unit = [b for name, b in balances.items() if ledger.is_money(name) == money]
            assert sum(unit) == 0
        held: dict[str, int] = {}
        for job in jobs:
            if job.state in HELD:
                account = ledger.held_for(ledger.payer(job.person, job.payer)).name
                held[account] = held.get(account, 0) + job.offer.price
            closed = {e.ref for e in of_jobs[job.id] if e.kind in {Kind.SETTLE, Kind.RELEASE}}
            assert len(closed) == (job.state not in HELD)
            assert not (job.place.private and (job.payer or "").startswith("channel/"))
        found = {name: b for name, b in balances.items() if name.startswith("held/") and b}
        assert found == held, "every hold belongs to a job, in the account of who pays for it"


def test_no_credit_goes_astray_between_people_channels_and_pots() -> None:
    with one_thread():
        run_state_machine_as_test(
            Bank,
            settings=settings(
                max_examples=12,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
