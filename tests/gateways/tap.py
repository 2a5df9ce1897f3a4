"""A place on the line between the bot and a server: hears what is asked, and can cut answers."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Self

_LENGTH = re.compile(rb"(?i)^content-length: *(\d+)", re.MULTILINE)


@dataclass
class Tap:
    """Passes everything on to a port of this machine, for the length of an ``async with`` block.

    `asked` are method and path of each request. `cuts` answers are dropped from now on, once their
    first bytes have come: whatever was asked has been done.
    """

    target: int
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    cuts: int = 0

    async def __aenter__(self) -> Self:
        self._open: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    def jobs_asked(self) -> set[str]:
        """The ids in the paths of all requests about a job, as they were sent."""
        found = (re.match(r"/v1/videos/([^/?]+)", path) for _, path in self.asked)
        return {one[1] for one in found if one}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        there, away = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._ask(reader, away))
                both.create_task(self._answer(there, writer))
        except* (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(task)
            away.close()
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader, away: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            method, path, _ = head.partition(b"\r\n")[0].decode().split(" ")
            self.asked.append((method, path))
            away.write(head + body)
            await away.drain()

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await there.read(2**16):
            if self.cuts:
                self.cuts -= 1
                break
            writer.write(data)
            await writer.drain()
        raise ConnectionAbortedError
