"""What people do on the page becomes invocations, and who sees what comes of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import pytest

from adapters.web import render
from adapters.web.platform import PEOPLE, TENANT, Heard, WebChat, channel, private_place
from bot.commands.grammar import TYPED
from bot.domain.messages import Invocation, Message, Reply, Upload, plain
from bot.domain.refs import Blob, Person
from bot.ports import Said
from tests.fakes.clock import START, FakeClock
from tests.fakes.transcript import MemoryTranscript

ANA, BEN, MARA = PEOPLE
STUDIO = channel(TENANT)
YES = Message(lines=(("Yes",),))


@dataclass
class Core:
    """Answers everything with `reply`."""

    reply: Reply = field(default_factory=lambda: Reply(YES))
    asked: list[Invocation] = field(default_factory=list[Invocation])

    async def answer(self, invocation: Invocation) -> Reply:
        self.asked.append(invocation)
        return self.reply


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def transcript() -> MemoryTranscript:
    return MemoryTranscript()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def chat(core: Core, transcript: MemoryTranscript, clock: FakeClock) -> WebChat:
    chat = WebChat(transcript, clock)
    await chat.serve(core.answer)
    return chat


async def seen(chat: WebChat, person: Person) -> list[tuple[str, str]]:
    """Who said what, as `person` finds it."""
    return [
        (said.author, "\n".join(plain(line) for line in render.decode(said.body).lines))
        for said in await chat.history(person)
    ]


async def test_a_typed_line_reaches_the_core_as_it_was_typed(chat: WebChat, core: Core) -> None:
    await chat.type(ANA, STUDIO, "/sora create a kite 8s")
    asked = core.asked[0]
    assert (asked.verb, asked.args) == (TYPED, {"text": "/sora create a kite 8s"})
    assert (asked.person, asked.place) == (ANA, STUDIO)


async def test_the_same_words_twice_are_two_wishes(chat: WebChat, core: Core) -> None:
    await chat.type(ANA, STUDIO, "a kite")
    await chat.type(ANA, STUDIO, "a kite")
    first, second = core.asked
    assert first.interaction != second.interaction


async def test_a_press_carries_the_verb_its_arguments_and_uploads(
    chat: WebChat, core: Core
) -> None:
    picture = Upload(Blob("0" * 64, ".png", 9), "kite.png", "image/png")
    await chat.press(BEN, STUDIO, "create", {"prompt": "a kite"}, (picture,))
    asked = core.asked[0]
    assert (asked.verb, asked.args, asked.uploads) == ("create", {"prompt": "a kite"}, (picture,))


async def test_an_answer_for_the_asker_stays_out_of_the_transcript(chat: WebChat) -> None:
    assert await chat.type(ANA, STUDIO, "/sora quota") == Heard(Reply(YES), shown=False)
    assert await seen(chat, ANA) == []


async def test_a_line_that_started_a_job_is_kept_where_it_was_said(
    chat: WebChat, core: Core, transcript: MemoryTranscript, clock: FakeClock
) -> None:
    async def answer(_: Invocation) -> Reply:
        clock.advance(40)
        return Reply(YES, jobs=("k7qm",))

    await chat.serve(answer)
    heard = await chat.type(ANA, STUDIO, "a kite")
    assert (heard.kept, heard.shown) == (True, False)
    assert await seen(chat, BEN) == [(ANA.key, "a kite")]
    # Said when it was typed, so it stands above the card that came meanwhile.
    assert (await transcript.newest(TENANT, 1))[0].at == START


async def test_a_public_answer_is_for_everyone(chat: WebChat, core: Core) -> None:
    core.reply = Reply(YES, public=True)
    assert (await chat.type(ANA, STUDIO, "/sora queue")).shown
    assert await seen(chat, BEN) == [(ANA.key, "/sora queue"), ("bot", "Yes")]


async def test_a_refusal_is_nobody_elses_business(chat: WebChat, core: Core) -> None:
    core.reply = Reply(YES, public=True, refused=True, jobs=("k7qm",))
    heard = await chat.type(ANA, STUDIO, "a kite seconds:9")
    assert (heard.kept, heard.shown) == (False, False)
    assert await seen(chat, ANA) == []


async def test_what_is_typed_in_private_is_kept_there(chat: WebChat, core: Core) -> None:
    await chat.type(ANA, private_place(ANA), "a secret kite")
    assert core.asked[0].place.private
    assert await seen(chat, ANA) == [(ANA.key, "a secret kite")]
    assert await seen(chat, BEN) == []
    assert await seen(chat, MARA) == []


async def test_followers_hear_what_is_new_and_changed_and_theirs(chat: WebChat) -> None:
    heard: dict[str, list[Said]] = {"ana": [], "ben": []}
    leave = chat.follow(ANA, heard["ana"].append)
    chat.follow(BEN, heard["ben"].append)
    ref = await chat.post(STUDIO, YES, "card/1")
    await chat.edit(ref, YES)
    await chat.notify_privately(ANA, YES, "card/2")
    leave()
    await chat.post(STUDIO, YES, "card/3")
    assert [said.id for said in heard["ana"]] == ["1", "1", "2"]
    assert [said.id for said in heard["ben"]] == ["1", "1", "3"]


async def test_followers_hear_what_is_gone_and_was_theirs(chat: WebChat) -> None:
    heard: dict[str, list[Said]] = {"ana": [], "ben": []}
    refs = [
        await chat.post(STUDIO, YES, "card/1"),
        await chat.notify_privately(ANA, YES, "card/2"),
    ]
    chat.follow(ANA, heard["ana"].append)
    chat.follow(BEN, heard["ben"].append)
    for ref in refs:
        await chat.remove(ref)
    assert [(said.id, said.gone, said.body) for said in heard["ana"]] == [
        ("1", True, {}),
        ("2", True, {}),
    ]
    assert [said.id for said in heard["ben"]] == ["1"]


async def test_before_and_after_serving_people_are_told_to_wait(core: Core) -> None:
    chat = WebChat(MemoryTranscript(), FakeClock())
    early = await chat.type(ANA, STUDIO, "a kite")
    await chat.serve(core.answer)
    await chat.aclose()
    late = await chat.press(ANA, STUDIO, "cancel", {"job": "k7qm"})
    for heard in (early, late):
        assert heard.reply.refused
        assert "Nothing was charged" in plain(heard.reply.message.lines[0])
    assert core.asked == []


async def test_a_fault_in_the_core_is_told_and_logged_under_one_reference(
    chat: WebChat, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks(_: Invocation) -> Reply:
        raise RuntimeError("a bug")

    await chat.serve(breaks)
    with caplog.at_level(logging.ERROR):
        heard = await chat.type(ANA, STUDIO, "a kite")
    words = "\n".join(plain(line) for line in heard.reply.message.lines)
    reference = caplog.records[0].getMessage().split()[1].rstrip(":")
    assert reference in words
    assert heard.reply.refused


def test_people_are_found_by_id_and_by_key() -> None:
    chat = WebChat(MemoryTranscript(), FakeClock())
    assert chat.person("ben") == BEN
    assert chat.person(None) is None
    assert chat.named(MARA.key) == MARA
    assert chat.named("bot") is None
