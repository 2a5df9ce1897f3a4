"""When the worker asks about jobs, with and without webhooks. Jobs take about 150 s here."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot import errors
from bot.domain.jobs import Job, JobState, Offer, Reference
from bot.ports import RemoteJob
from bot.services.line import Allowed
from bot.services.polling import LEARN_AFTER, LEARN_EVERY, REMEMBERED, TRUSTED_FOR, Heard
from tests.fakes.core import ANA, KITE, STUDIO, Core, Options, World, running
from tests.fakes.provider import FakeProvider

S = JobState
SECOND, MINUTE = 1_000, 60_000
PAST = [140_000 + SECOND * number for number in range(21)]
"""Ms that the jobs took which were made before."""
GATE = "simulator/default"


@pytest.fixture
async def core(world: World) -> AsyncIterator[Core]:
    async with running(world, Options(allowed=Allowed(slots=20))) as core:
        await remember(core, PAST)
        yield core
        assert await core.faults() == ()


async def remember(core: Core, took: list[int], name: str = "old") -> None:
    """Jobs in the books that are done."""
    now = core.clock.now()
    offer = Offer("simulator", "default", "http://x/v1", "sora-2", 0)
    async with core.store.transaction() as tx:
        for number, ms in enumerate(took):
            job = Job(
                id=f"{name}{number}",
                person=ANA,
                place=STUDIO,
                interaction=f"{name}{number}",
                part=0,
                spec=KITE,
                offer=offer,
                state=S.DONE,
                version=9,
                accepted_at=now,
                updated_at=now,
                due_at=None,
                submitted_at=now - ms,
                finished_at=now,
            )
            await tx.jobs.add(job)


async def taken(core: Core) -> Job:
    """A job that the backend has just taken."""
    job = (await core.create()).jobs[0]
    await core.work()
    return await core.job(job.id)


def name_of(job: Job) -> str:
    return str((job.reference or {})["id"])


async def tell(core: Core, name: str, account: str = "default") -> None:
    """The backend tells of a job, and all that follows happens."""
    await core.webhooks.woken("simulator", account, name)
    await core.work()


async def expecting(core: Core, world: World) -> None:
    """One job whose end was told of, so that webhooks are expected from now on."""
    job = await taken(core)
    await core.wait(10 * SECOND)
    world.provider.finish()
    await tell(core, name_of(job))
    assert await core.state(job.id) is S.DONE
    world.provider.asked.clear()


# --- asking ------------------------------------------------------------------------------


async def test_a_job_is_not_asked_about_before_its_kind_was_ever_ready(
    core: Core, world: World
) -> None:
    job = await taken(core)
    await core.wait(60 * SECOND)
    assert world.provider.asked == []
    world.provider.now(S.RENDERING, 50)
    await core.wait(75 * SECOND)
    assert 0 < len(world.provider.asked) < 4
    world.provider.finish()
    await core.wait(20 * SECOND)
    assert await core.state(job.id) is S.DONE
    assert world.provider.posts == 1


async def test_jobs_that_are_ready_at_once_are_not_put_off(world: World) -> None:
    world.provider.instant = True
    async with running(world) as core:
        await remember(core, [500] * 20)
        for _ in range(3):
            job = await taken(core)
            await core.wait(SECOND)
            assert await core.state(job.id) is S.DONE
            await tell(core, name_of(job))


async def test_a_job_that_nobody_knows_the_time_of_is_asked_about_at_a_steady_pace(
    world: World,
) -> None:
    async with running(world) as core:
        await taken(core)
        world.provider.now(S.RENDERING, 50)
        await core.wait(10 * SECOND)
        assert len(world.provider.asked) >= 8


async def test_a_job_that_takes_longer_than_any_before_is_asked_about_ever_more_rarely(
    core: Core, world: World
) -> None:
    await taken(core)
    world.provider.now(S.RENDERING, 99)
    await core.wait(4 * MINUTE)
    asked = len(world.provider.asked)
    await core.wait(10 * MINUTE)
    some = len(world.provider.asked)
    assert 10 <= some - asked <= 25
    await core.wait(20 * MINUTE)
    assert 20 <= len(world.provider.asked) - some <= 24


async def test_what_the_backend_says_of_the_next_question_counts(core: Core, world: World) -> None:
    world.provider.poll_after_ms = 5 * SECOND
    await taken(core)
    world.provider.now(S.RENDERING, 1)
    await core.wait(30 * SECOND)
    assert len(world.provider.asked) == 6


async def test_a_plan_is_learned_anew_after_some_jobs_or_some_time(
    core: Core, world: World
) -> None:
    job = await taken(core)
    before = await core.plans.of(job)
    await remember(core, [400_000 + number for number in range(200)], "new")
    assert await core.plans.of(job) is before
    for _ in range(LEARN_EVERY):
        core.plans.finished(job)
    after = await core.plans.of(job)
    assert after.hope.median > 2 * before.hope.median
    core.clock.advance(LEARN_AFTER)
    assert await core.plans.of(job) is not after


async def test_a_job_counts_as_ready_in_the_middle_between_two_questions(
    core: Core, world: World
) -> None:
    job = await taken(core)
    world.provider.now(S.RENDERING, 5)
    while not world.provider.asked:
        await core.wait(SECOND)
    asked_at = core.clock.now()
    world.provider.finish()
    while (await core.job(job.id)).state is not S.DONE:
        await core.wait(SECOND)
    done = await core.job(job.id)
    assert done.finished_at == asked_at + (core.clock.now() - asked_at) // 2


async def test_a_plan_outlives_a_restart(world: World) -> None:
    async with running(world) as core:
        await remember(core, PAST)
        job = await taken(core)
        await core.wait(30 * SECOND)
    async with running(world) as core:
        await core.wait(30 * SECOND)
        assert world.provider.asked == []
        world.provider.finish()
        await core.wait(120 * SECOND)
        assert await core.state(job.id) is S.DONE


# --- webhooks ----------------------------------------------------------------------------


async def test_a_job_that_the_backend_tells_of_is_fetched_at_once(core: Core, world: World) -> None:
    job = await taken(core)
    world.provider.finish()
    await tell(core, name_of(job))
    assert await core.state(job.id) is S.DONE
    assert world.provider.asked == [name_of(job)]


async def test_a_failure_that_the_backend_tells_of_gives_the_credits_back(
    core: Core, world: World
) -> None:
    job, before = await taken(core), await core.purse()
    world.provider.now(S.FAILED, error="no")
    await tell(core, name_of(job))
    assert await core.state(job.id) is S.FAILED
    assert await core.purse() == (before[0] + before[1], 0)


async def test_what_is_told_is_not_believed(core: Core, world: World) -> None:
    job = await taken(core)
    world.provider.now(S.RENDERING, 5)
    await tell(core, name_of(job))
    assert await core.state(job.id) is S.RENDERING
    world.provider.finish()
    await core.wait(150 * SECOND)
    assert await core.state(job.id) is S.DONE


async def test_news_of_other_jobs_changes_nothing(core: Core, world: World) -> None:
    job = await taken(core)
    await tell(core, "video_of_somebody_else")
    await tell(core, name_of(job), account="other")
    assert await core.job(job.id) == job
    assert world.provider.asked == []


async def test_news_of_a_job_that_is_over_changes_nothing(core: Core, world: World) -> None:
    job = await taken(core)
    world.provider.finish()
    await tell(core, name_of(job))
    done = await core.job(job.id)
    core.clock.advance(MINUTE)
    await tell(core, name_of(job))
    assert await core.job(job.id) == done
    assert world.provider.asked == [name_of(job)]


async def test_news_of_a_create_without_an_answer_settles_nothing(core: Core, world: World) -> None:
    world.provider.lose.append(errors.AmbiguousSubmit("cut"))
    job = await taken(core)
    assert job.state is S.SUBMIT_UNKNOWN
    await tell(core, "video_1")
    assert await core.job(job.id) == job
    await core.wait(10 * SECOND)
    assert (await core.job(job.id)).state is S.QUEUED
    assert world.provider.posts == 1


async def test_while_webhooks_come_only_late_jobs_are_asked_about(core: Core, world: World) -> None:
    await expecting(core, world)
    job = await taken(core)
    world.provider.now(S.RENDERING, 5)
    await core.wait(156 * SECOND)
    assert world.provider.asked == []
    await core.wait(3 * MINUTE)
    assert 3 <= len(world.provider.asked) <= 4
    world.provider.finish()
    await core.wait(61 * SECOND)
    assert await core.state(job.id) is S.DONE


async def test_a_job_that_was_told_of_too_early_is_asked_about_as_without_webhooks(
    core: Core, world: World
) -> None:
    await expecting(core, world)
    job = await taken(core)
    await core.wait(130 * SECOND)
    world.provider.now(S.RENDERING, 99)
    await tell(core, name_of(job))
    world.provider.finish()
    await core.wait(15 * SECOND)
    assert await core.state(job.id) is S.DONE


async def test_webhooks_that_stay_away_are_expected_no_longer(core: Core, world: World) -> None:
    await expecting(core, world)
    for _ in range(3):
        await taken(core)
    world.provider.finish()
    await core.wait(5 * MINUTE)
    world.provider.asked.clear()
    job = await taken(core)
    world.provider.finish()
    await core.wait(152 * SECOND)
    assert await core.state(job.id) is S.DONE


class Slow(FakeProvider):
    """Tells of a job while its question is on the way; the answer is the one from before."""

    core: Core

    async def fetch(self, reference: Reference) -> RemoteJob:
        answer = await super().fetch(reference)
        if len(self.asked) == 1:
            self.finish()
            await self.core.webhooks.woken("simulator", "default", str(reference["id"]))
        return answer


async def test_news_that_comes_while_the_job_is_asked_about_is_not_lost(world: World) -> None:
    slow = Slow(world.clock)
    world.provider = slow
    async with running(world) as core:
        slow.core = core
        job = await taken(core)
        while not slow.asked:
            await core.wait(SECOND)
        await core.wait(SECOND)
        assert await core.state(job.id) is S.DONE
        assert len(slow.asked) == 2


async def test_news_that_comes_before_the_name_was_stored_makes_the_first_question_early(
    core: Core, world: World
) -> None:
    await expecting(core, world)
    await core.webhooks.woken("simulator", "default", "video_2")
    job = await taken(core)
    assert name_of(job) == "video_2"
    world.provider.finish()
    await core.wait(2 * SECOND)
    assert await core.state(job.id) is S.DONE


def test_trust_in_webhooks_ends_with_time(a_job: Job) -> None:
    heard = Heard()
    assert not heard.expects(a_job, 0)
    heard.came(GATE, 0)
    assert heard.expects(a_job, TRUSTED_FOR - 1)
    assert not heard.expects(a_job, TRUSTED_FOR)
    other = replace(a_job, offer=replace(a_job.offer, account="other"))
    assert not heard.expects(other, 0)


def test_only_so_many_names_are_remembered(a_job: Job) -> None:
    heard = Heard()
    heard.note(GATE, "video_1", 1)
    assert heard.when(a_job) == 1
    for number in range(REMEMBERED):
        heard.note(GATE, f"other_{number}", 2)
    assert heard.when(a_job) is None


@pytest.fixture
def a_job() -> Job:
    offer = Offer("simulator", "default", "http://x/v1", "sora-2", 80)
    return Job(
        "a", ANA, STUDIO, "a", 0, KITE, offer, S.RENDERING, 1, 0, 0, 0, reference={"id": "video_1"}
    )
