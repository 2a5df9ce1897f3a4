"""Whatever people, backends, chats, clocks and crashes do: no credit and no video goes astray."""

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

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

from bot import errors
from bot.domain import ledger
from bot.domain.jobs import HELD, LIVE, UNCOUNTED, Job, JobState
from bot.domain.later import NOW, Timing
from bot.domain.order import Lane
from bot.domain.quotas import EVERYONE, Period, Rule, Unit
from bot.domain.refs import Person
from bot.ports import Capabilities, JobFilter
from bot.services.orders import CreateRequest
from storage.store import open_store
from tests.fakes.backups import with_backup
from tests.fakes.core import ANA, BEN, KITE, STUDIO, TENANT, Core, Options, World, running
from tests.fakes.deeds import deed
from tests.fakes.inline import one_thread
from tests.fakes.postgres import Server
from tests.fakes.provider import FakeProvider

S = JobState
T = TypeVar("T")
ALLOWANCE = 500
STEPS = 50
LIVES = int(os.environ.get("TEST_LIVES", "25"))
"""Many more by hand, after changes of how jobs move: 260 take more than ten thousand steps."""
LIVES_ON_A_SERVER = 3
HENCEFORTH = 10**15
"""Later (ms) than anything in a life."""
ENOUGH = LIVES * 35
"""Steps that one run must have seen."""
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - folders of our own in it
"""No life outlives its test, so none needs to wait for a disk."""
QUOTA = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 12)
OPTIONS = Options(allowance=ALLOWANCE, quotas=(QUOTA,), relaxed_off=20)
NO_ROOM = (errors.NotEnoughCredits, errors.QuotaExceeded, errors.CoolingDown)
"""What an order may meet without anybody's fault."""

people = st.sampled_from([ANA, BEN])
timings = st.sampled_from([NOW, NOW, Timing(Lane.RELAXED), Timing(delay=5_000)])
refusals = st.sampled_from(
    [
        errors.RateLimited(retry_after_ms=3_000),
        errors.ConcurrencyLimited(),
        errors.Transient("refused"),
        errors.Billing("unpaid"),
        errors.Moderated("no"),
        errors.AmbiguousSubmit("cut on the way"),
    ]
)
chat_troubles = st.sampled_from(
    [errors.ChatBusy(2_000), errors.ChatGone("channel"), errors.ChatError("upload")]
)


class Life(RuleBasedStateMachine):
    """People order, cancel and retry while everything around them fails."""

    jobs: Bundle[Job] = Bundle("jobs")
    steps = 0
    blank: ClassVar[Path | None] = None
    """A file with the tables in it, for lives that need not make them anew."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.database = ExitStack()
        self.world = World(Path(self.folder.name), self.begin())
        self.options = self.chain()
        for provider in self.providers:
            provider.capabilities = Capabilities(lists=True, list_complete=True, cancels=True)
        self.granted = 0
        self.prompts = 0
        self.touched = True
        self.life = AsyncExitStack()
        self.core = self.start()

    def begin(self) -> str:
        """Where this life is stored."""
        if self.blank:
            shutil.copy(self.blank, Path(self.folder.name) / "bot.db")
        return ""

    def chain(self) -> Options:
        """Who makes videos in this life."""
        return OPTIONS

    @property
    def providers(self) -> list[FakeProvider]:
        """All of them, the first one first."""
        return [self.world.provider, *self.world.others.values()]

    def start(self) -> Core:
        return self.run(self.life.enter_async_context(running(self.world, self.options)))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        self.touched = True
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.come_to_rest())
        self.run(self.life.aclose())
        self.runner.close()
        self.database.close()
        self.folder.cleanup()

    # --- what people do -----------------------------------------------------------------------

    @rule(target=jobs, person=people, number=st.integers(1, 3), timing=timings)
    def order(self, person: Person, number: int, timing: Timing) -> MultipleResults[Job]:
        self.prompts += 1
        spec = replace(KITE, prompt=f"kite {self.prompts}", seconds=4)
        name = f"click {self.prompts}"
        try:
            request = CreateRequest(person, STUDIO, name, spec, number, timing=timing)
            first = self.run(self.core.videos.create(request))
            again = self.run(self.core.videos.create(request))
        except NO_ROOM:
            return multiple()
        assert [job.id for job in again.jobs] == [job.id for job in first.jobs]
        assert again.again
        return multiple(*first.jobs)

    @rule(job=jobs)
    def cancel(self, job: Job) -> None:
        try:
            self.run(self.core.videos.cancel(job.person, job.id))
        except errors.TooLate:
            assert self.run(self.core.state(job.id)) not in {S.ACCEPTED, S.WAITING}

    @rule(target=jobs, job=jobs)
    def retry(self, job: Job) -> MultipleResults[Job]:
        self.prompts += 1
        try:
            new = self.run(
                self.core.videos.retry(job.person, STUDIO, f"again {self.prompts}", job.id)
            )
        except (*NO_ROOM, errors.TooLate):
            return multiple()
        return multiple(*new.jobs)

    @rule(person=people, amount=st.integers(1, 200))
    def grant(self, person: Person, amount: int) -> None:
        self.prompts += 1
        self.run(self.core.credits.grant(deed(interaction=f"grant {self.prompts}"), person, amount))
        self.granted += amount

    # --- what the world does ------------------------------------------------------------------

    @rule(refusal=refusals)
    def next_create_is_refused(self, refusal: Exception) -> None:
        self.world.provider.refuse.append(refusal)

    @rule()
    def next_answer_is_lost(self) -> None:
        self.world.provider.lose.append(errors.AmbiguousSubmit("cut on the way back"))

    @rule(
        state=st.sampled_from([S.RENDERING, S.FETCHING, S.FETCHING, S.FAILED, S.MODERATED]),
        progress=st.integers(0, 100),
    )
    def backend_says(self, state: JobState, progress: int) -> None:
        for provider in self.providers:
            provider.now(state, progress)

    @rule()
    def next_download_breaks(self) -> None:
        self.world.provider.downloads.append(errors.Transient("cut"))

    @rule()
    def next_file_is_no_video(self) -> None:
        self.world.media.fails.append(errors.NotAVideo("html"))

    @rule(trouble=chat_troubles)
    def chat_fails(self, trouble: Exception) -> None:
        self.world.chat.fails.append(trouble)

    @rule()
    def chat_loses_an_answer(self) -> None:
        self.world.chat.lose_answers += 1

    # --- what time does -----------------------------------------------------------------------

    @rule()
    def work(self) -> None:
        self.run(self.core.work())

    @rule(seconds=st.integers(1, 20))
    def wait(self, seconds: int) -> None:
        self.core.clock.advance(seconds * 1000)
        self.run(self.core.work())

    @rule()
    def lose_timers(self) -> None:
        self.core.wakeups.timers.clear()

    @rule()
    def restart(self) -> None:
        self.run(self.life.aclose())
        self.life = AsyncExitStack()
        self.core = self.start()

    # --- what must always hold ----------------------------------------------------------------

    @invariant()
    def nothing_is_astray(self) -> None:
        Life.steps += 1
        # Many steps only prepare what will go wrong, and leave all that is stored as it is.
        if self.touched:
            self.run(self.check())
            self.touched = False

    async def check(self) -> None:
        async with self.core.store.reading() as tx:
            assert await tx.ledger.check() == ()
            jobs = await tx.jobs.list(JobFilter(TENANT, limit=10_000))
            spent = await tx.ledger.balance(ledger.spent_in(TENANT))
            purses = {
                person: (
                    await tx.ledger.balance(ledger.credits_of(person)),
                    await tx.ledger.balance(ledger.held_for(person)),
                )
                for person in (ANA, BEN)
            }
        for person, (available, held) in purses.items():
            running_price = _price(jobs, HELD, person)
            assert held == running_price, "every hold belongs to a job that can still fail"
            assert available >= 0
        assert spent == _price(jobs, frozenset({S.DELIVERING, S.DONE}))
        assert sum(available + held for available, held in purses.values()) + spent <= (
            2 * ALLOWANCE + self.granted
        )
        self.check_quota(jobs)
        self.check_creates(jobs)

    def check_quota(self, jobs: tuple[Job, ...]) -> None:
        counted = Counter(job.person.id for job in jobs if job.state not in UNCOUNTED)
        assert all(number <= QUOTA.limit for number in counted.values())

    def check_creates(self, jobs: tuple[Job, ...]) -> None:
        """Nothing is rendered twice, and no two jobs share one render."""
        wanted = Counter(job.spec.prompt for job in jobs)
        made = Counter(
            taken.request.prompt for one in self.providers for taken in one.taken.values()
        )
        assert not made - wanted, "a create was sent twice"
        assert not [j for j in jobs if (j.intent_at or HENCEFORTH) < (j.not_before or 0)], (
            "too early"
        )
        claimed = [f"{job.offer.gate}/{job.reference['id']}" for job in jobs if job.reference]
        assert len(claimed) == len(set(claimed))

    # --- what must hold in the end ------------------------------------------------------------

    async def come_to_rest(self) -> None:
        """With a world that behaves, every job ends and every message arrives."""
        for provider in self.providers:
            provider.refuse.clear()
            provider.lose.clear()
            provider.downloads.clear()
        self.world.media.fails.clear()
        self.world.chat.fails.clear()
        self.world.chat.lose_answers = 0
        left = "not tried"
        for _ in range(100):
            for provider in self.providers:
                provider.now(S.FETCHING, 100)
            self.core.clock.advance(60_000)
            await self.core.sweep()
            left = await self.left_over()
            if not left:
                break
        assert not left, f"never at rest: {left}"
        await self.check()

    async def left_over(self) -> str:
        async with self.core.store.reading() as tx:
            live = await tx.jobs.in_state(LIVE, 10)
            pending = await tx.outbox.next_due({"web"})
        return "" if not live and pending is None else f"{[j.state for j in live]}, {pending}"


class LifeWithBackup(Life):
    """The same, with a cheaper provider behind the first, which fails as well."""

    moved = 0

    def chain(self) -> Options:
        return with_backup(self.world, 7, allowance=ALLOWANCE, quotas=(QUOTA,))

    @initialize(unpaid=st.booleans())
    def first_may_be_out_of_money(self, *, unpaid: bool) -> None:
        # Left to luck alone, some runs see no job move.
        if unpaid:
            self.world.provider.refuse.append(errors.Billing("unpaid"))

    @rule(refusal=refusals)
    def next_create_at_the_backup_is_refused(self, refusal: Exception) -> None:
        self.world.others["backup"].refuse.append(refusal)

    @rule()
    def next_answer_of_the_backup_is_lost(self) -> None:
        self.world.others["backup"].lose.append(errors.AmbiguousSubmit("cut on the way back"))

    @rule(number=st.integers(1, 8))
    def first_is_out_of_reach(self, number: int) -> None:
        self.world.provider.refuse.extend([errors.Transient("down")] * number)

    @rule()
    def look_for_others(self) -> None:
        self.run(self.core.failover.run())
        self.run(self.core.work())

    def check_creates(self, jobs: tuple[Job, ...]) -> None:
        super().check_creates(jobs)
        LifeWithBackup.moved += sum(job.moved is not None for job in jobs)


def _price(jobs: tuple[Job, ...], states: frozenset[JobState], person: Person | None = None) -> int:
    return sum(
        job.offer.price
        for job in jobs
        if job.state in states and (person is None or job.person.id == person.id)
    )


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_no_credit_and_no_video_goes_astray(tmp_path: Path) -> None:
    live_in_files(Life, tmp_path / "blank.db")
    assert Life.steps >= ENOUGH


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_none_goes_astray_between_two_providers_either(tmp_path: Path) -> None:
    live_in_files(LifeWithBackup, tmp_path / "blank.db")
    assert LifeWithBackup.moved


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_none_goes_astray_on_a_server_either(postgres: Server) -> None:
    """The same rules; what a database may change about them shows in few lives."""

    class LifeOnAServer(Life):
        def begin(self) -> str:
            return self.database.enter_context(postgres.blank())

    live(LifeOnAServer, LIVES_ON_A_SERVER)


def live_in_files(life: type[Life], blank: Path) -> None:
    """To make the tables anew for each life would take as long as to live it."""
    with one_thread():
        asyncio.run(made(blank))
        live(cast("type[Life]", type("LifeInAFile", (life,), {"blank": blank})), LIVES)


async def made(file: Path) -> None:
    await (await open_store(file)).aclose()


def live(life: type[Life], number: int) -> None:
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=number,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
