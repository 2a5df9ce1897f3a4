"""Puts a file into a channel: announce it, send its bytes, complete.

The three steps are tried again one by one. The file's id is noted before the last step, so that
after a lost answer, or a death of the bot, the same file is looked up and not posted twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

import aiohttp

from adapters.slack.calls import Calls
from adapters.slack.faults import FilesBlocked, NoSuchFile, Unsure
from adapters.slack.keys import mark_of
from adapters.slack.shown import info
from adapters.slack.text import Json
from adapters.slack.workspaces import Net
from bot import wording
from bot.errors import ChatError
from bot.ports import Clock, Notes

MOST_BYTES = 1_000_000_000
"""Of one upload."""
CHUNK = 256 * 1024
"""Bytes of a file that are in memory at once."""
CYCLES = 2
"""Whole uploads for one message before it goes back into the outbox."""
AT_ONCE = 4
"""Files on their way at once."""
PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=60)
"""A slow line may take its time for a large file, as long as it moves."""
WAITS = (500, 2_000)
"""Ms before each further try of a step."""
MAX_ALT = 1_000

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file, where it goes, and what is said with it. `thread` is empty outside of threads.

    `content` is where a large file lies, or all of a small one.
    """

    channel: str
    thread: str
    filename: str
    content: Path | bytes
    blocks: list[Json]
    alt: str
    nonce: str


class Uploads:
    """Uploads of all workspaces."""

    def __init__(self, net: Net, notes: Notes, clock: Clock) -> None:
        self._net = net
        self._notes = notes
        self._clock = clock
        self._lines = asyncio.Semaphore(AT_ONCE)

    async def post(self, calls: Calls, parcel: Parcel, *, again: bool) -> str:
        """The id of the file, which will stand in the channel soon; raises `ChatError` classes.

        `again` when an earlier try may have done all or some of it.
        """
        size = await asyncio.to_thread(_size, parcel.content)
        if size > MOST_BYTES:
            raise FilesBlocked(wording.SLACK_FILE_TOO_LARGE)
        note = _note(parcel.nonce)
        noted = await self._notes.read(note) if again else None
        if noted and await self._finished(calls, parcel, noted):
            return noted
        for _ in range(CYCLES):
            async with self._lines:
                file = await self._again(lambda: self._sent(calls, parcel, size))
            await self._notes.write(note, file)
            with suppress(NoSuchFile):
                await self._complete(calls, parcel, file)
                return file
        raise Unsure("Slack forgets uploads before they are complete")

    async def posted(self, calls: Calls, nonce: str) -> str | None:
        """The file that an earlier try under `nonce` brought into a channel."""
        noted = await self._notes.read(_note(nonce))
        return noted if noted and await _is_there(calls, noted) else None

    async def _finished(self, calls: Calls, parcel: Parcel, file: str) -> bool:
        """Whether an earlier try came to its end, or could be brought there."""
        if await _is_there(calls, file):
            return True
        try:
            await self._complete(calls, parcel, file)
        except NoSuchFile:
            return False
        return True

    async def _sent(self, calls: Calls, parcel: Parcel, size: int) -> str:
        """The first two steps; a new address for each try, for one is good for one upload."""
        args: Json = {"filename": parcel.filename, "length": size}
        if parcel.alt:
            args["alt_txt"] = parcel.alt[:MAX_ALT]
        told = await calls.call("files.getUploadURLExternal", args, form=True)
        await self._send(str(told["upload_url"]), parcel.content, size)
        return str(told["file_id"])

    async def _send(self, url: str, content: Path | bytes, size: int) -> None:
        if not (self._net.is_own(url) or _is_slacks(url)):
            raise ChatError(wording.SLACK_STRANGE_ADDRESS)
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        # Opened here: when the line breaks, whoever sends it is gone without a word.
        source = await asyncio.to_thread(_opened, content)
        try:
            async with self._net.session.post(
                url, data=_chunks(source), headers=headers, timeout=PATIENCE, allow_redirects=False
            ) as response:
                if response.status != _OK:
                    raise Unsure(f"upload: HTTP {response.status}")
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise Unsure(f"upload: {type(error).__name__}") from error
        finally:
            source.close()

    async def _complete(self, calls: Calls, parcel: Parcel, file: str) -> None:
        """The last step. When its answer is lost, the file itself says whether it was done."""
        args: dict[str, Any] = {
            "files": [{"id": file, "title": parcel.filename}],
            "channel_id": parcel.channel,
            "blocks": parcel.blocks,
        }
        if parcel.thread:
            args["thread_ts"] = parcel.thread
        unsure = False

        async def step() -> None:
            nonlocal unsure
            if unsure and await _is_there(calls, file):
                return
            try:
                await calls.call("files.completeUploadExternal", args)
            except Unsure:
                unsure = True
                raise

        await self._again(step)

    async def _again(self, step: Callable[[], Awaitable[T]]) -> T:
        """A step, once more after each of `WAITS` where only the line or Slack broke."""
        for wait in WAITS:
            try:
                return await step()
            except Unsure as error:
                log.info("upload: again in %d ms: %s", wait, error)
            await self._clock.sleep(wait)
        return await step()


_OK = 200


def _note(nonce: str) -> str:
    return f"file/{mark_of(nonce)}"


async def _is_there(calls: Calls, file: str) -> bool:
    """Whether a file was completed: before that Slack knows it under no name."""
    try:
        await info(calls, file)
    except NoSuchFile:
        return False
    return True


def _is_slacks(url: str) -> bool:
    """Whether an address is one of Slack's."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" and host.endswith((".slack.com", ".slack-gov.com"))


def _size(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _opened(content: Path | bytes) -> BinaryIO:
    return BytesIO(content) if isinstance(content, bytes) else content.open("rb")


async def _chunks(source: BinaryIO) -> AsyncGenerator[bytes]:
    """A file piece by piece, read beside the loop."""
    while piece := await asyncio.to_thread(source.read, CHUNK):
        yield piece
