"""What goes wrong between the bot and Slack: nothing is lost, nothing is there twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.chats.room import LET_IN
from adapters.slack import platform
from adapters.slack.workspaces import tenant_of
from bot import wording
from bot.domain.jobs import JobState
from bot.domain.messages import Attachment, Invocation, Reply
from bot.domain.messages import Message as Said
from bot.domain.refs import Place
from bot.errors import ConfigError
from bot.services.line import Allowed
from tests.fakes.core import ALLOWANCE, PRICE
from tests.fakes.core import Options as CoreOptions
from tests.fakes.slack_bot import Life, Office
from tests.fakes.slack_server import sockets
from tests.fakes.slack_server.asked import Asked
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.faults import Faults
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.server import SlackServer

S = JobState
POST, EDIT = "chat.postMessage", "chat.update"
ANNOUNCE, UPLOAD, COMPLETE = (
    "files.getUploadURLExternal",
    "upload",
    "files.completeUploadExternal",
)
OPEN_LINE = "apps.connections.open"
WAITING = CoreOptions(allowed=Allowed(slots=0))
"""Nothing is let through: what is ordered waits."""
MIB = 2**20


@pytest.fixture
def wired(slack_server: SlackServer, tmp_path: Path) -> Office:
    """A workspace that reaches the bot by lines, for what is the same in either way."""
    return Office(slack_server, tmp_path)


async def order(office: Office, prompt: str = "a kite", channel: Channel | None = None) -> Asked:
    asked = await office.ana.slash(channel or office.channel, "/sora", prompt)
    await asked.answer()
    return asked


async def states(life: Life) -> list[JobState]:
    return [job.state for job in await life.jobs()]


async def came_once(life: Life, office: Office) -> None:
    """One card, one video, one job that is done and paid for."""
    await office.server.until(office.videos)
    assert (len(office.cards()), len(office.videos())) == (1, 1)
    assert await states(life) == [S.DONE]
    assert office.world.provider.posts == 1
    assert await life.core.purse(office.as_person(office.ana)) == (ALLOWANCE - PRICE, 0)


async def dies_at(life: Life, office: Office, method: str) -> None:
    """Slack has done what it was asked for, and the bot ends before it knows."""
    held = office.server.faults.hold(method)
    living = asyncio.create_task(life.live())
    await held.reached.wait()
    living.cancel()
    await life.core.announcer._lanes.stop(0)
    await asyncio.gather(living, return_exceptions=True)
    held.release()


@asynccontextmanager
async def an_address_elsewhere() -> AsyncGenerator[tuple[str, list[bytes]]]:
    """A server that is not Slack's: its address, and what came there."""
    came: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", came


# --- uploads --------------------------------------------------------------------------------


def go_wrong(faults: Faults, step: str, how: str, times: int) -> None:
    """`how` is a status or a word of Slack's; with ``after`` at its end the step took effect."""
    what, _, when = how.partition(" ")
    after = when == "after"
    if what == "reset":
        faults.reset(step, after=after, times=times)
    elif what == "429":
        faults.throttle(step, 7, times=times)
    elif what.isdigit():
        faults.fail(step, int(what), after=after, times=times)
    else:
        faults.refuse(step, what, after=after, times=times)


@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize(
    "how", ["429", "500", "503", "503 after", "reset", "reset after", "internal_error"]
)
@pytest.mark.parametrize("step", [ANNOUNCE, UPLOAD, COMPLETE])
async def test_an_upload_that_goes_wrong_in_any_step_is_one_video_in_the_end(
    wired: Office, step: str, how: str, times: int
) -> None:
    wired.world.provider.instant = True
    async with wired.bot() as life:
        await order(wired)
        go_wrong(wired.server.faults, step, how, times)
        await life.live(60_000)
        await came_once(life, wired)
        assert wired.server.faults.all[0].times < times


async def test_a_line_that_breaks_in_the_middle_of_a_large_upload_costs_nothing(
    wired: Office,
) -> None:
    wired.world.provider.instant = True
    wired.world.provider.video = b"x" * (8 * MIB)
    async with wired.bot() as life:
        await order(wired)
        wired.server.faults.reset(UPLOAD)
        await life.live(10_000)
        await came_once(life, wired)
        assert wired.videos()[0].files[0].size > 8 * MIB


async def test_bytes_that_slack_counts_otherwise_are_sent_again(wired: Office) -> None:
    wired.world.provider.instant = True
    async with wired.bot() as life:
        await order(wired)
        wired.server.faults.refuse(UPLOAD, "bad_length")
        await life.live(10_000)
        await came_once(life, wired)


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_an_upload_that_slack_forgot_begins_anew(wired: Office, times: int) -> None:
    wired.world.provider.instant = True
    async with wired.bot() as life:
        await order(wired)
        wired.server.faults.refuse(COMPLETE, "file_not_found", times=times)
        await life.live(30_000)
        await came_once(life, wired)


async def test_a_busy_last_step_is_done_later_with_the_bytes_that_slack_has(wired: Office) -> None:
    wired.world.provider.instant = True
    async with wired.bot() as life:
        await order(wired)
        wired.server.faults.throttle(COMPLETE, 7)
        await life.live(20_000)
        await came_once(life, wired)
        assert len(wired.server.find(UPLOAD)) == 1


async def test_while_slack_takes_no_upload_at_all_the_video_waits(wired: Office) -> None:
    wired.world.provider.instant = True
    async with wired.bot() as life:
        await order(wired)
        wired.server.faults.fail(ANNOUNCE, 503, times=1_000)
        await life.live(40_000)
        assert wired.videos() == []
        assert await states(life) == [S.DELIVERING]
        wired.server.faults.all.clear()
        await life.live(60_000)
        await came_once(life, wired)


@pytest.mark.parametrize("step", [ANNOUNCE, COMPLETE])
@pytest.mark.parametrize(
    "word, why",
    [
        ("storage_limit_reached", wording.SLACK_STORAGE_FULL),
        ("file_uploads_disabled", wording.SLACK_FILES_OFF),
        ("file_uploads_except_images_disabled", wording.SLACK_FILES_OFF),
        ("file_upload_size_restricted", wording.SLACK_FILE_TOO_LARGE),
        ("file_type_not_allowed", wording.SLACK_NO_SUCH_FILES),
        ("slack_connect_file_upload_sharing_blocked", wording.SLACK_FILES_OFF_OUTSIDE),
    ],
)
async def test_where_no_file_can_be_there_are_words_and_a_link(
    wired: Office, word: str, why: str, step: str
) -> None:
    wired.world.provider.instant = True
    async with wired.bot() as life:
        await order(wired)
        wired.server.faults.refuse(step, word, times=1_000)
        await life.live(5_000)
        card, said = wired.cards()
        assert card.text.startswith("Done")
        assert why in said.text
        assert said.buttons[wording.WATCH]["url"].startswith("http://bot/media/")
        assert await states(life) == [S.DONE]
        assert wired.videos() == []


async def test_where_no_picture_can_be_there_is_what_it_shows_in_words(wired: Office) -> None:
    picture = Attachment("tree.png", b"a tree", "image/png", "Two stills and an arrow")
    async with wired.bot() as life:
        wired.server.faults.refuse(COMPLETE, "file_uploads_disabled", times=1_000)
        place = Place(tenant_of(wired.ana.team_id), wired.channel.id)
        message = Said((("Remixes",),), attachments=(picture,))
        await life.chat.post(place, message, "tree/1")
        [said] = wired.ours()
        assert said.text.splitlines()[:2] == ["Remixes", picture.alt]
        assert wording.SLACK_FILES_OFF in said.text
        assert said.files == []


@pytest.mark.parametrize("how", ["503 after", "reset after"])
async def test_the_words_in_place_of_a_file_are_there_once(wired: Office, how: str) -> None:
    wired.world.provider.instant = True
    async with wired.bot() as life:
        await order(wired)
        await life.work()
        wired.server.faults.refuse(COMPLETE, "storage_limit_reached", times=1_000)
        go_wrong(wired.server.faults, POST, how, 1)
        await life.live(20_000)
        assert len(wired.cards()) == 2
        assert await states(life) == [S.DONE]


async def test_a_video_that_slack_shows_late_is_linked_by_its_file(wired: Office) -> None:
    wired.world.provider.instant = True
    wired.server.files.share_delay = 60
    async with wired.bot() as life:
        await order(wired)
        await life.live(10_000)
        file = wired.server.find(COMPLETE)[0].args["files"][0]["id"]
        assert f"/files/{wired.server.bot.id}/{file}/" in str(wired.card().blocks)
        assert await states(life) == [S.DONE]


async def test_a_remix_of_a_video_that_slack_shows_late_waits_for_it(wired: Office) -> None:
    wired.world.provider.instant = True
    async with wired.bot() as life:
        await order(wired)
        wired.server.files.share_delay = 1
        await life.live(5_000)
        (job,) = await life.jobs()
        await order(wired, f"remix {job.id} at night")
        await life.live(5_000)
        (video,) = await wired.server.until(wired.videos)
        wired.server.files.share_delay = 0
        await life.live(60_000)
        await wired.server.until(lambda: any(reply.files for reply in video.replies))
        assert len(wired.videos()) == 2


async def test_an_address_for_uploads_that_is_not_slacks_gets_nothing(wired: Office) -> None:
    wired.world.provider.instant = True
    async with an_address_elsewhere() as (url, came), wired.bot() as life:
        await order(wired)
        wired.server.files.base = url
        await life.live(10_000)
        assert wired.server.find(ANNOUNCE)
        assert came == []
        wired.server.files.base = wired.server.url
        await life.live(60_000)
        await came_once(life, wired)


# --- too many calls -------------------------------------------------------------------------


def prompts(messages: Sequence[Message]) -> list[str]:
    """Which of our orders they are about."""
    return [one.text.split("kite ")[1].split()[0] for one in messages]


@pytest.mark.parametrize("times", [1, 3])
async def test_a_busy_channel_holds_up_no_other_and_keeps_the_order_of_its_cards(
    wired: Office, times: int
) -> None:
    elsewhere = wired.server.channel("elsewhere")
    async with wired.bot(WAITING) as life:
        for number in range(4):
            await order(wired, f"kite {number}")
            life.core.clock.advance(10)
        wired.server.faults.throttle(POST, 30, times=times)
        await life.live(5_000)
        wired.server.faults.all[0].times, left = 0, wired.server.faults.all[0].times
        await order(wired, "kite 9", elsewhere)
        await life.live(5_000)
        assert (len(wired.cards()), len(wired.cards(elsewhere))) == (0, 1)
        assert len(wired.server.find(POST)) == 2
        wired.server.faults.all[0].times = left
        await life.live(30_000 * times + 10_000)
        assert prompts(wired.cards()) == ["0", "1", "2", "3"]


async def test_busy_edits_hold_up_no_video_and_the_last_word_comes(wired: Office) -> None:
    async with wired.bot() as life:
        await order(wired)
        await life.live(2_000)
        wired.server.faults.throttle(EDIT, 60)
        wired.world.provider.now(S.RENDERING, 48)
        await life.live(10_000)
        wired.world.provider.finish()
        await life.live(10_000)
        await wired.server.until(wired.videos)
        assert not wired.card().text.startswith("Done")
        assert len(wired.server.find(EDIT)) == 1
        await life.live(60_000)
        assert wired.card().text.startswith("Done")
        await came_once(life, wired)


async def test_a_busy_users_info_keeps_nobody_from_ordering(office: Office) -> None:
    office.server.faults.throttle("users.info", 30, times=100)
    async with office.bot(WAITING) as life:
        await order(office)
        assert len(await life.jobs()) == 1


async def test_a_form_that_a_busy_slack_does_not_open_says_so(office: Office) -> None:
    async with office.bot():
        office.server.faults.throttle("views.open", 30)
        asked = await office.ana.slash(office.channel, "/sora")
        assert (await asked.answer()).text == wording.SLACK_NO_FORM
        again = await office.ana.slash(office.channel, "/sora")
        assert (await again.dialog()).blocks


# --- posting --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["429", "503", "503 after", "reset", "reset after", "fatal_error"])
async def test_a_card_that_goes_wrong_is_there_once(wired: Office, how: str) -> None:
    wired.world.provider.instant = True
    async with wired.bot() as life:
        await order(wired)
        go_wrong(wired.server.faults, POST, how, 2)
        await life.live(60_000)
        await came_once(life, wired)
        assert wired.card().text.startswith("Done")


async def test_a_deleted_card_is_let_go_and_the_video_still_comes(wired: Office) -> None:
    async with wired.bot() as life:
        await order(wired)
        await life.work()
        wired.server.world.remove(wired.channel, wired.card())
        wired.world.provider.finish()
        await life.live(10_000)
        await wired.server.until(wired.videos)


async def test_an_archived_channel_sends_the_video_to_its_owner(wired: Office) -> None:
    async with wired.bot() as life:
        await order(wired)
        await life.work()
        wired.channel.archived = True
        wired.world.provider.finish()
        await life.live(10_000)
        await wired.server.until(lambda: wired.videos(wired.ana.direct))
        assert await states(life) == [S.DONE]


# --- answers --------------------------------------------------------------------------------


async def test_an_answer_after_half_an_hour_is_given_by_name(office: Office) -> None:
    async with office.bot(WAITING):
        held = office.server.faults.hold("users.info", after=False)
        asked = await office.ana.slash(office.channel, "/sora", "a kite")
        await held.reached.wait()
        asked.expire()
        held.release()
        (answer,) = await office.server.until(lambda: office.ana.ephemerals)
        assert "80 credits held" in answer.text
        assert asked.messages == []


@pytest.mark.parametrize("how", ["503", "reset", "429"])
async def test_an_answer_that_the_address_does_not_take_is_given_by_name(
    wired: Office, how: str
) -> None:
    async with wired.bot(WAITING):
        go_wrong(wired.server.faults, "response_url", how, 1)
        await wired.ana.slash(wired.channel, "/sora", "a kite")
        (answer,) = await wired.server.until(lambda: wired.ana.ephemerals)
        assert "80 credits held" in answer.text


async def test_an_address_for_answers_that_is_not_slacks_gets_nothing(office: Office) -> None:
    async with an_address_elsewhere() as (url, came), office.bot(WAITING):
        office.server.interactions.response_base = f"{url}/response/"
        await office.ana.slash(office.channel, "/sora", "a kite")
        (answer,) = await office.server.until(lambda: office.ana.ephemerals)
        assert "80 credits held" in answer.text
        assert came == []


async def test_an_answer_that_cannot_be_shown_loses_no_order(office: Office) -> None:
    async with office.bot(WAITING) as life:
        office.server.faults.fail("response_url", 500)
        office.server.faults.refuse("chat.postEphemeral", "user_not_in_channel")
        await office.ana.slash(office.channel, "/sora", "a kite")
        await office.server.until(lambda: office.server.find("chat.postEphemeral"))
        await life.work()
        assert len(office.cards()) == 1


async def test_a_command_that_slack_thinks_lost_is_one_job(office: Office) -> None:
    async with office.bot(WAITING) as life:
        office.server.post.ack_within = 0.2
        async with office.turn.of_others():
            asked = await office.ana.slash(office.channel, "/sora", "a kite")
        assert "operation_timeout" in asked.failed
        await office.server.until(lambda: asked.messages)
        assert len(await life.jobs()) == 1


async def test_a_mention_that_is_taken_late_and_told_again_is_one_job(office: Office) -> None:
    async with office.bot(WAITING) as life:
        office.server.post.ack_within = 0.2
        office.server.events.delays = (0.0, 0.3, 0.3)
        async with office.turn.of_others():
            office.ana.mention(office.channel, "a kite")
            told = office.server.events.told
            await office.server.until(lambda: told and all(len(one.results) > 1 for one in told))
        await office.server.until(lambda: all(one.taken for one in office.server.events.told))
        await office.server.until(lambda: office.ana.ephemerals)
        await life.work()
        assert len(await life.jobs()) == 1
        assert len(office.ana.ephemerals) == 1


# --- lines ----------------------------------------------------------------------------------


async def test_no_command_is_lost_while_lines_are_renewed(wired: Office) -> None:
    async with wired.bot(WAITING) as life:
        await wired.server.until(lambda: len(wired.server.sockets.lines) == 2)
        asking: list[asyncio.Task[Asked]] = []
        for number in range(24):
            if number % 8 == 4:
                await wired.server.sockets.lines[0].say_goodbye()
            asking.append(asyncio.create_task(wired.ana.slash(wired.channel, "/sora", "a kite")))
            await asyncio.sleep(0)
        for asked in await asyncio.gather(*asking):
            assert not asked.failed
            await asked.answer()
        assert len(await life.jobs()) == 24
        await wired.server.until(lambda: life.chat._lines and life.chat._lines.up == 2)


async def test_no_command_is_lost_when_a_line_is_cut(wired: Office) -> None:
    async with wired.bot(WAITING) as life:
        await wired.server.until(lambda: len(wired.server.sockets.lines) == 2)
        asking = [
            asyncio.create_task(wired.ana.slash(wired.channel, "/sora", "a kite"))
            for _ in range(20)
        ]
        await asyncio.sleep(0)
        await wired.server.sockets.lines[0].cut()
        for asked in await asyncio.gather(*asking):
            assert not asked.failed
            await asked.answer()
        assert len(await life.jobs()) == 20
        await wired.server.until(lambda: len(wired.server.sockets.lines) == 2)


@pytest.mark.parametrize("nonsense", ["{no JSON", "[1]", "Hello", "[" * 100_000])
async def test_nonsense_on_a_line_holds_nobody_up(wired: Office, nonsense: str) -> None:
    async with wired.bot(WAITING, sockets=1) as life:
        await wired.server.until(lambda: wired.server.sockets.lines)
        await wired.server.sockets.lines[0].socket.send_str(nonsense)
        await order(wired)
        assert len(await life.jobs()) == 1
        assert wired.server.sockets.opened == 1


async def test_what_the_only_line_cannot_answer_is_answered_on_the_next(wired: Office) -> None:
    async with wired.bot(WAITING, sockets=1) as life:
        await wired.server.until(lambda: wired.server.sockets.lines)
        async with wired.turn.of_others():
            asking = asyncio.create_task(wired.ana.slash(wired.channel, "/sora", "a kite"))
            await wired.server.until(lambda: wired.server.sockets.lines[0].carried)
            await wired.server.sockets.lines[0].cut()
        asked = await asking
        assert not asked.failed
        await asked.answer()
        assert asked.acked
        assert asked.acked.line == 1
        assert len(await life.jobs()) == 1


async def test_a_line_too_many_is_tried_again_calmly(
    wired: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MOST", 1)
    async with wired.bot(WAITING) as life:
        await wired.server.until(lambda: wired.server.sockets.opened >= 4)
        first, last = wired.server.find(OPEN_LINE)[1::2][:2]
        assert last.at - first.at > 0.2
        await order(wired)
        assert len(await life.jobs()) == 1
        monkeypatch.setattr(sockets, "MOST", 10)
        await wired.server.until(lambda: len(wired.server.sockets.lines) == 2)


async def test_without_any_line_for_a_while_the_bot_says_so_and_comes_back(wired: Office) -> None:
    async with wired.bot(WAITING) as life:
        await wired.server.until(lambda: len(wired.server.sockets.lines) == 2)
        wired.server.faults.fail(OPEN_LINE, 503, times=4)
        for line in [*wired.server.sockets.lines]:
            await line.cut()
        await wired.server.until(lambda: not wired.server.sockets.lines)
        assert "dispatch_failed" in (await wired.ana.slash(wired.channel, "/sora", "x")).failed
        await wired.server.until(lambda: not life.chat.ready)
        assert await life.chat.check() == (
            wording.HEALTH_SLACK,
            wording.slack_line((0, 2), known=True),
            False,
        )
        await wired.server.until(lambda: life.chat.ready)
        await order(wired)
        assert len(await life.jobs()) == 1


# --- starting -------------------------------------------------------------------------------


async def test_a_wrong_app_token_is_told_at_the_start(wired: Office) -> None:
    wired.server.app_token = "xapp-of-another"
    with pytest.raises(ConfigError, match="does not accept SORA_SLACK_APP_TOKEN"):
        async with wired.bot():
            pass


@pytest.mark.parametrize("word", ["invalid_auth", "account_inactive"])
async def test_a_wrong_bot_token_is_told_at_the_start(office: Office, word: str) -> None:
    office.server.faults.refuse("auth.test", word)
    with pytest.raises(ConfigError, match="does not accept SORA_SLACK_BOT_TOKEN"):
        async with office.bot():
            pass


@pytest.mark.parametrize("how", ["503", "reset", "429", "internal_error"])
async def test_a_slack_that_is_away_at_the_start_is_served_when_it_is_back(
    office: Office, how: str
) -> None:
    go_wrong(office.server.faults, "auth.test", how, 1)
    if how != "429":
        # The library waits as long as Slack says, in real seconds.
        go_wrong(office.server.faults, OPEN_LINE, how, 3)
    async with office.bot(WAITING) as life:
        await order(office)
        await life.work()
        assert len(office.cards()) == 1
        assert (await life.chat.check())[2]


async def test_a_command_that_comes_while_slack_is_away_is_answered_when_it_is_back(
    office: Office,
) -> None:
    office.server.faults.fail("auth.test", 503, times=4)
    async with office.bot(WAITING) as life:
        asked = await office.ana.slash(office.channel, "/sora", "a kite")
        assert asked.acked
        await life.live(10_000)
        assert await life.jobs() == ()
        await life.live(10_000)
        assert "80 credits held" in (await asked.answer()).text
        assert len(await life.jobs()) == 1


async def test_a_command_to_a_bot_whose_token_is_gone_orders_nothing_and_says_so(
    office: Office,
) -> None:
    async with office.bot(WAITING) as life:
        office.server.gate.revoked = True
        life.chat._workspaces.forget(office.server.home.id)
        asked = await office.ana.slash(office.channel, "/sora", "a kite")
        assert wording.SLACK_SILENT in (await asked.answer()).text
        assert await life.jobs() == ()


# --- tokens ---------------------------------------------------------------------------------


async def test_after_a_revoked_token_all_goes_out_with_the_next_one(office: Office) -> None:
    async with office.bot() as life:
        await order(office)
        await life.work()
        office.server.revoke()
        await office.server.until(lambda: not life.chat._workspaces.known)
        office.world.provider.finish()
        await life.live(10_000)
        name, words, fine = await life.chat.check()
        assert (name, fine) == ("Slack", False)
        assert "takes no token of ours" in words
        assert await states(life) == [S.DELIVERING]
    office.server.home.install()
    office.world.clock.advance(120_000)
    async with office.bot() as life:
        await life.live(10_000)
        await came_once(life, office)
        assert office.card().text.startswith("Done")


async def test_a_token_that_slack_refuses_without_a_word_is_noticed(wired: Office) -> None:
    async with wired.bot() as life:
        await order(wired)
        await life.work()
        wired.server.gate.revoked = True
        wired.world.provider.finish()
        await life.live(10_000)
        assert not (await life.chat.check())[2]
        assert await states(life) == [S.DELIVERING]
        wired.server.gate.revoked = False
        await life.live(70_000)
        await came_once(life, wired)
        assert (await life.chat.check())[2]


# --- restarts -------------------------------------------------------------------------------


async def test_a_restart_while_it_renders_loses_nothing(office: Office) -> None:
    async with office.bot() as life:
        await order(office)
        await life.work()
    office.world.provider.finish()
    async with office.bot() as life:
        await life.live(10_000)
        await came_once(life, office)
        pressed = await office.ben.press(office.videos()[0], "Details")
        assert "a kite" in (await pressed.answer()).text


async def test_a_bot_that_dies_before_its_card_is_noted_finds_it_by_its_mark(
    office: Office,
) -> None:
    async with office.bot() as life:
        await order(office)
        await dies_at(life, office, POST)
    assert len(office.cards()) == 1
    office.world.provider.finish()
    async with office.bot() as life:
        await life.live(30_000)
        await came_once(life, office)
        assert office.card().text.startswith("Done")


async def test_without_the_right_to_read_there_is_one_more_card_at_most(wired: Office) -> None:
    wired.server.gate.scopes.remove("channels:history")
    async with wired.bot() as life:
        await order(wired)
        await dies_at(life, wired, POST)
    wired.world.provider.finish()
    async with wired.bot() as life:
        await life.live(30_000)
        await wired.server.until(wired.videos)
        assert (len(wired.cards()), len(wired.videos())) == (2, 1)
        assert await states(life) == [S.DONE]


async def test_a_bot_that_dies_before_its_video_is_noted_knows_its_file(office: Office) -> None:
    async with office.bot() as life:
        await order(office)
        await life.live(2_000)
        office.world.provider.finish()
        await dies_at(life, office, COMPLETE)
    await office.server.until(office.videos)
    async with office.bot() as life:
        await life.live(30_000)
        await came_once(life, office)
        assert len(office.server.find(UPLOAD)) == 1


async def test_a_bot_that_dies_between_upload_and_last_step_takes_it_up_there(
    wired: Office,
) -> None:
    wired.world.provider.instant = True
    wired.server.faults.refuse(COMPLETE, "fatal_error", times=1_000)
    async with wired.bot() as life:
        await order(wired)
        await life.live(3_000)
    uploads = len(wired.server.find(UPLOAD))
    wired.server.faults.all.clear()
    async with wired.bot() as life:
        await life.live(60_000)
        await came_once(life, wired)
        assert len(wired.server.find(UPLOAD)) == uploads == 1


async def left_in_the_middle(office: Office, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """A life that takes a command, and ends before it knows who asked."""
    monkeypatch.setattr(platform, "PATIENCE", 0.05)
    async with office.bot() as life:
        held = office.server.faults.hold("users.info", after=False)
        asked = await office.ana.slash(office.channel, "/sora", "a kite")
        await held.reached.wait()
        assert await life.jobs() == ()
    held.release()
    assert asked.acked
    assert not asked.messages
    return asked


async def test_what_was_taken_and_not_answered_is_answered_after_a_restart(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await left_in_the_middle(office, monkeypatch)
    async with office.bot(WAITING) as life:
        assert "80 credits held" in (await asked.answer()).text
        assert len(await life.jobs()) == 1
    async with office.bot(WAITING) as life:
        await life.work()
        assert len(await life.jobs()) == len(asked.messages) == 1


async def never(asked: Invocation) -> Reply:
    """A core that is too busy to answer in this life."""
    del asked
    await asyncio.Event().wait()
    raise AssertionError


async def test_who_still_stood_in_line_is_answered_once_after_a_restart(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "PATIENCE", 0.05)
    office.answer = never
    async with office.bot():
        rush = [office.ana.slash(office.channel, "/sora", f"kite {n}") for n in range(LET_IN + 5)]
        asked = await asyncio.gather(*rush)
    assert all(one.acked and not one.messages for one in asked)
    office.answer = None
    async with office.bot(WAITING) as life:
        for one in asked:
            await one.answer()
        assert len(await life.jobs()) > 1
    async with office.bot(WAITING) as life:
        await life.work()
        assert [len(one.messages) for one in asked] == [1] * len(asked)


async def test_what_was_taken_waits_for_a_slack_that_is_away_after_the_restart(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await left_in_the_middle(office, monkeypatch)
    office.server.faults.reset("auth.test", times=5)
    async with office.bot(WAITING) as life:
        await life.live(30_000)
        assert "80 credits held" in (await asked.answer()).text
        assert len(await life.jobs()) == 1


async def test_what_nobody_waits_for_any_more_is_let_go(
    wired: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await left_in_the_middle(wired, monkeypatch)
    wired.world.clock.advance(31 * 60_000)
    async with wired.bot(WAITING) as life:
        await order(wired, "a boat")
        assert [job.spec.prompt for job in await life.jobs()] == ["a boat"]
        assert asked.messages == []


async def test_a_bot_that_stops_finishes_what_it_began(office: Office) -> None:
    async with office.bot(WAITING) as life:
        held = office.server.faults.hold("response_url", after=False)
        asked = await office.ana.slash(office.channel, "/sora", "a kite")
        await held.reached.wait()
        stopping = asyncio.create_task(life.chat.aclose())
        await asyncio.sleep(0)
        held.release()
        await stopping
        assert "80 credits held" in (await asked.answer()).text


async def test_what_comes_while_the_bot_stops_waits_for_the_next_start(wired: Office) -> None:
    async with wired.bot(WAITING) as life:
        held = wired.server.faults.hold("response_url", after=False)
        await wired.ana.slash(wired.channel, "/sora", "a kite")
        await held.reached.wait()
        stopping = asyncio.create_task(life.chat.aclose())
        await asyncio.sleep(0)
        late = await wired.ben.slash(wired.channel, "/sora", "a boat")
        held.release()
        await stopping
        assert late.acked
        assert len(await life.jobs()) == 1
    async with wired.bot(WAITING) as life:
        assert "80 credits held" in (await late.answer()).text
        assert len(await life.jobs()) == 2


async def test_a_slack_that_says_no_goodbye_does_not_hold_up_a_stop(wired: Office) -> None:
    async with wired.bot() as life:
        for line in wired.server.sockets.lines:
            transport = line.socket._req and line.socket._req.transport
            assert transport
            transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(4):
            await life.chat.aclose()


async def test_buttons_and_forms_of_an_earlier_life_still_work(office: Office) -> None:
    async with office.bot(WAITING) as life:
        await order(office)
        await life.work()
        form = await (await office.ana.slash(office.channel, "/sora")).dialog()
    async with office.bot(WAITING) as life:
        await (await office.ana.press(office.card(), "Cancel")).answer()
        await office.ana.submit(form, Prompt="a late kite")
        assert form.closed
        assert [(job.spec.prompt, job.state) for job in await life.jobs()] == [
            ("a kite", S.CANCELLED),
            ("a late kite", S.WAITING),
        ]
