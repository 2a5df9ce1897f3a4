"""Pictures made from a clip: poster, first and last frame, contact sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from adapters.media.ffmpeg import Ffmpeg, mp4_input
from adapters.media.outputs import unfinished
from bot.ports import MediaInfo

POSTER_WIDTH = 640
SHEET_COLUMNS = 4
SHEET_TILE = 320
_TIMEOUT_S = 60
_MAX_TILES = 120


async def poster(ffmpeg: Ffmpeg, video: Path, info: MediaInfo, target: Path) -> None:
    """One still a third into the clip, at most 640 px wide.

    JPEG or WebP by the suffix of `target`. Raises `MediaFailed`.
    """
    at = info.duration_ms / 3000
    shrink = f"scale='min({POSTER_WIDTH},iw)':-2"
    seek = mp4_input(video, "-ss", f"{at:.3f}")
    await _still(ffmpeg, [*seek, "-frames:v", "1", "-vf", shrink], target)


async def frame(ffmpeg: Ffmpeg, video: Path, target: Path) -> None:
    """The first picture as JPEG, in full size: what a clip of somebody's own starts from."""
    await _still(ffmpeg, [*mp4_input(video), "-frames:v", "1"], target)


async def spritesheet(ffmpeg: Ffmpeg, video: Path, info: MediaInfo, target: Path) -> None:
    """A JPEG with one small still per second, four in a row, read like text."""
    tiles = max(1, min(_MAX_TILES, round(info.duration_ms / 1000)))
    rate = tiles * 1000 / info.duration_ms
    columns = min(SHEET_COLUMNS, tiles)
    grid = f"{columns}x{math.ceil(tiles / columns)}"
    graph = f"fps={rate:.6f},scale={SHEET_TILE}:-2,tile={grid}"
    await _still(ffmpeg, [*mp4_input(video), "-frames:v", "1", "-vf", graph], target)


async def last_frame(ffmpeg: Ffmpeg, video: Path, info: MediaInfo, target: Path) -> None:
    """The last picture, in full size: the start of a continuation. PNG or JPEG by the suffix."""
    one = info.duration_ms / info.frames
    at = max(0.0, info.duration_ms - 1.5 * one) / 1000
    seek = mp4_input(video, "-ss", f"{at:.4f}")
    await _still(ffmpeg, [*seek, "-frames:v", "1"], target)


_CODECS = {
    ".jpg": ("-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"),
    ".jpeg": ("-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"),
    ".webp": ("-c:v", "libwebp", "-quality", "80"),
    ".png": ("-c:v", "png", "-compression_level", "1"),
}


async def _still(ffmpeg: Ffmpeg, args: Sequence[str], target: Path) -> None:
    codec = _CODECS[target.suffix.lower()]
    plain = ("-map_metadata", "-1", "-an", "-update", "1", "-f", "image2")
    with unfinished(target) as out:
        await ffmpeg.run(
            [*args, *codec, *plain, f"file:{out}"], cwd=out.parent, timeout_s=_TIMEOUT_S
        )
