"""Files in memory: a disk that outlives the bot, and the tools that look at what is on it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.refs import Blob
from bot.domain.tickets import Ticket
from bot.domain.videos import Fit, Size
from bot.errors import TruncatedVideo
from bot.ports import MediaInfo

ROOT = Path("/nowhere")
SCRATCH = ROOT / "scratch"
_HEAD, _END = b"\x00\x00\x00\x18ftypisom ", b" the end"


def clip(name: str) -> bytes:
    """A whole video."""
    return _HEAD + name.encode() + _END


def torn(name: str) -> bytes:
    """The first half of one."""
    return _HEAD + name.encode()


@dataclass
class Files:
    """By path."""

    found: dict[Path, bytes] = field(default_factory=dict[Path, bytes])
    changes: int = 0

    def write(self, path: Path, data: bytes) -> None:
        """In place of what was there."""
        self.changes += 1
        self.found[path] = data

    def copy(self) -> Files:
        """The same, to go on from here."""
        return Files(dict(self.found), self.changes)

    def has_whole(self, blob: Blob) -> bool:
        """Whether a whole video is kept under its name."""
        return self.content(blob).endswith(_END)

    def content(self, blob: Blob) -> bytes:
        """What is kept under its name."""
        return self.found.get(ROOT / blob.name, b"")


def picture(files: Files) -> Blob:
    """An uploaded picture."""
    data = b"a picture"
    blob = Blob(hashlib.sha256(data).hexdigest(), ".png", len(data))
    files.write(ROOT / blob.name, data)
    return blob


class MemoryBlobs:
    """`Blobs` on these files. A life begins with an empty scratch folder, as on a disk."""

    def __init__(self, files: Files) -> None:
        self._files = files
        for path in [path for path in files.found if path.parent == SCRATCH]:
            del files.found[path]

    def scratch(self) -> Path:
        return SCRATCH

    async def put(self, source: Path, suffix: str) -> Blob:
        data = self._files.found.pop(source)
        blob = Blob(hashlib.sha256(data).hexdigest(), suffix, len(data))
        self._files.write(ROOT / blob.name, data)
        return blob

    def open(self, blob: Blob) -> Path:
        path = ROOT / blob.name
        if path not in self._files.found:
            raise FileNotFoundError(path)
        return path

    def url(self, blob: Blob, ticket: Ticket, lives_ms: int) -> str | None:
        return None

    async def delete(self, blob: Blob) -> None:
        self._files.found.pop(ROOT / blob.name, None)

    async def tidy(self, before: int) -> int:
        return 0


class MemoryMedia:
    """`Media` on these files: it knows a whole video from half a one."""

    def __init__(self, files: Files) -> None:
        self._files = files

    @property
    def _found(self) -> Mapping[Path, bytes]:
        return self._files.found

    async def prepare_image(self, source: Path, size: Size, fit: Fit, target: Path) -> None:
        self._files.write(target, f"fitted to {size}: ".encode() + self._found[source])

    async def probe(self, path: Path) -> MediaInfo:
        if not self._found[path].endswith(_END):
            raise TruncatedVideo("it ends in the middle")
        return MediaInfo(1280, 720, 8000, 192, True, "h264", True, False)

    async def poster(self, video: Path, target: Path) -> None:
        self._files.write(target, b"still of " + self._found[video])

    async def frame(self, video: Path, target: Path) -> None:
        self._files.write(target, b"first frame of " + self._found[video])

    async def last_frame(self, video: Path, target: Path) -> None:
        self._files.write(target, b"last frame of " + self._found[video])

    async def join(self, first: Path, second: Path, target: Path) -> None:
        self._files.write(target, self._found[first] + self._found[second])

    async def fit(self, video: Path, limit: int, target: Path) -> None:
        self._files.write(target, self._found[video])
