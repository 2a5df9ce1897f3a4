"""Copies a finished file to disk: streamed, bounded, and going on where it was cut.

What was received so far is in ``<target>.part``; ``<target>.part.tag`` remembers which version of
the file that is (its ETag or date), so that parts of two files are never joined.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import httpx

from adapters.providers.http import Answer, Http
from bot.errors import Transient

_CHUNK = 256 * 1024
_HEAD = 12
"""Bytes that tell an MP4 from anything else: size, ``ftyp``, brand."""
_MAX_WORDS = 64 * 1024
"""Bytes of a wrong body that are read for what it says."""
_MAX_TAG = 1000
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)", re.IGNORECASE)
_UNSATISFIED = re.compile(r"bytes \*/(\d{1,15})", re.IGNORECASE)
_OK, _PARTIAL, _RANGE_NOT_SATISFIABLE = 200, 206, 416


class NotTheFile(Exception):
    """The answer is not an MP4 but says something: an error, or where else the file is."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Part:
    """The unfinished copy beside `target`."""

    target: Path

    @property
    def path(self) -> Path:
        """Where the bytes are."""
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def tag_path(self) -> Path:
        """Where their version is."""
        return self.target.with_name(f"{self.target.name}.part.tag")

    def resume(self) -> tuple[int, str]:
        """Bytes that are there and may be kept, and the tag of their version; (0, "") if none."""
        try:
            size, tag = self.path.stat().st_size, self.tag_path.read_text("ascii")
        except (OSError, UnicodeError):
            return 0, ""
        return (size, tag) if size >= _HEAD and tag else (0, "")

    def restart(self, tag: str) -> BinaryIO:
        """Begin anew with a version; the old bytes are gone before the new tag is there."""
        self.tag_path.unlink(missing_ok=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("wb")
        if tag:
            self.tag_path.write_text(tag, "ascii")
        return file

    def discard(self) -> None:
        """Forget the copy."""
        self.tag_path.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def finish(self) -> None:
        """Make it the target, on disk for good."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        self.path.replace(self.target)
        self.tag_path.unlink(missing_ok=True)


async def copy(http: Http, url: httpx.URL, target: Path) -> None:
    """Bring the file at `url` to `target`.

    Raises `Transient` (what came so far is kept) or `NotTheFile`.
    """
    part = Part(target)
    try:
        # A part that does not fit any more is thrown away; then it must work from the start.
        if not await _once(http, url, part) and not await _once(http, url, part):
            raise Transient("the backend gives pieces of the file that do not fit")
        await asyncio.to_thread(part.finish)
    except OSError as error:
        raise Transient(f"the file could not be kept: {error.strerror}") from error


async def _once(http: Http, url: httpx.URL, part: Part) -> bool:
    """One request; False when the part was useless and is gone now."""
    have, tag = part.resume()
    headers = {"range": f"bytes={have}-", "if-range": tag} if have else {}
    async with http.open(url, headers) as response:
        if response.headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
            raise Transient("the file came compressed, which nobody asked for")
        if response.status_code == _OK:
            await _whole(response, part, http.limits.download_bytes)
            return True
        if response.status_code == _PARTIAL:
            return await _rest(response, part, (have, tag), http.limits.download_bytes)
        if response.status_code == _RANGE_NOT_SATISFIABLE and have:
            return _nothing_left(response, part, have)
        async with _raw(response) as pieces:
            raise NotTheFile(await _said(response, pieces))


async def _whole(response: httpx.Response, part: Part, most: int) -> None:
    total = _length(response)
    _check_room(total, part, most)
    async with _raw(response) as pieces:
        head = b""
        async for piece in pieces:
            head += piece
            if len(head) >= _HEAD:
                break
        if head[4:8] != b"ftyp":
            raise NotTheFile(await _said(response, pieces, head))
        with await asyncio.to_thread(part.restart, _tag(response)) as file:
            file.write(head)
            size = await _pour(pieces, file, len(head), most)
    _check_room(size, part, most)
    _check_end(size, total)


async def _rest(response: httpx.Response, part: Part, kept: tuple[int, str], most: int) -> bool:
    """Add the rest to what is `kept` (bytes and version); False when that was of no use."""
    have, tag = kept
    found = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
    # Some servers do not know If-Range: what they say of the version counts.
    other = _tag(response) not in {"", tag}
    if not found or not have or int(found[1]) != have or other:
        part.discard()
        return False
    total = None if found[3] == "*" else int(found[3])
    _check_room(total, part, most)
    async with _raw(response) as pieces:
        with await asyncio.to_thread(part.path.open, "ab") as file:
            size = await _pour(pieces, file, have, most)
    _check_room(size, part, most)
    if total is not None and size > total:
        part.discard()
    _check_end(size, total)
    return True


def _nothing_left(response: httpx.Response, part: Part, have: int) -> bool:
    """416: either all bytes were there before, or the file is another one now."""
    found = _UNSATISFIED.fullmatch(response.headers.get("content-range", "").strip())
    if found and int(found[1]) == have:
        return True
    part.discard()
    return False


async def _pour(pieces: AsyncIterable[bytes], file: BinaryIO, size: int, most: int) -> int:
    """Write what comes, in large pieces; the size reached, which may be just above `most`."""
    waiting = bytearray()
    try:
        async for piece in pieces:
            waiting += piece
            size += len(piece)
            if size > most:
                break
            if len(waiting) >= _CHUNK:
                full, waiting = waiting, bytearray()
                await asyncio.to_thread(file.write, full)
    finally:
        # Also after a cut: the next try goes on from here.
        file.write(waiting)
    return size


def _raw(response: httpx.Response) -> aclosing[AsyncGenerator[bytes]]:
    """The body as it comes over the wire, let go of at the end of the block."""
    # httpx promises an iterator only, but gives a generator, which wants to be closed.
    return aclosing(cast("AsyncGenerator[bytes]", response.aiter_raw()))


def _check_room(size: int | None, part: Part, most: int) -> None:
    if size is not None and size > most:
        part.discard()
        raise Transient(f"the file is larger than {most // 1024**2} MiB")


def _check_end(size: int, total: int | None) -> None:
    if total is not None and size != total:
        raise Transient(f"{size} bytes of {total} came")


def _length(response: httpx.Response) -> int | None:
    text = response.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _tag(response: httpx.Response) -> str:
    """What ``If-Range`` may name: a strong ETag or a date; "" when there is neither."""
    etag = response.headers.get("etag", "")
    tag = etag if etag.startswith('"') else response.headers.get("last-modified", "")
    return tag if tag.isascii() and len(tag) <= _MAX_TAG else ""


async def _said(
    response: httpx.Response, pieces: AsyncIterable[bytes], head: bytes = b""
) -> Answer:
    """What stands in a body that is no file, as far as it is worth reading."""
    body = bytearray(head)
    async for piece in pieces:
        body += piece
        if len(body) > _MAX_WORDS:
            break
    whole = len(body) <= _MAX_WORDS
    return Answer(response.status_code, response.headers, bytes(body[:_MAX_WORDS]), whole)
