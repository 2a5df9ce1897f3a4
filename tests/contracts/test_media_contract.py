"""What everything that looks at clips promises."""

from pathlib import Path

import pytest

from adapters.media.ffmpeg import Ffmpeg
from adapters.media.media import FfmpegMedia
from bot.errors import MediaError, MediaFailed
from bot.ports import Media
from tests.fakes.media import FakeMedia
from tests.payloads.clips import clip


@pytest.fixture(params=["ffmpeg", "fake"])
def media(request: pytest.FixtureRequest) -> Media:
    return FfmpegMedia(Ffmpeg()) if request.param == "ffmpeg" else FakeMedia()


@pytest.fixture(params=["ffmpeg", "fake"])
def failing(request: pytest.FixtureRequest) -> Media:
    """One whose next look fails."""
    broken = FfmpegMedia(Ffmpeg("/nowhere/ffmpeg"))
    fake = FakeMedia()
    fake.fails.append(MediaFailed("no"))
    return broken if request.param == "ffmpeg" else fake


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip())
    return path


@pytest.mark.parametrize("name", ["poster", "frame", "last_frame"])
async def test_a_still_is_put_where_it_was_asked_for_and_the_clip_is_left_alone(
    media: Media, video: Path, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "still.jpg"
    await getattr(media, name)(video, target)
    assert target.stat().st_size > 0
    assert video.read_bytes() == clip()


@pytest.mark.parametrize("name", ["poster", "frame", "last_frame"])
async def test_nothing_appears_when_it_fails(
    failing: Media, video: Path, tmp_path: Path, name: str
) -> None:
    with pytest.raises(MediaError):
        await getattr(failing, name)(video, tmp_path / "still.jpg")
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


async def test_two_clips_are_joined_to_one_as_long_as_both(
    media: Media, video: Path, tmp_path: Path
) -> None:
    target = tmp_path / "whole.mp4"
    await media.join(video, video, target)
    once, whole = await media.probe(video), await media.probe(target)
    assert abs(whole.duration_ms - 2 * once.duration_ms) < 100
    assert (whole.width, whole.height, whole.has_audio) == (once.width, once.height, True)
    assert video.read_bytes() == clip()


async def test_the_same_clips_are_joined_to_the_same_bytes(
    media: Media, video: Path, tmp_path: Path
) -> None:
    targets = [tmp_path / "once.mp4", tmp_path / "again.mp4"]
    for target in targets:
        await media.join(video, video, target)
    once, again = (target.read_bytes() for target in targets)
    assert once == again


async def test_nothing_appears_where_clips_cannot_be_joined(
    failing: Media, video: Path, tmp_path: Path
) -> None:
    with pytest.raises(MediaError):
        await failing.join(video, video, tmp_path / "whole.mp4")
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]
