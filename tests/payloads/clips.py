"""Small real clips for tests, made by ffmpeg once per run."""

from __future__ import annotations

import asyncio
import os
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.media.ffmpeg import find_ffmpeg

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=10:d=2")
_SOUND = ("-f", "lavfi", "-i", "sine=d=2:r=48000")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def ffmpeg(*args: str) -> None:
    """Run ffmpeg; a test that gives it nonsense fails with its words."""
    quiet = (find_ffmpeg(), "-nostdin", "-v", "error", "-y")
    subprocess.run([*quiet, *args], check=True, stdin=subprocess.DEVNULL, timeout=20)


@cache
def made(*args: str) -> bytes:
    """The MP4 that these arguments make."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.mp4"
        ffmpeg(*args, str(path))
        return path.read_bytes()


def clip() -> bytes:
    """2 s of 64x36 at 10 pictures a second, with sound, ready to stream."""
    return made(*_PICTURE, *_SOUND, *_H264, "-c:a", "aac", "-movflags", "+faststart")


def silent_clip() -> bytes:
    """The same without sound, with its index at the end."""
    return made(*_PICTURE, *_H264)


def fragmented_clip() -> bytes:
    """The same with sound, in fragments, as live streams are stored."""
    flags = "+frag_keyframe+empty_moov+default_base_moof"
    return made(*_PICTURE, *_SOUND, *_H264, "-c:a", "aac", "-g", "5", "-movflags", flags)


def sound_only() -> bytes:
    """An MP4 with nothing to see."""
    return made(*_SOUND, "-c:a", "aac")


def starting_white() -> bytes:
    """2 s of black at 1280x720 whose very first picture is white."""
    graph = "color=black:s=1280x720:r=10:d=2,drawbox=t=fill:color=white:enable='lt(n,1)'"
    return made("-f", "lavfi", "-i", graph, *_H264)


def ending_white() -> bytes:
    """2 s of black whose very last picture is white."""
    graph = "color=black:s=64x36:r=10:d=2,drawbox=t=fill:color=white:enable='gte(n,19)'"
    return made("-f", "lavfi", "-i", graph, *_H264)


def box(kind: bytes, content: bytes) -> bytes:
    """An MP4 box."""
    return (8 + len(content)).to_bytes(4) + kind + content


def processes_with(marker: str) -> list[int]:
    """Ids of running processes that have `marker` in their command line (Linux)."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        # A process that ended but was not collected yet has no words.
        if marker.encode() in words:
            found.append(int(entry.name))
    return found


async def seen(marker: str) -> bool:
    """Whether a process with that word appears within five seconds."""
    for _ in range(250):
        if processes_with(marker):
            return True
        await asyncio.sleep(0.02)
    return False


async def gone(marker: str) -> bool:
    """Whether every process with that word is gone within five seconds."""
    for _ in range(250):
        if not processes_with(marker):
            return True
        await asyncio.sleep(0.02)
    return False
