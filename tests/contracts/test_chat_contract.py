"""What every chat promises the core."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from discord.ui import TextDisplay
from starlette.applications import Starlette

from adapters.discord import render as discord_render
from adapters.discord.places import tenant_of
from adapters.slack import render as slack_render
from adapters.slack.workspaces import tenant_of as slack_tenant
from adapters.web import render
from adapters.web.handouts import Handouts
from adapters.web.platform import PEOPLE, TENANT, WebChat, channel
from adapters.web.routes import answers
from bot.domain.messages import (
    Attachment,
    Button,
    Code,
    Invocation,
    Message,
    Moment,
    Strong,
    Tone,
    VideoFile,
    plain,
)
from bot.domain.refs import MessageRef, Person, Place, Tenant
from bot.errors import ChatGone
from bot.ports import Answer, ChatPlatform, Said
from tests.fakes.chat import FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.discord_bot import Life, Town
from tests.fakes.discord_server.channels import Channel
from tests.fakes.discord_server.fixtures import running_discord
from tests.fakes.discord_server.interactions import Asked
from tests.fakes.reports import CONTENTS, report
from tests.fakes.slack_bot import Life as SlackLife
from tests.fakes.slack_bot import Office
from tests.fakes.slack_server.blocks import words
from tests.fakes.slack_server.channels import Channel as SlackChannel
from tests.fakes.slack_server.fixtures import running_slack
from tests.fakes.slack_server.messages import Message as SlackMessage
from tests.fakes.transcript import MemoryTranscript

ANA, BEN, _ = PEOPLE
HELLO = Message(lines=(("Hello",),))
CARD = Message(
    lines=(("Rendering · ready ", Moment(1_790_000_060_000)), (Strong("8 s"), Code("#k7qm"))),
    quote="a red kite <b>over</b> dunes",
    progress=40,
    buttons=(Button("Cancel", "cancel", {"job": "k7qm2x9d4t"}, danger=True),),
    tone=Tone.BUSY,
)


@dataclass(frozen=True)
class Chat:
    """A chat under test, with two people in it.

    `read` gives what a person finds there now, oldest first; `looks` how messages are found.
    `asks` lets Ana ask for something in the place, and ends when she has her answer; `answers`
    says what the core makes of it. `files` are all that a person can open anywhere, by name.
    `videos` are the names of those that the chat still has, on the screen or not.
    """

    platform: ChatPlatform
    place: Place
    read: Callable[[Person], Awaitable[Sequence[object]]]
    read_thread: Callable[[Place], Awaitable[Sequence[object]]]
    answers: Callable[[Answer], Awaitable[None]]
    asks: Callable[[], Awaitable[object]]
    files: Callable[[Person], Awaitable[dict[str, bytes]]]
    videos: Callable[[], Awaitable[Sequence[str]]]
    looks: Callable[..., Sequence[object]] = lambda *messages: list(messages)
    ana: Person = ANA
    ben: Person = BEN


@asynccontextmanager
async def web(tmp_path: Path) -> AsyncGenerator[Chat]:
    chat, held = WebChat(MemoryTranscript(), FakeClock()), Handouts()
    links: dict[str, list[str]] = {}

    async def read(person: Person) -> list[Message]:
        return [render.decode(said.body) for said in await chat.history(person)]

    async def asks() -> None:
        """As Ana's page does; other pages draw what is read there."""
        heard = await chat.type(ANA, channel(TENANT), "/sora quota")
        links[ANA.key] = [held.offer(file) for file in heard.reply.message.attachments]

    async def files(person: Person) -> dict[str, bytes]:
        site = httpx.ASGITransport(Starlette(routes=[answers(held)]))
        async with httpx.AsyncClient(transport=site, base_url="http://localhost") as http:
            got = [(link, await http.get(link)) for link in links.get(person.key, ())]
        posted = [file for message in await read(person) for file in message.attachments]
        whispered = {link.rpartition("/")[2]: answer.content for link, answer in got}
        return whispered | {file.name: file.content for file in posted}

    async def videos() -> list[str]:
        return _videos_of(await read(ANA))

    place = channel(TENANT)
    yield Chat(chat, place, read, lambda _: read(BEN), chat.serve, asks, files, videos)


@asynccontextmanager
async def fake(tmp_path: Path) -> AsyncGenerator[Chat]:
    chat = FakeChat()

    async def read(person: Person) -> list[Message]:
        own = f"dm-{person.id}"
        return [
            post.message
            for post in chat.posts.values()
            if not post.place.private or post.place.channel == own
        ]

    place = Place(TENANT, "studio")

    async def asks() -> None:
        await chat.ask(Invocation("quota", {}, ANA, place, "1"))

    async def files(person: Person) -> dict[str, bytes]:
        seen = [*await read(person), *chat.whispers.get(person.key, ())]
        return {file.name: file.content for one in seen for file in one.attachments}

    async def videos() -> list[str]:
        return _videos_of(await read(ANA))

    yield Chat(chat, place, read, lambda _: read(BEN), chat.serve, asks, files, videos)


def _videos_of(messages: Iterable[Message]) -> list[str]:
    return [one.video.filename for one in messages if one.video]


@asynccontextmanager
async def discord(tmp_path: Path) -> AsyncGenerator[Chat]:
    async with running_discord(tmp_path) as server:
        town = Town(server, tmp_path)
        async with town.bot() as life:
            yield on_discord(town, life)
    assert server.violations == []


def on_discord(town: Town, life: Life) -> Chat:
    """The studio's channel. A message looks as its text, its buttons and its file's name do."""

    def seen(channel: Channel) -> list[object]:
        return [
            (one.text, list(one.buttons), [file.name for file in one.files])
            for one in town.ours(channel)
        ]

    async def read(person: Person) -> list[object]:
        who = next(one for one in (town.ana, town.ben) if str(one.id) == person.id)
        return [*seen(town.channel), *seen(who.dm)]

    async def read_thread(place: Place) -> list[object]:
        return seen(town.server.world.channel(int(place.thread or place.channel)))

    def looks(*messages: Message) -> list[object]:
        return [_as_shown(message) for message in messages]

    asked: list[Asked] = []

    async def answers(answer: Answer) -> None:
        life.chat._counter.open(answer)

    async def asks() -> None:
        asked.append(await town.ana.slash(town.channel, "sora quota"))
        await asked[-1].answer()

    async def files(person: Person) -> dict[str, bytes]:
        who = next(one for one in (town.ana, town.ben) if str(one.id) == person.id)
        whispers = [one for each in asked for one in each.messages if one.only_for in {None, who}]
        seen = [*town.ours(town.channel), *town.ours(who.dm), *whispers]
        return {file.name: file.data for one in seen for file in one.files}

    async def videos() -> list[str]:
        seen = [one for each in town.server.world.channels.values() for one in town.ours(each)]
        return [file.name for one in seen for file in one.files]

    place = Place(tenant_of(town.studio.id), str(town.channel.id))
    people = [town.as_person(one) for one in (town.ana, town.ben)]
    return Chat(life.chat, place, read, read_thread, answers, asks, files, videos, looks, *people)


def _as_shown(message: Message) -> object:
    view = discord_render.layout(message, discord_render.Frame())
    texts = [part.content for part in view.walk_children() if isinstance(part, TextDisplay)]
    return "\n".join(texts), [button.label for button in message.buttons], _named(message)


def _named(message: Message) -> list[str]:
    """The files that stand with a message."""
    video = [message.video.filename] if message.video else []
    return [*video, *(file.name for file in message.attachments)]


@asynccontextmanager
async def slack(tmp_path: Path) -> AsyncGenerator[Chat]:
    async with running_slack(tmp_path) as server:
        office = Office(server, tmp_path)
        server.files.share_delay = 0
        async with office.bot() as life:
            yield on_slack(office, life)
    assert server.violations == []


def on_slack(office: Office, life: SlackLife) -> Chat:
    """The office's channel. A message looks as its text and its file's name do."""

    def seen(messages: Iterable[SlackMessage]) -> list[object]:
        return [(one.text, [file.name for file in one.files]) for one in messages]

    def ours(channel: SlackChannel) -> list[SlackMessage]:
        return [one for one in office.ours(channel) if not one.is_reply]

    async def read(person: Person) -> list[object]:
        who = next(one for one in (office.ana, office.ben) if one.id == person.id)
        # Slack looks at a file before it shows its message.
        files = office.server.world.shelf.files.values()
        await office.server.until(lambda: all(one.processed for one in files if one.completed))
        return [*seen(ours(office.channel)), *seen(ours(who.direct))]

    async def asks() -> None:
        asked = await office.ana.slash(office.channel, "/sora", "quota")
        await asked.answer()

    async def files(person: Person) -> dict[str, bytes]:
        await read(person)
        who = next(one for one in (office.ana, office.ben) if one.id == person.id)
        seen = [*office.ours(), *office.ours(who.direct), *who.ephemerals]
        return {file.name: file.data for one in seen for file in one.files}

    async def read_thread(place: Place) -> list[object]:
        head = office.channel.find(place.thread or "")
        return seen(head.replies if head else ())

    async def videos() -> list[str]:
        shelf = office.server.world.shelf.files.values()
        return [file.name for file in shelf if file.completed and not file.deleted]

    def looks(*messages: Message) -> list[object]:
        return [_on_slack(message) for message in messages]

    place = Place(slack_tenant(office.ana.team_id), office.channel.id)
    people = [office.as_person(one) for one in (office.ana, office.ben)]
    return Chat(
        life.chat,
        place,
        read,
        read_thread,
        life.chat._counter.open,
        asks,
        files,
        videos,
        looks,
        *people,
    )


def _on_slack(message: Message) -> object:
    blocks = slack_render.blocks(message, slack_render.Frame())
    return "\n".join(words(blocks)), _named(message)


@pytest.fixture(params=[web, fake, discord, slack], ids=["web", "fake", "discord", "slack"])
async def chat(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Chat]:
    async with request.param(tmp_path) as opened:
        yield opened


async def test_a_post_is_there_for_everyone(chat: Chat) -> None:
    await chat.platform.post(chat.place, CARD, "card/1")
    assert await chat.read(chat.ana) == chat.looks(CARD)
    assert await chat.read(chat.ben) == chat.looks(CARD)


async def test_the_same_nonce_is_one_message(chat: Chat) -> None:
    first = await chat.platform.post(chat.place, HELLO, "card/1")
    second = await chat.platform.post(chat.place, CARD, "card/1")
    assert second == first
    assert await chat.read(chat.ana) == chat.looks(HELLO)


async def test_what_is_sent_again_is_there_once_whether_it_was_there_or_not(chat: Chat) -> None:
    first = await chat.platform.post(chat.place, HELLO, "card/1", again=True)
    assert await chat.platform.post(chat.place, HELLO, "card/1", again=True) == first
    assert await chat.read(chat.ana) == chat.looks(HELLO)
    private = await chat.platform.notify_privately(chat.ana, CARD, "card/2", again=True)
    assert await chat.platform.notify_privately(chat.ana, CARD, "card/2", again=True) == private
    assert await chat.read(chat.ana) == chat.looks(HELLO, CARD)


async def test_another_nonce_is_another_message(chat: Chat) -> None:
    first = await chat.platform.post(chat.place, HELLO, "card/1")
    second = await chat.platform.post(chat.place, HELLO, "card/2")
    assert second != first
    assert await chat.read(chat.ana) == chat.looks(HELLO, HELLO)


async def test_references_carry_the_platform_and_the_place(chat: Chat) -> None:
    ref = await chat.platform.post(chat.place, HELLO, "card/1")
    assert ref.place == chat.place
    assert ref.place.tenant.platform == chat.platform.name


async def test_an_edit_replaces_the_message_and_adds_none(chat: Chat) -> None:
    ref = await chat.platform.post(chat.place, CARD, "card/1")
    await chat.platform.post(chat.place, HELLO, "other")
    await chat.platform.edit(ref, HELLO)
    await chat.platform.edit(ref, replace(CARD, progress=80))
    assert await chat.read(chat.ana) == chat.looks(replace(CARD, progress=80), HELLO)


@pytest.fixture
def result(tmp_path: Path) -> Message:
    """A message with a video."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"a clip")
    video = VideoFile(
        path=clip,
        filename="sora-k7qm.mp4",
        size=3_100_000,
        width=1280,
        height=720,
        duration_ms=8000,
        poster=None,
        url="http://127.0.0.1/media/clip.mp4?exp=1&sig=2",
    )
    return Message(lines=(("Ready",),), video=video, tone=Tone.GOOD)


async def test_a_video_arrives_with_all_that_is_known_of_it(chat: Chat, result: Message) -> None:
    await chat.platform.post(chat.place, result, "result/1")
    assert await chat.read(chat.ben) == chat.looks(result)


PICTURE = Attachment("tree-k7qm.png", b"\x89PNG a tree", "image/png", "Two stills and an arrow")
TREE = Message(lines=(("Remixes",),), buttons=CARD.buttons, attachments=(PICTURE,))


async def test_a_picture_is_posted_for_everyone_and_once(chat: Chat) -> None:
    first = await chat.platform.post(chat.place, TREE, "tree/1")
    assert await chat.platform.post(chat.place, TREE, "tree/1", again=True) == first
    for person in (chat.ana, chat.ben):
        assert await chat.read(person) == chat.looks(TREE)
        assert await chat.files(person) == {PICTURE.name: PICTURE.content}


async def test_a_picture_may_have_come_before_and_other_words_keep_it(chat: Chat) -> None:
    first = await chat.platform.post(chat.place, TREE, "tree/1", again=True)
    other = replace(TREE, lines=(("Three remixes",),))
    await chat.platform.edit(first, other)
    assert await chat.read(chat.ben) == chat.looks(other)
    assert await chat.files(chat.ben) == {PICTURE.name: PICTURE.content}


async def test_a_picture_in_private_and_one_in_a_thread_stay_there(chat: Chat) -> None:
    head = await chat.platform.post(chat.place, HELLO, "card/1")
    thread = await chat.platform.open_thread(head, "Remixes")
    reply = await chat.platform.post(thread, TREE, "tree/1")
    assert reply.place == thread
    assert chat.looks(TREE)[0] in await chat.read_thread(thread)
    whisper = replace(TREE, attachments=(replace(PICTURE, name="mine.png"),))
    await chat.platform.notify_privately(chat.ana, whisper, "compare/1")
    assert chat.looks(whisper)[0] in await chat.read(chat.ana)
    assert chat.looks(whisper)[0] not in await chat.read(chat.ben)


async def test_a_removed_message_takes_its_picture_with_it(chat: Chat) -> None:
    ref = await chat.platform.post(chat.place, TREE, "tree/1")
    await chat.platform.remove(ref)
    assert await chat.read(chat.ben) == chat.looks()
    assert await chat.files(chat.ben) == {}


async def test_other_files_are_not_posted(chat: Chat, result: Message) -> None:
    document = Attachment("usage.csv", b"a,b", "text/csv", "Usage")
    for message in (
        replace(HELLO, attachments=(document,)),
        replace(TREE, attachments=(PICTURE, replace(PICTURE, name="other.png"))),
        replace(result, attachments=(PICTURE,)),
    ):
        with pytest.raises(ValueError, match="cannot be posted"):
            await chat.platform.post(chat.place, message, "tree/1")
    assert await chat.read(chat.ben) == chat.looks()


async def test_a_message_that_does_not_exist_cannot_be_edited(chat: Chat) -> None:
    with pytest.raises(ChatGone):
        await chat.platform.edit(MessageRef(chat.place, "999"), HELLO)


async def test_a_private_word_is_read_by_one_person_only(chat: Chat) -> None:
    ref = await chat.platform.notify_privately(chat.ana, HELLO, "card/1")
    assert ref.place.private
    assert await chat.read(chat.ana) == chat.looks(HELLO)
    assert await chat.read(chat.ben) == chat.looks()


async def test_a_private_word_said_twice_is_one(chat: Chat) -> None:
    first = await chat.platform.notify_privately(chat.ana, HELLO, "card/1")
    assert await chat.platform.notify_privately(chat.ana, HELLO, "card/1") == first
    await chat.platform.edit(first, CARD)
    assert await chat.read(chat.ana) == chat.looks(CARD)


async def test_an_answer_with_files_shows_them_to_the_asker_alone(chat: Chat) -> None:
    await chat.answers(report)
    await chat.asks()
    assert await chat.files(chat.ana) == CONTENTS
    assert await chat.files(chat.ben) == {}
    assert await chat.read(chat.ben) == chat.looks()


async def test_a_thread_hangs_under_its_message_and_takes_posts(chat: Chat) -> None:
    ref = await chat.platform.post(chat.place, CARD, "card/1")
    thread = await chat.platform.open_thread(ref, "Remixes")
    assert (thread.tenant, thread.thread is None) == (chat.place.tenant, False)
    assert await chat.platform.open_thread(ref, "Remixes") == thread
    reply = await chat.platform.post(thread, HELLO, "card/2")
    assert reply.place == thread
    assert chat.looks(HELLO)[0] in await chat.read_thread(thread)


async def test_a_removed_message_is_gone_for_everyone_and_the_others_stay(chat: Chat) -> None:
    ref = await chat.platform.post(chat.place, CARD, "card/1")
    await chat.platform.post(chat.place, HELLO, "card/2")
    await chat.platform.remove(ref)
    assert await chat.read(chat.ana) == chat.looks(HELLO)
    assert await chat.read(chat.ben) == chat.looks(HELLO)
    with pytest.raises(ChatGone):
        await chat.platform.edit(ref, HELLO)


async def test_a_message_may_be_removed_twice(chat: Chat) -> None:
    ref = await chat.platform.post(chat.place, CARD, "card/1")
    await chat.platform.post(chat.place, HELLO, "card/2")
    await chat.platform.remove(ref)
    await chat.platform.post(chat.place, HELLO, "card/3")
    await chat.platform.remove(ref)
    assert await chat.read(chat.ana) == chat.looks(HELLO, HELLO)


async def test_the_nonce_of_a_removed_message_is_free_for_others(
    chat: Chat, result: Message
) -> None:
    removed = [await chat.platform.post(chat.place, HELLO, "result/1")]
    for message in (CARD, result):
        await chat.platform.remove(removed[-1])
        removed.append(await chat.platform.post(chat.place, message, "result/1"))
        assert await chat.platform.post(chat.place, HELLO, "result/1", again=True) == removed[-1]
        assert await chat.read(chat.ben) == chat.looks(message)
    assert len(set(removed)) == 3


async def test_what_never_was_there_may_be_removed(chat: Chat) -> None:
    await chat.platform.post(chat.place, HELLO, "card/1")
    await chat.platform.remove(MessageRef(chat.place, "999"))
    assert await chat.read(chat.ana) == chat.looks(HELLO)


async def test_a_message_in_a_thread_is_removed_and_its_head_stays(chat: Chat) -> None:
    head = await chat.platform.post(chat.place, CARD, "card/1")
    thread = await chat.platform.open_thread(head, "Remixes")
    reply = await chat.platform.post(thread, HELLO, "card/2")
    await chat.platform.remove(reply)
    await chat.platform.remove(reply)
    assert chat.looks(HELLO)[0] not in await chat.read_thread(thread)
    assert await chat.read(chat.ana) == chat.looks(CARD)


async def test_a_head_is_removed_whatever_stands_below_it(chat: Chat) -> None:
    head = await chat.platform.post(chat.place, CARD, "card/1")
    thread = await chat.platform.open_thread(head, "Remixes")
    await chat.platform.post(thread, HELLO, "card/2")
    await chat.platform.remove(head)
    assert chat.looks(CARD)[0] not in await chat.read(chat.ben)


async def test_a_private_word_is_taken_back(chat: Chat) -> None:
    ref = await chat.platform.notify_privately(chat.ana, HELLO, "card/1")
    await chat.platform.remove(ref)
    assert await chat.read(chat.ana) == chat.looks()


async def test_a_removed_message_takes_its_video_with_it(chat: Chat, result: Message) -> None:
    ref = await chat.platform.post(chat.place, result, "result/1")
    assert await chat.videos() == ["sora-k7qm.mp4"]
    await chat.platform.remove(ref)
    assert await chat.read(chat.ben) == chat.looks()
    assert await chat.videos() == []
    await chat.platform.remove(ref)


async def test_a_video_in_a_thread_and_a_private_one_are_taken_back_too(
    chat: Chat, result: Message
) -> None:
    head = await chat.platform.post(chat.place, HELLO, "card/1")
    thread = await chat.platform.open_thread(head, "Remixes")
    posted = await chat.platform.post(thread, result, "result/1")
    private = await chat.platform.notify_privately(chat.ana, result, "result/2")
    for ref in (posted, private):
        await chat.platform.remove(ref)
    assert await chat.videos() == []
    assert await chat.read(chat.ana) == chat.looks(HELLO)
    assert chat.looks(result)[0] not in await chat.read_thread(thread)


async def test_a_video_that_may_be_there_is_found_by_other_words_and_taken_back(
    chat: Chat, result: Message
) -> None:
    await chat.platform.post(chat.place, result, "result/1")
    found = await chat.platform.post(chat.place, HELLO, "result/1", again=True)
    await chat.platform.remove(found)
    assert await chat.read(chat.ben) == chat.looks()
    assert await chat.videos() == []


async def test_a_place_that_takes_posts_has_nothing_in_the_way(chat: Chat) -> None:
    assert await chat.platform.preflight(chat.place) == ()
    limits = await chat.platform.limits(chat.place)
    assert limits.upload_bytes > 0
    assert limits.edit_pace >= 0
    assert limits.channel_pace >= 0
    assert limits.edit_window is None or limits.edit_window > 0


# --- the web chat's own ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        Place(TENANT, "elsewhere"),
        Place(Tenant("discord", "demo"), "studio"),
        Place(Tenant("web", "other"), "studio"),
        Place(TENANT, "dm-nobody", private=True),
        Place(TENANT, "studio", private=True),
    ],
)
async def test_the_web_chat_never_guesses_a_place(place: Place) -> None:
    chat = WebChat(MemoryTranscript(), FakeClock())
    with pytest.raises(ChatGone):
        await chat.post(place, HELLO, "card/1")
    with pytest.raises(ChatGone):
        await chat.edit(MessageRef(place, "1"), HELLO)


async def test_the_web_chat_says_which_channel_it_does_not_have() -> None:
    chat = WebChat(MemoryTranscript(), FakeClock())
    problems = await chat.preflight(Place(TENANT, "elsewhere"))
    assert [("elsewhere" in problem) for problem in problems] == [True]


async def test_what_is_ordered_in_private_can_be_delivered() -> None:
    chat = WebChat(MemoryTranscript(), FakeClock())
    assert await chat.preflight(Place(TENANT, "studio", private=True)) == ()


async def test_a_thread_in_a_thread_is_that_thread() -> None:
    chat = WebChat(MemoryTranscript(), FakeClock())
    head = await chat.post(channel(TENANT), HELLO, "card/1")
    thread = await chat.open_thread(head, "")
    reply = await chat.post(thread, HELLO, "card/2")
    assert await chat.open_thread(reply, "") == thread


async def test_text_stays_text_in_the_transcript() -> None:
    transcript = MemoryTranscript()
    chat = WebChat(transcript, FakeClock())
    heard: list[Said] = []
    transcript.listen(heard.append)
    await chat.post(channel(TENANT), CARD, "card/1")
    assert plain(render.decode(heard[0].body).lines[1]) == "8 s#k7qm"
    assert heard[0].body["quote"] == "a red kite <b>over</b> dunes"
