"""Real time and the tests' own."""

import asyncio
import time

from adapters.clock import SystemClock
from bot.ports import Clock
from tests.fakes.clock import START, FakeClock


def test_both_clocks_fit_the_socket() -> None:
    clocks: list[Clock] = [SystemClock(), FakeClock()]
    assert all(isinstance(clock.now(), int) for clock in clocks)


def test_the_system_clock_counts_milliseconds_since_the_epoch() -> None:
    before = time.time()
    now = SystemClock().now()
    assert before * 1000 - 1 <= now <= time.time() * 1000


async def test_the_system_clock_sleeps_that_long_and_not_at_all_for_nothing() -> None:
    clock = SystemClock()
    started = time.monotonic()
    await clock.sleep(0)
    await clock.sleep(-5)
    assert time.monotonic() - started < 0.02
    await clock.sleep(30)
    assert time.monotonic() - started >= 0.03


async def test_fake_time_stands_still_until_it_is_moved() -> None:
    clock = FakeClock()
    sleeping = asyncio.create_task(clock.sleep(100))
    await asyncio.sleep(0)
    assert (clock.now(), clock.sleepers) == (START, 1)
    clock.advance(100)
    await sleeping
    assert (clock.now(), clock.sleepers) == (START + 100, 0)


async def test_sleepers_wake_one_after_the_other_and_may_sleep_again() -> None:
    clock, woken = FakeClock(), list[tuple[str, int]]()

    async def nap(name: str, ms: int, times: int) -> None:
        for _ in range(times):
            await clock.sleep(ms)
            woken.append((name, clock.now() - START))

    tasks = [asyncio.create_task(nap("slow", 300, 1)), asyncio.create_task(nap("fast", 100, 3))]
    await clock.run_for(1000)
    await asyncio.gather(*tasks)
    assert woken == [("fast", 100), ("fast", 200), ("slow", 300), ("fast", 300)]
    assert clock.now() == START + 1000


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = FakeClock()
    sleeping = asyncio.create_task(clock.sleep(100))
    await asyncio.sleep(0)
    sleeping.cancel()
    await clock.run_for(200)
    assert sleeping.cancelled()
