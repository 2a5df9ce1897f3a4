"""Makes a clip small enough for an upload: one pass at even quality under a hard ceiling.

A rate that is only aimed at was missed by up to a quarter in trials, so the encoder gets a ceiling
(VBV) that it may not pass, and quality decides below it: a quiet clip stays far smaller.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

from adapters.media.ffmpeg import Ffmpeg, mp4_input
from adapters.media.outputs import unfinished
from adapters.media.probe import probe_file
from bot.domain.videos import Size
from bot.errors import MediaFailed, NotAVideo, TruncatedVideo
from bot.ports import MediaInfo

LONG_SIDES = (1792, 1280, 960, 640)
"""Pixels that the longer side is shrunk to, the first that leaves enough bits."""
AUDIO = 96_000
AUDIO_SMALL = 64_000
"""Bits per second of stereo sound, usually and where every bit counts."""
_SMALL = 0.15 * 1024**2
"""Bytes per second of clip below which every bit counts."""
_ENOUGH = 0.04
"""Bits per pixel from which the clip keeps its size."""
_GOOD = 0.05
"""Bits per pixel that a smaller size must bring."""
LEAST = 0.02
"""Bits per pixel below which nobody would want to watch."""
_LEAST_RATE = 16_000
"""Bits per second: x264 counts in thousands, and takes zero for no ceiling."""

_USABLE = 0.985
_AUDIO_COST = 1.02
_INDEX_RATE = 6_000
_INDEX = 60_000
"""Bits that the index takes: a fixed part, and one per second."""
_START_S = 0.9
"""What the encoder's buffer can hold at the start counts like that much more clip."""
_TRIES = ((1.0, 1), (0.93, 1), (0.93, 2))
"""Part of the budget to use, and by what to divide the sides, one try after the other."""
_TOLERANCE_MS = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """How to encode: pixels, and ceilings in bits per second; `audio` is 0 for no sound."""

    size: Size
    rate: int
    audio: int


def plan(info: MediaInfo, limit: int, *, part: float = 1.0, shrink: int = 1) -> Plan:
    """How a clip gets into `part` of `limit` bytes, with sides divided by `shrink`.

    Raises `MediaFailed` when less than `LEAST` bits are left for a pixel.
    """
    seconds = info.duration_ms / 1000
    audio = _audio(info, limit / seconds)
    rate = int(_budget(seconds, limit, audio) * part / (seconds + _START_S))
    long_side = _long_side(info, rate) // shrink
    size = _shrunk(info, long_side)
    if rate < max(_LEAST_RATE, LEAST * _pixel_rate(info, size)):
        raise MediaFailed(f"{seconds:.0f} s of clip do not fit into {limit:,} bytes watchably")
    return Plan(size, rate, audio)


def _audio(info: MediaInfo, bytes_per_second: float) -> int:
    if not info.has_audio:
        return 0
    return AUDIO_SMALL if bytes_per_second < _SMALL else AUDIO


def _budget(seconds: float, limit: int, audio: int) -> float:
    """Bits for the pictures alone."""
    return limit * 8 * _USABLE - (audio * _AUDIO_COST + _INDEX_RATE) * seconds - _INDEX


def _long_side(info: MediaInfo, rate: int) -> int:
    """The clip's own when it gets enough bits, else the longest that does, else the shortest."""
    own = max(info.width, info.height)
    if rate >= _ENOUGH * _pixel_rate(info, _shrunk(info, own)):
        return own
    smaller = [side for side in LONG_SIDES if side < own]
    good = (side for side in smaller if rate >= _GOOD * _pixel_rate(info, _shrunk(info, side)))
    return next(good, smaller[-1] if smaller else own)


def _shrunk(info: MediaInfo, long_side: int) -> Size:
    """The same shape with even sides, as the encoder wants them; never larger than the clip."""
    scale = min(1.0, long_side / max(info.width, info.height))
    return Size(_even(info.width * scale), _even(info.height * scale))


def _even(side: float) -> int:
    return max(2, int(side / 2 + 1e-6) * 2)


def _pixel_rate(info: MediaInfo, size: Size) -> float:
    """Pixels per second of clip."""
    return size.width * size.height * info.frames * 1000 / info.duration_ms


async def fit(ffmpeg: Ffmpeg, video: Path, info: MediaInfo, limit: int, target: Path) -> None:
    """An MP4 of the clip of at most `limit` bytes at `target`; the same bytes where they fit.

    Raises `MediaFailed` when that takes more than three tries or would not be watchable.
    """
    with unfinished(target) as out:
        if _length(video) <= limit:
            await asyncio.to_thread(_copy, video, out)
        else:
            await _make_smaller(ffmpeg, video, info, limit, out)


async def _make_smaller(
    ffmpeg: Ffmpeg, video: Path, info: MediaInfo, limit: int, out: Path
) -> None:
    for part, shrink in _TRIES:
        how = plan(info, limit, part=part, shrink=shrink)
        await _encode(ffmpeg, video, info, how, out)
        if _length(out) <= limit:
            await asyncio.to_thread(_verify, out, info)
            return
    raise MediaFailed(f"the clip does not get below {limit:,} bytes")


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise MediaFailed(f"the clip cannot be read: {error.strerror}") from error


def _copy(video: Path, out: Path) -> None:
    try:
        shutil.copyfile(video, out)
    except OSError as error:
        raise MediaFailed(f"the clip cannot be stored: {error.strerror}") from error


async def _encode(ffmpeg: Ffmpeg, video: Path, info: MediaInfo, how: Plan, out: Path) -> None:
    # One thread each: two of them at once do more than one with all CPUs.
    source = mp4_input(video, "-threads", "1")
    args = [*source, *_pictures(how), *_sound(how), "-movflags", "+faststart", "-f", "mp4"]
    await ffmpeg.run([*args, f"file:{out}"], cwd=out.parent, timeout_s=_patience(info))


def _patience(info: MediaInfo) -> float:
    """Seconds an encode may take: ten times what large clips took on a slow machine."""
    return 60 + 12 * info.duration_ms / 1000


def _pictures(how: Plan) -> list[str]:
    # A buffer of one second: a larger one lets short clips pass the limit in their first seconds.
    ceiling = ["-maxrate", str(how.rate), "-bufsize", str(how.rate)]
    scale = ["-map", "0:v:0", "-vf", f"scale={how.size.width}:{how.size.height}"]
    h264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"]
    return [*scale, *h264, *ceiling, "-threads", "1"]


def _sound(how: Plan) -> list[str]:
    if not how.audio:
        return ["-an"]
    return ["-map", "0:a:0", "-c:a", "aac", "-b:a", str(how.audio), "-ac", "2"]


def _verify(out: Path, info: MediaInfo) -> None:
    """Damaged clips are no error to ffmpeg: what came out must be as long, and have its sound."""
    try:
        made = probe_file(out)
    except (NotAVideo, TruncatedVideo) as error:
        raise MediaFailed("the smaller clip is damaged") from error
    if abs(made.duration_ms - info.duration_ms) > _TOLERANCE_MS:
        raise MediaFailed(f"the smaller clip lasts {made.duration_ms} of {info.duration_ms} ms")
    if info.has_audio and not made.has_audio:
        raise MediaFailed("the smaller clip lost its sound")
