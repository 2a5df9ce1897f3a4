"""What people read when they order the final of a draft."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.domain.jobs import Operation
from tests.fakes.core import ANA, BEN, MARA, World, running
from tests.fakes.typist import Typist, words

BESIDE = "The final costs 240 credits, 160 more than the draft (80)."


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncGenerator[Typist]:
    """A studio in which what is ordered is finished at once."""
    world = World(tmp_path)
    world.provider.instant = True
    async with running(world) as core:
        yield Typist(core)


async def made(chat: Typist, line: str = "/sora create a red kite over dunes") -> str:
    assert not (await chat.says(line)).refused
    await chat.core.wait(3_000)
    return (await chat.core.jobs())[0].id


async def test_the_price_is_told_with_what_it_is_above_the_draft(chat: Typist) -> None:
    draft = await made(chat)
    reply = await chat.says(f"/sora finalize {draft}", BEN)
    accepted, beside, _ = words(reply).splitlines()
    assert accepted.startswith("Accepted · #")
    assert "240 credits held" in accepted
    assert beside == BESIDE


async def test_where_prices_are_confirmed_it_is_told_before_anything_is_spent(
    chat: Typist,
) -> None:
    await chat.says("/sora-admin settings confirm 100", MARA)
    draft = await made(chat)
    before = await chat.core.purse(BEN)
    reply = await chat.presses("finalize", {"job": draft}, BEN)
    question, beside = words(reply).splitlines()
    assert question.startswith("This costs 240 credits")
    assert beside == BESIDE
    assert await chat.core.purse(BEN) == before
    yes = reply.message.buttons[0]
    agreed = await chat.presses(yes.verb, dict(yes.args), BEN)
    assert BESIDE in words(agreed)
    final = (await chat.core.jobs())[0]
    assert (final.operation, final.remix_of, final.person) == (Operation.FINALIZE, draft, BEN)


async def test_what_the_best_model_made_is_refused_in_one_sentence(chat: Typist) -> None:
    best = await made(chat, "/sora create a red kite model:sora-2-pro")
    reply = await chat.says(f"/sora finalize {best}", ANA)
    assert reply.refused
    told = "No better model than sora-2-pro is on sale for this video."
    assert words(reply) == f"{told} Nothing was started or charged."


async def test_what_is_not_finished_is_refused(chat: Typist) -> None:
    chat.core.world.provider.instant = False
    draft = await made(chat)
    reply = await chat.says(f"/sora finalize {draft}")
    assert reply.refused
    assert words(reply).startswith("Only a finished video can be finalized")
