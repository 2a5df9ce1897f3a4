"""Clips made small enough for an upload: the plan, and what ffmpeg makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.media.ffmpeg import Ffmpeg, find_ffmpeg
from adapters.media.fit import AUDIO, AUDIO_SMALL, LEAST, LONG_SIDES, Plan, plan
from adapters.media.media import FfmpegMedia
from adapters.media.probe import probe_file
from bot.domain.videos import Size
from bot.errors import MediaFailed, TruncatedVideo
from bot.ports import MediaInfo
from tests.payloads.clips import clip, made

MB = 1_000_000
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
NOISE = "testsrc2=s=320x180:r=10:d=2,noise=alls=90:allf=t"


def _info(width: int, height: int, seconds: int = 8, *, sound: bool = True) -> MediaInfo:
    return MediaInfo(width, height, seconds * 1000, 24 * seconds, sound, "h264", True, False)


# --- the plan ---------------------------------------------------------------------------------

_infos = st.builds(
    MediaInfo,
    width=st.integers(16, 4096),
    height=st.integers(16, 4096),
    duration_ms=st.integers(500, 120_000),
    frames=st.integers(1, 7200),
    has_audio=st.booleans(),
    video_codec=st.just("h264"),
    faststart=st.booleans(),
    has_c2pa=st.booleans(),
)


def _planned(info: MediaInfo, limit: int, part: float = 1.0, shrink: int = 1) -> Plan | None:
    try:
        return plan(info, limit, part=part, shrink=shrink)
    except MediaFailed:
        return None


@given(_infos, st.integers(0, 100 * MB), st.sampled_from([1.0, 0.93]), st.sampled_from([1, 2]))
def test_no_plan_asks_for_more_than_there_is(
    info: MediaInfo, limit: int, part: float, shrink: int
) -> None:
    how = _planned(info, limit, part, shrink)
    if how:
        assert (how.rate + how.audio) * info.duration_ms / 1000 < limit * 8
        assert bool(how.audio) == info.has_audio


@given(_infos, st.integers(0, 100 * MB), st.sampled_from([1, 2]))
def test_every_plan_has_even_sides_in_the_shape_of_the_clip_and_none_larger(
    info: MediaInfo, limit: int, shrink: int
) -> None:
    how = _planned(info, limit, 1.0, shrink)
    if how:
        assert how.size.width % 2 == how.size.height % 2 == 0
        assert 2 <= how.size.width <= info.width
        assert 2 <= how.size.height <= info.height
        scale = max(how.size.width, how.size.height) / max(info.width, info.height)
        assert how.size.width == pytest.approx(info.width * scale, abs=4)
        assert how.size.height == pytest.approx(info.height * scale, abs=4)


@given(_infos, st.integers(0, 100 * MB))
def test_no_plan_gives_a_pixel_less_than_the_least(info: MediaInfo, limit: int) -> None:
    how = _planned(info, limit)
    if how:
        pixels = how.size.width * how.size.height * info.frames
        assert how.rate * info.duration_ms / 1000 >= LEAST * pixels


@given(_infos, st.integers(0, 50 * MB), st.integers(0, 50 * MB))
def test_a_higher_limit_never_means_a_smaller_picture(
    info: MediaInfo, limit: int, more: int
) -> None:
    # Sound that changes its rate takes from the pictures, once.
    silent = MediaInfo(
        info.width, info.height, info.duration_ms, info.frames, False, "h264", True, False
    )
    low, high = _planned(silent, limit), _planned(silent, limit + more)
    if low:
        assert high
        assert high.size.width >= low.size.width
        assert high.rate >= low.rate


@pytest.mark.parametrize(
    "limit, size",
    [
        (10 * MB, Size(1792, 1024)),
        (5 * MB, Size(1280, 730)),
        (3 * MB, Size(960, 548)),
        (2 * MB, Size(640, 364)),
    ],
)
def test_25_seconds_of_a_large_clip_get_smaller_step_by_step(limit: int, size: Size) -> None:
    assert plan(_info(1792, 1024, 25), limit).size == size


def test_a_portrait_is_measured_by_its_height() -> None:
    assert plan(_info(1024, 1792, 25), 3 * MB).size == Size(548, 960)


def test_a_clip_between_two_steps_takes_the_lower_one() -> None:
    assert max(LONG_SIDES) > 1300
    assert plan(_info(1300, 730, 25), 3 * MB).size.width == 960


def test_sides_that_the_encoder_cannot_take_lose_a_pixel() -> None:
    assert plan(_info(641, 361), 10 * MB).size == Size(640, 360)


def test_sound_gets_less_where_every_bit_counts() -> None:
    assert plan(_info(640, 360), 10 * MB).audio == AUDIO
    assert plan(_info(640, 360), MB).audio == AUDIO_SMALL
    assert plan(_info(640, 360, sound=False), MB).audio == 0


def test_a_limit_that_the_sound_alone_would_fill_is_refused_with_the_reason() -> None:
    with pytest.raises(MediaFailed, match="8 s of clip do not fit into 50,000 bytes watchably"):
        plan(_info(640, 360), 50_000)


# --- with ffmpeg ------------------------------------------------------------------------------


@pytest.fixture
def media() -> FfmpegMedia:
    return FfmpegMedia(Ffmpeg())


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "clip.mp4"
    path.write_bytes(data)
    return path


def _noisy() -> bytes:
    sound = ("-f", "lavfi", "-i", "sine=d=2")
    return made("-f", "lavfi", "-i", NOISE, *sound, *H264, "-c:a", "aac", "-crf", "1")


def _silent(graph: str) -> bytes:
    return made("-f", "lavfi", "-i", graph, *H264, "-crf", "1")


async def test_a_noisy_clip_gets_just_below_a_small_limit_and_plays(
    media: FfmpegMedia, tmp_path: Path
) -> None:
    source, target = _file(tmp_path, _noisy()), tmp_path / "small.mp4"
    limit = 100_000
    assert source.stat().st_size > 5 * limit
    await media.fit(source, limit, target)
    assert limit / 2 < target.stat().st_size <= limit
    small = await media.probe(target)
    assert (small.width, small.height, small.video_codec) == (320, 180, "h264")
    assert small.has_audio
    assert small.faststart
    assert small.duration_ms == pytest.approx(2000, abs=100)
    await media.poster(target, tmp_path / "poster.jpg")
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["clip.mp4", "poster.jpg", "small.mp4"]


async def test_a_quiet_clip_stays_far_below_the_limit(media: FfmpegMedia, tmp_path: Path) -> None:
    quiet = made("-f", "lavfi", "-i", "testsrc=s=320x180:r=10:d=2", *H264, "-qp", "0", "-g", "1")
    source, target = _file(tmp_path, quiet), tmp_path / "small.mp4"
    limit = source.stat().st_size - 1
    await media.fit(source, limit, target)
    assert target.stat().st_size < limit / 3


async def test_a_large_portrait_shrinks_in_its_shape(media: FfmpegMedia, tmp_path: Path) -> None:
    source = _file(tmp_path, _silent("testsrc2=s=720x1280:r=10:d=1,noise=alls=60:allf=t"))
    target = tmp_path / "small.mp4"
    await media.fit(source, 75_000, target)
    small = await media.probe(target)
    assert (small.width, small.height) == (540, 960)
    assert target.stat().st_size <= 75_000


async def test_a_clip_without_sound_stays_without(media: FfmpegMedia, tmp_path: Path) -> None:
    source, target = _file(tmp_path, _silent(NOISE)), tmp_path / "small.mp4"
    await media.fit(source, 60_000, target)
    assert not (await media.probe(target)).has_audio


async def test_a_clip_that_fits_already_keeps_each_byte(media: FfmpegMedia, tmp_path: Path) -> None:
    source, target = _file(tmp_path, clip()), tmp_path / "same.mp4"
    await media.fit(source, len(clip()), target)
    assert target.read_bytes() == clip()
    assert source.exists()


async def test_an_impossible_limit_is_refused_and_leaves_nothing_behind(
    media: FfmpegMedia, tmp_path: Path
) -> None:
    source = _file(tmp_path, _noisy())
    with pytest.raises(MediaFailed, match="watchably"):
        await media.fit(source, 20_000, tmp_path / "small.mp4")
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


async def test_a_clip_that_ends_early_is_not_made_smaller(
    media: FfmpegMedia, tmp_path: Path
) -> None:
    source = _file(tmp_path, _noisy()[:-500])
    with pytest.raises(TruncatedVideo):
        await media.fit(source, 100_000, tmp_path / "small.mp4")


async def test_a_damaged_clip_does_not_become_a_short_one(
    media: FfmpegMedia, tmp_path: Path
) -> None:
    data = _noisy()
    start = data.index(b"mdat") + 4
    source = _file(tmp_path, data[:start] + bytes(len(data) // 2) + data[start + len(data) // 2 :])
    with pytest.raises(MediaFailed):
        await media.fit(source, 100_000, tmp_path / "small.mp4")
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


async def test_a_place_that_cannot_be_written_is_an_error_of_ours(
    media: FfmpegMedia, tmp_path: Path
) -> None:
    source = _file(tmp_path, _noisy())
    for limit in (100_000, 100 * MB):
        with pytest.raises(MediaFailed):
            await media.fit(source, limit, tmp_path / "no" / "small.mp4")


# --- when too much comes out ------------------------------------------------------------------


def _wasteful(folder: Path, times: int) -> Ffmpeg:
    """The real ffmpeg, but its first `times` files get 256 KiB of nothing at their ends."""
    tool = folder / "wasteful-ffmpeg"
    tool.write_text(
        f"""#!/bin/sh
echo "$@" >> {folder}/calls
{find_ffmpeg()} "$@" || exit 1
for last; do :; done
if [ "$(wc -l < {folder}/calls)" -le {times} ]; then
    {{ printf '\\000\\004\\000\\010free'; head -c 262144 /dev/zero; }} >> "${{last#file:}}"
fi
"""
    )
    tool.chmod(0o755)
    return Ffmpeg(str(tool))


def _calls(folder: Path) -> list[list[str]]:
    return [line.split() for line in (folder / "calls").read_text().splitlines()]


def _after(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


async def test_what_came_out_too_large_is_made_again_with_a_little_less(tmp_path: Path) -> None:
    source, target = _file(tmp_path, _noisy()), tmp_path / "small.mp4"
    await FfmpegMedia(_wasteful(tmp_path, 1)).fit(source, 100_000, target)
    first, second = _calls(tmp_path)
    assert int(_after(second, "-maxrate")) == pytest.approx(
        0.93 * int(_after(first, "-maxrate")), abs=1
    )
    assert target.stat().st_size <= 100_000


async def test_the_third_try_has_half_the_sides(tmp_path: Path) -> None:
    source, target = _file(tmp_path, _noisy()), tmp_path / "small.mp4"
    await FfmpegMedia(_wasteful(tmp_path, 2)).fit(source, 100_000, target)
    assert [_after(call, "-vf") for call in _calls(tmp_path)] == [
        "scale=320:180",
        "scale=320:180",
        "scale=160:90",
    ]
    small = probe_file(target)
    assert (small.width, small.height) == (160, 90)


async def test_after_three_tries_it_is_given_up_and_nothing_stays(tmp_path: Path) -> None:
    source = _file(tmp_path, _noisy())
    with pytest.raises(MediaFailed, match="does not get below 100,000 bytes"):
        await FfmpegMedia(_wasteful(tmp_path, 9)).fit(source, 100_000, tmp_path / "small.mp4")
    assert len(_calls(tmp_path)) == 3
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["calls", "clip.mp4", "wasteful-ffmpeg"]
