"""A video gateway on loopback that answers whatever a test scripts, down to the byte."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Self, cast

from adapters.providers.guard import Resolve, look_up
from adapters.providers.http import Limits
from adapters.providers.openai_videos.client import OpenAIVideos
from adapters.providers.openai_videos.profile import Profile, profile_of
from bot.domain.videos import Size
from bot.ports import Clock, Leads, SubmitRequest, alone
from tests.fakes.clock import FakeClock

KEY = "sk-top-secret-0123456789"
REF = {"id": "video_1"}
WISH = SubmitRequest("a red kite “über” dunes", "sora-2", Size(1280, 720), 8)
HASTY = Limits(connect_ms=1000, silence_ms=150, answer_ms=400, answer_bytes=10_000)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42" + b"\x00\x00\x00\x08free" * 500
"""Looks like an MP4 to whoever reads only its beginning (4,024 bytes)."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the wire; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    @property
    def json(self) -> object:
        return json.loads(self.body)

    @property
    def parts(self) -> dict[str, bytes]:
        """The parts of a multipart body by name."""
        return {name: body for name, (_, body) in self.files.items()}

    @property
    def files(self) -> dict[str, tuple[str | None, bytes]]:
        """File name (None for plain fields) and bytes of the parts of a multipart body."""
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        whole = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return {
            str(part.get_param("name", header="content-disposition")): (
                part.get_filename(),
                cast("bytes", part.get_payload(decode=True)),
            )
            for part in whole.iter_parts()
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `body` is bytes, or a value that is sent as JSON.

    `length` is the Content-Length that is claimed (None: the true one, -1: none at all). `cut`
    drops the connection after so many bytes of the body. `pause_s` comes before each `piece`
    bytes. `raw` is sent instead of any HTTP answer. `hang` keeps the line open without a word,
    `reset` breaks it off. `endless` sends the body again and again until the other side has enough.
    """

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    length: int | None = None
    cut: int | None = None
    piece: int = 65536
    pause_s: float = 0.0
    raw: bytes | None = None
    hang: bool = False
    reset: bool = False
    keep_open: bool = False
    endless: bool = False

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    def head(self) -> bytes:
        length = len(self.data) if self.length is None else self.length
        lines = [f"HTTP/1.1 {self.status} Scripted"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if length >= 0:
            lines.append(f"content-length: {length}")
        if not self.keep_open:
            lines.append("connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


TAKEN = Reply(body={"id": "video_1", "object": "video", "status": "queued", "progress": 0})
NO_ANSWER = Reply(raw=b"")
"""The connection is closed without a word."""

_STEPS = 5
"""Turns of the loop from a new connection to its task, and some more."""

Script = Reply | Callable[[Received], Reply]


class Gateway:
    """A server for the length of an ``async with`` block. Counts and keeps all it was sent.

    `otherwise` answers what no script is for; port 0 takes a free one. With a `certificate` it
    speaks TLS only.
    """

    def __init__(
        self,
        otherwise: Script | None = None,
        port: int = 0,
        certificate: ssl.SSLContext | None = None,
    ) -> None:
        self.port = port
        self._certificate = certificate
        self.received: list[Received] = []
        self.connections = 0
        self._otherwise: Script = otherwise or Reply(404, {"detail": "Not Found"})
        self._scripts: dict[tuple[str, str], deque[Script]] = defaultdict(deque[Script])
        self._open: set[asyncio.Task[None]] = set()
        self._lines: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, limit=2**20, ssl=self._certificate
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for _step in range(_STEPS):
            # Who was let in just now has a task that has not begun.
            await asyncio.sleep(0)
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        for line in self._lines:
            # Whoever does not take what is left would keep the line open.
            line.transport.abort()
            with suppress(ConnectionError):
                await line.wait_closed()
        await self._server.wait_closed()

    @property
    def origin(self) -> str:
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/v1"

    def on(self, method: str, path: str, *scripts: Script) -> None:
        """Answer requests to a path (as sent, without its query) in turn; the last one stays."""
        self._scripts[method, path] = deque(scripts)

    def count(self, method: str) -> int:
        return sum(one.method == method for one in self.received)

    # --- serving ------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self._lines.append(writer)
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        received = await _request(reader)
        self.received.append(received)
        scripts = self._scripts[received.method, received.path]
        if not scripts:
            script = self._otherwise
        else:
            script = scripts.popleft() if len(scripts) > 1 else scripts[0]
        reply = script if isinstance(script, Reply) else script(received)
        await _send(reply, writer)
        return reply.keep_open and reply.cut is None and reply.raw is None and not reply.reset


async def _request(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body)


async def _send(reply: Reply, writer: asyncio.StreamWriter) -> None:
    if reply.hang:
        await asyncio.Event().wait()
    if reply.reset:
        # Without lingering, the other side is told that the connection broke.
        line = writer.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return
    if reply.raw is not None:
        writer.write(reply.raw)
        await writer.drain()
        return
    writer.write(reply.head())
    data = reply.data if reply.cut is None else reply.data[: reply.cut]
    for start in range(0, len(data), reply.piece):
        await writer.drain()
        if reply.pause_s:
            await asyncio.sleep(reply.pause_s)
        writer.write(data[start : start + reply.piece])
    await writer.drain()
    while reply.endless:
        await asyncio.sleep(reply.pause_s)
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def client_of(
    gateway: Gateway,
    profile: str | Profile = "custom",
    *,
    key: str = KEY,
    clock: Clock | None = None,
    limits: Limits | None = None,
    resolve: Resolve = look_up,
    leads: Leads = alone,
) -> AsyncGenerator[OpenAIVideos]:
    """The real client, talking to a gateway."""
    chosen = profile_of(profile) if isinstance(profile, str) else profile
    client = OpenAIVideos(
        chosen,
        gateway.url,
        key,
        clock or FakeClock(),
        limits=limits,
        resolve=resolve,
        leads=leads,
    )
    try:
        yield client
    finally:
        await client.aclose()
