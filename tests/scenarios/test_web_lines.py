"""Turns in the web chat: one person queues much, others are served, some of it later."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from adapters.web.platform import PEOPLE
from bot.domain.jobs import JobState
from bot.domain.refs import Person
from bot.services.line import Allowed
from tests.fakes.core import ALLOWANCE, PRICE, Options, World, running
from tests.fakes.web_life import WebLife, in_channel, on_the_web, told, words

ANA, BEN, MARA = PEOPLE
S = JobState


@pytest.fixture
async def life(tmp_path: Path) -> AsyncGenerator[WebLife]:
    """The real core with one slot, and the real chat."""
    async with running(World(tmp_path), Options(allowed=Allowed(slots=1))) as core:
        yield await on_the_web(core)


async def cards(life: WebLife, viewer: Person) -> str:
    """What stands in the channel, as somebody finds it."""
    return "\n".join(map(words, await in_channel(life, viewer)))


async def test_who_orders_one_video_stands_before_the_second_of_who_ordered_many(
    life: WebLife,
) -> None:
    for _ in range(3):
        await told(life, ANA, "a kite x4")
        await life.work()
    assert "1st in line" in await told(life, BEN, "a boat")
    assert "1st in line · urgent" in await told(life, MARA, "a moon when:urgent")
    # Ben is second now; Ana, who has one render, waits behind both.
    queue = await told(life, ANA, "/sora queue")
    assert queue.index("a moon") < queue.index("a boat") < queue.rindex("a kite")


async def test_an_order_for_later_waits_for_its_time_and_then_makes_its_video(
    life: WebLife,
) -> None:
    life.core.world.provider.instant = True
    assert "Starts Monday 16:14 Europe/Berlin" in await told(life, ANA, "a kite when:+1m")
    await life.wait(30_000)
    assert "Starts Monday 16:14 Europe/Berlin" in await cards(life, BEN)
    assert await life.core.purse(ANA) == (ALLOWANCE - PRICE, PRICE)
    assert life.core.world.provider.posts == 0
    await life.wait(35_000)
    assert [job.state for job in await life.jobs()] == [S.DONE]
    assert await life.core.purse(ANA) == (ALLOWANCE - PRICE, 0)


async def test_an_order_for_later_can_be_cancelled_meanwhile(life: WebLife) -> None:
    await told(life, ANA, "a kite when:+2h")
    (job,) = await life.jobs()
    assert "80 credits are back" in await told(life, ANA, f"/sora cancel {job.id}")
    await life.wait(5_000)
    assert await life.core.purse(ANA) == (ALLOWANCE, 0)
    assert "Cancelled." in await cards(life, ANA)
