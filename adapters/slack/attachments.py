"""Files that people attached on Slack, as first frames in our own store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp

from adapters.chats.pictures import MOST_BYTES, Attached, Files, Unread, copied, kept
from adapters.slack.shown import info
from adapters.slack.workspaces import Net, Workspace
from bot import wording
from bot.commands.grammar import IMAGE
from bot.domain.messages import Upload
from bot.errors import ChatError, InvalidInput, MediaError
from bot.ports import Media

HOSTS = frozenset({"files.slack.com", "files.slack-gov.com"})
"""Where Slack keeps files."""
MOST_VIDEO_BYTES = 200_000_000
"""Largest clip whose first frame is taken."""
CHUNK = 256 * 1024
PATIENCE = aiohttp.ClientTimeout(total=120, sock_connect=15, sock_read=30)


class Attachments:
    """Copies what people attached, with the bot's own token."""

    def __init__(self, net: Net, files: Files, media: Media) -> None:
        self._net = net
        self._files = files
        self._media = media

    async def taken(
        self, workspace: Workspace, ids: Sequence[str], uses: Mapping[str, str]
    ) -> tuple[Upload, ...]:
        """A picture as it is, a clip as its first frame; raises `InvalidInput`.

        `uses` are the parameters that they are for, where that is not the first frame.
        """
        frames = [one for one in ids if uses.get(one, IMAGE) == IMAGE]
        if len(frames) > 1:
            raise InvalidInput(IMAGE, f"{len(frames)} files", wording.ONE_PICTURE)
        return tuple([await self._taken(workspace, one, uses.get(one, IMAGE)) for one in ids])

    async def _taken(self, workspace: Workspace, file: str, use: str) -> Upload:
        attached = replace(await self._described(workspace, file), use=use)
        if attached.kind.startswith("video/"):
            return await self._first_frame(workspace, attached)

        async def get(url: str) -> bytes:
            path = await self._copy(workspace, url, MOST_BYTES)
            try:
                return await asyncio.to_thread(path.read_bytes)
            finally:
                path.unlink(missing_ok=True)

        return await copied(attached, self._files, get, self._hosts)

    async def _described(self, workspace: Workspace, file: str) -> Attached:
        try:
            told = await info(workspace.calls, file)
        except ChatError as error:
            raise InvalidInput("image", file, wording.PICTURE_NOT_COPIED) from error
        url = told.get("url_private_download") or told.get("url_private") or ""
        kind = str(told.get("mimetype") or "")
        return Attached(str(url), str(told.get("name") or file), kind, int(told.get("size") or 0))

    async def _first_frame(self, workspace: Workspace, attached: Attached) -> Upload:
        name = attached.filename
        if attached.size > MOST_VIDEO_BYTES or urlsplit(attached.url).hostname not in self._hosts:
            raise InvalidInput("image", name, wording.clip_up_to(MOST_VIDEO_BYTES))
        try:
            clip = await self._copy(workspace, attached.url, MOST_VIDEO_BYTES)
        except (Unread, OSError) as error:
            raise InvalidInput("image", name, wording.PICTURE_NOT_COPIED) from error
        frame = clip.with_suffix(".jpg")
        try:
            await self._media.frame(clip, frame)
            data = await asyncio.to_thread(frame.read_bytes)
        except (MediaError, OSError) as error:
            raise InvalidInput("image", name, wording.clip_up_to(MOST_VIDEO_BYTES)) from error
        finally:
            clip.unlink(missing_ok=True)
            frame.unlink(missing_ok=True)
        still = replace(attached, filename=f"{Path(name).stem}.jpg", content_type="image/jpeg")
        return await kept(data, still, self._files)

    async def _copy(self, workspace: Workspace, url: str, most: int) -> Path:
        """A file of Slack's in our scratch folder; without a right to it Slack shows a page."""
        path = self._files.scratch() / f"{uuid4().hex}.part"
        headers = {"Authorization": f"Bearer {workspace.token}"}
        try:
            async with self._net.session.get(
                url, headers=headers, timeout=PATIENCE, allow_redirects=False
            ) as response:
                await _written(response, path, most)
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, (aiohttp.ClientError, TimeoutError)):
                raise Unread(type(error).__name__) from error
            raise
        return path

    @property
    def _hosts(self) -> frozenset[str | None]:
        return HOSTS | {urlsplit(self._net.base).hostname} - {"slack.com"}


_OK = 200


async def _written(response: aiohttp.ClientResponse, path: Path, most: int) -> None:
    if response.status != _OK or response.content_type == "text/html":
        raise Unread(f"HTTP {response.status}")
    size = 0
    with path.open("wb") as target:
        async for piece in response.content.iter_chunked(CHUNK):
            size += len(piece)
            if size > most:
                raise Unread(f"more than {most} bytes")
            await asyncio.to_thread(target.write, piece)
