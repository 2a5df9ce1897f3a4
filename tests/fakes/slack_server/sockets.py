"""Socket Mode: hello, envelopes, acks, goodbyes."""

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, WSMsgType, web

from tests.fakes.slack_server.parcels import EVENTS, Ack, Lost, Parcel
from tests.fakes.slack_server.payloads import Json, Object, is_object, parsed
from tests.fakes.slack_server.world import World

MOST = 10
REFRESH, WARNING, DISABLED, TOO_MANY = (
    "refresh_requested",
    "warning",
    "link_disabled",
    "too_many_websockets",
)


@dataclass(eq=False)
class Line:
    """One socket. `carried` are the parcels that went this way, `acked` the ids answered here."""

    number: int
    socket: web.WebSocketResponse
    carried: list[Parcel] = field(default_factory=list[Parcel])
    acked: list[str] = field(default_factory=list[str])

    async def send(self, frame: Object) -> None:
        with contextlib.suppress(ConnectionError):
            await self.socket.send_str(json.dumps(frame))

    async def say_goodbye(self, reason: str = REFRESH) -> None:
        """Ask the bot to leave; it should come back by itself."""
        await self.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}})

    async def cut(self) -> None:
        """Close at once, without a word."""
        await self.socket.close(code=WSCloseCode.ABNORMAL_CLOSURE)


class Sockets:
    """Listens at /link. Each envelope goes to one line, in turn. `opened` counts all lines."""

    def __init__(self, world: World, violations: list[str]) -> None:
        self.world = world
        self.violations = violations
        self.url = ""
        self.lines: list[Line] = []
        self.opened = 0
        self._turn = 0
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[tuple[Json, int]]] = {}

    def ticket(self) -> str:
        """An address for one socket, good for one use."""
        made = secrets.token_hex(8)
        self._tickets.add(made)
        return f"{self.url}?ticket={made}&app_id={self.world.app_id}"

    async def carry(self, parcel: Parcel, within: float) -> Ack | Lost:
        """Send an envelope on one line, and wait for its ack on any."""
        if not self.lines:
            return Lost("no_open_socket")
        self._turn += 1
        line = self.lines[self._turn % len(self.lines)]
        line.carried.append(parcel)
        envelope = secrets.token_hex(16)
        ack = self._waiting[envelope] = asyncio.get_running_loop().create_future()
        try:
            await line.send(_envelope(envelope, parcel))
            async with asyncio.timeout(within):
                payload, number = await ack
        except TimeoutError:
            return Lost("timeout")
        finally:
            del self._waiting[envelope]
        return Ack(payload, 0, number)

    async def serve(self, http: web.Request) -> web.StreamResponse:
        """One socket, from hello to its end."""
        if (ticket := http.query.get("ticket", "")) not in self._tickets:
            return web.Response(status=408, text="unknown ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(timeout=0.2)
        await socket.prepare(http)
        line = Line(self.opened, socket)
        self.opened += 1
        if len(self.lines) >= MOST:
            await line.say_goodbye(TOO_MANY)
            return socket
        await self._talk(line)
        return socket

    async def refresh(self, reason: str = REFRESH) -> None:
        """Ask every line to come again."""
        for line in [*self.lines]:
            await line.say_goodbye(reason)

    async def aclose(self) -> None:
        for line in [*self.lines]:
            await line.socket.close(code=WSCloseCode.GOING_AWAY)

    async def _talk(self, line: Line) -> None:
        self.lines.append(line)
        await line.send(self._hello())
        self.world.news.wake()
        try:
            async for frame in line.socket:
                if frame.type == WSMsgType.TEXT:
                    self._take(line, frame.data)
        finally:
            self.lines.remove(line)
            self.world.news.wake()

    def _hello(self) -> Object:
        debug = {"host": "fake", "build_number": 1, "approximate_connection_time": 18060}
        return {
            "type": "hello",
            "num_connections": len(self.lines),
            "debug_info": debug,
            "connection_info": {"app_id": self.world.app_id},
        }

    def _take(self, line: Line, text: str) -> None:
        frame = parsed(text)
        if not is_object(frame) or "envelope_id" not in frame:
            self.violations.append(f"a frame that is no ack: {text[:200]}")
            return
        envelope = str(frame["envelope_id"])
        line.acked.append(envelope)
        waiting = self._waiting.get(envelope)
        if waiting is not None and not waiting.done():
            waiting.set_result((frame.get("payload"), line.number))


def _envelope(envelope: str, parcel: Parcel) -> Object:
    frame: Object = {
        "envelope_id": envelope,
        "type": parcel.kind,
        "payload": parcel.payload,
        "accepts_response_payload": parcel.kind != EVENTS,
    }
    if parcel.kind == EVENTS:
        frame |= {"retry_attempt": parcel.attempt, "retry_reason": parcel.reason}
    return frame
