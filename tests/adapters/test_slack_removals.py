"""What it takes to take a message back from Slack: the message and its file, each by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.platform import SlackChat
from adapters.slack.shown import NotThereYet
from adapters.slack.workspaces import tenant_of
from bot.domain.messages import Message, VideoFile
from bot.domain.refs import MessageRef, Place
from bot.errors import ChatBusy, ChatError, ChatForbidden, ChatGone
from tests.fakes.slack_bot import Office
from tests.fakes.slack_server.files import File
from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.server import SlackServer

__all__ = ["slack_server"]


@pytest.fixture
async def office(slack_server: SlackServer, tmp_path: Path) -> AsyncIterator[Office]:
    slack_server.files.share_delay = 0
    yield Office(slack_server, tmp_path)
    assert slack_server.violations == []


@pytest.fixture
def result(tmp_path: Path) -> Message:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"a clip")
    return Message((("Ready",),), video=VideoFile(clip, "clip.mp4", 6, 640, 360, 4000, None, None))


def place(office: Office) -> Place:
    return Place(tenant_of(office.ana.team_id), office.channel.id)


async def posted(office: Office, chat: SlackChat, result: Message) -> tuple[MessageRef, File]:
    """A message with a video that stands in the channel."""
    ref = await chat.post(place(office), result, "result/1")
    await office.server.until(office.videos)
    return ref, office.videos()[0].files[0]


async def test_a_file_outlives_its_message_until_it_is_removed_too(
    office: Office, result: Message
) -> None:
    async with office.bot() as life:
        ref, file = await posted(office, life.chat, result)
        office.server.faults.fail("files.delete", 503)
        with pytest.raises(ChatError):
            await life.chat.remove(ref)
        assert (office.ours(), file.deleted) == ([], False)
    async with office.bot() as life:
        await life.chat.remove(ref)
        assert file.deleted


async def test_a_removal_whose_answer_was_lost_is_done_again(
    office: Office, result: Message
) -> None:
    async with office.bot() as life:
        ref, file = await posted(office, life.chat, result)
        for method in ("chat.delete", "files.delete"):
            office.server.faults.reset(method, after=True)
            with pytest.raises(ChatError):
                await life.chat.remove(ref)
        await life.chat.remove(ref)
        assert (office.ours(), file.deleted) == ([], True)


async def test_a_busy_slack_removes_nothing_and_says_when_to_come_back(
    office: Office, result: Message
) -> None:
    async with office.bot() as life:
        ref, file = await posted(office, life.chat, result)
        office.server.faults.throttle("chat.delete", 7)
        with pytest.raises(ChatBusy) as busy:
            await life.chat.remove(ref)
        assert busy.value.retry_after_ms == 7_000
        assert (len(office.ours()), file.deleted) == (1, False)


async def test_the_file_of_a_message_that_somebody_else_deleted_is_removed(
    office: Office, result: Message
) -> None:
    async with office.bot() as life:
        ref, file = await posted(office, life.chat, result)
        office.mara.deletes(office.videos()[0])
        await life.chat.remove(ref)
        assert file.deleted


async def test_a_file_that_slack_shows_nowhere_any_more_is_removed(
    office: Office, result: Message
) -> None:
    async with office.bot() as life:
        ref, file = await posted(office, life.chat, result)
        await life.chat.edit(ref, Message((("Ready",),)))
    office.mara.deletes(office.videos()[0])
    file.public.clear()
    async with office.bot() as life:
        await removed(office, life.chat, ref)
        assert file.deleted


async def removed(office: Office, chat: SlackChat, ref: MessageRef) -> None:
    """Time passes while Slack is asked where the file stands."""
    removing = asyncio.create_task(chat.remove(ref))
    while not removing.done():
        office.world.clock.advance(100)
        await asyncio.wait([removing], timeout=0.02)
    await removing


async def test_a_file_that_is_not_on_show_yet_is_kept_until_its_message_is_known(
    office: Office, result: Message
) -> None:
    office.server.files.share_delay = 60
    async with office.bot() as life:
        ref = await life.chat.post(place(office), result, "result/1")
        with pytest.raises(NotThereYet):
            await removed(office, life.chat, ref)
        (file,) = office.server.world.shelf.files.values()
        assert not file.deleted


async def test_in_an_archived_channel_the_file_goes_and_the_words_have_to_stay(
    office: Office, result: Message
) -> None:
    async with office.bot() as life:
        ref, file = await posted(office, life.chat, result)
        office.channel.archived = True
        with pytest.raises(ChatGone):
            await life.chat.remove(ref)
        assert file.deleted


async def test_where_slack_forbids_it_the_file_goes_all_the_same(
    office: Office, result: Message
) -> None:
    async with office.bot() as life:
        ref, file = await posted(office, life.chat, result)
        office.server.faults.refuse("chat.delete", "cant_delete_message")
        with pytest.raises(ChatForbidden):
            await life.chat.remove(ref)
        assert file.deleted


async def test_a_channel_that_is_gone_has_no_messages(office: Office, result: Message) -> None:
    async with office.bot() as life:
        ref, file = await posted(office, life.chat, result)
        office.server.faults.refuse("chat.delete", "channel_not_found")
        await life.chat.remove(ref)
        assert file.deleted


async def test_what_was_removed_can_be_posted_again(office: Office, result: Message) -> None:
    async with office.bot() as life:
        ref, _ = await posted(office, life.chat, result)
        await life.chat.remove(ref)
        second = await life.chat.post(place(office), result, "result/1", again=True)
        (video,) = await office.server.until(office.videos)
        assert second != ref
        assert [file.id for file in video.files] == [second.id]


async def test_replies_outlive_the_message_that_they_stand_under(
    office: Office, result: Message
) -> None:
    async with office.bot() as life:
        ref, _ = await posted(office, life.chat, result)
        thread = await life.chat.open_thread(ref, "")
        reply = await life.chat.post(thread, Message((("Hello",),)), "card/2")
        await life.chat.remove(ref)
        assert [one.text for one in office.ours()] == ["Hello"]
        await life.chat.remove(reply)
        assert office.ours() == []
