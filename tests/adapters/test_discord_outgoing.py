"""Calls to Discord: their pace, what is tried again, and what an error means to the core."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest

from adapters.discord.outgoing import (
    MOST_INVALID,
    Budget,
    Outgoing,
    ThreadArchived,
    ThreadExists,
    TooLarge,
    chat_error,
)
from bot.errors import ChatBusy, ChatError, ChatForbidden, ChatGone
from tests.fakes.clock import START, FakeClock


def refused(status: int, code: int = 0, wait: str = "") -> discord.HTTPException:
    headers = {"Retry-After": wait} if wait else {}
    answer = cast("Any", SimpleNamespace(status=status, reason="", headers=headers))
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    return kind(answer, {"code": code, "message": "words of Discord"})


@pytest.mark.parametrize(
    "error, kind",
    [
        (refused(413), TooLarge),
        (refused(400, 40005), TooLarge),
        (refused(400, 50045), TooLarge),
        (refused(403, 50007), ChatForbidden),
        (refused(403, 50278), ChatForbidden),
        (refused(403, 50013), ChatForbidden),
        (refused(403, 50001), ChatForbidden),
        (refused(404, 10003), ChatGone),
        (refused(404, 10008), ChatGone),
        (refused(400, 50083), ThreadArchived),
        (refused(400, 160004), ThreadExists),
        (refused(400, 160006), ChatForbidden),
        (refused(400, 200000), ChatForbidden),
        (refused(400, 240000), ChatForbidden),
        (refused(429, 30046), ChatBusy),
        (refused(500), ChatError),
        (aiohttp.ClientOSError(104, "reset"), ChatError),
        (discord.RateLimited(61.0), ChatBusy),
    ],
)
def test_each_error_says_who_can_act(error: Exception, kind: type[Exception]) -> None:
    assert type(chat_error(cast("Any", error))) is kind


def test_a_busy_discord_is_waited_for_as_long_as_it_says() -> None:
    found = chat_error(refused(429, wait="7.5"))
    assert isinstance(found, ChatBusy)
    assert found.retry_after_ms == 7_500


async def test_forty_go_at_once_and_the_rest_follow_at_their_pace() -> None:
    clock, gone = FakeClock(), list[int]()
    budget = Budget(clock)

    async def one() -> None:
        await budget.take()
        gone.append(clock.now() - START)

    tasks = [asyncio.create_task(one()) for _ in range(80)]
    await clock.run_for(2_000)
    await asyncio.gather(*tasks)
    assert gone[:40] == [0] * 40
    assert gone[-1] == 1_000


async def failing(clock: FakeClock, *errors: Exception) -> tuple[object, int]:
    """What comes of a call that fails so often, and how often it was tried."""
    left, tries = list(errors), 0

    async def work() -> str:
        nonlocal tries
        tries += 1
        if left:
            raise left.pop(0)
        return "done"

    task = asyncio.create_task(Outgoing(clock).call(work))
    await clock.run_for(10_000)
    try:
        return await task, tries
    except ChatError as error:
        return error, tries


async def test_a_broken_line_and_an_unready_server_are_tried_again() -> None:
    errors = (aiohttp.ServerDisconnectedError(), refused(503))
    assert await failing(FakeClock(), *errors) == ("done", 3)


async def test_a_line_that_stays_broken_is_left_to_the_outbox() -> None:
    found, tries = await failing(FakeClock(), *(ConnectionResetError() for _ in range(9)))
    assert isinstance(found, ChatError)
    assert tries == 3


async def test_a_refusal_is_not_tried_again() -> None:
    found, tries = await failing(FakeClock(), refused(403, 50013))
    assert isinstance(found, ChatForbidden)
    assert tries == 1


async def test_many_refusals_make_us_keep_still_before_discord_bans_the_address() -> None:
    clock = FakeClock()
    outgoing = Outgoing(clock)

    async def work() -> None:
        raise refused(403, 50013)

    for _ in range(MOST_INVALID):
        clock.advance(100)
        with pytest.raises(ChatForbidden):
            await outgoing.call(work)
    with pytest.raises(ChatBusy):
        await outgoing.call(work)
    clock.advance(600_000)
    with pytest.raises(ChatForbidden):
        await outgoing.call(work)
