"""How late a timer fires, alone and on its way to the backend, with many of them waiting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from adapters.clock import SystemClock
from adapters.media.ffmpeg import Ffmpeg
from adapters.wakeups import SchedulerWakeups
from bench.backends import Endless, NoStills
from bench.bots import fill, make_due, running, stored, until
from bench.figures import Figure, spread
from bot.domain.jobs import JobState
from storage.store import SqlStore

WAITING = 1000
"""Timers."""
SPAN = 15_000
"""Ms over which they are spread: the longest pause between two questions about a job."""
AHEAD = 1000
"""Ms until the first of them; the bot starts in that time."""


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """Timers alone, then the jobs of a whole bot, each waiting for its next question."""
    number, span = (50, 500) if quick else (WAITING, SPAN)
    return (
        *spread(f"lag of {number} timers", await _timers(number, span), most=50),
        *spread(
            f"lag of {number} jobs, until asked for", await _jobs(folder, number, span), most=50
        ),
    )


def _moments(number: int, span: int) -> list[int]:
    """Times (ms) from soon on, spread the same way in every run."""
    begins, chance = SystemClock().now() + AHEAD, Random(number)  # noqa: S311 - keeps no secret
    return [begins + chance.randrange(span) for _ in range(number)]


async def _timers(number: int, span: int) -> list[float]:
    """Ms from the time of each to its call."""
    clock, wakeups = SystemClock(), SchedulerWakeups()
    due = {f"timer-{number}": moment for number, moment in enumerate(_moments(number, span))}
    late: dict[str, float] = {}

    async def wake(name: str) -> None:
        late[name] = clock.now() - due[name]

    async def all_fired() -> bool:
        return len(late) == number

    wakeups.start()
    for name, moment in due.items():
        wakeups.at(name, moment, wake)
    await until(all_fired)
    await wakeups.aclose()
    return list(late.values())


async def _jobs(folder: Path, number: int, span: int) -> list[float]:
    """Ms from the due time in the row of each to the question about it."""
    await fill(folder, number)
    backend = Endless()

    async def all_asked() -> bool:
        return len(backend.asked) == number

    due = make_due(folder, _moments(number, span))
    async with running(folder, backend, NoStills(Ffmpeg()), renders_at_once=1000) as bot:
        await until(all_asked)
        await until(lambda: _all_render(bot.store, number))
    return [backend.asked[name] - moment for name, moment in due.items()]


async def _all_render(store: SqlStore, number: int) -> bool:
    return len(await stored(store, JobState.RENDERING)) == number
