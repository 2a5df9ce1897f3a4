"""A polite kill: the bot ends in time, in good order, and leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from adapters.providers.simulator.faults import Fault, Kind
from bot.domain.jobs import LIVE
from tests.faults.books import read_books
from tests.faults.commands import Command, command
from tests.faults.lives import Home, Lab, Plan, settings
from tests.payloads.clips import gone, seen

pytestmark = [pytest.mark.kill, pytest.mark.timeout(120)]
IN_TIME = 10.0
"""Seconds from the signal to the end, though an answer is on its way that never comes: what
containers are given."""
DAWN = {"prompt": "a slow dawn over dunes", "seconds": "20"}


async def told_to_stop(bot: Command) -> tuple[int, float]:
    """Exit status, and the seconds until then."""
    clock = asyncio.get_running_loop()
    asked = clock.time()
    bot.process.terminate()
    return await bot.ended(), clock.time() - asked


async def with_renders_under_way(lab: Lab, home: Home) -> None:
    """Leave two jobs that the bot's own simulator has begun, as a dead bot leaves them: at home."""
    plan = Plan({"port": 0}, orders={"one": DAWN, "two": DAWN})
    await lab.lives.lived(home, plan.killed("poll:running", "after"))
    assert home.strays() == []


async def test_a_bot_that_is_told_to_stop_ends_with_its_renders_and_leaves_nothing_outside(
    lab: Lab,
) -> None:
    home = Home(lab.root)
    await with_renders_under_way(lab, home)
    async with command(home, "run", "--data", str(home.data), SORA_PORT="0") as bot:
        assert await seen(f"{home.data}/simulator/clips/work")
        status, took = await told_to_stop(bot)
    assert (status, took < IN_TIME) == (0, True)
    assert await gone(str(home.data))
    assert home.strays() == []
    books = await read_books(home)
    books.adds_up()
    assert len(books.jobs) == 2
    assert all(job.state in LIVE for job in books.jobs)
    assert books.held == sum(job.offer.price for job in books.jobs)


async def test_a_bot_that_is_told_to_stop_does_not_wait_for_ever_for_an_answer(lab: Lab) -> None:
    async with lab.installation("hanging") as (home, backend):
        await backend.plan(Fault(Kind.SLOW, on="create", wait_ms=60_000))
        plan = Plan(settings(backend.url))
        await lab.lives.lived(home, plan.killed("accepted", "after"))
        words = ("run", "--data", str(home.data))
        at = {"SORA_PORT": "0", "SORA_PROVIDER_URL": backend.url}
        async with command(home, *words, **at) as bot:
            await backend.until(lambda stats: stats["accepted"] == 1)
            status, took = await told_to_stop(bot)
        assert (status, took < IN_TIME) == (0, True)
        await lab.lives.lived_to_rest(home, plan)
        stats = await backend.stats()
    books = await read_books(home)
    books.is_whole()
    books.is_delivered(books.jobs[0])
    assert stats["posts"] == 1
