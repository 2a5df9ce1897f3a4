"""Delivery is separate from generation: it has its own retries and posts nothing twice."""

import asyncio
from contextlib import suppress

import pytest

from bot.domain.jobs import JobState
from bot.domain.messages import plain
from bot.errors import ChatBusy, ChatError, ChatForbidden, ChatGone, Moderated
from bot.services.records import Close
from tests.fakes.core import ALLOWANCE, ANA, PRICE, Core, World, running

S = JobState


async def test_a_card_that_a_busy_chat_did_not_take_is_not_looked_for(
    core: Core, world: World
) -> None:
    world.chat.fails.extend([ChatBusy(30_000), ChatBusy(30_000)])
    job = (await core.create()).jobs[0]
    await core.wait(90_000)
    assert world.chat.posts[f"card/{job.id}"]
    assert world.chat.repeated == []


async def test_a_card_whose_answer_was_lost_is_looked_for_also_after_a_busy_moment(
    core: Core, world: World
) -> None:
    world.chat.fails.extend([ChatError("lost"), ChatBusy(30_000)])
    job = (await core.create()).jobs[0]
    await core.wait(90_000)
    assert world.chat.repeated == [f"card/{job.id}"] * 2


async def test_a_busy_chat_is_tried_again_when_it_said(core: Core, world: World) -> None:
    world.chat.fails.append(ChatBusy(30_000))
    job_id = (await core.create()).jobs[0].id
    await core.work()
    assert world.chat.posts == {}
    await core.wait(31_000)
    assert f"card/{job_id}" in world.chat.posts


async def test_a_lost_answer_of_the_chat_posts_nothing_twice(core: Core, world: World) -> None:
    world.chat.lose_answers = 1
    job_id = (await core.create()).jobs[0].id
    await core.wait(10_000)
    assert world.chat.log.count(f"post card/{job_id}") == 1


async def test_a_card_whose_post_was_answered_by_an_error_still_shows_the_newest_state(
    core: Core, world: World
) -> None:
    world.chat.lose_answers = 1
    world.provider.refuse.append(Moderated("no"))
    job_id = (await core.create()).jobs[0].id
    await core.announcer.send_due()
    await core.wait(10_000)
    assert await core.state(job_id) is S.MODERATED
    assert "refused" in world.chat.posts[f"card/{job_id}"].text


async def test_a_card_that_was_posted_but_not_noted_before_a_crash_is_brought_up_to_date(
    world: World,
) -> None:
    async with running(world) as core:
        job = (await core.create()).jobs[0]
        core.announcer._records._write = crash
        with pytest.raises(Crash):
            await core.announcer.send_due()
    assert world.chat.log == [f"post card/{job.id}"]
    world.clock.advance(1_000)
    world.provider.refuse.append(Moderated("no"))
    async with running(world) as core:
        await core.wait(20_000)
        assert await core.state(job.id) is S.MODERATED
    assert "refused" in world.chat.posts[f"card/{job.id}"].text


class Crash(BaseException):
    """The process is gone."""


async def crash(close: Close) -> None:
    raise Crash


async def test_a_failed_upload_is_not_a_failed_job(core: Core, world: World) -> None:
    world.provider.instant = True
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.chat.fails.extend(ChatError("upload broke") for _ in range(3))
    await core.wait(3_000)
    assert await core.state(job_id) is S.DELIVERING
    assert await core.purse() == (ALLOWANCE - PRICE, 0)
    await core.wait(60_000)
    assert await core.state(job_id) is S.DONE
    assert world.chat.log.count(f"post result/{job_id}") == 1


async def test_a_closed_place_sends_the_video_to_its_owner(core: Core, world: World) -> None:
    world.provider.instant = True
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.chat.fails.append(ChatForbidden("attach files"))
    await core.wait(3_000)
    assert world.chat.posts[f"result/{job_id}"].place.channel == f"dm-{ANA.id}"
    assert await core.state(job_id) is S.DONE


async def test_a_video_that_can_be_posted_nowhere_is_kept_and_the_card_says_how_to_get_it(
    core: Core, world: World
) -> None:
    world.provider.instant = True
    job_id = (await core.create()).jobs[0].id
    await core.work()
    world.chat.fails.extend([ChatGone("channel"), ChatGone("person")])
    await core.wait(3_000)
    assert await core.state(job_id) is S.DONE
    assert f"/sora show {job_id}" in world.chat.posts[f"card/{job_id}"].text


async def test_a_deleted_card_is_let_go_without_harm(core: Core, world: World) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    del world.chat.posts[f"card/{job_id}"]
    world.provider.finish()
    await core.wait(3_000)
    assert await core.state(job_id) is S.DONE


async def test_a_chat_that_breaks_for_ever_is_given_up_on(core: Core, world: World) -> None:
    world.chat.fails.extend(ValueError("bug") for _ in range(40))
    world.provider.instant = True
    job_id = (await core.create()).jobs[0].id
    await core.wait(5 * 3_600_000, step=20_000)
    assert await core.state(job_id) is S.DONE


async def test_only_the_newest_state_is_shown(core: Core, world: World) -> None:
    world.provider.instant = True
    world.chat.fails.append(ChatBusy(60_000))
    job_id = (await core.create()).jobs[0].id
    await core.wait(62_000)
    card = world.chat.posts[f"card/{job_id}"]
    heads = {plain(message.lines[0])[:4] for message in (*card.edits, card.message)}
    assert heads == {"Done"}


async def test_messages_wait_for_a_chat_that_is_not_plugged_in(core: Core, world: World) -> None:
    world.provider.instant = True
    core.announcer._platforms = {}
    job_id = (await core.create()).jobs[0].id
    await core.wait(3_000)
    assert await core.state(job_id) is S.DELIVERING
    core.announcer._platforms = {"web": world.chat}
    await core.work()
    assert await core.state(job_id) is S.DONE
    assert f"result/{job_id}" in world.chat.posts


async def test_a_file_that_vanished_stops_nobody_elses_message(core: Core, world: World) -> None:
    world.provider.instant = True
    first = (await core.create()).jobs[0].id
    await core.wait(3_000)
    async with core.store.reading() as tx:
        video = await tx.videos.of(first)
    assert video is not None
    await core.blobs.delete(video.blob)
    job = await core.job(first)
    await core.videos.show(ANA, job.place, first, "again")
    second = (await core.create()).jobs[0].id
    await core.wait(3_000)
    assert "show/web/demo/again" not in world.chat.posts
    assert f"card/{second}" in world.chat.posts


async def test_the_announcer_runs_by_itself_and_wakes_when_called(world: World) -> None:
    async with running(world) as core:
        task = asyncio.create_task(core.announcer.run())
        job_id = (await core.create()).jobs[0].id
        async with asyncio.timeout(10):
            while f"card/{job_id}" not in world.chat.posts:  # noqa: ASYNC110 - it is the chat that is watched
                await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_bot_that_another_took_over_from_asks_posts_and_shows_nothing(
    core: Core, world: World
) -> None:
    (job,) = (await core.create()).jobs
    world.leads = False
    await core.wait(20_000)
    assert (world.chat.posts, world.provider.taken) == ({}, {})
    world.leads = True
    await core.wait(60_000)
    assert f"card/{job.id}" in world.chat.posts
