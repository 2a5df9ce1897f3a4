"""Media tools that look at nothing: for tests of everything around them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.videos import Fit, Size
from bot.ports import MediaInfo


@dataclass
class FakeMedia:
    fails: deque[Exception] = field(default_factory=deque[Exception])

    async def prepare_image(self, source: Path, size: Size, fit: Fit | None, target: Path) -> None:
        self._maybe_fail()
        target.write_bytes(f"fitted by {fit}: ".encode() + source.read_bytes())

    async def probe(self, path: Path) -> MediaInfo:
        self._maybe_fail()
        return MediaInfo(1280, 720, 8000, 192, True, "h264", True, False)

    async def poster(self, video: Path, target: Path) -> None:
        self._maybe_fail()
        target.write_bytes(b"still of " + video.read_bytes()[-8:])

    async def frame(self, video: Path, target: Path) -> None:
        self._maybe_fail()
        target.write_bytes(b"first frame of " + video.read_bytes()[-8:])

    async def fit(self, video: Path, limit: int, target: Path) -> None:
        self._maybe_fail()
        target.write_bytes(video.read_bytes()[:limit])

    def _maybe_fail(self) -> None:
        if self.fails:
            raise self.fails.popleft()
