"""The real bot on Slack, killed where it hurts: nothing is lost, nothing is there twice."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.slack.manifest import EVENTS_PATH
from bot.domain import ledger
from bot.domain.jobs import JobState
from storage.store import open_store
from tests.fakes.core import ALLOWANCE
from tests.fakes.slack_bot import Office
from tests.fakes.slack_server.asked import Asked
from tests.fakes.slack_server.fixtures import running_slack
from tests.faults.chatting import begun, killed, ready
from tests.faults.lives import Home

pytestmark = [pytest.mark.kill, pytest.mark.slow, pytest.mark.timeout(120)]
POST, UPLOAD, COMPLETE = "chat.postMessage", "upload", "files.completeUploadExternal"
PRICE = 40
"""Credits that `order` costs."""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with running_slack(tmp_path) as server:
        yield Office(server, tmp_path)
    assert server.violations == []


@asynccontextmanager
async def life(
    office: Office, *, by_http: bool = False
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """``sora-bot run`` as a process that serves people; killed at the end of the block."""
    home, server = Home(office.folder), office.server
    way = {"SIGNING_SECRET": server.signing_secret} if by_http else {"APP_TOKEN": server.app_token}
    own = {
        "SORA_SLACK_BOT_TOKEN": server.bot_token,
        "SORA_SLACK_API_URL": server.api_url,
        **{f"SORA_SLACK_{name}": text for name, text in way.items()},
    }
    process = await begun(home, "-m", "bot", "run", **own)
    try:
        line = await ready(home, process)
        if by_http:
            (url,) = re.findall(r"http://[\w.:]+", line)
            await server.deliver_to(f"{url}{EVENTS_PATH}")
        yield process
    finally:
        await kill(office, process)


async def kill(office: Office, process: asyncio.subprocess.Process) -> None:
    assert await killed(process) == -signal.SIGKILL
    await office.server.until(lambda: not office.server.sockets.lines)


async def order(office: Office) -> Asked:
    return await office.ana.slash(office.channel, "/sora", "a kite 4s")


async def delivered(office: Office, number: int = 1) -> None:
    """That many videos are in the channel, and each card says so."""
    await office.server.until(lambda: len(office.videos()) >= number, timeout=40)
    await office.server.until(
        lambda: all(card.text.startswith("Done") for card in office.cards()), timeout=20
    )
    assert (len(office.cards()), len(office.videos())) == (number, number)


async def check_books(office: Office, number: int = 1) -> None:
    """So many jobs, each paid once."""
    store = await open_store(Home(office.folder).data / "bot.db")
    ana = office.as_person(office.ana)
    async with store.reading() as tx:
        jobs = await tx.jobs.in_state(frozenset(JobState), 100)
        faults = await tx.ledger.check()
        left = await tx.ledger.balance(ledger.credits_of(ana))
        held = await tx.ledger.balance(ledger.held_for(ana))
    await store.aclose()
    # The last kill may come between the post and its record.
    assert {job.state for job in jobs} <= {JobState.DELIVERING, JobState.DONE}
    assert len(jobs) == number
    assert (faults, left, held) == ((), ALLOWANCE - number * PRICE, 0)


@pytest.mark.parametrize("which", ["card", "video"])
async def test_a_bot_killed_between_a_post_and_its_record_posts_nothing_twice(
    office: Office, which: str
) -> None:
    async with life(office):
        held = office.server.faults.hold(POST if which == "card" else COMPLETE)
        await order(office)
        await asyncio.wait_for(held.reached.wait(), 40)
    held.release()
    async with life(office):
        await delivered(office)
    assert len(office.server.find(UPLOAD)) == 1
    await check_books(office)


async def test_a_bot_killed_between_upload_and_last_step_takes_it_up_there(office: Office) -> None:
    async with life(office):
        held = office.server.faults.hold(COMPLETE, after=False)
        await order(office)
        await asyncio.wait_for(held.reached.wait(), 40)
    held.release()
    async with life(office):
        await delivered(office)
    await check_books(office)


async def test_a_bot_that_slack_calls_is_killed_and_answers_from_its_next_address(
    office: Office,
) -> None:
    async with life(office, by_http=True):
        held = office.server.faults.hold("users.info", after=False)
        asked = await order(office)
        await asyncio.wait_for(held.reached.wait(), 40)
        assert asked.acked
    held.release()
    async with life(office, by_http=True):
        assert "40 credits held" in (await asked.answer(30)).text
        await delivered(office)
    await check_books(office)


@pytest.mark.parametrize(
    "where, said",
    [("users.info", "40 credits held"), ("response_url", "already on its way")],
    ids=["before-the-order", "after-the-order"],
)
async def test_a_bot_killed_between_its_receipt_and_its_answer_gives_it_in_the_next_life(
    office: Office, where: str, said: str
) -> None:
    async with life(office):
        held = office.server.faults.hold(where, after=False)
        asked = await order(office)
        await asyncio.wait_for(held.reached.wait(), 40)
        assert asked.acked
        assert not asked.messages
    held.release()
    async with life(office):
        assert said in (await asked.answer(timeout=20)).text
        await delivered(office)
    await check_books(office)


async def test_a_command_while_the_bot_is_dead_fails_and_orders_nothing(office: Office) -> None:
    async with life(office):
        await (await order(office)).answer()
        await delivered(office)
    assert "dispatch_failed" in (await order(office)).failed
    async with life(office):
        await delivered(office)
    await check_books(office)


async def test_buttons_and_forms_of_a_killed_bot_work_in_the_next_life(office: Office) -> None:
    async with life(office):
        form = await (await office.ana.slash(office.channel, "/sora")).dialog()
    async with life(office):
        await office.ana.choose(form, "Length", "4")
        await office.server.until(lambda: "Costs 40 credits." in form.text)
        await office.ana.submit(form, Prompt="a kite at night")
        assert form.closed
        await delivered(office)
        remix = await (await office.ana.press(office.videos()[0], "Remix")).dialog()
    async with life(office):
        await office.ana.submit(remix, {"prompt": "at dawn"})
        assert remix.closed
        await office.server.until(lambda: len(office.videos()) == 2, timeout=40)
    await check_books(office, 2)
