"""Stills made from clips, through the Media port."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from adapters.media.ffmpeg import Ffmpeg
from adapters.media.media import FfmpegMedia
from bot.domain.videos import Fit, Size
from bot.errors import BadImage, MediaError, MediaFailed, TruncatedVideo
from bot.ports import Media
from tests.payloads.clips import clip, ending_white, made, processes_with, seen, starting_white


@pytest.fixture
def media() -> FfmpegMedia:
    return FfmpegMedia(Ffmpeg())


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip())
    return path


def test_it_fits_the_socket(media: FfmpegMedia) -> None:
    socket: Media = media
    assert socket


async def test_a_poster_is_a_jpeg_no_wider_than_the_clip(
    media: FfmpegMedia, video: Path, tmp_path: Path
) -> None:
    await media.poster(video, tmp_path / "poster.jpg")
    with Image.open(tmp_path / "poster.jpg", formats=("JPEG",)) as still:
        assert still.size == (64, 36)


async def test_a_poster_of_a_large_clip_is_640_wide(media: FfmpegMedia, tmp_path: Path) -> None:
    large = made("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=5:d=1", "-pix_fmt", "yuv420p")
    (tmp_path / "large.mp4").write_bytes(large)
    await media.poster(tmp_path / "large.mp4", tmp_path / "poster.webp")
    with Image.open(tmp_path / "poster.webp", formats=("WEBP",)) as still:
        assert still.size == (640, 360)


async def test_a_contact_sheet_has_one_tile_a_second(
    media: FfmpegMedia, video: Path, tmp_path: Path
) -> None:
    await media.spritesheet(video, tmp_path / "sheet.jpg")
    with Image.open(tmp_path / "sheet.jpg", formats=("JPEG",)) as sheet:
        assert sheet.size == (2 * 320, 180)


async def test_the_first_frame_is_really_the_first_and_as_large_as_the_clip(
    media: FfmpegMedia, tmp_path: Path
) -> None:
    (tmp_path / "starting.mp4").write_bytes(starting_white())
    await media.frame(tmp_path / "starting.mp4", tmp_path / "first.jpg")
    with Image.open(tmp_path / "first.jpg", formats=("JPEG",)) as first:
        assert first.size == (1280, 720)
        assert ImageStat.Stat(first.convert("L")).mean[0] > 240


async def test_a_clip_of_noise_has_no_first_frame(
    media: FfmpegMedia, video: Path, tmp_path: Path
) -> None:
    data = clip()
    body = data.index(b"mdat") + 4
    video.write_bytes(data[:body] + bytes(len(data) - body))
    with pytest.raises(MediaFailed):
        await media.frame(video, tmp_path / "first.jpg")
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


async def test_the_last_frame_is_really_the_last(media: FfmpegMedia, tmp_path: Path) -> None:
    (tmp_path / "ending.mp4").write_bytes(ending_white())
    await media.last_frame(tmp_path / "ending.mp4", tmp_path / "last.png")
    with Image.open(tmp_path / "last.png", formats=("PNG",)) as last:
        assert ImageStat.Stat(last.convert("L")).mean[0] > 240


async def test_a_cut_clip_gives_no_poster(media: FfmpegMedia, video: Path, tmp_path: Path) -> None:
    video.write_bytes(clip()[:-500])
    with pytest.raises(TruncatedVideo):
        await media.poster(video, tmp_path / "poster.jpg")


async def test_a_clip_of_noise_gives_no_poster_and_leaves_nothing_behind(
    media: FfmpegMedia, video: Path, tmp_path: Path
) -> None:
    data = clip()
    body = data.index(b"mdat") + 4
    video.write_bytes(data[:body] + bytes(len(data) - body))
    with pytest.raises(MediaFailed):
        await media.poster(video, tmp_path / "poster.jpg")
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


async def test_an_unwritable_place_is_an_error_of_ours(media: FfmpegMedia, video: Path) -> None:
    with pytest.raises(MediaError):
        await media.poster(video, Path("/nowhere/at/all/poster.jpg"))


async def test_a_picture_is_prepared_from_file_to_file(media: FfmpegMedia, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (50, 50), (9, 9, 9)).save(out, "PNG")
    (tmp_path / "given").write_bytes(out.getvalue())
    await media.prepare_image(tmp_path / "given", Size(1280, 720), Fit.CROP, tmp_path / "ready.jpg")
    with Image.open(tmp_path / "ready.jpg", formats=("JPEG",)) as ready:
        assert ready.size == (1280, 720)


async def test_a_picture_that_is_not_there_is_refused(media: FfmpegMedia, tmp_path: Path) -> None:
    with pytest.raises(BadImage):
        await media.prepare_image(
            tmp_path / "nothing", Size(1280, 720), Fit.CROP, tmp_path / "ready.jpg"
        )


async def test_a_picture_that_cannot_be_stored_is_an_error_of_ours(
    media: FfmpegMedia, tmp_path: Path
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (50, 50)).save(out, "PNG")
    (tmp_path / "given").write_bytes(out.getvalue())
    with pytest.raises(MediaFailed, match="cannot be stored"):
        await media.prepare_image(
            tmp_path / "given", Size(64, 64), Fit.CROP, tmp_path / "no" / "ready.jpg"
        )


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_a_cancelled_poster_leaves_neither_file_nor_process(tmp_path: Path) -> None:
    slow, marker = tmp_path / "slow-ffmpeg", f"86398.{os.getpid()}"
    slow.write_text(f"#!/bin/sh\nsleep {marker}\n")
    slow.chmod(0o755)
    (tmp_path / "clip.mp4").write_bytes(clip())
    media = FfmpegMedia(Ffmpeg(str(slow)))
    work = asyncio.create_task(media.poster(tmp_path / "clip.mp4", tmp_path / "poster.jpg"))
    assert await seen(marker)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert processes_with(marker) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["clip.mp4", "slow-ffmpeg"]


async def test_the_loop_stays_free_while_pictures_are_made(
    media: FfmpegMedia, video: Path, tmp_path: Path
) -> None:
    async def longest_pause() -> float:
        loop, worst = asyncio.get_running_loop(), 0.0
        while not work.done():
            before = loop.time()
            await asyncio.sleep(0.005)
            worst = max(worst, loop.time() - before)
        return worst

    work = asyncio.gather(
        media.poster(video, tmp_path / "a.jpg"), media.spritesheet(video, tmp_path / "b.jpg")
    )
    assert await longest_pause() < 0.5
    await work
