"""The real bot on Discord, killed where it hurts: nothing is lost, nothing is there twice."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.domain import ledger
from bot.domain.jobs import JobState
from storage.store import open_store
from tests.fakes.discord_bot import Town, plain_text
from tests.fakes.discord_server.fixtures import running_discord
from tests.faults.chatting import begun, killed, ready
from tests.faults.lives import Home

pytestmark = [pytest.mark.kill, pytest.mark.slow, pytest.mark.timeout(120)]
POST = "POST /channels/*/messages"
CALLBACK = "POST /interactions/*/*/callback"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with running_discord(tmp_path) as server:
        yield Town(server, tmp_path)
    assert server.violations == []


@asynccontextmanager
async def life(town: Town) -> AsyncGenerator[asyncio.subprocess.Process]:
    """``sora-bot run`` as a process that serves people; killed at the end of the block."""
    home, server = Home(town.folder), town.server
    command = ("-m", "tests.fakes.discord_server.launch", server.url, server.gateway.url, "run")
    process = await begun(home, *command, SORA_DISCORD_TOKEN=server.token)
    try:
        await ready(home, process)
        yield process
    finally:
        await kill(town, process)


async def kill(town: Town, process: asyncio.subprocess.Process) -> None:
    assert await killed(process) in {-signal.SIGKILL, 0}
    town.server.gateway.forget()


async def order(town: Town) -> None:
    asked = await town.ana.slash(town.channel, "sora create", prompt="a kite", seconds="4")
    await asked.answer()


async def delivered(town: Town, number: int = 1) -> None:
    """That many videos are in the channel, each card says so, and the books agree."""
    await town.server.until(lambda: len(town.videos()) >= number, timeout=40)
    await town.server.until(lambda: all("Done" in one.text for one in town.cards()), timeout=20)
    assert (len(town.cards()), len(town.videos())) == (number, number)


async def check_books(town: Town, number: int = 1) -> None:
    store = await open_store(Home(town.folder).data / "bot.db")
    async with store.reading() as tx:
        jobs = await tx.jobs.in_state(frozenset(JobState), 100)
        faults = await tx.ledger.check()
        purse = await tx.ledger.balance(ledger.held_for(town.as_person(town.ana)))
    await store.aclose()
    # The last kill may come between the post and its record.
    assert {job.state for job in jobs} <= {JobState.DELIVERING, JobState.DONE}
    assert len(jobs) == number
    assert (faults, purse) == ((), 0)


@pytest.mark.parametrize("which", ["card", "result"])
async def test_a_bot_killed_between_a_post_and_its_record_posts_nothing_twice(
    town: Town, which: str
) -> None:
    async with life(town):
        if which == "card":
            held = town.server.faults.hold(POST)
            await order(town)
        else:
            await order(town)
            await town.server.until(town.cards)
            held = town.server.faults.hold(POST)
        await asyncio.wait_for(held.reached.wait(), 40)
    held.release()
    assert len(town.ours()) == (1 if which == "card" else 2)
    async with life(town):
        await delivered(town)
    await check_books(town)


async def test_a_bot_killed_while_its_answer_is_on_the_way_has_the_order_or_has_nothing(
    town: Town,
) -> None:
    async with life(town):
        held = town.server.faults.hold("PATCH /webhooks/**")
        asked = await town.ana.slash(town.channel, "sora create", prompt="a kite", seconds="4")
        await asyncio.wait_for(held.reached.wait(), 40)
    held.release()
    assert asked.acked
    async with life(town):
        await delivered(town)
    await check_books(town)


async def test_buttons_and_forms_of_a_killed_bot_work_in_the_next_life(town: Town) -> None:
    async with life(town):
        await order(town)
        await delivered(town)
        form = await town.ben.press(town.videos()[0], "Remix")
    async with life(town):
        sent = await town.ben.submit(form.modal, prompt="at night")
        assert "Accepted" in plain_text(await sent.answer())
        thread = await town.server.until(lambda: town.server.thread(town.videos()[0]), timeout=20)
        await town.server.until(lambda: town.videos(thread), timeout=40)
    await check_books(town, 2)
