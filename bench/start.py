"""How long a start takes, and the first page, with nothing and with much behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import httpx

from adapters.media.ffmpeg import Ffmpeg
from adapters.media.media import FfmpegMedia
from bench.backends import Instant, tiny_clip
from bench.bots import at_rest, check_books, running, stored
from bench.figures import Figure, quantile
from bench.past import multiplied
from bench.processes import started
from bot.domain.jobs import JobState
from storage.store import open_store

FINISHED = 10_000
TIMES = 5
"""Starts of each kind; the middle one counts."""


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """Each on a store of its own."""
    number, times = (200, 1) if quick else (FINISHED, TIMES)
    await _finished(folder / "full", number)
    full = [await _start(folder / "full") for _ in range(times)]
    # The first start of all makes the tables and is not counted.
    empty = [await _start(folder / "empty") for _ in range(times + 1)][1:]
    await _check(folder / "full", number)
    return (*_figures("an empty store", empty), *_figures(f"{number} finished jobs", full))


def _figures(what: str, starts: Sequence[tuple[float, float]]) -> tuple[Figure, Figure]:
    ready, page = zip(*starts, strict=True)
    return (
        Figure(f"start with {what}, until ready", quantile(ready, 0.5), "s"),
        Figure(f"first page with {what}", quantile(page, 0.5), "ms"),
    )


async def _start(folder: Path) -> tuple[float, float]:
    """Seconds from the start of the process until it says it is ready; ms of the first page."""
    async with started("run", "--data", str(folder), port="0") as bot:
        url = await bot.url()
        ready = perf_counter() - bot.began
        async with httpx.AsyncClient(timeout=60) as client:
            began = perf_counter()
            page = await client.get(url)
            took = 1000 * (perf_counter() - began)
        assert page.status_code == httpx.codes.OK
        return ready, took


async def _finished(folder: Path, number: int) -> None:
    """A store with that many lives behind it: one real one for each person, and their like."""
    async with running(folder, Instant(await tiny_clip()), FfmpegMedia(Ffmpeg())) as bot:
        for _ in range(10):
            await bot.order()
        await at_rest(bot.store)
    multiplied(folder / "bot.db", number)


async def _check(folder: Path, number: int) -> None:
    """Everything is still there, and the books of it are right."""
    store = await open_store(folder / "bot.db")
    try:
        assert len(await stored(store, JobState.DONE)) == number
        await check_books(store)
    finally:
        await store.aclose()
