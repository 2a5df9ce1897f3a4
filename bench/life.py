"""Whole lives of jobs, from the order to the posted video, with a backend that needs no time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import process_time

from adapters.clock import SystemClock
from adapters.media.ffmpeg import Ffmpeg
from adapters.media.media import FfmpegMedia
from adapters.providers.openai_videos.client import OpenAIVideos
from adapters.providers.openai_videos.profile import profile_of
from bench.backends import Instant, NoStills, tiny_clip
from bench.bots import Running, at_rest, check_books, running, stored
from bench.figures import Figure
from bench.processes import started
from bot.domain.jobs import JobState
from bot.ports import Media, VideoProvider

SLOTS = 64
"""Renders at once; the worker takes as many steps side by side."""


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """In process with and without stills, and over HTTP."""
    number = 20 if quick else 500
    clip = await tiny_clip()
    engine = await _lives(folder / "engine", Instant(clip), NoStills(Ffmpeg()), number)
    stills = await _lives(folder / "stills", Instant(clip), FfmpegMedia(Ffmpeg()), number // 5)
    async with _simulator() as provider:
        http = await _lives(folder / "http", provider, NoStills(Ffmpeg()), number)
    return (
        Figure("whole lives, instant backend", engine[0], "jobs/s"),
        Figure("CPU of one life", engine[1], "ms"),
        Figure("whole lives, with a still of each by ffmpeg", stills[0], "jobs/s"),
        Figure("whole lives, simulator over HTTP", http[0], "jobs/s"),
    )


@asynccontextmanager
async def _simulator() -> AsyncGenerator[VideoProvider]:
    """The client of a simulator that is ready at once, in a process of its own."""
    async with started("simulate", "--instant", "--port", "0") as process:
        url = await process.url()
        provider = OpenAIVideos(profile_of("simulator"), url, "", SystemClock(), name="simulator")
        try:
            yield provider
        finally:
            await provider.aclose()


async def _lives(
    folder: Path, provider: VideoProvider, media: Media, number: int
) -> tuple[float, float]:
    """Jobs per second from the first order to the last video, and CPU ms of each."""
    async with running(folder, provider, media, renders_at_once=SLOTS) as bot:
        before = process_time()
        for _ in range(number):
            await bot.order()
        await at_rest(bot.store)
        work = 1000 * (process_time() - before) / number
        return await _pace(bot, number), work


async def _pace(bot: Running, number: int) -> float:
    """Every job has its video, was sent once, and was paid for."""
    done = await stored(bot.store, JobState.DONE)
    assert len(done) == number
    assert all(job.attempt == 1 for job in done)
    assert len({str(job.reference) for job in done}) == number
    await check_books(bot.store)
    took = max(job.updated_at for job in done) - min(job.accepted_at for job in done)
    return 1000 * number / took
