"""What every `Wakeups` promises."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from adapters.clock import SystemClock
from adapters.wakeups import SchedulerWakeups
from bot.ports import Wakeups
from tests.fakes.wakeups import FakeWakeups


@dataclass
class Timers:
    """A signatory, how to let `ms` pass for it, and the names that were called."""

    wakeups: Wakeups
    passes: Callable[[int], Awaitable[None]]
    clock: SystemClock = field(default_factory=SystemClock)
    called: list[str] = field(default_factory=list[str])

    async def wake(self, name: str) -> None:
        self.called.append(name)

    def soon(self, ms: int) -> int:
        return self.clock.now() + ms


@pytest.fixture(params=["apscheduler", "fake"])
async def timers(request: pytest.FixtureRequest) -> AsyncIterator[Timers]:
    if request.param == "fake":
        fake = FakeWakeups()
        now = SystemClock().now()

        async def passes(ms: int) -> None:
            await fake.fire_due(now + ms)

        yield Timers(fake, passes)
        return
    real = SchedulerWakeups()
    timers = Timers(real, lambda ms: asyncio.sleep(ms / 1000))
    yield timers
    await real.aclose()


async def test_a_timer_fires_once_when_its_time_has_come(timers: Timers) -> None:
    timers.wakeups.start()
    timers.wakeups.at("job", timers.soon(20), timers.wake)
    timers.wakeups.at("later", timers.soon(600_000), timers.wake)
    await timers.passes(150)
    assert timers.called == ["job"]


async def test_a_time_in_the_past_fires_at_once(timers: Timers) -> None:
    timers.wakeups.start()
    timers.wakeups.at("job", timers.soon(-3_600_000), timers.wake)
    await timers.passes(100)
    assert timers.called == ["job"]


async def test_a_timer_set_before_the_start_is_kept(timers: Timers) -> None:
    timers.wakeups.at("job", timers.soon(0), timers.wake)
    timers.wakeups.start()
    await timers.passes(100)
    assert timers.called == ["job"]


async def test_a_second_timer_of_a_name_replaces_the_first(timers: Timers) -> None:
    timers.wakeups.start()
    timers.wakeups.at("job", timers.soon(600_000), timers.wake)
    timers.wakeups.at("job", timers.soon(10), timers.wake)
    await timers.passes(100)
    assert timers.called == ["job"]


async def test_a_forgotten_timer_never_fires_and_forgetting_nothing_is_fine(
    timers: Timers,
) -> None:
    timers.wakeups.start()
    timers.wakeups.at("job", timers.soon(30), timers.wake)
    timers.wakeups.forget("job")
    timers.wakeups.forget("stranger")
    await timers.passes(100)
    assert timers.called == []


async def test_nothing_fires_after_the_end(timers: Timers) -> None:
    timers.wakeups.start()
    timers.wakeups.at("job", timers.soon(50), timers.wake)
    await timers.wakeups.aclose()
    await timers.passes(120)
    assert timers.called == []


async def test_a_repeating_timer_fires_again_and_again() -> None:
    real = SchedulerWakeups()
    twice = asyncio.Event()
    called: list[str] = []

    async def wake(name: str) -> None:
        called.append(name)
        if len(called) == 2:
            twice.set()

    real.every("sweep", 20, wake)
    real.start()
    await asyncio.wait_for(twice.wait(), 5)
    await real.aclose()
    assert called[:2] == ["sweep", "sweep"]


async def test_closing_what_never_started_is_fine() -> None:
    await SchedulerWakeups().aclose()
