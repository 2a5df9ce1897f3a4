"""A slow message holds up nobody, nothing is sent twice, and edits keep the pace of their chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot import wording
from bot.domain.jobs import JobState
from bot.domain.messages import Button, Mention
from bot.domain.refs import Place
from bot.errors import ChatBusy, ChatGone
from bot.ports import PlaceLimits
from bot.services.announcer import FRESH, GRACE
from bot.services.lanes import AT_ONCE
from bot.services.line import Allowed
from bot.services.records import LINGER, Close
from tests.fakes.core import ANA, KITE, PRICE, STUDIO, TENANT, Core, Options, World, running

S = JobState
LOUNGE = Place(TENANT, "lounge")
PRIVATE = replace(STUDIO, private=True)
DISCORD = PlaceLimits(upload_bytes=10 * 2**20, edit_pace=5_000, channel_pace=1_000)

RENDER = 3_000
"""Ms after which an instant render is delivered."""


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - it is the chat that is watched
            await asyncio.sleep(0)


async def becomes(core: Core, job_id: str, state: JobState) -> None:
    async with asyncio.timeout(10):
        while await core.state(job_id) is not state:  # noqa: ASYNC110 - it is a row that is watched
            await asyncio.sleep(0)


@asynccontextmanager
async def stuck(core: Core, world: World, what: str) -> AsyncGenerator[None]:
    """The core is at work and the chat does not answer `what` before the event is set."""
    ready = world.chat.slow[what] = asyncio.Event()
    await render(core)
    work = asyncio.create_task(core.work())
    await until(lambda: what in world.chat.waiting)
    yield
    ready.set()
    await work
    await core.work()


@asynccontextmanager
async def announcing(core: Core) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.create_task(core.announcer.run())
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def render(core: Core) -> None:
    """Steps and timers only: the announcer runs by itself."""
    for _ in range(RENDER // 1_000):
        core.clock.advance(1_000)
        await core.wakeups.fire_due(core.clock.now())
        await until(lambda: not core.scheduler.busy)


async def order(core: Core, place: Place = STUDIO) -> str:
    return (await core.create(place=place)).jobs[0].id


# --- nobody waits for a slow one --------------------------------------------------------------


async def test_a_slow_upload_delays_neither_another_channel_nor_the_cards_of_its_own(
    core: Core, world: World
) -> None:
    world.provider.instant = True
    slow = await order(core)
    async with stuck(core, world, f"post result/{slow}"):
        assert await core.state(slow) is S.DELIVERING
        assert world.chat.posts[f"card/{slow}"].text.startswith("Ready")
        elsewhere = await order(core, LOUNGE)
        beside = await order(core)
        await core.wait(RENDER)
        assert await core.state(elsewhere) is S.DONE
        assert world.chat.posts[f"card/{elsewhere}"].text.startswith("Done")
        assert world.chat.posts[f"card/{beside}"].text.startswith("Ready")
        assert await core.state(beside) is S.DELIVERING
    assert await core.state(slow) is S.DONE
    assert await core.state(beside) is S.DONE


async def test_a_result_overtakes_edits_and_new_cards_of_its_channel(
    core: Core, world: World
) -> None:
    first = await order(core)
    await core.work()
    world.provider.finish()
    async with stuck(core, world, f"edit card/{first}"):
        world.provider.instant = True
        second = await order(core)
        await core.wait(RENDER)
        assert await core.state(second) is S.DONE
        assert world.chat.log[-1] == f"post result/{second}"


async def test_what_is_on_its_way_is_not_sent_a_second_time(core: Core, world: World) -> None:
    world.provider.instant = True
    slow = await order(core)
    async with stuck(core, world, f"post result/{slow}"):
        await core.wait(30_000)
        assert world.chat.waiting == [f"post result/{slow}"]
    assert world.chat.log.count(f"post result/{slow}") == 1
    assert await core.state(slow) is S.DONE


async def test_what_was_sent_is_noted_while_the_next_one_of_its_lane_is_slow(
    core: Core, world: World
) -> None:
    world.provider.instant = True
    first, second = [await order(core) for _ in range(2)]
    async with stuck(core, world, f"post result/{second}"):
        world.clock.advance(LINGER)
        await becomes(core, first, S.DONE)
        assert await core.state(second) is S.DELIVERING
    assert await core.state(second) is S.DONE


async def test_a_card_that_waited_behind_a_slow_one_shows_the_newest_state(
    core: Core, world: World
) -> None:
    first, second = [await order(core) for _ in range(2)]
    async with stuck(core, world, f"post card/{first}"):
        await core.videos.cancel(ANA, second)
        world.clock.advance(FRESH + 1)
    card = world.chat.posts[f"card/{second}"]
    assert card.edits == []
    assert card.text.startswith("Cancelled")


async def test_only_so_many_lanes_are_on_their_way_and_the_rest_follows(world: World) -> None:
    ready = world.chat.slow["post card/"] = asyncio.Event()
    places = [Place(TENANT, f"channel {number}") for number in range(AT_ONCE + 3)]
    async with running(world, Options(allowance=100 * PRICE)) as core, announcing(core):
        for place in places:
            await order(core, place)
        while len(world.chat.waiting) < AT_ONCE:
            await world.clock.run_for(20)
        ready.set()
        await until(lambda: len(world.chat.posts) == len(places))
    assert len(world.chat.log) == len(set(world.chat.log))


async def test_the_running_announcer_takes_new_work_while_a_lane_is_slow(
    core: Core, world: World
) -> None:
    slow = await order(core)
    ready = world.chat.slow[f"post card/{slow}"] = asyncio.Event()
    async with announcing(core):
        await until(lambda: bool(world.chat.waiting))
        elsewhere = await order(core, LOUNGE)
        while f"card/{elsewhere}" not in world.chat.posts:
            await world.clock.run_for(20)
        ready.set()
        await until(lambda: f"card/{slow}" in world.chat.posts)


# --- a busy chat ------------------------------------------------------------------------------


async def test_a_busy_channel_is_left_alone_with_all_its_cards_which_keep_their_order(
    core: Core, world: World
) -> None:
    world.chat.fails.append(ChatBusy(30_000))
    orders = [await order(core) for _ in range(3)]
    await core.work()
    later = await order(core)
    elsewhere = await order(core, LOUNGE)
    await core.wait(29_000)
    assert list(world.chat.posts) == [f"card/{elsewhere}"]
    await core.wait(2_000)
    assert list(world.chat.posts)[1:] == [f"card/{name}" for name in (*orders, later)]
    # None of them had been taken.
    assert world.chat.repeated == []


# --- private videos ---------------------------------------------------------------------------


async def test_a_private_video_that_cannot_be_delivered_is_called_for_where_it_was_ordered(
    core: Core, world: World
) -> None:
    world.chat.dms_closed = True
    world.provider.instant = True
    job_id = await order(core, PRIVATE)
    await core.wait(3_000)
    note = world.chat.posts[f"result/{job_id}"]
    assert list(world.chat.posts) == [f"result/{job_id}"]
    assert note.place == STUDIO
    assert Mention(ANA) in note.message.lines[0]
    assert note.message.buttons == (Button(wording.SHOW, "show", {"job": job_id}),)
    assert (note.message.video, note.message.quote) == (None, None)
    assert KITE.prompt not in note.text
    assert await core.state(job_id) is S.DONE


async def test_a_private_video_that_is_shown_again_calls_for_its_owner_too(
    core: Core, world: World
) -> None:
    world.provider.instant = True
    job_id = await order(core, PRIVATE)
    await core.wait(3_000)
    world.chat.dms_closed = True
    await core.videos.show(ANA, LOUNGE, job_id, "again")
    await core.work()
    assert world.chat.posts["show/web/demo/again"].place == LOUNGE
    assert world.chat.posts["show/web/demo/again"].message.video is None


async def test_a_private_video_that_can_be_called_for_nowhere_is_kept(
    core: Core, world: World
) -> None:
    world.chat.dms_closed = True
    world.provider.instant = True
    world.chat.fails.append(ChatGone("channel"))
    job_id = await order(core, PRIVATE)
    await core.wait(3_000)
    assert world.chat.posts == {}
    assert await core.state(job_id) is S.DONE


# --- what may be there already ----------------------------------------------------------------


async def test_nothing_is_called_repeated_that_goes_well(core: Core, world: World) -> None:
    world.provider.instant = True
    job_id = await order(core)
    await core.wait(3_000)
    assert await core.state(job_id) is S.DONE
    assert world.chat.repeated == []


async def test_a_message_whose_answer_was_lost_is_called_repeated(core: Core, world: World) -> None:
    world.provider.instant = True
    world.chat.lose_answers = 1
    job_id = await order(core)
    await core.wait(3_000)
    assert world.chat.repeated == [f"card/{job_id}"]


async def test_what_an_earlier_life_left_is_called_repeated_although_the_clock_was_set_back(
    world: World,
) -> None:
    async with running(world) as core:
        job_id = await order(core)
    world.clock.advance(-5_000)
    async with running(world) as core:
        await core.wait(5_000)
    assert world.chat.repeated == [f"card/{job_id}"]


async def test_a_result_that_was_posted_but_not_noted_before_a_crash_is_called_repeated(
    world: World,
) -> None:
    world.provider.instant = True
    async with running(world) as core:
        job_id = await order(core)
        ready = world.chat.slow[f"post result/{job_id}"] = asyncio.Event()
        work = asyncio.create_task(core.wait(RENDER))
        await until(lambda: bool(world.chat.waiting))
        core.announcer._records._write = crash
        ready.set()
        with pytest.raises(Crash):
            await work
        assert await core.state(job_id) is S.DELIVERING
    world.clock.advance(1_000)
    async with running(world) as core:
        await core.wait(3_000)
        assert await core.state(job_id) is S.DONE
    assert world.chat.log.count(f"post result/{job_id}") == 1
    assert world.chat.repeated == [f"result/{job_id}"]


async def test_what_could_not_be_noted_is_sent_again_after_a_moment(
    core: Core, world: World
) -> None:
    write = core.announcer._records._write

    async def fail(close: Close) -> None:
        core.announcer._records._write = write
        raise OSError("the disk is full")

    core.announcer._records._write = fail
    job_id = await order(core)
    async with announcing(core):
        await until(lambda: core.announcer._records._write is write)
        while not world.chat.repeated:
            await world.clock.run_for(100)
    assert world.chat.log.count(f"post card/{job_id}") == 1


class Crash(BaseException):
    """The process is gone."""


async def crash(close: Close) -> None:
    raise Crash


# --- the pace of edits ------------------------------------------------------------------------


@asynccontextmanager
async def rendering(
    world: World, number: int, limits: PlaceLimits
) -> AsyncGenerator[tuple[Core, list[str]]]:
    """So many jobs that a chat of these limits sees rendering; each is asked about every second."""
    world.chat.place_limits = limits
    world.provider.poll_after_ms = 1_000
    async with running(world, Options(Allowed(slots=number))) as core:
        orders = [await order(core) for _ in range(number)]
        await core.work()
        world.provider.now(S.RENDERING, 10)
        await core.wait(20_000)
        world.chat.log.clear()
        yield core, orders


async def test_many_cards_of_one_channel_share_its_budget_of_edits(world: World) -> None:
    async with rendering(world, 8, DISCORD) as (core, orders):
        await core.wait(80_000)
        edits = [world.chat.log.count(f"edit card/{job_id}") for job_id in orders]
        assert edits == [10] * 8


async def test_a_single_card_is_edited_at_its_own_pace(world: World) -> None:
    async with rendering(world, 1, DISCORD) as (core, _):
        await core.wait(80_000)
        assert len(world.chat.log) == 16


async def test_a_card_that_waits_in_line_takes_no_budget(world: World) -> None:
    async with rendering(world, 1, DISCORD) as (core, orders):
        for _ in range(8):
            await order(core)
        await core.wait(80_000)
        assert world.chat.log.count(f"edit card/{orders[0]}") == 16


async def test_a_change_of_state_waits_for_the_message_and_not_for_the_channel(
    world: World,
) -> None:
    async with rendering(world, 8, DISCORD) as (core, orders):
        await core.wait(8_000)
        world.provider.now(S.QUEUED, 0)
        await core.wait(6_000)
        assert all("queue" in world.chat.posts[f"card/{job_id}"].text for job_id in orders)


async def test_the_last_word_is_said_at_once(world: World) -> None:
    async with rendering(world, 8, DISCORD) as (core, orders):
        await core.wait(8_000)
        world.provider.finish()
        await core.wait(1_000)
        assert all(world.chat.posts[f"card/{job_id}"].text.startswith("Done") for job_id in orders)


async def test_an_old_message_gets_its_last_word_only(world: World) -> None:
    limits = replace(DISCORD, edit_window=60_000)
    async with rendering(world, 1, limits) as (core, orders):
        await core.wait(40_000)
        world.chat.log.clear()
        await core.wait(40_000)
        assert world.chat.log == []
        async with core.store.reading() as tx:
            assert await tx.outbox.next_due({"web"}) is None
        world.provider.finish()
        await core.wait(2_000)
        assert world.chat.posts[f"card/{orders[0]}"].text.startswith("Done")


async def test_the_pace_holds_no_card_of_a_job_that_ended(world: World) -> None:
    async with rendering(world, 2, DISCORD) as (core, _):
        assert len(core.announcer._pacing._shown) == 2
        world.provider.finish()
        await core.wait(10_000)
        assert not core.announcer._pacing._shown
        assert not core.announcer._pacing.held(world.clock.now())


# --- the end ----------------------------------------------------------------------------------


async def test_an_upload_that_ends_soon_after_the_stop_is_noted(core: Core, world: World) -> None:
    world.provider.instant = True
    async with announcing(core) as task:
        job_id = await order(core)
        ready = world.chat.slow[f"post result/{job_id}"] = asyncio.Event()
        await render(core)
        await until(lambda: bool(world.chat.waiting))
        task.cancel()
        await asyncio.sleep(0)
        ready.set()
        await until(task.done)
    assert await core.state(job_id) is S.DONE
    assert world.chat.log.count(f"post result/{job_id}") == 1


async def test_a_stop_waits_for_no_upload_for_ever_and_the_next_life_sends_it(
    world: World,
) -> None:
    world.provider.instant = True
    async with running(world) as core, announcing(core) as task:
        job_id = await order(core)
        world.chat.slow[f"post result/{job_id}"] = asyncio.Event()
        await render(core)
        await until(lambda: bool(world.chat.waiting))
        task.cancel()
        await until(lambda: bool(world.clock.sleepers))
        while not task.done():
            await world.clock.run_for(GRACE)
        assert await core.state(job_id) is S.DELIVERING
    world.chat.slow.clear()
    async with running(world) as core:
        await core.wait(2_000)
        assert await core.state(job_id) is S.DONE
    assert world.chat.log.count(f"post result/{job_id}") == 1
    assert world.chat.repeated == [f"result/{job_id}"]
