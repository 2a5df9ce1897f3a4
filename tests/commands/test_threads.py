"""Replies in the thread of a video: what is a remix, what is asked about, what is left alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.commands.grammar import DISMISS
from bot.domain.jobs import JobState
from bot.domain.messages import Invocation
from bot.domain.refs import Person, Place
from bot.domain.threads import ThreadMode
from bot.domain.videos import MAX_PROMPT
from bot.services.line import Allowed
from bot.services.threads import LOOKED_AT
from storage.store import SqlStore
from tests.fakes.core import ALLOWANCE, ANA, BEN, MARA, PRICE, STUDIO, Options, World, running
from tests.fakes.typist import Typist, words

S = JobState
ANAS = Place(STUDIO.tenant, "dm-ana", private=True)
"""Where only Ana and the bot are."""


@dataclass
class Scene:
    """A workspace with one finished video; `thread` hangs under it."""

    chat: Typist
    first: str
    thread: Place

    async def credits(self, person: Person) -> int:
        """What somebody has, held or not."""
        return sum(await self.chat.core.purse(person))

    async def mode(self, mode: str) -> None:
        assert not (await self.chat.says(f"/sora-admin threads {mode}", MARA)).refused


async def make(chat: Typist, line: str, person: Person = ANA, place: Place = STUDIO) -> str:
    """Order a video and wait until it is there."""
    (job_id,) = (await chat.says(line, person, place)).jobs
    await chat.core.wait(2_000)
    assert await chat.core.state(job_id) is S.DONE
    return job_id


def under(chat: Typist, key: str) -> Place:
    """The thread of a posted message."""
    ref = chat.core.world.chat.posts[key].ref
    return replace(ref.place, thread=ref.id)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    world = World(tmp_path)
    world.provider.instant = True
    async with running(world, Options(allowed=Allowed(slots=4))) as core:
        chat = Typist(core)
        first = await make(chat, "a red kite over dunes")
        yield Scene(chat, first, under(chat, f"result/{first}"))


# --- the mode of a channel ----------------------------------------------------------------


async def test_a_channel_listens_to_mentions_until_an_admin_says_otherwise(scene: Scene) -> None:
    told = words(await scene.chat.says("/sora-admin threads", MARA))
    assert told.startswith("In this channel: mention · in the thread of a video, those who")
    assert told.endswith("Change it with /sora-admin threads mention|thread|off")


@pytest.mark.parametrize(
    "typed, mode",
    [
        ("thread", "thread"),
        ("on", "thread"),
        ("Replies", "thread"),
        ("mentions", "mention"),
        ("off", "off"),
    ],
)
async def test_an_admin_chooses_by_any_of_the_words(scene: Scene, typed: str, mode: str) -> None:
    said = words(await scene.chat.says(f"/sora-admin threads {typed}", MARA, scene.thread))
    assert said.startswith(f"From now on in this channel: {mode} · ")
    told = words(await scene.chat.says("/sora-admin threads", MARA))
    assert told.startswith(f"In this channel: {mode} · ")


async def test_only_admins_choose(scene: Scene) -> None:
    reply = await scene.chat.says("/sora-admin threads off", BEN)
    assert "Only an admin" in words(reply)
    assert not (await scene.chat.replies("at night", BEN, scene.thread)).refused


async def test_a_mode_that_does_not_exist_is_refused_with_those_that_do(scene: Scene) -> None:
    said = words(await scene.chat.says("/sora-admin threads loud", MARA))
    assert said.startswith("Mode cannot be “loud”. Possible: mention, thread or off.")


@pytest.mark.parametrize("line", ["/sora-admin threads", "/sora-admin threads off"])
async def test_a_chat_that_hears_no_replies_says_so(scene: Scene, line: str) -> None:
    chat = scene.chat.core.world.chat
    chat.place_limits = replace(chat.place_limits, thread_modes=())
    assert "not heard in this chat" in words(await scene.chat.says(line, MARA))


async def test_what_the_bot_may_not_hear_cannot_be_chosen(scene: Scene) -> None:
    chat = scene.chat.core.world.chat
    chat.place_limits = replace(
        chat.place_limits, thread_modes=(ThreadMode.MENTION, ThreadMode.OFF)
    )
    reply = await scene.chat.says("/sora-admin threads thread", MARA)
    assert reply.refused
    assert "manifest --replies" in words(reply)
    await scene.mode("off")


@pytest.mark.parametrize("line", ["/sora-admin threads", "/sora-admin threads off"])
async def test_in_private_there_is_nothing_to_choose(scene: Scene, line: str) -> None:
    reply = await scene.chat.says(line, MARA, replace(STUDIO, private=True))
    assert reply.refused
    assert "ask in the channel it is for" in words(reply)
    assert "mention" in words(await scene.chat.says("/sora-admin threads", MARA))


# --- written to the bot -------------------------------------------------------------------


async def test_what_is_written_to_the_bot_under_a_video_is_a_remix_of_it(scene: Scene) -> None:
    reply = await scene.chat.replies("at night, 8s of snow", BEN, scene.thread)
    job = await scene.chat.core.job(reply.jobs[0])
    assert (job.remix_of, job.spec.prompt) == (scene.first, "at night, 8s of snow")
    assert await scene.chat.core.purse(BEN) == (ALLOWANCE - PRICE, PRICE)


async def test_the_next_one_is_a_remix_of_the_newest_in_the_thread(scene: Scene) -> None:
    (second,) = (await scene.chat.replies("at night", BEN, scene.thread)).jobs
    await scene.chat.core.wait(2_000)
    (third,) = (await scene.chat.replies("with snow", ANA, scene.thread)).jobs
    assert (await scene.chat.core.job(third)).remix_of == second


async def test_a_remix_that_is_not_finished_does_not_count(scene: Scene) -> None:
    scene.chat.core.world.provider.instant = False
    await scene.chat.replies("at night", BEN, scene.thread)
    await scene.chat.core.wait(2_000)
    (third,) = (await scene.chat.replies("with snow", ANA, scene.thread)).jobs
    assert (await scene.chat.core.job(third)).remix_of == scene.first


async def test_the_thread_of_an_old_video_still_means_that_video(scene: Scene) -> None:
    async with scene.chat.core.store.transaction() as tx:
        job = await tx.jobs.get(scene.first)
        assert job
        for number in range(LOOKED_AT + 1):
            name = f"n{number:09}"
            newer = replace(job, id=name, interaction=name, accepted_at=job.accepted_at + 1)
            await tx.jobs.add(newer)
    (second,) = (await scene.chat.replies("at night", BEN, scene.thread)).jobs
    assert (await scene.chat.core.job(second)).remix_of == scene.first


async def test_what_begins_with_a_verb_is_that_in_a_thread_too(scene: Scene) -> None:
    assert words(await scene.chat.replies("help", BEN, scene.thread)).startswith("Describe a video")
    status = await scene.chat.replies(f"status {scene.first}", BEN, scene.thread)
    assert words(status).startswith("Done")
    (new,) = (await scene.chat.replies("/sora a blue boat", BEN, scene.thread)).jobs
    assert (await scene.chat.core.job(new)).remix_of is None


async def test_nothing_written_to_the_bot_asks_for_help(scene: Scene) -> None:
    assert words(await scene.chat.replies("", BEN, scene.thread)).startswith("Describe a video")


@pytest.mark.parametrize("thread", [None, "lunch"])
async def test_outside_of_such_a_thread_it_is_a_new_video(scene: Scene, thread: str | None) -> None:
    place = replace(STUDIO, thread=thread)
    (new,) = (await scene.chat.replies("a blue boat 12s", BEN, place)).jobs
    job = await scene.chat.core.job(new)
    assert (job.remix_of, job.spec.prompt, job.spec.seconds) == (None, "a blue boat", 12)


async def test_where_replies_are_off_the_way_out_is_told_and_nothing_is_spent(scene: Scene) -> None:
    await scene.mode("off")
    reply = await scene.chat.replies("at night", BEN, scene.thread)
    assert reply.refused
    assert words(reply) == (
        "Remixing by reply is off in this channel; the Remix button of a video works. "
        "Nothing was started or charged."
    )
    assert await scene.credits(BEN) == 0
    assert not (await scene.chat.replies("a blue boat", BEN)).refused
    pressed = await scene.chat.presses("remix", {"job": scene.first, "prompt": "at night"}, BEN)
    assert not pressed.refused


async def test_the_same_reply_twice_is_one_remix(scene: Scene) -> None:
    said = Invocation("replied", {"text": "at night"}, BEN, scene.thread, "event-1")
    replies = [await scene.chat.commands.answer(said) for _ in "12"]
    assert replies[0].jobs == replies[1].jobs
    assert await scene.credits(BEN) == ALLOWANCE


async def test_a_remix_of_a_private_video_stays_private(scene: Scene) -> None:
    secret = await make(
        scene.chat, "a secret kite", ANA, Place(STUDIO.tenant, "dm-ana", None, True)
    )
    thread = under(scene.chat, f"result/{secret}")
    assert thread.private
    (second,) = (await scene.chat.replies("at night", ANA, thread)).jobs
    job = await scene.chat.core.job(second)
    assert (job.remix_of, job.place.private) == (secret, True)
    await scene.chat.core.wait(2_000)
    assert scene.chat.core.world.chat.posts[f"result/{second}"].place.private


async def test_a_private_video_is_nobody_elses_to_remix(scene: Scene) -> None:
    secret = await make(
        scene.chat, "a secret kite", ANA, Place(STUDIO.tenant, "dm-ana", None, True)
    )
    thread = under(scene.chat, f"result/{secret}")
    (new,) = (await scene.chat.replies("at night", BEN, thread)).jobs
    assert (await scene.chat.core.job(new)).remix_of is None


# --- written to others --------------------------------------------------------------------


async def test_a_plain_reply_asks_its_author_and_spends_nothing(scene: Scene) -> None:
    await scene.mode("thread")
    reply = await scene.chat.mutters(" at night, with snow ", BEN, scene.thread)
    assert not reply.public
    assert words(reply) == (
        "Remix @Ana’s video with these words? 80 credits, charged to you if you press Go."
    )
    assert reply.message.quote == "at night, with snow"
    go, ignore = reply.message.buttons
    assert (go.label, go.verb) == ("Go", "remix")
    assert go.args == {"job": scene.first, "prompt": "at night, with snow"}
    assert (ignore.label, ignore.verb, ignore.args) == ("Ignore", DISMISS, {})
    assert await scene.credits(BEN) == 0
    assert (await scene.chat.says("/sora jobs all", BEN)).message.buttons[0].args == {
        "job": scene.first
    }


async def test_go_makes_the_remix_at_the_price_that_was_told(scene: Scene) -> None:
    await scene.mode("thread")
    asked = await scene.chat.mutters("at night", BEN, scene.thread)
    go = asked.message.buttons[0]
    (second,) = (await scene.chat.presses(go.verb, dict(go.args), BEN)).jobs
    job = await scene.chat.core.job(second)
    assert (job.remix_of, job.spec.prompt, job.offer.price) == (scene.first, "at night", PRICE)


@pytest.mark.parametrize("mode", ["mention", "off"])
async def test_in_other_modes_plain_replies_are_left_alone(scene: Scene, mode: str) -> None:
    await scene.mode(mode)
    reply = await scene.chat.mutters("at night", BEN, scene.thread)
    assert (reply.message.lines, reply.refused) == ((), False)


@pytest.mark.parametrize("text", ["", "  \n"])
async def test_a_reply_without_words_is_left_alone(scene: Scene, text: str) -> None:
    await scene.mode("thread")
    assert (await scene.chat.mutters(text, BEN, scene.thread)).message.lines == ()


@pytest.mark.parametrize("thread", [None, "lunch"])
async def test_talk_elsewhere_is_left_alone(scene: Scene, thread: str | None) -> None:
    await scene.mode("thread")
    place = replace(STUDIO, thread=thread)
    assert (await scene.chat.mutters("at night", BEN, place)).message.lines == ()


async def test_a_reply_that_is_too_long_is_told_what_is_possible(scene: Scene) -> None:
    await scene.mode("thread")
    reply = await scene.chat.mutters("x" * (MAX_PROMPT + 1), BEN, scene.thread)
    assert reply.refused
    assert "up to 4,000 characters" in words(reply)


async def test_a_reply_costs_one_read_where_nobody_listens(scene: Scene) -> None:
    store = scene.chat.core.store
    assert isinstance(store, SqlStore)
    asked: list[str] = []

    def note(*call: object) -> None:
        asked.append(str(call[2]))

    for engine in (store.database.reader, store.database.writer):
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    await scene.chat.mutters("at night", BEN, scene.thread)
    assert [statement.split()[0] for statement in asked if "BEGIN" not in statement] == ["SELECT"]
