"""Saving prompts and ordering them by name, as people say it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.domain.prompts import MOST, called, name_of
from bot.domain.videos import MAX_PROMPT
from bot.ports import JobFilter
from tests.fakes.core import BEN, TENANT, Core, World, running
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


def test_a_name_has_one_form() -> None:
    assert [name_of(typed) for typed in ("@Düne", "düne", "a_b-1", "a b", "")] == [
        *("düne", "düne", "a_b-1", None, None)
    ]
    assert called(" @dunes\nat night ") == ("dunes", "at night")
    assert called("dunes") is None
    assert called("@ dunes") is None
