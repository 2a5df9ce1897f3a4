"""The law of `Leases`: one holder at a time, each with a higher epoch than all before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import psycopg
import pytest

from bot.domain.leases import Lease
from bot.ports import Leases
from storage.engine import url_of
from storage.leases import SqlLeases
from tests.fakes.clock import FakeClock
from tests.fakes.leases import FakeLeases, Shelf

LENGTH = 60_000


@dataclass
class Town:
    """Bots that may all reach the same lease; `expire` lets its time pass."""

    bot: Callable[[], Leases]
    expire: Callable[[], None]


@pytest.fixture(params=["memory", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Where the lease lies; "" in memory."""
    # Only now, for the other needs no server.
    return request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""


@pytest.fixture
async def town(url: str) -> AsyncIterator[Town]:
    if not url:
        clock = FakeClock()
        shelf = Shelf(clock)
        yield Town(lambda: FakeLeases(shelf), lambda: clock.advance(LENGTH + 1))
        return
    async with AsyncExitStack() as stack:

        def bot() -> Leases:
            leases = SqlLeases(url_of(url))
            stack.push_async_callback(leases.aclose)
            return leases

        yield Town(bot, lambda: expire(url))


def expire(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE leases SET until_at = 1")


async def test_there_is_no_lease_before_somebody_took_it(town: Town) -> None:
    assert await town.bot().look() is None


async def test_only_one_of_many_gets_it_at_a_time(town: Town) -> None:
    bots = [town.bot() for _ in range(5)]
    got = await asyncio.gather(*(bot.take(f"bot {n}", LENGTH) for n, bot in enumerate(bots)))
    (lease,) = [one for one in got if one]
    assert lease.epoch == 1
    assert await bots[0].look() == lease
    assert [await bot.take("late", LENGTH) for bot in bots] == [None] * 5


async def test_who_comes_after_has_a_higher_epoch_and_the_one_before_cannot_renew(
    town: Town,
) -> None:
    first, second = town.bot(), town.bot()
    assert await first.take("first", LENGTH)
    town.expire()
    taken = await second.take("second", LENGTH)
    assert taken == await first.look()
    assert (taken or Lease("", 0, 0)).epoch == 2
    assert not await first.renew(LENGTH)
    assert await second.renew(LENGTH)


async def test_a_lease_that_ran_out_can_be_renewed_while_nobody_else_took_it(town: Town) -> None:
    first, second = town.bot(), town.bot()
    assert await first.take("first", LENGTH)
    town.expire()
    assert await first.renew(LENGTH)
    assert await second.take("second", LENGTH) is None


async def test_what_is_given_back_can_be_taken_at_once(town: Town) -> None:
    first, second = town.bot(), town.bot()
    assert await first.take("first", LENGTH)
    await first.give_back()
    taken = await second.take("second", LENGTH)
    assert taken
    assert (taken.holder, taken.epoch) == ("second", 2)


async def test_whoever_has_lost_it_gives_nothing_back(town: Town) -> None:
    first, second, third = town.bot(), town.bot(), town.bot()
    assert await first.take("first", LENGTH)
    town.expire()
    assert await second.take("second", LENGTH)
    await first.give_back()
    assert await third.take("third", LENGTH) is None
    assert not await first.renew(LENGTH)
