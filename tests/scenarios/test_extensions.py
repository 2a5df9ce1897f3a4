"""A video goes on with everything real but the chat: backends over HTTP, pictures, ffmpeg."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.media.ffmpeg import Ffmpeg
from adapters.media.media import FfmpegMedia
from adapters.media.probe import probe_file
from bot.domain.jobs import Job
from bot.ports import MediaInfo
from bot.services.videos import Further
from tests.fakes.backends import backend
from tests.fakes.core import ANA, KITE, STUDIO
from tests.fakes.provider_story import Stage, staged


async def extended(on: Stage, name: str) -> Job:
    order = await on.core.videos.extend(ANA, STUDIO, f"extend {name}", name, Further("it lands", 4))
    job = order.jobs[0]
    await on.rest(job.id)
    await on.is_done(job.id)
    return await on.core.job(job.id)


async def film(on: Stage, name: str) -> MediaInfo:
    """The file that people get."""
    async with on.core.store.reading() as tx:
        video = await tx.videos.of(name)
    assert video
    info = probe_file(on.core.blobs.open(video.blob))
    assert video.seconds == round(info.duration_ms / 1000)
    return info


@pytest.mark.parametrize("dialect, native", [("openai", True), ("vllm-omni", False)])
async def test_people_get_the_whole_video_whoever_makes_it(
    dialect: str,
    native: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
) -> None:
    media = FfmpegMedia(Ffmpeg())
    async with staged(lambda clock: backend(dialect, clock=clock), tmp_path, None, media) as on:
        first = await on.order()
        for times in (1, 2):
            job = await extended(on, first)
            made = on.machine.archive.all()[-1]
            assert bool(made.parent) is native
            assert bool(made.spec.image) is not native
            whole = await film(on, job.id)
            assert whole.duration_ms == pytest.approx(1000 * (8 + 4 * times), abs=200)
            assert (whole.width, whole.height) == (KITE.size.width, KITE.size.height)
            assert whole.has_audio
            first = job.id


async def test_what_the_backend_no_longer_has_goes_on_from_our_copy(tmp_path: Path) -> None:
    media = FfmpegMedia(Ffmpeg())
    async with staged(lambda clock: backend(clock=clock), tmp_path, None, media) as on:
        first = await on.core.job(await on.order())
        assert first.reference
        await on.back.client.delete(first.reference)
        job = await extended(on, first.id)
        made = on.machine.archive.all()[-1]
        assert made.prompt == f"{KITE.prompt}\n\nThen: it lands"
        assert made.spec.image
        assert (await film(on, job.id)).duration_ms == pytest.approx(12_000, abs=200)
