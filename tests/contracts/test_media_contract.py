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


@pytest.mark.parametrize("name", ["poster", "frame"])
async def test_a_still_is_put_where_it_was_asked_for_and_the_clip_is_left_alone(
    media: Media, video: Path, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "still.jpg"
    await getattr(media, name)(video, target)
    assert target.stat().st_size > 0
    assert video.read_bytes() == clip()


@pytest.mark.parametrize("name", ["poster", "frame"])
async def test_nothing_appears_when_it_fails(
    failing: Media, video: Path, tmp_path: Path, name: str
) -> None:
    with pytest.raises(MediaError):
        await getattr(failing, name)(video, tmp_path / "still.jpg")
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]
