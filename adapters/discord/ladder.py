"""How a video gets into a place that takes only so many bytes: as it is, smaller, or by a link."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import discord

from adapters.chats.links import outside_link
from adapters.discord.render import Carried
from bot import wording
from bot.domain.messages import VideoFile
from bot.domain.refs import Tenant
from bot.errors import MediaError
from bot.ports import Media, Notes

MIB = 2**20
LIMITS = (500 * MIB, 100 * MIB, 50 * MIB, 25 * MIB, 10 * MIB, 8 * MIB, 4 * MIB)
"""Limits that Discord has or had. One that proves too high is followed by the next below."""
SHARE = 0.95
"""Of a limit that a fitted clip may take: the request around it counts too."""

log = logging.getLogger(__name__)


class Ladder:
    """Finds the best that fits. Fitted clips stay in the scratch folder for another try."""

    def __init__(self, media: Media, scratch: Callable[[], Path]) -> None:
        self._media = media
        self._scratch = scratch
        self._fitting: defaultdict[Path, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def carried(self, video: VideoFile, limit: int) -> Carried:
        """The original where it fits, else a fitted clip, else a still and a link."""
        if video.size <= limit:
            return Carried(video.path, video.filename)
        fitted = await self._fitted(video, int(limit * SHARE))
        if fitted is None:
            return by_link(video, limit)
        note = wording.fitted_line(video.size, fitted.stat().st_size)
        return Carried(fitted, video.filename, note, outside_link(video), wording.ORIGINAL)

    async def _fitted(self, video: VideoFile, limit: int) -> Path | None:
        """A clip of at most `limit` bytes; None when it would not be worth watching."""
        target = self._scratch() / f"{video.path.stem[:24]}-{limit}.mp4"
        async with self._fitting[target]:
            if not target.is_file():
                try:
                    await self._media.fit(video.path, limit, target)
                except (MediaError, OSError) as error:
                    log.warning("%s does not fit into %d bytes: %s", video.filename, limit, error)
                    return None
        return target


def by_link(video: VideoFile, limit: int) -> Carried:
    """A still and a link, for a place that takes `limit` bytes and so not this clip."""
    link = outside_link(video)
    note = wording.too_large_line(video.size, limit, linked=link is not None)
    return Carried(
        video.poster, video.poster.name if video.poster else "", note, link, wording.WATCH
    )


def carried_by(posted: discord.Message, video: VideoFile, limit: int) -> Carried:
    """What stands for a video in a message that was posted, for other words beside it.

    Discord lists no files of such messages; their names are in what shows them.
    """
    if video.filename not in _shown_in(posted.components):
        return by_link(video, limit)
    link = outside_link(video) if video.size > limit else None
    return Carried(video.path, video.filename, None, link, wording.ORIGINAL)


def _shown_in(parts: Iterable[discord.Component]) -> frozenset[str]:
    """Names of files that pictures and players show."""
    found: set[str] = set()
    for part in parts:
        if isinstance(part, discord.Container):
            found |= _shown_in(part.children)
        elif isinstance(part, discord.MediaGalleryComponent):
            found |= {PurePosixPath(urlsplit(item.media.url).path).name for item in part.items}
    return frozenset(found)


class UploadLimits:
    """Bytes of one upload in a server: what Discord says, or less where that proved too high."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._learned: dict[str, int] = {}

    async def of(self, tenant: Tenant, said: int) -> int:
        """The limit to go by; `said` is Discord's own."""
        if tenant.id not in self._learned:
            noted = await self._notes.read(_name(tenant))
            self._learned[tenant.id] = int(noted) if noted else LIMITS[0]
        return min(said, self._learned[tenant.id])

    async def refused(self, tenant: Tenant, size: int) -> None:
        """Discord did not take a file of that many bytes: go by the next lower limit."""
        lower = next((limit for limit in LIMITS if limit < size), size // 2)
        self._learned[tenant.id] = lower
        log.warning("a file of %d bytes is too large for server %s", size, tenant.id)
        await self._notes.write(_name(tenant), str(lower))


def _name(tenant: Tenant) -> str:
    return f"limit/{tenant.id}"
