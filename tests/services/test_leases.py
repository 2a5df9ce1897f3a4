"""A bot that leads, one that waits, and one that was silent for too long."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import SecondInstance
from bot.services.leases import Leadership
from tests.fakes.clock import FakeClock
from tests.fakes.leases import FakeLeases, Shelf

LENGTH = 10_000


class Bot:
    """One of those who want to lead."""

    def __init__(self, name: str, shelf: Shelf, clock: FakeClock) -> None:
        self.leases = FakeLeases(shelf)
        self.lead = Leadership(self.leases, name, LENGTH, clock, clock.now)
        self.lost = 0

    def begin(self) -> None:
        """Hold on to it."""
        self.lead.keep(self._lose)

    def _lose(self) -> None:
        self.lost += 1


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def bots(clock: FakeClock) -> tuple[Bot, Bot]:
    shelf = Shelf(clock)
    return Bot("ana", shelf, clock), Bot("ben", shelf, clock)


async def test_whoever_leads_goes_on_for_as_long_as_it_renews(
    bots: tuple[Bot, Bot], clock: FakeClock
) -> None:
    ana, ben = bots
    assert await ana.lead.take()
    ana.begin()
    waiting = asyncio.create_task(ben.lead.wait())
    for _ in range(100):
        await clock.run_for(1_000)
        assert (ana.lead.leads(), ben.lead.leads()) == (True, False)
    assert ana.lost == 0
    waiting.cancel()
    await ana.lead.stop()


async def test_a_second_one_is_told_who_leads(bots: tuple[Bot, Bot]) -> None:
    ana, ben = bots
    await ana.lead.take_now()
    with pytest.raises(SecondInstance, match=r"^ana$"):
        await ben.lead.take_now()
    assert await ben.lead.leader() == "ana"


async def test_who_waits_takes_over_within_a_lease_from_one_that_died(
    bots: tuple[Bot, Bot], clock: FakeClock
) -> None:
    ana, ben = bots
    assert await ana.lead.take()
    ana.begin()
    waiting = asyncio.create_task(ben.lead.wait())
    await clock.run_for(20_000)
    await ana.lead.stop()
    await clock.run_for(LENGTH + 500)
    assert waiting.done()
    assert (ana.lead.leads(), ben.lead.leads()) == (False, True)


async def test_who_waits_takes_over_in_half_a_second_from_one_that_gave_back(
    bots: tuple[Bot, Bot], clock: FakeClock
) -> None:
    ana, ben = bots
    assert await ana.lead.take()
    waiting = asyncio.create_task(ben.lead.wait())
    await clock.run_for(1_000)
    await ana.leases.give_back()
    await clock.run_for(500)
    assert waiting.done()
    assert ben.lead.leads()


async def test_one_that_was_silent_for_too_long_knows_it_before_it_asks(
    bots: tuple[Bot, Bot], clock: FakeClock
) -> None:
    ana, ben = bots
    assert await ana.lead.take()
    ana.begin()
    await clock.run_for(100)
    clock.advance(LENGTH * 8 // 10)
    assert not ana.lead.leads()
    assert not await ben.lead.take()
    clock.advance(LENGTH * 2 // 10)
    assert await ben.lead.take()
    await clock.run_for(0)
    assert (ana.lost, ana.lead.leads()) == (1, False)
    await ana.lead.stop()


async def test_a_database_that_is_away_stops_a_bot_only_until_it_is_back(
    bots: tuple[Bot, Bot], clock: FakeClock
) -> None:
    ana, _ = bots
    assert await ana.lead.take()
    ana.begin()
    ana.leases.faults = [OSError("away")] * 3
    await clock.run_for(9_100)
    assert not ana.lead.leads()
    await clock.run_for(3_000)
    assert (ana.lead.leads(), ana.lost) == (True, 0)
    await ana.lead.stop()


async def test_who_waits_goes_on_waiting_while_the_database_is_away(
    bots: tuple[Bot, Bot], clock: FakeClock
) -> None:
    _, ben = bots
    ben.leases.faults = [OSError("away")] * 4
    waiting = asyncio.create_task(ben.lead.wait())
    await clock.run_for(1_900)
    assert not waiting.done()
    await clock.run_for(200)
    assert waiting.done()
