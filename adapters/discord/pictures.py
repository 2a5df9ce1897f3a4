"""Attached pictures, copied into our own store: Discord's links to them end."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import urlsplit
from uuid import uuid4

import discord
from discord.http import Route

from bot import wording
from bot.domain.messages import Upload
from bot.domain.refs import Blob
from bot.errors import InvalidInput

SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
MOST_BYTES = 20_000_000
"""Largest picture that is taken."""
HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where Discord keeps attachments; no other host is asked."""

Get = Callable[[str], Awaitable[bytes]]


class Files(Protocol):
    """Our own store."""

    async def put(self, source: Path, suffix: str) -> Blob:
        """Take over a file."""
        ...

    def scratch(self) -> Path:
        """Where unfinished files may lie."""
        ...


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment as Discord describes it. `content_type` may be empty."""

    url: str
    filename: str
    content_type: str
    size: int

    @classmethod
    def seen(cls, attachment: discord.Attachment) -> Self:
        """One that the library has read."""
        kind = attachment.content_type or ""
        return cls(attachment.url, attachment.filename, kind, attachment.size)

    @classmethod
    def told(cls, raw: Mapping[str, Any]) -> Self:
        """One as it is in a payload, or in a note of ours."""
        kind = str(raw.get("content_type") or "")
        return cls(str(raw["url"]), str(raw["filename"]), kind, int(raw["size"]))

    @property
    def kind(self) -> str:
        """Its type, by its name where Discord does not say."""
        said = self.content_type.partition(";")[0].strip().lower()
        return said or mimetypes.guess_type(self.filename)[0] or ""

    @property
    def is_picture(self) -> bool:
        """Whether it can be a first frame."""
        return self.kind in SUFFIXES


async def copied(attached: Attached, files: Files, get: Get) -> Upload:
    """The picture in our store; raises `InvalidInput` when it cannot be a first frame."""
    if not attached.is_picture:
        raise InvalidInput("image", attached.filename, wording.ATTACH_PICTURE)
    if attached.size > MOST_BYTES:
        raise InvalidInput("image", attached.filename, wording.picture_up_to(MOST_BYTES))
    if urlsplit(attached.url).hostname not in HOSTS | {urlsplit(Route.BASE).hostname}:
        raise InvalidInput("image", attached.filename, wording.ATTACH_PICTURE)
    try:
        data = await get(attached.url)
    except (discord.HTTPException, OSError) as error:
        raise InvalidInput("image", attached.filename, wording.PICTURE_NOT_COPIED) from error
    path = files.scratch() / uuid4().hex
    await asyncio.to_thread(path.write_bytes, data)
    blob = await files.put(path, SUFFIXES[attached.kind])
    return Upload(blob, attached.filename, attached.kind)
