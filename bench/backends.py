"""Video backends without any time of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.clock import SystemClock
from adapters.media.ffmpeg import find_ffmpeg
from adapters.media.media import FfmpegMedia
from adapters.media.process import run_process
from bot.domain.jobs import JobState, Reference
from bot.errors import MediaFailed, Unsupported
from bot.ports import Capabilities, RemoteJob, SubmitRequest

LATER = 600_000
"""Ms after which an endless backend wants to be asked again; longer than any bench."""
_PICTURE = "testsrc2=s=320x180:r=10:d=1"
_CLIP = ("-f", "lavfi", "-i", _PICTURE, "-c:v", "libx264", "-preset", "ultrafast")
_SHAPE = ("-pix_fmt", "yuv420p", "-movflags", "+faststart")


async def tiny_clip() -> bytes:
    """A real MP4 of one second, some 10 kB."""
    with TemporaryDirectory() as folder:
        target = Path(folder, "clip.mp4")
        quiet = (find_ffmpeg(), "-nostdin", "-v", "error")
        made = await run_process(
            [*quiet, *_CLIP, *_SHAPE, str(target)], cwd=Path(folder), timeout_s=30
        )
        assert made.code == 0, made.stderr
        return await asyncio.to_thread(target.read_bytes)


class Instant:
    """A `VideoProvider` that has every video ready when it is asked for the first time."""

    name = "simulator"
    capabilities = Capabilities(lists=True, list_complete=True, simulated=True)

    def __init__(self, clip: bytes) -> None:
        self._clip = clip
        self._numbers = count(1)
        self.taken: set[str] = set()

    async def submit(self, request: SubmitRequest) -> RemoteJob:
        """Take it; the answer may be asked for at once."""
        del request
        name = f"video_{next(self._numbers)}"
        self.taken.add(name)
        return RemoteJob({"id": name}, JobState.QUEUED, poll_after_ms=0)

    async def fetch(self, reference: Reference) -> RemoteJob:
        """Finished."""
        return RemoteJob(reference, JobState.FETCHING, 100)

    async def download(self, reference: Reference, target: Path) -> None:
        """The same clip for everyone."""
        assert reference["id"] in self.taken
        await asyncio.to_thread(target.write_bytes, self._clip)

    async def list_jobs(self, since: int) -> Sequence[RemoteJob]:
        """Nothing is ever lost here, so nobody has to look."""
        del since
        return ()

    async def find(self, name: str) -> RemoteJob | None:
        """Nor here."""
        del name
        return None

    async def remix(self, reference: Reference, prompt: str, webhook_url: str = "") -> RemoteJob:
        """Not here."""
        del reference, prompt, webhook_url
        raise Unsupported("no remixes")

    async def extend(
        self, reference: Reference, prompt: str, seconds: int, webhook_url: str = ""
    ) -> RemoteJob:
        """Not here."""
        del reference, prompt, seconds, webhook_url
        raise Unsupported("no continuations")

    async def delete(self, reference: Reference) -> None:
        """Not here."""
        del reference
        raise Unsupported("nothing is deleted")

    async def cancel(self, reference: Reference) -> None:
        """Not here."""
        del reference
        raise Unsupported("nothing is stopped")

    async def aclose(self) -> None:
        """Nothing is open."""


class Endless(Instant):
    """Takes every job and never finishes one. `asked` has when each was asked for first (ms)."""

    def __init__(self) -> None:
        super().__init__(b"")
        self._clock = SystemClock()
        self.asked: dict[str, int] = {}

    async def submit(self, request: SubmitRequest) -> RemoteJob:
        """Take it, and do not want to be asked for a while."""
        return replace(await super().submit(request), poll_after_ms=LATER)

    async def fetch(self, reference: Reference) -> RemoteJob:
        """Still at it."""
        self.asked.setdefault(str(reference["id"]), self._clock.now())
        return RemoteJob(reference, JobState.RENDERING, 42, poll_after_ms=LATER)


class NoStills(FfmpegMedia):
    """The real one, but for the still of each clip, which takes ffmpeg longer than all the rest."""

    async def poster(self, video: Path, target: Path) -> None:
        """None today; the bot goes on without."""
        del video, target
        raise MediaFailed("no stills in this bench")
