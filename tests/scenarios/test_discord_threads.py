"""Remixes on Discord: one thread under the first video, open to everyone in the channel."""

from __future__ import annotations

from bot.domain.jobs import JobState
from tests.fakes.core import ALLOWANCE, PRICE
from tests.fakes.discord_bot import Life, Town, plain_text
from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.messages import Message
from tests.fakes.discord_server.people import Person
from tests.fakes.discord_server.permissions import Permission

S = JobState


async def first_video(town: Town, life: Life, channel: Channel | None = None) -> Message:
    """Ana's, in the channel."""
    town.world.provider.instant = True
    asked = await town.ana.slash(channel or town.channel, "sora create", prompt="a red kite")
    await asked.answer()
    await life.wait(5_000)
    return town.videos(channel)[0]


async def remix(life: Life, who: Person, video: Message, change: str) -> None:
    asked = await who.press(video, "Remix")
    await (await who.submit(asked.modal, prompt=change)).answer()
    await life.wait(5_000)


def thread_of(town: Town, video: Message) -> Channel:
    thread = town.server.thread(video)
    assert thread
    return thread


async def test_the_first_remix_opens_one_thread_and_the_next_ones_go_there(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        await remix(life, town.ben, video, "at night")
        thread = thread_of(town, video)
        assert thread.name == "Remixes · a red kite"
        (night,) = town.videos(thread)
        assert night.pings == [town.ben]
        assert "Remix of @Ana’s video · started by @Ana" in plain_text(night)
        await remix(life, town.mara, night, "with snow")
        snow = town.videos(thread)[1]
        assert "Remix of @Ben’s video · started by @Ana" in plain_text(snow)
        assert len(town.studio.threads) == 1
        assert len(town.videos()) == 1
        purses = [await life.core.purse(town.as_person(who)) for who in (town.ana, town.ben)]
        assert purses == [(ALLOWANCE - PRICE, 0)] * 2


async def test_the_thread_is_headed_by_a_message_that_keeps_count(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        await remix(life, town.ben, video, "at night")
        head = thread_of(town, video).messages[0]
        assert "Remixes of @Ana’s video" in plain_text(head)
        assert "1 version finished" in plain_text(head)
        asked = await town.mara.press(head, "Remix the newest")
        await (await town.mara.submit(asked.modal, prompt="with snow")).answer()
        await life.wait(5_000)
        assert "2 versions finished" in plain_text(head)
        newest = (await life.jobs())[-1]
        assert newest.spec.prompt == "with snow"
        assert newest.remix_of != newest.root


async def test_in_a_thread_the_command_means_the_newest_video(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        await remix(life, town.ben, video, "at night")
        thread = thread_of(town, video)
        await (await town.ana.slash(thread, "sora remix", prompt="with snow")).answer()
        await life.wait(5_000)
        first, second, third = await life.jobs()
        assert (third.remix_of, third.root) == (second.id, first.id)
        assert len(town.videos(thread)) == 2


async def test_outside_of_a_thread_the_command_asks_which_video(town: Town) -> None:
    async with town.bot() as life:
        await first_video(town, life)
        asked = await town.ben.slash(town.channel, "sora remix", prompt="with snow")
        assert "Job is missing: the id of a finished video" in plain_text(await asked.answer())
        assert len(await life.jobs()) == 1


async def test_the_menu_of_a_message_remixes_its_video(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        asked = await town.ben.message_menu(video, "Remix this video")
        await (await town.ben.submit(asked.modal, prompt="at night")).answer()
        await life.wait(5_000)
        assert len(town.videos(thread_of(town, video))) == 1


async def test_the_button_asks_what_comes_next_and_how_long_and_needs_no_answer(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        asked = await town.ben.press(video, "Extend")
        assert asked.modal
        assert asked.modal.title == "What comes next"
        await (await town.ben.submit(asked.modal, prompt="it lands", seconds="4")).answer()
        await life.wait(5_000)
        (landed,) = town.videos(thread_of(town, video))
        assert "Extended from @Ana’s video · started by @Ana" in plain_text(landed)
        assert "4 s more · 40 credits" in plain_text(landed)
        asked = await town.mara.press(landed, "Extend")
        await (await town.mara.submit(asked.modal)).answer()
        await life.wait(5_000)
        _, second, third = await life.jobs()
        assert (second.spec.prompt, second.spec.seconds) == ("it lands", 4)
        assert (third.remix_of, third.spec.prompt) == (second.id, "it lands")
        assert len(town.videos(thread_of(town, video))) == 2


async def test_the_command_extends_a_video_that_is_suggested_for_it(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        (first,) = await life.jobs()
        found = await town.ben.autocomplete(town.channel, "sora extend", option="job", typed="red")
        assert [one.value for one in found] == [first.id]
        options = {"job": first.id, "seconds": "4", "prompt": "it lands"}
        await (await town.ben.slash(town.channel, "sora extend", **options)).answer()
        await life.wait(5_000)
        assert "it lands" in plain_text(town.videos(thread_of(town, video))[0])
        purse = await life.core.purse(town.as_person(town.ben))
        assert purse == (ALLOWANCE - PRICE // 2, 0)


async def test_without_the_right_to_open_threads_remixes_stay_in_the_channel(town: Town) -> None:
    town.channel.deny(town.studio.everyone, Permission.CREATE_PUBLIC_THREADS)
    async with town.bot() as life:
        video = await first_video(town, life)
        await remix(life, town.ben, video, "at night")
        assert town.server.thread(video) is None
        assert len(town.videos()) == 2
        assert not any("Remixes of" in one.text for one in town.ours())


async def test_a_server_full_of_threads_keeps_remixes_in_the_channel(town: Town) -> None:
    town.studio.max_active_threads = 0
    async with town.bot() as life:
        video = await first_video(town, life)
        await remix(life, town.ben, video, "at night")
        assert len(town.videos()) == 2
        assert [job.state for job in await life.jobs()] == [S.DONE, S.DONE]


async def test_a_thread_that_somebody_opened_before_is_used(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        thread = town.server.world.open_thread(video.id, town.channel, "mine", town.ben)
        await remix(life, town.ben, video, "at night")
        assert len(town.videos(thread)) == 1


async def test_an_archived_thread_is_woken_by_the_next_remix(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        await remix(life, town.ben, video, "at night")
        thread = thread_of(town, video)
        thread.archive()
        await remix(life, town.mara, video, "with snow")
        assert not thread.archived
        assert len(town.videos(thread)) == 2


async def test_a_card_in_an_archived_thread_is_still_brought_to_its_end(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        town.world.provider.instant = False
        await remix(life, town.ben, video, "at night")
        thread = thread_of(town, video)
        thread.archive()
        town.world.provider.finish()
        await life.wait(10_000)
        card = next(one for one in town.cards(thread) if "> at night" in one.text)
        assert plain_text(card).startswith("Done")


async def test_in_a_forum_post_everything_stays_in_the_post(town: Town) -> None:
    forum = town.studio.forum("ideas")
    post = town.ana.opens_post(forum, "kites")
    async with town.bot() as life:
        video = await first_video(town, life, post)
        await remix(life, town.ben, video, "at night")
        assert len(town.videos(post)) == 2


async def test_a_remix_of_a_private_video_stays_private(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        asked = await town.ana.slash(town.channel, "sora create", prompt="secret", private=True)
        await asked.answer()
        await life.wait(5_000)
        await remix(life, town.ana, town.videos(town.ana.dm)[0], "at night")
        assert len(town.videos(town.ana.dm)) == 2
        assert town.ours() == []


async def test_a_restart_between_remixes_opens_no_second_thread(town: Town) -> None:
    async with town.bot() as life:
        video = await first_video(town, life)
        await remix(life, town.ben, video, "at night")
    async with town.bot() as life:
        await remix(life, town.mara, video, "with snow")
        assert len(town.studio.threads) == 1
        assert len(town.videos(thread_of(town, video))) == 2
