"""Styles of a workspace, as admins make them and members order with them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.jobs import Job, JobState, Operation
from bot.domain.messages import Invocation, plain
from bot.domain.refs import Person, Place, Tenant
from bot.domain.styles import MAX_STYLE, MOST
from bot.domain.videos import MAX_PROMPT
from bot.errors import JobNotFound
from bot.ports import Capabilities, JobFilter
from bot.services.cards import card, details
from bot.services.line import Allowed
from tests.fakes.chat import FakeChat
from tests.fakes.core import ANA, BEN, MARA, STUDIO, TENANT, Core, Options, World, running
from tests.fakes.typist import Typist, words

LAB = Place(TENANT, "lab")
REMIXES = Capabilities(lists=True, list_complete=True, cancels=True, remixes=True)
NOIR = "\n\nStyle: black and white"


@pytest.fixture
def typist(core: Core) -> Typist:
    """Somebody who types at it."""
    return Typist(core)


@pytest.fixture
async def waiting(tmp_path: Path) -> AsyncGenerator[Typist]:
    """Somebody in a workspace in which nothing is sent."""
    async with running(World(tmp_path), Options(allowed=Allowed(slots=0))) as core:
        yield Typist(core)


async def noir(typist: Typist, channel: str = "") -> None:
    """The workspace has a style, and so has a channel."""
    assert not (await typist.says("/sora-admin style add noir black and white", MARA)).refused
    if channel:
        used = await typist.says(f"/sora-admin style use noir <#{channel}|{channel}>", MARA)
        assert not used.refused


async def ordered(typist: Typist, line: str, person: Person = ANA, place: Place = STUDIO) -> Job:
    """What a line became, once there was time for it."""
    reply = await typist.says(line, person, place)
    assert not reply.refused, words(reply)
    await typist.core.wait(2_000)
    return await typist.core.job(reply.jobs[0])


def sent(world: World) -> list[str]:
    return [taken.request.prompt for taken in world.provider.taken.values()]


async def told(core: Core, job: Job) -> list[str]:
    """The lines of a job's card."""
    view = await core.videos.find(MARA, job.id)
    return [plain(line) for line in details(view, core.clock.now()).lines]


# --- what admins do -------------------------------------------------------------------------


async def test_a_style_is_made_listed_given_to_a_channel_and_removed(waiting: Typist) -> None:
    made = await waiting.says("/sora-admin style add Noir black and white, hard light", MARA)
    assert words(made).startswith("noir is a style now. Order with it: preset:noir")
    assert made.message.quote == "black and white, hard light"
    used = await waiting.says("/sora-admin style use NOIR", MARA)
    assert words(used) == "Orders in #studio take the style noir."
    assert words(await waiting.says("/sora-admin style list", MARA)) == (
        "noir black and white, hard light\nOrders in #studio take the style noir."
    )
    seen = words(await waiting.says("/sora styles", BEN))
    assert seen.startswith("noir (all orders in this channel) black and white, hard light")
    assert "in this channel" not in words(await waiting.says("/sora styles", BEN, LAB))
    assert "#studio has no style" in words(await waiting.says("/sora-admin style use none", MARA))
    removed = words(await waiting.says("/sora-admin style remove noir", MARA))
    assert removed.startswith("Forgot the style noir")
    assert "no styles yet" in words(await waiting.says("/sora styles", BEN))


async def test_what_admins_do_with_styles_is_on_record(waiting: Typist) -> None:
    await noir(waiting, "studio")
    await waiting.says("/sora-admin style add noir grey", MARA)
    await waiting.says("/sora-admin style remove noir", MARA)
    assert (await waiting.says("/sora-admin style add noir black", BEN)).refused
    lines = words(await waiting.says("/sora-admin audit", MARA)).splitlines()
    assert "tried style add" in lines[0]
    assert [line.split(" · ", 1)[1].rsplit(" · ", 1)[0] for line in lines[1:]] == [
        "style remove · noir: grey → none",
        "style add · noir: black and white → grey",
        "style use · #studio: noir",
        "style add · noir: black and white",
    ]


@pytest.mark.parametrize(
    "line, problem",
    [
        ("style add none black", "Name cannot be “none”"),
        ("style add two! black", "Name cannot be “two!”"),
        (f"style add long {'x' * (MAX_STYLE + 1)}", "up to 500 characters"),
        ("style remove noir", "There is no style “noir” here. See /sora styles."),
        ("style use noir", "There is no style “noir” here. See /sora styles."),
    ],
)
async def test_a_style_that_cannot_be_is_refused(waiting: Typist, line: str, problem: str) -> None:
    reply = await waiting.says(f"/sora-admin {line}", MARA)
    assert reply.refused
    assert problem in words(reply)


async def test_a_workspace_has_so_many_styles_and_no_more(waiting: Typist) -> None:
    for number in range(MOST):
        assert not (await waiting.says(f"/sora-admin style add s{number} x", MARA)).refused
    assert (await waiting.says("/sora-admin style add more x", MARA)).refused
    assert not (await waiting.says("/sora-admin style add s7 y", MARA)).refused


async def test_no_other_workspace_sees_or_orders_with_a_style(waiting: Typist) -> None:
    await noir(waiting, "studio")
    office = Tenant("slack", "T1")
    waiting.core.platforms["slack"] = FakeChat("slack")
    paul, there = Person(office, "U2", "Paul"), Place(office, "studio")
    assert "no styles yet" in words(await waiting.says("/sora styles", paul, there))
    assert (await waiting.says("/sora create a kite preset:noir", paul, there)).refused
    assert (await ordered(waiting, "/sora create a kite", paul, there)).spec.style is None


async def test_a_private_place_is_no_channel_to_give_a_style(waiting: Typist) -> None:
    await noir(waiting)
    alone = replace(STUDIO, private=True)
    reply = await waiting.says("/sora-admin style use noir", MARA, alone)
    assert reply.refused
    assert "private" in words(reply)


# --- orders ---------------------------------------------------------------------------------


async def test_an_order_keeps_the_prompt_as_typed_and_sends_it_with_its_style(
    typist: Typist, world: World
) -> None:
    await noir(typist)
    job = await ordered(typist, "/sora create a kite preset:NOIR")
    assert (job.spec.prompt, job.sent_prompt) == ("a kite", f"a kite{NOIR}")
    assert sent(world) == [f"a kite{NOIR}"]
    assert "Style: noir" in await told(typist.core, job)


async def test_an_order_takes_the_style_of_its_channel_unless_it_says_otherwise(
    typist: Typist, world: World
) -> None:
    await noir(typist, "studio")
    await typist.says("/sora-admin style add brand our red", MARA)
    await ordered(typist, "/sora create a kite")
    job = await ordered(typist, "/sora create a kite preset:none")
    await ordered(typist, "/sora create a kite preset:brand")
    await ordered(typist, "/sora create a kite", place=LAB)
    assert sent(world) == [f"a kite{NOIR}", "a kite", "a kite\n\nStyle: our red", "a kite"]
    assert not [line for line in await told(typist.core, job) if "Style" in line]


async def test_a_card_tells_the_style_while_the_job_waits(waiting: Typist) -> None:
    await noir(waiting, "studio")
    job = await ordered(waiting, "/sora create a kite")
    view = await waiting.core.videos.find(ANA, job.id)
    message = card(view, waiting.core.clock.now())
    assert "Style: noir" in [plain(line) for line in message.lines]
    assert message.quote == "a kite"


async def test_a_style_that_is_no_style_orders_nothing(waiting: Typist) -> None:
    reply = await waiting.says("/sora create a kite preset:sepia")
    assert reply.refused
    assert "There is no style “sepia” here. See /sora styles." in words(reply)
    async with waiting.core.store.reading() as tx:
        assert await tx.jobs.list(JobFilter(TENANT)) == ()


async def test_what_waits_keeps_the_words_that_it_was_ordered_with(tmp_path: Path) -> None:
    world = World(tmp_path)
    async with running(world, Options(allowed=Allowed(slots=0))) as core:
        typist = Typist(core)
        await noir(typist, "studio")
        await ordered(typist, "/sora create a kite")
        await typist.says("/sora-admin style add noir pink", MARA)
        await typist.says("/sora-admin style remove noir", MARA)
    async with running(world) as core:
        await core.wait(2_000)
    assert sent(world) == [f"a kite{NOIR}"]


async def test_again_sends_the_words_that_were_sent_unless_another_style_is_asked_for(
    typist: Typist, world: World
) -> None:
    await noir(typist, "studio")
    job = await ordered(typist, "/sora create a kite")
    await typist.says("/sora-admin style add noir pink", MARA)
    again = await ordered(typist, f"/sora again {job.id}")
    await ordered(typist, f"/sora again {job.id} a boat")
    await ordered(typist, f"/sora again {job.id} preset:noir")
    await ordered(typist, f"/sora again {job.id} preset:none")
    assert sent(world)[1:] == [
        f"a kite{NOIR}",
        f"a boat{NOIR}",
        "a kite\n\nStyle: pink",
        "a kite",
    ]
    assert "Style: noir" in await told(typist.core, again)


async def test_what_had_no_style_is_ordered_again_without_that_of_today(
    typist: Typist, world: World
) -> None:
    job = await ordered(typist, "/sora create a kite")
    await noir(typist, "studio")
    await ordered(typist, f"/sora again {job.id}")
    assert sent(world) == ["a kite", "a kite"]


async def test_a_retry_sends_the_words_that_were_sent(waiting: Typist) -> None:
    await noir(waiting, "studio")
    job = await ordered(waiting, "/sora create a kite")
    await waiting.says(f"/sora cancel {job.id}")
    await waiting.says("/sora-admin style remove noir", MARA)
    retried = await ordered(waiting, f"/sora retry {job.id}")
    assert (retried.spec.prompt, retried.sent_prompt) == ("a kite", f"a kite{NOIR}")


async def test_a_saved_prompt_is_ordered_with_a_style(typist: Typist, world: World) -> None:
    await noir(typist)
    await typist.says("/sora save dunes a red kite")
    await ordered(typist, "/sora create @dunes preset:noir")
    assert sent(world) == [f"a red kite{NOIR}"]


async def test_the_characters_of_a_style_count_and_the_refusal_says_how_many(
    waiting: Typist,
) -> None:
    await noir(waiting, "studio")
    room = MAX_PROMPT - len(NOIR)
    reply = await waiting.presses("create", {"prompt": "x" * (room + 1)})
    assert reply.refused
    assert "Possible: up to 4,000 characters together with the style noir, which takes 24" in (
        words(reply)
    )
    assert not (await waiting.presses("create", {"prompt": "x" * room})).refused
    assert not (await waiting.presses("create", {"prompt": "x" * 4000, "preset": "none"})).refused


async def test_preset_is_a_setting_only_by_its_name(waiting: Typist) -> None:
    await noir(waiting)
    job = await ordered(waiting, "/sora create noir in style: noir")
    assert (job.spec.prompt, job.spec.style) == ("noir in style: noir", None)


# --- changes of videos ----------------------------------------------------------------------


async def test_a_change_told_to_the_video_itself_has_no_style_but_one_asked_for(
    typist: Typist, world: World
) -> None:
    world.provider.capabilities = REMIXES
    first = await ordered(typist, "/sora create a kite")
    await noir(typist, "studio")
    plainly = await ordered(typist, f"/sora remix {first.id} at night")
    styled = await ordered(typist, f"/sora remix {first.id} in snow preset:noir")
    assert sent(world) == ["a kite", "at night", f"in snow{NOIR}"]
    assert not [line for line in await told(typist.core, plainly) if "Style" in line]
    assert "Style: noir" in await told(typist.core, styled)


async def test_a_change_made_anew_has_the_style_of_the_channel_where_it_is_ordered(
    typist: Typist, world: World
) -> None:
    first = await ordered(typist, "/sora create a kite")
    await noir(typist, "lab")
    await ordered(typist, f"/sora remix {first.id} at night", BEN, LAB)
    await ordered(typist, f"/sora remix {first.id} at noon", BEN, STUDIO)
    await ordered(typist, f"/sora remix {first.id} in fog preset:none", BEN, LAB)
    assert sent(world)[1:] == [
        f"a kite\n\nChange: at night{NOIR}",
        "a kite\n\nChange: at noon",
        "a kite\n\nChange: in fog",
    ]


async def test_a_style_comes_once_in_the_words_of_a_change_made_anew(
    typist: Typist, world: World
) -> None:
    await noir(typist, "studio")
    first = await ordered(typist, "/sora create a kite")
    second = await ordered(typist, f"/sora remix {first.id} at night")
    await ordered(typist, f"/sora remix {second.id} in snow")
    assert sent(world)[1:] == [
        f"a kite\n\nChange: at night{NOIR}",
        f"a kite\n\nChange: at night\n\nChange: in snow{NOIR}",
    ]


async def test_a_change_that_the_backend_no_longer_makes_is_made_anew_in_the_style_of_its_channel(
    typist: Typist, world: World
) -> None:
    world.provider.capabilities = REMIXES
    first = await ordered(typist, "/sora create a kite")
    await noir(typist, "studio")
    world.provider.refuse.append(JobNotFound("expired"))
    job = await ordered(typist, f"/sora remix {first.id} at night")
    assert job.state is JobState.DONE
    assert sent(world)[-1] == f"a kite\n\nChange: at night{NOIR}"


async def test_a_final_has_the_style_of_its_draft_and_shows_only_the_words_of_people(
    typist: Typist, world: World
) -> None:
    await noir(typist, "studio")
    draft = await ordered(typist, "/sora create a kite")
    change = await ordered(typist, f"/sora remix {draft.id} at night")
    await typist.says("/sora-admin style add noir pink", MARA)
    final = await ordered(typist, f"/sora finalize {draft.id}")
    assert final.operation is Operation.FINALIZE
    assert (final.spec.prompt, sent(world)[-1]) == ("a kite", f"a kite{NOIR}")
    final = await ordered(typist, f"/sora finalize {change.id}")
    assert final.spec.prompt == "a kite\n\nChange: at night"
    assert sent(world)[-1] == f"a kite\n\nChange: at night{NOIR}"
    await ordered(typist, f"/sora again {final.id}")
    assert sent(world)[-1] == f"a kite\n\nChange: at night{NOIR}"
    await ordered(typist, f"/sora finalize {draft.id} preset:noir")
    assert sent(world)[-1] == "a kite\n\nStyle: pink"
    await ordered(typist, f"/sora finalize {draft.id} preset:none")
    assert sent(world)[-1] == "a kite"


async def test_a_change_that_waits_for_an_author_keeps_its_style(
    typist: Typist, world: World
) -> None:
    await noir(typist, "studio")
    first = await ordered(typist, "/sora create a kite")
    await typist.says(f"/sora remixers {first.id} ask")
    await typist.says(f"/sora remix {first.id} at night", BEN)
    await typist.says("/sora-admin style add noir pink", MARA)
    (ask,) = (await typist.services.asks.of(ANA))[0]
    assert not (await typist.says(f"/sora allow {ask.id}")).refused
    await typist.core.wait(2_000)
    assert sent(world)[-1] == f"a kite\n\nChange: at night{NOIR}"


async def test_a_final_that_waits_for_an_author_sends_the_words_of_its_draft(
    typist: Typist, world: World
) -> None:
    await noir(typist, "studio")
    first = await ordered(typist, "/sora create a kite")
    await typist.says(f"/sora remixers {first.id} ask")
    await typist.says(f"/sora finalize {first.id}", BEN)
    (ask,) = (await typist.services.asks.of(ANA))[0]
    await typist.says(f"/sora allow {ask.id}")
    await typist.core.wait(2_000)
    assert sent(world)[-1] == f"a kite{NOIR}"


# --- suggestions ----------------------------------------------------------------------------


async def test_styles_are_suggested_while_they_are_typed(waiting: Typist) -> None:
    assert await suggested(waiting, "") == []
    await noir(waiting)
    await waiting.says("/sora-admin style add brand our red", MARA)
    for typed, names in (("", ["brand", "noir", "none"]), ("NO", ["noir", "none"]), ("x", [])):
        assert await suggested(waiting, typed) == names


async def suggested(typist: Typist, typed: str) -> list[str]:
    asked = Invocation("create", {"preset": typed}, ANA, STUDIO, "typing")
    return [one.value for one in await typist.commands.suggest(asked, "preset")]
