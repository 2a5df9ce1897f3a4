"""What is taken back goes from its chat for good, whatever happens to the bot on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot import wording
from bot.domain.jobs import JobState
from bot.domain.messages import plain
from bot.errors import ChatBusy, ChatForbidden
from bot.ports import Outgoing, PlaceLimits
from bot.services.records import Close
from tests.fakes.core import STUDIO, Core, World, running

S = JobState
RENDER = 3_000
"""Ms after which an instant render is delivered."""
WORDS = plain(wording.TAKEN_BACK)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - it is the chat that is watched
            await asyncio.sleep(0)


async def order(core: Core) -> str:
    return (await core.create(place=STUDIO)).jobs[0].id


async def delivered(core: Core, world: World) -> str:
    """A job whose card and video stand in the chat."""
    world.provider.instant = True
    job_id = await order(core)
    await core.wait(RENDER)
    assert list(world.chat.posts) == [f"card/{job_id}", f"result/{job_id}"]
    return job_id


async def take_back(core: Core, key: str) -> None:
    async with core.store.transaction() as tx:
        await tx.outbox.take_back(key, core.clock.now())
    core.announcer.call()


async def anew(core: Core, key: str, job_id: str) -> None:
    async with core.store.transaction() as tx:
        await tx.outbox.touch(key, job_id, STUDIO, core.clock.now(), anew=True)
    core.announcer.call()


async def row(core: Core, key: str) -> Outgoing:
    async with core.store.reading() as tx:
        found = await tx.outbox.get(key)
    assert found
    return found


async def is_settled(core: Core, key: str) -> bool:
    """Nothing is left to do, and it stands nowhere."""
    item = await row(core, key)
    return item.gone and item.ref is None and item.sent == item.revision


class Crash(BaseException):
    """The process is gone."""


async def crash(close: Close) -> None:
    raise Crash


# --- a message that stands in the chat --------------------------------------------------------


async def test_a_video_that_is_taken_back_goes_and_its_card_stays(core: Core, world: World) -> None:
    job_id = await delivered(core, world)
    await take_back(core, f"result/{job_id}")
    await core.wait(10_000)
    assert list(world.chat.posts) == [f"card/{job_id}"]
    assert world.chat.log.count(f"remove result/{job_id}") == 1
    assert await is_settled(core, f"result/{job_id}")
    assert await core.state(job_id) is S.DONE


async def test_a_card_that_was_taken_back_is_not_posted_by_later_news(
    core: Core, world: World
) -> None:
    job_id = await order(core)
    await core.work()
    await take_back(core, f"card/{job_id}")
    await core.work()
    world.provider.now(S.RENDERING, 40)
    await core.wait(10_000)
    world.provider.finish()
    await core.wait(10_000)
    assert list(world.chat.posts) == [f"result/{job_id}"]
    assert await is_settled(core, f"card/{job_id}")


async def test_a_removal_is_no_edit_that_has_to_keep_the_pace(world: World) -> None:
    limits = PlaceLimits(upload_bytes=2**20, edit_pace=600_000, channel_pace=600_000)
    world.chat.place_limits = limits
    async with running(world) as core:
        job_id = await order(core)
        await core.work()
        await take_back(core, f"card/{job_id}")
        await core.work()
        assert world.chat.posts == {}


async def test_what_was_taken_back_can_be_told_anew(core: Core, world: World) -> None:
    job_id = await delivered(core, world)
    await take_back(core, f"result/{job_id}")
    await core.work()
    await anew(core, f"result/{job_id}", job_id)
    await core.work()
    assert world.chat.posts[f"result/{job_id}"].message.video
    assert (await row(core, f"result/{job_id}")).ref == world.chat.posts[f"result/{job_id}"].ref


async def test_what_was_never_posted_never_is(core: Core, world: World) -> None:
    job_id = await order(core)
    await take_back(core, f"card/{job_id}")
    await core.wait(10_000)
    assert world.chat.log == []
    assert await is_settled(core, f"card/{job_id}")


# --- a message that is on its way, or may be there --------------------------------------------


async def test_a_video_that_is_being_posted_is_removed_afterwards(core: Core, world: World) -> None:
    world.provider.instant = True
    job_id = await order(core)
    result = f"result/{job_id}"
    ready = world.chat.slow[f"post {result}"] = asyncio.Event()
    work = asyncio.create_task(core.wait(RENDER))
    await until(lambda: f"post {result}" in world.chat.waiting)
    await take_back(core, result)
    ready.set()
    await work
    await core.wait(1_000)
    said = [what for what in world.chat.log if what.endswith(result)]
    assert said == [f"post {result}", f"remove {result}"]
    assert await is_settled(core, result)
    assert await core.state(job_id) is S.DONE


async def test_a_message_whose_answer_was_lost_is_found_and_removed(
    core: Core, world: World
) -> None:
    world.chat.lose_answers = 1
    job_id = await order(core)
    card = f"card/{job_id}"
    await core.work()
    await take_back(core, card)
    await core.wait(5_000)
    assert world.chat.repeated == [card]
    assert world.chat.log == [f"post {card}", f"remove {card}"]
    assert await is_settled(core, card)


async def test_where_it_was_not_there_after_all_it_is_never_shown(core: Core, world: World) -> None:
    world.chat.fails.append(ConnectionError("the line broke"))
    job_id = await order(core)
    await core.work()
    await take_back(core, f"card/{job_id}")
    await core.wait(5_000)
    assert world.chat.posts == {}
    assert [post.text for post in world.chat.removed] == [WORDS]
    assert await is_settled(core, f"card/{job_id}")


async def test_a_video_that_an_earlier_life_posted_and_did_not_note_is_removed(
    world: World,
) -> None:
    world.provider.instant = True
    async with running(world) as core:
        job_id = await order(core)
        result = f"result/{job_id}"
        ready = world.chat.slow[f"post {result}"] = asyncio.Event()
        work = asyncio.create_task(core.wait(RENDER))
        await until(lambda: bool(world.chat.waiting))
        core.announcer._records._write = crash
        ready.set()
        with pytest.raises(Crash):
            await work
        await take_back(core, result)
    async with running(world) as core:
        await core.wait(RENDER)
        assert list(world.chat.posts) == [f"card/{job_id}"]
        assert world.chat.log.count(f"post {result}") == 1
        assert await is_settled(core, result)
        assert await core.state(job_id) is S.DONE


# --- what goes wrong --------------------------------------------------------------------------


async def test_a_removal_that_was_not_noted_before_a_crash_is_done_again_and_harms_nobody(
    world: World,
) -> None:
    async with running(world) as core:
        job_id = await delivered(core, world)
        result = f"result/{job_id}"
        await take_back(core, result)
        core.announcer._records._write = crash
        with pytest.raises(Crash):
            await core.work()
        assert list(world.chat.posts) == [f"card/{job_id}"]
        assert (await row(core, result)).ref
    async with running(world) as core:
        await core.wait(RENDER)
        assert list(world.chat.posts) == [f"card/{job_id}"]
        assert await is_settled(core, result)


async def test_a_removal_that_was_asked_for_before_a_crash_is_done_after_it(world: World) -> None:
    async with running(world) as core:
        job_id = await delivered(core, world)
        await take_back(core, f"result/{job_id}")
    async with running(world) as core:
        await core.work()
        assert list(world.chat.posts) == [f"card/{job_id}"]


async def test_a_busy_chat_is_left_alone_and_loses_no_removal(core: Core, world: World) -> None:
    job_id = await delivered(core, world)
    world.chat.fails.append(ChatBusy(30_000))
    for key in (f"result/{job_id}", f"card/{job_id}"):
        await take_back(core, key)
        core.clock.advance(1)
    await core.wait(29_000)
    assert len(world.chat.posts) == 2
    await core.wait(2_000)
    assert world.chat.posts == {}
    assert world.chat.log[-2:] == [f"remove result/{job_id}", f"remove card/{job_id}"]


async def test_a_removal_whose_answer_was_lost_is_done_again(core: Core, world: World) -> None:
    job_id = await delivered(core, world)
    world.chat.lose_answers = 2
    await take_back(core, f"result/{job_id}")
    await core.wait(20_000)
    assert world.chat.lose_answers == 0
    assert list(world.chat.posts) == [f"card/{job_id}"]
    assert await is_settled(core, f"result/{job_id}")


async def test_what_the_bot_may_not_remove_is_given_up_until_it_is_asked_again(
    core: Core, world: World
) -> None:
    job_id = await delivered(core, world)
    world.chat.fails.append(ChatForbidden("manage messages"))
    await take_back(core, f"result/{job_id}")
    await core.wait(60_000)
    assert f"result/{job_id}" in world.chat.posts
    await take_back(core, f"result/{job_id}")
    await core.work()
    assert f"result/{job_id}" not in world.chat.posts
