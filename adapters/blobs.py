"""Finished files on disk, named by their content, and the signed links that lead to them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from bot.domain.refs import Blob
from bot.domain.tickets import Ticket
from bot.ports import Clock

ROUTE = "/media"
"""Where the server hands files out."""

_NAME = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,5}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")
_SIGNATURE_CHARS = 32


def stored_in(root: Path, blob: Blob) -> Path:
    """Where a file of the store in `root` lies, also while a bot works there.

    Raises `FileNotFoundError` when it was deleted.
    """
    path = _place(root, blob.name)
    if not path.is_file():
        raise FileNotFoundError(path)
    return path


class DiskBlobs:
    """`Blobs` in a folder: ``ab/ab….mp4``, and ``scratch/`` for files that are still being made.

    `base_url` says under which address the server is reached (None: it is not), `secret` signs
    the links. What a crash left in the scratch folder is thrown away at start.
    """

    def __init__(
        self, root: Path, base_url: Callable[[], str | None], secret: bytes, clock: Clock
    ) -> None:
        self._root = root
        self._base_url = base_url
        self._secret = secret
        self._clock = clock
        self._scratch = root / "scratch"
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)

    def scratch(self) -> Path:
        """A folder on the same disk for files in the making; emptied at the next start."""
        return self._scratch

    async def put(self, source: Path, suffix: str) -> Blob:
        """Take over the file at `source` (it is moved); the same bytes are kept once.

        Raises `ValueError` for a suffix that is not like ``.mp4``.
        """
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError(f"{suffix!r} is no suffix of a stored file")
        return await asyncio.to_thread(self._take, source, suffix)

    def _take(self, source: Path, suffix: str) -> Blob:
        digest, size = _digest(source)
        blob = Blob(digest, suffix, size)
        target = self._place(blob.name)
        target.parent.mkdir(exist_ok=True)
        self._on_this_disk(source).replace(target)
        _flush_folder(target.parent)
        return blob

    def _on_this_disk(self, source: Path) -> Path:
        """`source`, flushed; moved over first when it lies on another disk."""
        if source.stat().st_dev != self._root.stat().st_dev:
            source = Path(shutil.move(source, self._scratch / uuid4().hex))
        with source.open("rb+") as file:
            os.fsync(file.fileno())
        return source

    def open(self, blob: Blob) -> Path:
        """Local path for reading; raises `FileNotFoundError` when it was deleted."""
        return stored_in(self._root, blob)

    async def delete(self, blob: Blob) -> None:
        """Remove a file; fine when it is gone already."""
        await asyncio.to_thread(self._place(blob.name).unlink, missing_ok=True)

    async def tidy(self, before: int) -> int:
        """Remove unfinished files untouched since `before` (ms); returns how many."""
        return await asyncio.to_thread(self._tidy, before)

    def _tidy(self, before: int) -> int:
        old = [path for path in self._scratch.iterdir() if _touched(path) < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def url(self, blob: Blob, ticket: Ticket, lives_ms: int) -> str | None:
        """A signed link that ends after `lives_ms`; None when no server serves it."""
        base = self._base_url()
        if base is None:
            return None
        return base.rstrip("/") + self.link(blob.name, ticket, self._clock.now() + lives_ms)

    def link(self, name: str, ticket: Ticket, ends_at: int) -> str:
        """Path and signature for the file called `name`, good until `ends_at` (ms)."""
        said, exp = str(ticket), str(ends_at)
        return f"{ROUTE}/{name}?" + urlencode(
            {"for": said, "exp": exp, "sig": self._sign(name, said, exp)}
        )

    def verify(self, name: str, ticket: str, exp: str, sig: str) -> Path | None:
        """The file behind a link; None when the link is not ours, is over, or the file is gone.

        Whether it may be followed still, its ticket says.
        """
        genuine = hmac.compare_digest(self._sign(name, ticket, exp).encode(), sig.encode())
        if not genuine or int(exp) <= self._clock.now() or not _NAME.fullmatch(name):
            return None
        path = self._place(name)
        return path if path.is_file() else None

    def _sign(self, name: str, ticket: str, exp: str) -> str:
        text = f"{name}\n{ticket}\n{exp}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()[:_SIGNATURE_CHARS]

    def _place(self, name: str) -> Path:
        return _place(self._root, name)


def _place(root: Path, name: str) -> Path:
    return root / name[:2] / name


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()


def _touched(path: Path) -> int:
    """Ms of the last change; now-ish files of a running step are never old."""
    return path.stat().st_mtime_ns // 1_000_000


def _flush_folder(folder: Path) -> None:
    """Without this a power cut could forget the new name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
