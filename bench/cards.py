"""From a command to its first card, at a steady pace of commands that waits for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from adapters.media.ffmpeg import Ffmpeg
from bench.backends import Endless, NoStills
from bench.bots import Running, check_books, running, stored, until
from bench.figures import Figure, spread
from bot.domain.jobs import LIVE
from bot.ports import Said

RATES = (50, 200)
"""Commands per second."""


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """Each pace on a bot of its own."""
    found: list[Figure] = []
    for rate in RATES:
        backend = Endless()
        async with running(folder / str(rate), backend, NoStills(Ffmpeg())) as bot:
            found += await _at(bot, rate, rate if quick else 5 * rate)
    return found


class Wall:
    """Notes when the first card of each job is in the transcript."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}

    def __call__(self, said: Said) -> None:
        """A message came or changed."""
        for name in _jobs_in(said.body):
            self.seen.setdefault(name, perf_counter())

    async def has(self, names: Sequence[str]) -> bool:
        """Whether each of these jobs has its card."""
        return all(name in self.seen for name in names)


def _jobs_in(body: dict[str, Any]) -> Iterator[str]:
    """The jobs that a message has buttons for."""
    for button in body["buttons"]:
        yield button["args"]["job"]


async def _at(bot: Running, rate: int, number: int) -> Sequence[Figure]:
    wall = Wall()
    leave = bot.store.transcript.listen(wall)
    work, began = process_time(), perf_counter()
    # From the moment when it should be sent: a late start is part of the waiting.
    moments = [began + turn / rate for turn in range(number)]
    orders = [asyncio.create_task(_order(bot, moment)) for moment in moments]
    answered = await asyncio.gather(*orders)
    names = [name for name, _ in answered]
    await until(partial(wall.has, names))
    work = process_time() - work
    leave()
    await _check(bot, names)
    replies = [1000 * (at - due) for (_, at), due in zip(answered, moments, strict=True)]
    cards = [1000 * (wall.seen[name] - due) for name, due in zip(names, moments, strict=True)]
    took = max(wall.seen.values()) - began
    return (
        *spread(f"command to first card at {rate}/s", cards),
        *spread(f"command to its answer at {rate}/s", replies),
        Figure(f"commands done, {rate}/s offered", number / took, "1/s"),
        Figure(f"CPU of one command and its card at {rate}/s", 1000 * work / number, "ms"),
    )


async def _order(bot: Running, moment: float) -> tuple[str, float]:
    await asyncio.sleep(max(0.0, moment - perf_counter()))
    reply = await bot.order()
    return reply.jobs[0], perf_counter()


async def _check(bot: Running, names: Sequence[str]) -> None:
    """Every command became one job, stored and paid for."""
    live = {job.id for job in await stored(bot.store, *LIVE)}
    assert live == set(names)
    assert len(live) == len(names)
    await check_books(bot.store)
