"""Answers that go wrong on their way: dropped connections and cut bodies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send


class Connections:
    """Open connections by the client's address, so that one can be dropped without an answer."""

    def __init__(self) -> None:
        self._open: dict[tuple[object, ...], asyncio.Transport] = {}

    def opened(self, transport: asyncio.Transport) -> None:
        """A client has connected."""
        self._open[_address(transport.get_extra_info("peername"))] = transport

    def closed(self, transport: asyncio.Transport) -> None:
        """A client is gone."""
        self._open.pop(_address(transport.get_extra_info("peername")), None)

    def drop(self, client: Sequence[object] | None) -> bool:
        """Cut the connection of that client; False when it is not known."""
        transport = self._open.pop(_address(client), None)
        if transport is None:
            return False
        transport.abort()
        return True


def _address(peer: Sequence[object] | None) -> tuple[object, ...]:
    """Host and port; IPv6 addresses come with two more numbers."""
    return tuple(peer[:2]) if peer else ()


class NoAnswer(Response):
    """Drops the connection. Under a foreign server: a head, and then nothing."""

    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections

    async def __call__(
        self,
        scope: Scope,
        receive: Receive,  # noqa: ARG002 - every ASGI app is called with it
        send: Send,
    ) -> None:
        """Send nothing."""
        if not self._connections.drop(scope.get("client")):
            await send(_head(500, 1))


class CutBody(Response):
    """Promises the whole body, sends the first `part` of it and hangs up."""

    def __init__(self, whole: Response, part: float) -> None:
        super().__init__()
        self._whole = whole
        self._part = part

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the whole answer sends until enough is through."""
        left = 0

        async def some(message: Message) -> None:
            nonlocal left
            if message["type"] == "http.response.start":
                headers = dict(message["headers"])
                left = max(1, int(int(headers[b"content-length"]) * self._part))
                await send(message)
            elif left > 0:
                body = message.get("body", b"")[:left]
                left -= len(body)
                await send({**message, "body": body, "more_body": True})

        # Ending without a last piece makes the server close the connection.
        await self._whole(scope, receive, some)


def _head(status: int, length: int) -> dict[str, Any]:
    headers = [(b"content-length", str(length).encode())]
    return {"type": "http.response.start", "status": status, "headers": headers}
