"""Media tools that look at nothing: for tests of everything around them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.videos import Fit, Size
from bot.ports import MediaInfo

JOINT = b" and then "
"""Stands between what was joined."""


@dataclass
class FakeMedia:
    """Every clip lasts 8 s. `fails` are errors for the next calls, `joins` for the next of one."""

    fails: deque[Exception] = field(default_factory=deque[Exception])
    joins: deque[Exception] = field(default_factory=deque[Exception])

    async def prepare_image(self, source: Path, size: Size, fit: Fit | None, target: Path) -> None:
        self._maybe_fail()
        target.write_bytes(f"fitted by {fit}: ".encode() + source.read_bytes())

    async def probe(self, path: Path) -> MediaInfo:
        self._maybe_fail()
        clips = 1 + path.read_bytes().count(JOINT)
        return MediaInfo(1280, 720, 8000 * clips, 192 * clips, True, "h264", True, False)

    async def poster(self, video: Path, target: Path) -> None:
        self._maybe_fail()
        target.write_bytes(b"still of " + video.read_bytes()[-8:])

    async def frame(self, video: Path, target: Path) -> None:
        self._maybe_fail()
        target.write_bytes(b"first frame of " + video.read_bytes()[-8:])

    async def last_frame(self, video: Path, target: Path) -> None:
        self._maybe_fail()
        target.write_bytes(b"last frame of " + video.read_bytes()[-8:])

    async def join(self, first: Path, second: Path, target: Path) -> None:
        self._maybe_fail()
        if self.joins:
            raise self.joins.popleft()
        target.write_bytes(first.read_bytes() + JOINT + second.read_bytes())

    async def fit(self, video: Path, limit: int, target: Path) -> None:
        self._maybe_fail()
        target.write_bytes(video.read_bytes()[:limit])

    def _maybe_fail(self) -> None:
        if self.fails:
            raise self.fails.popleft()
