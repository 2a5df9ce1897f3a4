"""What goes wrong between the bot and Discord: nothing is lost, nothing is there twice."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from bot.domain.jobs import JobState
from bot.domain.messages import Invocation, Reply
from bot.errors import MediaFailed
from bot.services.records import Close
from tests.fakes.core import ALLOWANCE, PRICE
from tests.fakes.discord_bot import Life, Town, plain_text
from tests.fakes.discord_server.interactions import Asked
from tests.fakes.media import FakeMedia

S = JobState
CALLBACK = "POST /interactions/*/*/callback"
POST = "POST /channels/*/messages"
EDIT = "PATCH /channels/*/messages/*"
MIB = 2**20


async def order(town: Town, prompt: str = "a kite") -> Asked:
    asked = await town.ana.slash(town.channel, "sora create", prompt=prompt)
    await asked.answer()
    return asked


class Unfit(FakeMedia):
    """No clip can be made smaller."""

    async def fit(self, video: Path, limit: int, target: Path) -> None:
        raise MediaFailed("too small to watch")


class Death(BaseException):
    """The process is gone."""


async def dies_before_noting(life: Life) -> None:
    """Everything is posted, and nothing of that is noted."""

    async def die(close: Close) -> None:
        raise Death

    life.core.announcer._records._write = die
    for _ in range(4):
        life.core.clock.advance(1_000)
        with suppress(Death):
            await life.work()


async def done(life: Life) -> bool:
    return [job.state for job in await life.jobs()] == [S.DONE]


# --- the first answer -----------------------------------------------------------------------


async def test_a_first_answer_that_comes_too_late_orders_nothing(town: Town) -> None:
    async with town.bot() as life:
        town.server.interactions.late = 1
        asked = await town.ana.slash(town.channel, "sora create", prompt="a kite")
        assert asked.failed == "The application did not respond"
        await life.work()
        assert await life.jobs() == ()
        assert town.ours() == []


async def test_a_first_answer_whose_line_broke_is_given_again(town: Town) -> None:
    async with town.bot() as life:
        town.server.faults.reset(CALLBACK)
        await order(town)
        assert len(await life.jobs()) == 1


async def test_a_first_answer_that_arrived_although_the_line_broke_counts(town: Town) -> None:
    async with town.bot() as life:
        town.server.faults.reset(CALLBACK, after=True)
        await order(town)
        assert len(await life.jobs()) == 1


async def test_an_answer_that_cannot_be_shown_loses_no_order(town: Town) -> None:
    async with town.bot() as life:
        town.server.faults.refuse("PATCH /webhooks/**", 50027, status=401)
        await town.ana.slash(town.channel, "sora create", prompt="a kite")
        await town.server.until(lambda: town.server.find("PATCH /webhooks/**"))
        await life.work()
        assert len(town.cards()) == 1


async def test_two_clients_on_one_token_make_one_job(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life, town.second_bot(life) as other:
        await order(town)
        await life.wait(5_000)
        await (await town.ana.press(town.videos()[0], "Again")).answer()
        await life.wait(5_000)
        assert other.ready
        assert len(town.server.gateway.sessions) == 2
        assert len(town.cards()) == len(town.videos()) == len(await life.jobs()) == 2
        taken = [one for one in town.server.find(CALLBACK) if one.status == 400]
        assert len(taken) == 2
        assert await life.core.purse(town.as_person(town.ana)) == (
            ALLOWANCE - 2 * PRICE,
            0,
        )


# --- posting --------------------------------------------------------------------------------


async def test_a_busy_discord_is_waited_for_by_the_library(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        await order(town)
        town.server.faults.throttle(POST, 0.05)
        await life.wait(5_000)
        assert len(town.videos()) == 1
        assert await done(life)


async def test_a_busy_gate_before_discord_is_waited_for_by_the_outbox(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        await order(town)
        town.server.faults.throttle(POST, 7.0, via=False, times=2)
        await life.wait(6_000)
        assert town.ours() == []
        await life.wait(5_000)
        assert len(town.videos()) == 1
        assert len(town.cards()) == 1
        assert await done(life)


@pytest.mark.timeout(40)
async def test_a_post_that_was_made_but_answered_by_502_is_there_once(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        await order(town)
        town.server.faults.fail(POST, 502, after=True, times=1)
        await life.wait(5_000)
        assert (len(town.cards()), len(town.videos())) == (1, 1)
        assert await done(life)


async def test_a_line_that_breaks_after_the_post_leaves_one_message(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        await order(town)
        town.server.faults.reset(POST, after=True, times=2)
        await life.work_while_time_passes()
        await life.wait(5_000)
        assert (len(town.cards()), len(town.videos())) == (1, 1)
        assert await done(life)


async def test_an_unready_server_is_tried_again_although_the_library_gives_up(town: Town) -> None:
    async with town.bot() as life:
        await order(town)
        town.server.faults.fail(POST, 503)
        await life.work_while_time_passes()
        assert len(town.cards()) == 1


async def test_a_deleted_card_is_let_go_and_the_video_still_comes(town: Town) -> None:
    async with town.bot() as life:
        await order(town)
        await life.work()
        town.card().deleted = True
        town.world.provider.finish()
        await life.wait(10_000)
        assert len(town.videos()) == 1


async def test_a_deleted_channel_sends_the_video_to_its_owner(town: Town) -> None:
    async with town.bot() as life:
        await order(town)
        await life.work()
        town.channel.delete()
        town.world.provider.finish()
        await life.wait(10_000)
        assert len(town.videos(town.ana.dm)) == 1
        assert await done(life)


# --- uploads --------------------------------------------------------------------------------


async def test_a_video_above_the_limit_is_made_smaller(town: Town) -> None:
    town.world.provider.instant = True
    town.world.provider.video = b"x" * (11 * MIB)
    async with town.bot() as life:
        await order(town)
        await life.wait(5_000)
        video = town.videos()[0]
        assert video.files[0].size <= 0.95 * 10 * MIB
        assert "Made smaller to fit this server: 11.5 MB" in plain_text(video)
        assert video.buttons["Original"]["url"].startswith("http://bot/media/")


async def test_a_refused_upload_is_fitted_and_the_limit_is_learned(town: Town) -> None:
    town.world.provider.video = b"x" * (9 * MIB)
    async with town.bot() as life:
        for _ in range(2):
            await order(town)
            await life.work()
            if not town.videos():
                town.server.faults.refuse(POST, 40005, status=413)
            town.world.provider.finish()
            await life.wait(10_000)
        assert [video.files[0].size <= 8 * MIB for video in town.videos()] == [True, True]
        refused = [one for one in town.server.find(POST) if one.status == 413]
        assert len(refused) == 1


async def test_a_video_that_cannot_be_made_small_enough_is_a_still_with_a_link(
    town: Town,
) -> None:
    town.world.provider.instant = True
    town.world.provider.video = b"x" * (11 * MIB)
    async with town.bot(media=Unfit()) as life:
        await order(town)
        await life.wait(5_000)
        (message,) = town.videos()
        assert message.files[0].name.endswith(".jpg")
        assert "Watch it by the link" in plain_text(message)
        assert message.buttons["Watch the video"]["url"].startswith("http://bot/media/")
        assert await done(life)


async def test_a_server_that_takes_no_file_at_all_gets_a_still_and_a_link(town: Town) -> None:
    town.world.provider.video = b"x" * (9 * MIB)
    async with town.bot() as life:
        await order(town)
        await life.work()
        town.server.faults.refuse(POST, 40005, status=413, times=3)
        town.world.provider.finish()
        await life.wait(10_000)
        (message,) = town.videos()
        assert message.files[0].name.endswith(".jpg")
        assert "too much for this server" in plain_text(message)
        assert "(0.0 MB)" not in plain_text(message)
        assert await done(life)


async def test_a_boosted_server_takes_the_original(town: Town) -> None:
    town.world.provider.instant = True
    town.world.provider.video = b"x" * (11 * MIB)
    town.studio.tier = 2
    async with town.bot() as life:
        await order(town)
        await life.wait(5_000)
        assert town.videos()[0].files[0].size > 11 * MIB


# --- faults of our own ----------------------------------------------------------------------


async def test_a_fault_in_the_core_is_owned_up_to_by_every_way_in(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    async with town.bot() as life:
        await order(town)
        await life.work()

        async def breaks(asked: Invocation) -> Reply:
            raise ZeroDivisionError

        life.chat._counter.open(breaks)
        form = await town.ana.slash(town.channel, "sora compose")
        for asked in (
            await town.ana.slash(town.channel, "sora jobs"),
            await town.ana.press(town.card(), "Details"),
            await town.ana.submit(form.modal, prompt="a kite"),
            await town.ana.message_menu(town.card(), "Video details"),
        ):
            assert "A fault in the bot kept it from finishing this" in (await asked.answer()).text
        assert town.server.token not in caplog.text


async def test_a_bot_that_stops_says_so_and_finishes_what_it_began(town: Town) -> None:
    async with town.bot() as life:
        held = town.server.faults.hold("PATCH /webhooks/**", after=False)
        asked = await town.ana.slash(town.channel, "sora create", prompt="a kite")
        await held.reached.wait()
        stopping = asyncio.create_task(life.chat.aclose())
        await asyncio.sleep(0)
        held.release()
        await stopping
        assert "Accepted" in plain_text(await asked.answer())


# --- restarts -------------------------------------------------------------------------------


async def test_a_restart_while_it_renders_loses_nothing(town: Town) -> None:
    async with town.bot() as life:
        await order(town)
        await life.work()
    town.world.provider.finish()
    async with town.bot() as life:
        await life.wait(10_000)
        assert (len(town.cards()), len(town.videos())) == (1, 1)
        assert town.world.provider.posts == 1
        assert await done(life)
        pressed = await town.ben.press(town.videos()[0], "Details")
        assert "a kite" in (await pressed.answer()).text


async def test_a_form_that_an_earlier_life_opened_can_be_sent(town: Town) -> None:
    async with town.bot():
        asked = await town.ana.slash(town.channel, "sora compose")
    async with town.bot() as life:
        await (await town.ana.submit(asked.modal, prompt="a late kite")).answer()
        assert [job.spec.prompt for job in await life.jobs()] == ["a late kite"]


async def test_a_bot_that_dies_between_upload_and_record_posts_nothing_twice(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        await order(town)
        await dies_before_noting(life)
    assert (len(town.cards()), len(town.videos())) == (1, 1)
    async with town.bot() as life:
        await life.wait(10_000)
        assert (len(town.cards()), len(town.videos())) == (1, 1)
        assert await done(life)


async def test_hours_later_the_message_is_found_by_its_mark(town: Town) -> None:
    town.world.provider.instant = True
    async with town.bot() as life:
        await order(town)
        await dies_before_noting(life)
    for message in town.ours():
        message.nonce = None
    town.world.clock.advance(3_600_000)
    async with town.bot() as life:
        await life.wait(10_000)
        assert (len(town.cards()), len(town.videos())) == (1, 1)
        assert await done(life)


async def test_buttons_of_an_earlier_life_still_work(town: Town) -> None:
    async with town.bot() as life:
        await order(town)
        await life.work()
    async with town.bot() as life:
        pressed = await town.ana.press(town.card(), "Cancel")
        await pressed.answer()
        await life.wait(2_000)
        assert [job.state for job in await life.jobs()] == [S.CANCELLED]


# --- the line itself --------------------------------------------------------------------------


async def test_after_a_reconnect_people_are_served_as_before(town: Town) -> None:
    async with town.bot() as life:
        town.server.gateway.reconnect()
        await town.server.until(lambda: town.server.gateway.resumes)
        await order(town)
        assert len(await life.jobs()) == 1


async def test_after_a_lost_session_people_are_served_as_before(town: Town) -> None:
    async with town.bot() as life:
        town.server.gateway.invalidate()
        await town.server.until(lambda: town.server.gateway.identifies == 2)
        await order(town)
        assert len(await life.jobs()) == 1


async def test_a_client_that_ends_is_followed_by_another(town: Town) -> None:
    async with town.bot() as life:
        town.server.world.news.tell("GUILD_ROLE_CREATE", {"guild_id": "no number"}, None)
        await town.server.until(lambda: not life.chat.ready)
        while not life.chat.ready:
            life.core.clock.advance(1_000)
            await asyncio.sleep(0.01)
        await order(town)
        assert len(await life.jobs()) == 1


async def test_commands_are_told_to_discord_once(town: Town) -> None:
    for _ in range(2):
        async with town.bot():
            pass
    assert len(town.server.find("PUT /applications/*/commands")) == 1
