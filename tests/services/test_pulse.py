"""Cards whose bars move on between two questions."""

from bot.domain.jobs import Job, JobState
from bot.services.pulse import Pulse
from bot.services.views import QUEUED_FOR
from tests.fakes.core import Core, World

SECOND = 1_000


class Calls:
    """Counts calls of the announcer."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self) -> None:
        self.number += 1


def pulse_of(core: Core, calls: Calls) -> Pulse:
    return Pulse(core.store, core.clock, core.plans, calls)


async def rendering(core: Core, world: World) -> Job:
    """A job that was at 40 % a moment ago, and is not asked about any more."""
    job = (await core.create()).jobs[0]
    await core.work()
    world.provider.now(JobState.RENDERING, None)
    await core.wait(2 * SECOND)
    return await core.job(job.id)


async def revision(core: Core, job: Job) -> int:
    async with core.store.reading() as tx:
        card = await tx.outbox.get(f"card/{job.id}")
    assert card is not None
    return card.revision


async def test_a_bar_that_stood_still_moves_without_a_question(core: Core, world: World) -> None:
    job, calls = await rendering(core, world), Calls()
    pulse, asked = pulse_of(core, calls), len(world.provider.asked)
    pulse.told(job)
    before = await revision(core, job)
    await pulse.beat()
    assert (await revision(core, job), calls.number) == (before, 0)
    core.clock.advance(2 * SECOND)
    await pulse.beat()
    await pulse.beat()
    assert (await revision(core, job), calls.number) == (before + 1, 1)
    assert len(world.provider.asked) == asked
    assert (await core.job(job.id)) == job
    await core.announcer.send_due()
    assert world.chat.posts[f"card/{job.id}"].message.progress == 80


async def test_a_bar_that_is_as_far_as_it_can_get_is_left_alone(core: Core, world: World) -> None:
    job, calls = await rendering(core, world), Calls()
    pulse = pulse_of(core, calls)
    core.clock.advance(60 * SECOND)
    pulse.told(job)
    core.clock.advance(60 * SECOND)
    await pulse.beat()
    assert calls.number == 0


async def test_a_job_that_ended_has_no_bar(core: Core, world: World) -> None:
    job, calls = await rendering(core, world), Calls()
    pulse = pulse_of(core, calls)
    await pulse.beat()
    world.provider.finish()
    await core.wait(3 * SECOND)
    pulse.told(await core.job(job.id))
    core.clock.advance(SECOND)
    await pulse.beat()
    assert calls.number == 0


async def test_after_a_start_all_bars_are_known_again(core: Core, world: World) -> None:
    job, calls = await rendering(core, world), Calls()
    core.clock.advance(2 * SECOND)
    before = await revision(core, job)
    await pulse_of(core, calls).beat()
    assert (await revision(core, job), calls.number) == (before + 1, 1)


async def test_a_job_that_was_queued_long_ago_is_with_the_provider_and_moves_on(
    core: Core, world: World
) -> None:
    job, calls = (await core.create()).jobs[0], Calls()
    await core.work()
    pulse = pulse_of(core, calls)
    pulse.told(await core.job(job.id))
    assert "In the provider’s queue" in world.chat.posts[f"card/{job.id}"].text
    core.clock.advance(QUEUED_FOR)
    await pulse.beat()
    assert calls.number == 1
    await core.announcer.send_due()
    card = world.chat.posts[f"card/{job.id}"]
    assert "With the provider" in card.text
    assert card.message.progress == 95
