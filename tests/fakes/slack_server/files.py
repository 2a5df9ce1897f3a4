"""Files: on disk, hashed chunk by chunk, with the places where each is shown."""

import hashlib
import mimetypes
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.fakes.slack_server.ids import Ids
from tests.fakes.slack_server.payloads import Object


@dataclass(eq=False)
class File:
    """`expected` is the length that was announced; `sha256` is empty until the bytes are here.

    `shares` are time stamps by channel id, public and private apart.
    """

    id: str
    name: str
    path: Path
    url: str
    owner_id: str
    expected: int
    size: int = 0
    sha256: str = ""
    title: str = ""
    alt_text: str = ""
    processed: bool = False
    completed: bool = False
    deleted: bool = False
    public: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    private: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    @property
    def data(self) -> bytes:
        """The whole content: for small files only."""
        return self.path.read_bytes()

    @property
    def uploaded(self) -> bool:
        return bool(self.sha256)

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def to_json(self) -> Object:
        """Without type and places until Slack has looked at it."""
        kind = self.content_type if self.processed else ""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": kind,
            "filetype": Path(self.name).suffix.removeprefix(".") if self.processed else "",
            "user": self.owner_id,
            "size": self.size,
            "mode": "hosted",
            "is_external": False,
            "url_private": self.url,
            "url_private_download": self.url.replace("/files-pri/", "/files-pri/download/"),
            "shares": _shares(self),
        }


def _shares(file: File) -> Object:
    def shown(places: dict[str, list[str]]) -> Object:
        return {place: [{"ts": ts} for ts in stamps] for place, stamps in places.items()}

    both = {"public": shown(file.public), "private": shown(file.private)}
    return {name: places for name, places in both.items() if places}


class Shelf:
    """Keeps files in a folder and knows each by its id."""

    def __init__(self, folder: Path, ids: Ids, team_id: str) -> None:
        self.folder = folder
        self.ids = ids
        self.team_id = team_id
        self.base = ""
        self.files: dict[str, File] = {}

    def announce(self, name: str, length: int, owner_id: str) -> File:
        """Make room for a file that will come."""
        file_id = self.ids.new("F")
        link = f"{self.base}/files-pri/{self.team_id}-{file_id}/{quote(name)}"
        made = File(file_id, name, self.folder / file_id, link, owner_id, length)
        self.files[file_id] = made
        return made

    async def take(self, file: File, chunks: AsyncIterator[bytes]) -> None:
        """Store what comes; memory holds one chunk."""
        digest, size = hashlib.sha256(), 0
        with file.path.open("wb") as target:
            async for chunk in chunks:
                digest.update(chunk)
                size += target.write(chunk)
        file.size, file.sha256 = size, digest.hexdigest()

    def put(self, name: str, data: bytes, owner_id: str) -> File:
        """A small file that a person has at hand."""
        made = self.announce(name, len(data), owner_id)
        made.path.write_bytes(data)
        made.size, made.sha256 = len(data), hashlib.sha256(data).hexdigest()
        made.processed = made.completed = True
        return made
