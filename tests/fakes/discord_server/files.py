"""Uploads: on disk, hashed chunk by chunk, given back by link."""

import hashlib
import mimetypes
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from tests.fakes.discord_server.snowflakes import Snowflakes


@dataclass(eq=False)
class Attachment:
    """A stored file. `field` is its number in the form it came with."""

    id: int
    name: str
    size: int
    sha256: str
    path: Path
    url: str
    field: int = 0
    description: str | None = None
    content_type: str = "application/octet-stream"

    @property
    def data(self) -> bytes:
        """The whole content: for small files only."""
        return self.path.read_bytes()

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": str(self.id),
            "filename": self.name,
            "size": self.size,
            "url": self.url,
            "proxy_url": self.url,
            "content_type": self.content_type,
        }
        if self.description is not None:
            body["description"] = self.description
        return body | measures(self)

    def to_media(self) -> dict[str, Any]:
        """As a media item of a component shows it."""
        return {
            "id": str(self.id),
            "url": self.url,
            "proxy_url": self.url,
            "content_type": self.content_type,
            "attachment_id": str(self.id),
            "placeholder": "",
            "placeholder_version": 1,
            "loading_state": 2,
            "flags": 0,
            "width": None,
            "height": None,
        } | measures(self)


def measures(file: Attachment) -> dict[str, Any]:
    """Width and height of a picture or film, nothing for other files."""
    if file.content_type.startswith("video/"):
        return {"width": 1280, "height": 720}
    if not file.content_type.startswith("image/"):
        return {}
    try:
        with Image.open(file.path) as picture:
            return {"width": picture.width, "height": picture.height}
    except OSError:
        return {}


class Shelf:
    """Keeps files in a folder and knows each by its id."""

    def __init__(self, folder: Path, ids: Snowflakes) -> None:
        self.folder = folder
        self.ids = ids
        self.base = ""
        self.files: dict[int, Attachment] = {}
        self.links_expired = False

    async def take(self, name: str, chunks: AsyncIterator[bytes], field: int = 0) -> Attachment:
        """Store what comes; memory holds one chunk."""
        file_id, digest, size = self.ids.new(), hashlib.sha256(), 0
        path = self.folder / str(file_id)
        with path.open("wb") as file:
            async for chunk in chunks:
                digest.update(chunk)
                size += file.write(chunk)
        return self._keep(file_id, name, size, digest.hexdigest(), field)

    def put(self, name: str, data: bytes) -> Attachment:
        """A small file that a person has at hand."""
        file_id = self.ids.new()
        (self.folder / str(file_id)).write_bytes(data)
        return self._keep(file_id, name, len(data), hashlib.sha256(data).hexdigest(), 0)

    def _keep(self, file_id: int, name: str, size: int, sha256: str, field: int) -> Attachment:
        link = f"{self.base}/attachments/{file_id >> 22}/{file_id}/{quote(name)}"
        kept = Attachment(
            file_id,
            name,
            size,
            sha256,
            self.folder / str(file_id),
            f"{link}?ex=1&is=1&hm={sha256[:16]}",
            field,
            content_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        )
        self.files[file_id] = kept
        return kept
