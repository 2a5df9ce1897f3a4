"""One clip behind another: in the form of the first, as long as both, and heard where one is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from adapters.media.ffmpeg import Ffmpeg
from adapters.media.join import graph
from adapters.media.media import FfmpegMedia
from adapters.media.probe import probe_file
from bot.errors import MediaError, NotAVideo, TruncatedVideo
from bot.ports import MediaInfo
from tests.payloads.clips import clip, ending_white, made, silent_clip

Clip = Callable[[], bytes]
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@pytest.fixture
def media() -> FfmpegMedia:
    return FfmpegMedia(Ffmpeg())


def tall() -> bytes:
    """1 s of 48x64 at 25 pictures a second, with mono sound."""
    sound = ("-f", "lavfi", "-i", "sine=d=1:r=22050", "-c:a", "aac", "-ac", "1")
    return made("-f", "lavfi", "-i", "testsrc2=s=48x64:r=25:d=1", *sound, *H264)


async def joined(media: FfmpegMedia, folder: Path, first: bytes, second: bytes) -> MediaInfo:
    (folder / "first.mp4").write_bytes(first)
    (folder / "second.mp4").write_bytes(second)
    await media.join(folder / "first.mp4", folder / "second.mp4", folder / "whole.mp4")
    return probe_file(folder / "whole.mp4")


async def test_what_is_joined_is_as_long_as_both_and_ready_to_stream(
    media: FfmpegMedia, tmp_path: Path
) -> None:
    whole = await joined(media, tmp_path, clip(), clip())
    assert (whole.width, whole.height) == (64, 36)
    assert whole.duration_ms == pytest.approx(4000, abs=50)
    assert whole.frames == 40
    assert whole.video_codec == "h264"
    assert whole.faststart


@pytest.mark.parametrize(
    "first, second, heard",
    [
        (clip, clip, True),
        (clip, silent_clip, True),
        (silent_clip, clip, True),
        (silent_clip, silent_clip, False),
    ],
)
async def test_there_is_sound_where_one_of_both_has_it(
    media: FfmpegMedia, tmp_path: Path, first: Clip, second: Clip, *, heard: bool
) -> None:
    whole = await joined(media, tmp_path, first(), second())
    assert whole.has_audio is heard
    assert whole.duration_ms == pytest.approx(4000, abs=50)


async def test_the_second_takes_size_and_rate_of_the_first(
    media: FfmpegMedia, tmp_path: Path
) -> None:
    whole = await joined(media, tmp_path, clip(), tall())
    assert (whole.width, whole.height) == (64, 36)
    assert whole.duration_ms == pytest.approx(3000, abs=50)
    assert whole.frames == 30


async def test_the_second_really_comes_second(media: FfmpegMedia, tmp_path: Path) -> None:
    await joined(media, tmp_path, clip(), ending_white())
    await media.last_frame(tmp_path / "whole.mp4", tmp_path / "last.png")
    with Image.open(tmp_path / "last.png", formats=("PNG",)) as last:
        assert ImageStat.Stat(last.convert("L")).mean[0] > 240


async def test_the_same_clips_are_the_same_bytes(media: FfmpegMedia, tmp_path: Path) -> None:
    await joined(media, tmp_path, clip(), tall())
    once = (tmp_path / "whole.mp4").read_bytes()
    await joined(media, tmp_path, clip(), tall())
    assert (tmp_path / "whole.mp4").read_bytes() == once


@pytest.mark.parametrize("broken", ["first", "second"])
async def test_half_a_clip_is_joined_to_nothing(
    media: FfmpegMedia, tmp_path: Path, broken: str
) -> None:
    halves = {"first": clip(), "second": clip()}
    halves[broken] = halves[broken][: len(clip()) // 2]
    with pytest.raises(TruncatedVideo):
        await joined(media, tmp_path, **halves)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["first.mp4", "second.mp4"]


async def test_pictures_that_are_noise_are_joined_to_nothing(
    media: FfmpegMedia, tmp_path: Path
) -> None:
    data = silent_clip()
    body = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    noise = data[:body] + bytes(end - body) + data[end:]
    with pytest.raises(MediaError):
        await joined(media, tmp_path, clip(), noise)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["first.mp4", "second.mp4"]


async def test_a_playlist_is_not_followed(media: FfmpegMedia, tmp_path: Path) -> None:
    with pytest.raises((NotAVideo, TruncatedVideo)):
        await joined(media, tmp_path, clip(), b"#EXTM3U\nhttp://127.0.0.1:1/a.mp4\n")


def test_a_rate_is_kept_as_exactly_as_the_length_tells_it_and_has_an_end() -> None:
    def rate(frames: int, ms: int) -> str:
        info = MediaInfo(64, 36, ms, frames, False, "h264", True, False)
        return graph(info, info).partition("fps=")[2].partition(",")[0]

    assert rate(192, 8000) == "24"
    assert abs(Fraction(rate(191, 7966)) - Fraction(24000, 1001)) < Fraction(1, 100)
    assert rate(4800, 8000) == "60"
