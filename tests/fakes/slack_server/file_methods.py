"""files.*, the upload address, and downloads."""

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine

from aiohttp import BodyPartReader, web

from tests.fakes.slack_server.block_rules import check_blocks
from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.chat_methods import thread_of
from tests.fakes.slack_server.door import Handler
from tests.fakes.slack_server.files import File
from tests.fakes.slack_server.gate import Gate
from tests.fakes.slack_server.messages import Message
from tests.fakes.slack_server.payloads import Object, parts
from tests.fakes.slack_server.problem import Problem, invalid
from tests.fakes.slack_server.world import World

CHUNK = 256 * 1024
CHANNEL_ID = re.compile("[CGDZ][A-Z0-9]{8,}")
SIGN_IN = "<!DOCTYPE html><html><title>Sign in to Studio</title></html>"


class FileMethods:
    """`share_delay` are seconds until a completed file stands in its channel."""

    def __init__(self, world: World, gate: Gate) -> None:
        self.world = world
        self.gate = gate
        self.base = ""
        self.share_delay = 0.1
        self._tasks: set[asyncio.Task[None]] = set()

    def table(self) -> dict[str, Handler]:
        return {
            "files.getUploadURLExternal": self.announce,
            "files.completeUploadExternal": self.complete,
            "files.info": self.info,
            "files.delete": self.delete,
        }

    def announce(self, call: Call) -> Object:
        length = call.text("length")
        if not length.isdigit() or length == "0":
            raise invalid("invalid_arguments", f"length is {length!r}")
        shelf = self.world.shelf
        made = shelf.announce(call.text("filename"), int(length), self.world.bot.id)
        made.alt_text = call.text("alt_txt")
        return {"upload_url": f"{self.base}/upload/v1/{made.id}", "file_id": made.id}

    async def take(self, http: web.Request) -> web.StreamResponse:
        """The upload itself, raw or as a form."""
        file = self.world.shelf.files.get(http.match_info["file_id"])
        if file is None or file.uploaded:
            return web.Response(status=404, text="no such upload")
        await self.world.shelf.take(file, _chunks(http))
        if file.size != file.expected:
            file.sha256 = ""
            raise invalid("bad_length", f"{file.size} bytes came, {file.expected} were announced")
        return web.Response(text=f"OK - {file.size}")

    def complete(self, call: Call) -> Object:
        files = [self._uploaded(one) for one in parts(call.args, "files")]
        places = call.text("channels").split(",") if call.text("channels") else []
        channels = [self._place(one) for one in [*places, call.text("channel_id")] if one]
        blocks = [] if call.text("initial_comment") else parts(call.args, "blocks")
        _check_file_blocks(blocks)
        for channel in channels:
            thread_of(channel, call.text("thread_ts"))
        for file in files:
            file.completed = True
        self._later(self._share(call, files, channels, blocks))
        return {"files": [file.to_json() for file in files]}

    def info(self, call: Call) -> Object:
        return {"file": self._find(call.text("file")).to_json()}

    def delete(self, call: Call) -> Object:
        file = self._find(call.text("file"))
        if file.owner_id != self.world.bot.id:
            raise Problem("cant_delete_file")
        self.world.discard(file)
        return {}

    async def give(self, http: web.Request, call: Call) -> web.StreamResponse:
        """A download. Without a token that may read, Slack shows the page to sign in."""
        file = self.world.shelf.files.get(http.match_info["file_id"])
        may = call.token == self.gate.bot_token and not self.gate.revoked
        if not may or "files:read" not in self.gate.scopes:
            return web.Response(text=SIGN_IN, content_type="text/html")
        if file is None or file.deleted or not file.uploaded:
            return web.Response(status=404)
        return web.FileResponse(file.path, headers={"Content-Type": file.content_type})

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _share(
        self, call: Call, files: list[File], channels: list[Channel], blocks: list[Object]
    ) -> None:
        await asyncio.sleep(self.share_delay)
        for file in files:
            file.processed = True
        for channel in channels if files else []:
            world = self.world
            made = Message(world.ids.ts(), channel.id, world.bot, "", blocks)
            made.fallback = call.text("initial_comment")
            made.thread_ts = call.text("thread_ts") or None
            made.files = files[1:]
            world.share(channel, files[0], made)
        self.world.news.wake()

    def _uploaded(self, wanted: Object) -> File:
        file = self._find(str(wanted.get("id")), uploading=True)
        if not file.uploaded or file.completed:
            raise Problem("file_not_found")
        file.title = wanted.get("title") or ""
        return file

    def _find(self, file_id: str, *, uploading: bool = False) -> File:
        file = self.world.shelf.files.get(file_id)
        if file is None or file.deleted or not (file.completed or uploading):
            raise Problem("file_not_found")
        return file

    def _place(self, channel_id: str) -> Channel:
        if not CHANNEL_ID.fullmatch(channel_id):
            raise invalid("invalid_arguments", f"channel_id is {channel_id!r}")
        channel = self.world.find_channel(channel_id)
        self.gate.may_write(channel)
        return channel

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _check_file_blocks(blocks: list[Object]) -> None:
    if any(block.get("type") == "markdown" for block in blocks):
        # So it is in Slack, though nothing says that it should be.
        raise invalid("internal_error", "a markdown block beside a file")
    check_blocks(blocks)


async def _chunks(http: web.Request) -> AsyncIterator[bytes]:
    if http.content_type != "multipart/form-data":
        async for chunk in http.content.iter_chunked(CHUNK):
            yield chunk
        return
    async for part in await http.multipart():
        assert isinstance(part, BodyPartReader)
        while chunk := await part.read_chunk(CHUNK):
            yield chunk
