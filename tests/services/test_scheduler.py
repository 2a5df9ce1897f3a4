"""Timers hold nothing that is lost: every due row is found again, every gate opens again."""

import asyncio
import logging
import os

import pytest

from adapters.clock import SystemClock
from bot.domain.jobs import Job, JobState
from bot.errors import RateLimited
from tests.fakes.core import Core, World, running

S = JobState


async def test_at_start_every_live_job_has_its_timer_again(world: World) -> None:
    async with running(world) as core:
        job_id = (await core.create()).jobs[0].id
        await core.work()
    async with running(world) as core:
        assert job_id in core.wakeups.timers
        world.provider.finish()
        await core.wait(3_000)
        assert await core.state(job_id) is S.DONE


async def test_a_shut_gate_has_a_timer_of_its_own(core: Core, world: World) -> None:
    world.provider.refuse.append(RateLimited(retry_after_ms=30_000))
    await core.create()
    await core.work()
    await core.create()
    await core.work()
    assert any(name.startswith("gate/") for name in core.wakeups.timers)
    await core.wait(32_000)
    assert world.provider.posts == 3


async def test_a_step_that_breaks_is_logged_and_taken_up_again_by_the_sweep(
    core: Core, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.provider.asks.append(KeyError("bug"))
    with caplog.at_level(logging.ERROR):
        await core.wait(2_000)
    assert "a step broke" in caplog.text
    world.provider.finish()
    core.clock.advance(5_000)
    await core.sweep()
    assert await core.state(job_id) is S.DONE


async def test_a_wake_up_for_a_job_that_is_gone_is_harmless(core: Core) -> None:
    core.wakeups.at("stranger", core.clock.now(), core.scheduler._wake)
    await core.work()


async def test_a_wake_up_that_comes_twice_does_nothing_twice(core: Core, world: World) -> None:
    world.provider.instant = True
    job_id = (await core.create()).jobs[0].id
    await core.work()
    core.clock.advance(2_000)
    await asyncio.gather(*(core.worker.advance(job_id) for _ in range(5)))
    await core.work()
    async with core.store.reading() as tx:
        states = [state for _, state, _ in await tx.jobs.history(job_id)]
    assert states.count("fetching") == 1
    assert states.count("delivering") == 1


async def test_a_stopping_bot_starts_nothing_new(world: World) -> None:
    async with running(world) as core:
        await core.scheduler.stop(0)
        await core.create()
        await asyncio.sleep(0)
        assert not core.scheduler.busy
        await core.scheduler._submit_from("simulator/default")
        assert world.provider.posts == 0
    async with running(world) as core:
        await core.work()
        assert world.provider.posts == 1


async def test_a_job_that_vanished_while_it_stood_in_line_stops_nobody(
    core: Core, world: World
) -> None:
    """Its row says another version than the line saw: somebody else moved it."""
    jobs = (await core.create(number=2)).jobs
    moved = await core.moves.move(jobs[0], S.WAITING, "touch", due_at=core.clock.now() + 60_000)
    assert isinstance(moved, Job)
    assert await core.moves.move(jobs[0], S.CANCELLED, "stale") is None
    await core.work()
    assert world.provider.posts == 1


async def test_files_that_were_never_finished_are_removed_after_a_day(core: Core) -> None:
    old, new = core.blobs.scratch() / "old.part", core.blobs.scratch() / "new.part"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    core.clock.advance(SystemClock().now() - core.clock.now())
    _, clean = core.wakeups.repeating["clean"]
    await clean("clean")
    assert not old.exists()
    assert new.exists()
