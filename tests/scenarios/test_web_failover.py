"""A provider breaks down in front of people in the web chat, and another one takes over."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from adapters.web.platform import PEOPLE
from bot.domain.circuits import OPENS_AFTER
from bot.domain.jobs import JobState
from bot.domain.messages import Message, plain
from bot.errors import Billing, Transient
from tests.fakes.backups import with_backup
from tests.fakes.core import ALLOWANCE, PRICE, World, running
from tests.fakes.web_life import STUDIO, WebLife, in_channel, on_the_web

ANA, BEN, MARA = PEOPLE


@pytest.fixture(params=[10, 15])
async def life(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[WebLife]:
    """The real core and the real chat; a backup takes as many credits a second as the test says."""
    world = World(tmp_path)
    async with running(world, with_backup(world, request.param)) as core:
        yield await on_the_web(core)
        async with core.store.reading() as tx:
            assert await tx.checks.faults() == ()


same_price = pytest.mark.parametrize("life", [10], indirect=True)
dearer = pytest.mark.parametrize("life", [15], indirect=True)


async def newest(life: WebLife, what: str) -> Message:
    """The newest message in the channel that says something."""
    shown = await in_channel(life, ANA)
    return next(one for one in reversed(shown) if any(what in plain(line) for line in one.lines))


@same_price
async def test_the_card_tells_of_the_trouble_and_then_of_the_other_provider(
    life: WebLife,
) -> None:
    core = life.core
    core.world.provider.refuse.extend([Transient("down")] * 50)
    await life.chat.type(ANA, STUDIO, "a kite")
    while core.world.provider.posts < OPENS_AFTER:
        await life.wait(1_000)
    await life.wait(3_000)
    assert await newest(life, "The provider does not answer as it should · next try")
    await life.wait(60_000)
    await core.failover.run()
    await life.wait(3_000)
    card = await newest(life, "Moved from simulator, which could not make it, to backup")
    assert any("for the same price" in plain(line) for line in card.lines)
    core.world.others["backup"].finish()
    await life.wait(20_000)
    (job,) = await life.jobs()
    assert job.state is JobState.DONE
    assert await core.purse(ANA) == (ALLOWANCE - PRICE, 0)


@dearer
async def test_who_says_yes_to_the_price_on_the_card_goes_on(life: WebLife) -> None:
    core = life.core
    core.world.provider.refuse.append(Billing("pay"))
    await life.chat.type(BEN, STUDIO, "a boat")
    await life.wait(2_000)
    await life.chat.type(ANA, STUDIO, "a kite")
    await life.wait(3_000)
    card = await newest(life, "out of money · admins are told")
    (button,) = [one for one in card.buttons if one.label.startswith("Continue")]
    assert button.label == "Continue with backup for 120 credits"
    heard = await life.chat.press(ANA, STUDIO, button.verb, button.args)
    assert "120 credits held" in plain(heard.reply.message.lines[0])
    await life.wait(5_000)
    assert await newest(life, "Moved from simulator, which could not make it, to backup")
    assert await core.purse(ANA) == (ALLOWANCE - 120, 120)
    assert await core.purse(BEN) == (ALLOWANCE, 0)
