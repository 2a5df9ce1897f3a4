"""Saving prompts and ordering them by name, as people say it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.domain.prompts import MOST, called, name_of
from bot.domain.refs import Person, Place, Tenant
from bot.domain.videos import MAX_PROMPT
from bot.ports import JobFilter
from tests.fakes.chat import FakeChat
from tests.fakes.core import ANA, BEN, MARA, STUDIO, TENANT, Core, World, running
from tests.fakes.typist import Typist, words


@pytest.fixture
async def core(tmp_path: Path) -> AsyncGenerator[Core]:
    """One life."""
    async with running(World(tmp_path)) as core:
        yield core


@pytest.fixture
def typist(core: Core) -> Typist:
    """Somebody who types at it."""
    return Typist(core)


async def test_a_saved_prompt_is_listed_shown_and_forgotten(typist: Typist) -> None:
    saved = await typist.says("/sora save Dunes a red kite over dunes")
    assert (words(saved), saved.message.quote) == (
        "@dunes is saved. Order it with /sora create @dunes",
        "a red kite over dunes",
    )
    assert words(await typist.says("/sora prompts")) == "@dunes a red kite over dunes"
    assert (await typist.says("/sora prompts @dunes")).message.quote == "a red kite over dunes"
    assert "no prompts yet" in words(await typist.says("/sora prompts", BEN))
    assert (await typist.says("/sora prompts dunes", BEN)).refused
    assert (await typist.says("/sora forget dunes", BEN)).refused
    assert "Forgot @dunes" in words(await typist.says("/sora forget dunes"))
    assert "no prompts yet" in words(await typist.says("/sora prompts"))


async def test_a_saved_prompt_is_ordered_by_its_name(core: Core, typist: Typist) -> None:
    await typist.says("/sora save dunes a red kite over dunes,")
    for typed, ordered in (
        ("@dunes", "a red kite over dunes,"),
        ("@DUNES at night", "a red kite over dunes, at night"),
        ("@somebody waves", "@somebody waves"),
        ("the @dunes", "the @dunes"),
    ):
        reply = await typist.says(f"/sora create {typed}")
        assert (await core.job(reply.jobs[0])).spec.prompt == ordered


async def test_a_name_of_nothing_orders_nothing(core: Core, typist: Typist) -> None:
    await typist.says("/sora save dunes a red kite")
    assert (await typist.says("/sora create @sea")).refused
    assert (await typist.says("/sora create @dunes", BEN)).refused
    async with core.store.reading() as tx:
        assert await tx.jobs.list(JobFilter(TENANT)) == ()


async def test_what_becomes_too_long_is_refused(typist: Typist) -> None:
    await typist.presses("save", {"name": "long", "prompt": "x" * MAX_PROMPT})
    assert (await typist.says("/sora create @long and more")).refused


@pytest.mark.parametrize("name", ["two-words!", "-x", "@", "x" * 25])
async def test_a_name_that_cannot_be_typed_again_is_refused(typist: Typist, name: str) -> None:
    assert (await typist.presses("save", {"name": name, "prompt": "a kite"})).refused


async def test_one_person_saves_so_many_and_no_more(typist: Typist) -> None:
    for number in range(MOST):
        assert not (await typist.presses("save", {"name": f"n{number}", "prompt": "x"})).refused
    assert (await typist.presses("save", {"name": "more", "prompt": "x"})).refused
    assert not (await typist.presses("save", {"name": "n7", "prompt": "y"})).refused
    assert not (await typist.presses("save", {"name": "more", "prompt": "x"}, BEN)).refused


# --- prompts of a channel -------------------------------------------------------------------


async def test_everybody_in_a_channel_orders_what_is_saved_for_it(
    core: Core, typist: Typist
) -> None:
    saved = await typist.says("/sora save dunes a red kite for:channel", MARA)
    assert words(saved) == (
        "@dunes is saved for this channel. Order it here with /sora create @dunes"
    )
    assert words(await typist.says("/sora prompts", BEN)) == ("@dunes (of this channel) a red kite")
    assert (await typist.says("/sora prompts dunes", BEN)).message.quote == "a red kite"
    reply = await typist.says("/sora create @dunes at night", BEN)
    assert (await core.job(reply.jobs[0])).spec.prompt == "a red kite at night"
    assert (await typist.says("/sora create @dunes", BEN, Place(TENANT, "lab"))).refused


async def test_a_persons_own_prompt_comes_before_that_of_the_channel(
    core: Core, typist: Typist
) -> None:
    await typist.says("/sora save dunes a red kite for:channel", MARA)
    await typist.says("/sora save dunes a blue kite", BEN)
    assert words(await typist.says("/sora prompts", BEN)).splitlines() == [
        "@dunes a blue kite",
        "@dunes (of this channel) a red kite",
    ]
    for person, ordered in ((BEN, "a blue kite"), (ANA, "a red kite")):
        reply = await typist.says("/sora create @dunes", person)
        assert (await core.job(reply.jobs[0])).spec.prompt == ordered
    await typist.says("/sora forget dunes", BEN)
    assert (await typist.says("/sora prompts dunes", BEN)).message.quote == "a red kite"


async def test_only_admins_and_reviewers_change_the_prompts_of_a_channel(typist: Typist) -> None:
    await typist.says("/sora save dunes a red kite for:channel", MARA)
    for line in ("save dunes a kite for:channel", "forget dunes for:channel"):
        refused = await typist.says(f"/sora {line}", BEN)
        assert words(refused).startswith("Only admins and reviewers do that for a whole channel.")
    assert (await typist.says("/sora prompts dunes", BEN)).message.quote == "a red kite"
    await typist.says("/sora-admin reviewers @ben", MARA)
    await typist.says("/sora save dunes a kite for:channel", BEN)
    assert (await typist.says("/sora prompts dunes")).message.quote == "a kite"
    assert "Forgot @dunes" in words(await typist.says("/sora forget dunes for:channel", BEN))
    assert "no prompts yet" in words(await typist.says("/sora prompts"))


async def test_no_channel_of_another_workspace_has_them_and_no_private_place_has_any(
    core: Core, typist: Typist
) -> None:
    core.platforms["slack"] = FakeChat("slack")
    office = Tenant("slack", "T1")
    await typist.says("/sora save dunes a red kite for:channel", MARA)
    there = Place(office, STUDIO.channel)
    assert "no prompts yet" in words(
        await typist.says("/sora prompts", Person(office, "U1", "Olga", admin=True), there)
    )
    alone = Place(TENANT, "mara", private=True)
    assert (await typist.says("/sora save dunes a kite for:channel", MARA, alone)).refused


async def test_words_of_a_prompt_say_nothing_of_whose_it_is(typist: Typist) -> None:
    saved = await typist.says("/sora save sea channel of mine, at dawn", BEN)
    assert saved.message.quote == "channel of mine, at dawn"


def test_a_name_has_one_form() -> None:
    assert [name_of(typed) for typed in ("@Düne", "düne", "a_b-1", "a b", "")] == [
        *("düne", "düne", "a_b-1", None, None)
    ]
    assert called(" @dunes\nat night ") == ("dunes", "at night")
    assert called("dunes") is None
    assert called("@ dunes") is None
