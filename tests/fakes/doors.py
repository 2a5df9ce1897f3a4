"""The bot's door for webhooks on a real server, and whoever sends what no library would."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from adapters.web.guard import LOOPBACK, Guard, Rules

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@asynccontextmanager
async def served(door: ASGIApp) -> AsyncGenerator[int]:
    """The port at which it answers on loopback, behind the bot's own guard."""
    app = Guard(door, Rules("t" * 16, LOOPBACK))
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def said_to(port: int, request: bytes, *, ends: bool = False) -> int | None:
    """The status of the answer to some bytes; None when there was no answer.

    With `ends` it is said that nothing more will come after them.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        if ends:
            writer.write_eof()
        answer = await reader.read()
    except ConnectionError:
        return None
    finally:
        writer.close()
    found = _STATUS.match(answer)
    return int(found[1]) if found else None
