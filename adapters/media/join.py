"""Puts one clip behind another: a continuation behind what it goes on from.

Both are decoded and encoded anew: clips of two renders seldom have the same settings, and players
stumble where one file changes them in the middle.
"""

from __future__ import annotations

import asyncio
from fractions import Fraction
from pathlib import Path

from adapters.media.ffmpeg import Ffmpeg, mp4_input
from adapters.media.outputs import unfinished
from adapters.media.probe import probe_file
from bot.errors import MediaFailed, NotAVideo, TruncatedVideo
from bot.ports import MediaInfo

FASTEST = 60
"""Pictures per second of what is joined at most."""
AUDIO = 128_000
"""Bits per second of stereo sound."""
_FORM = "aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo"
_SILENCE = "anullsrc=r=48000:cl=stereo"
_TOLERANCE_MS = 500


async def join(
    ffmpeg: Ffmpeg, first: tuple[Path, MediaInfo], second: tuple[Path, MediaInfo], target: Path
) -> None:
    """An MP4 of `first` and then `second` at `target`, in the size and at the rate of the first.

    Raises `MediaFailed` when it takes too long, or when not all of both came out.
    """
    infos = (first[1], second[1])
    sources = [arg for path, _ in (first, second) for arg in mp4_input(path, "-threads", "1")]
    args = [*sources, "-filter_complex", graph(*infos), *_streams(*infos), "-f", "mp4"]
    with unfinished(target) as out:
        await ffmpeg.run([*args, f"file:{out}"], cwd=out.parent, timeout_s=_patience(*infos))
        await asyncio.to_thread(_verify, out, *infos)


def graph(first: MediaInfo, second: MediaInfo) -> str:
    """The filters: both clips brought into the form of the first, then one after the other."""
    infos, sound = (first, second), first.has_audio or second.has_audio
    parts = [_pictures(number, first) for number in range(2)]
    if sound:
        parts += [_sound(number, info) for number, info in enumerate(infos)]
    each = "".join(f"[v{number}]" + (f"[a{number}]" if sound else "") for number in range(2))
    return ";".join([*parts, f"{each}concat=n=2:v=1:a={int(sound)}[v]{'[a]' if sound else ''}"])


def _pictures(number: int, form: MediaInfo) -> str:
    """In even sides, as the encoder wants them; what has another shape gets bars."""
    size = f"{form.width // 2 * 2}:{form.height // 2 * 2}"
    scale = f"scale={size}:force_original_aspect_ratio=decrease,pad={size}:-1:-1,setsar=1"
    return f"[{number}:v:0]fps={_rate(form)},{scale},format=yuv420p[v{number}]"


def _rate(form: MediaInfo) -> Fraction:
    """Pictures per second, as exact as its length in ms tells."""
    return min(Fraction(FASTEST), Fraction(form.frames * 1000, form.duration_ms)).limit_denominator(
        1001
    )


def _sound(number: int, info: MediaInfo) -> str:
    """As long as the pictures beside it, so that nothing that follows is early or late."""
    exactly = f"atrim=end={info.duration_ms / 1000:.3f},asetpts=PTS-STARTPTS[a{number}]"
    if not info.has_audio:
        return f"{_SILENCE},{_FORM},{exactly}"
    return f"[{number}:a:0]{_FORM},apad,{exactly}"


def _streams(first: MediaInfo, second: MediaInfo) -> list[str]:
    h264 = ["-map", "[v]", "-c:v", "libx264", "-preset", "veryfast", "-crf", "17"]
    aac = ["-map", "[a]", "-c:a", "aac", "-b:a", str(AUDIO), "-flags:a", "+bitexact"]
    # Without a word of when, or by which build: the same clips are the same bytes.
    plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"]
    sound = aac if first.has_audio or second.has_audio else []
    return [*h264, *sound, *plain, "-threads", "1", "-movflags", "+faststart"]


def _patience(first: MediaInfo, second: MediaInfo) -> float:
    """Seconds that it may take: several times what large clips took on a slow machine."""
    return 60 + 6 * (first.duration_ms + second.duration_ms) / 1000


def _verify(out: Path, first: MediaInfo, second: MediaInfo) -> None:
    """Damaged clips are no error to ffmpeg: what came out must be as long as both."""
    try:
        made = probe_file(out)
    except (NotAVideo, TruncatedVideo) as error:
        raise MediaFailed("what was joined is damaged") from error
    length = first.duration_ms + second.duration_ms
    if abs(made.duration_ms - length) > _TOLERANCE_MS:
        raise MediaFailed(f"what was joined lasts {made.duration_ms} of {length} ms")
    if (first.has_audio or second.has_audio) and not made.has_audio:
        raise MediaFailed("what was joined lost its sound")
