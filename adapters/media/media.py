"""The Media port on ffmpeg and Pillow."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adapters.media import derive, fit, join
from adapters.media.ffmpeg import Ffmpeg
from adapters.media.images import prepare_image
from adapters.media.probe import probe_file
from bot.domain.videos import Fit, Size
from bot.errors import BadImage, MediaFailed
from bot.ports import MediaInfo


class FfmpegMedia:
    """Implements `bot.ports.Media`."""

    def __init__(self, ffmpeg: Ffmpeg) -> None:
        self._ffmpeg = ffmpeg
        # One picture at a time: unpacking one can take 200 MB.
        self._one_picture = asyncio.Lock()

    async def prepare_image(self, source: Path, size: Size, fit: Fit | None, target: Path) -> None:
        """See the port."""
        async with self._one_picture:
            await asyncio.to_thread(_prepare, source, size, fit, target)

    async def probe(self, path: Path) -> MediaInfo:
        """See the port."""
        return await asyncio.to_thread(probe_file, path)

    async def poster(self, video: Path, target: Path) -> None:
        """See the port. WebP instead of JPEG when `target` ends in ``.webp``."""
        await derive.poster(self._ffmpeg, video, await self.probe(video), target)

    async def frame(self, video: Path, target: Path) -> None:
        """See the port."""
        await self.probe(video)
        await derive.frame(self._ffmpeg, video, target)

    async def last_frame(self, video: Path, target: Path) -> None:
        """See the port."""
        await derive.last_frame(self._ffmpeg, video, await self.probe(video), target)

    async def join(self, first: Path, second: Path, target: Path) -> None:
        """See the port."""
        before, after = await self.probe(first), await self.probe(second)
        await join.join(self._ffmpeg, (first, before), (second, after), target)

    async def fit(self, video: Path, limit: int, target: Path) -> None:
        """See the port. The same bytes when they fit: content credentials live in them."""
        await fit.fit(self._ffmpeg, video, await self.probe(video), limit, target)

    async def spritesheet(self, video: Path, target: Path) -> None:
        """A JPEG contact sheet: one small still per second, four in a row."""
        await derive.spritesheet(self._ffmpeg, video, await self.probe(video), target)


def _prepare(source: Path, size: Size, fit: Fit | None, target: Path) -> None:
    try:
        data = source.read_bytes()
    except OSError as error:
        raise BadImage("the picture cannot be read") from error
    ready = prepare_image(data, size, fit)
    try:
        target.write_bytes(ready)
    except OSError as error:
        raise MediaFailed(f"the picture cannot be stored: {error.strerror}") from error
