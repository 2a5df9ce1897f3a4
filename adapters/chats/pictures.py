"""Attached pictures, copied into our own store: a chat's links to them end."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from bot import wording
from bot.commands.grammar import IMAGE
from bot.domain.messages import Upload
from bot.domain.refs import Blob
from bot.errors import InvalidInput

SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
MOST_BYTES = 20_000_000
"""Largest picture that is taken."""

Get = Callable[[str], Awaitable[bytes]]
"""Reads an address of the chat's; raises `OSError` or `Unread` when it cannot."""


class Unread(Exception):
    """The chat did not hand out an attachment."""


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
    """An attachment as its chat describes it. `content_type` may be empty.

    `use` is the parameter that it is for.
    """

    url: str
    filename: str
    content_type: str
    size: int
    use: str = IMAGE

    @property
    def kind(self) -> str:
        """Its type, by its name where the chat does not say."""
        said = self.content_type.partition(";")[0].strip().lower()
        return said or mimetypes.guess_type(self.filename)[0] or ""

    @property
    def is_picture(self) -> bool:
        """Whether it can be a first frame."""
        return self.kind in SUFFIXES


async def copied(
    attached: Attached, files: Files, get: Get, hosts: Collection[str | None]
) -> Upload:
    """The picture in our store; raises `InvalidInput` when nothing can be made from it.

    `hosts` are where the chat keeps attachments; no other host is asked.
    """
    if not attached.is_picture or urlsplit(attached.url).hostname not in hosts:
        raise InvalidInput(attached.use, attached.filename, wording.ATTACH_PICTURE)
    if attached.size > MOST_BYTES:
        raise InvalidInput(attached.use, attached.filename, wording.picture_up_to(MOST_BYTES))
    try:
        data = await get(attached.url)
    except (Unread, OSError) as error:
        raise InvalidInput(attached.use, attached.filename, wording.PICTURE_NOT_COPIED) from error
    return await kept(data, attached, files)


async def kept(data: bytes, attached: Attached, files: Files) -> Upload:
    """A picture of one of the types in `SUFFIXES`, in our store."""
    path = files.scratch() / uuid4().hex
    await asyncio.to_thread(path.write_bytes, data)
    blob = await files.put(path, SUFFIXES[attached.kind])
    return Upload(blob, attached.filename, attached.kind, attached.use)
