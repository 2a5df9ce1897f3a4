"""Every request comes in here: written down, checked, led to its handler, answered."""

import asyncio
import json
import socket
import struct
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, web

from tests.fakes.discord_server import spec
from tests.fakes.discord_server.faults import Faults, Refusal, Throttle
from tests.fakes.discord_server.files import Shelf
from tests.fakes.discord_server.limits import Limits
from tests.fakes.discord_server.news import News
from tests.fakes.discord_server.payloads import Json
from tests.fakes.discord_server.problem import Problem, invalid
from tests.fakes.discord_server.requests import Request, read_body
from tests.fakes.faults import Fault, Hold, Reset, Status

API = "/api/v10"
# Routes whose secret is in the path need no other.
OPEN_ROUTES = ("/webhooks/{webhook_id}/{webhook_token}", "/interactions/")


@dataclass
class Answer:
    """What a handler gives back; no body means 204."""

    body: Any = None
    status: int = 200


Handler = Callable[[Request], Awaitable[Answer] | Answer]


class Door:
    """`requests` are all that came; `violations` what a correct bot would never send."""

    def __init__(self, token: str, shelf: Shelf, news: News) -> None:
        self.token = token
        self.shelf = shelf
        self.news = news
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.limits = Limits()
        self.faults = Faults()
        self.delay = 0.0

    def open(self, app: web.Application, method: str, route: str, handler: Handler) -> None:
        """Lead requests of one route to a handler."""

        async def enter(http: web.Request) -> web.StreamResponse:
            return await self._enter(http, route, handler)

        app.router.add_route(method, API + route, enter)

    async def _enter(self, http: web.Request, route: str, handler: Handler) -> web.StreamResponse:
        request = self._note(http, route)
        try:
            response = await self._guarded(http, request, handler)
        except (ClientError, ConnectionError):
            # The bot went away while it was sending.
            return web.Response(status=499)
        request.status = response.status
        self.news.wake()
        return response

    def _note(self, http: web.Request, route: str) -> Request:
        kept = {
            name: http.headers[name]
            for name in ("User-Agent", "Content-Type")
            if name in http.headers
        }
        request = Request(
            http.method,
            http.path.removeprefix(API),
            route,
            dict(http.query),
            kept,
            http.headers.get("Authorization") == f"Bot {self.token}",
            params=dict(http.match_info),
            reason=http.headers.get("X-Audit-Log-Reason"),
        )
        self.requests.append(request)
        return request

    async def _guarded(
        self, http: web.Request, request: Request, handler: Handler
    ) -> web.StreamResponse:
        headers: dict[str, str] = {}
        try:
            headers, wait, everywhere = self.limits.take(request)
            if wait:
                await drain(http)
                return throttled(wait, everywhere=everywhere, headers=headers)
            return await self._faulty(http, request, handler, headers)
        except Problem as problem:
            request.code = problem.code
            if problem.is_violation:
                self.violations.append(f"{request}: {problem}")
            await drain(http)
            return as_json(problem.to_json(), problem.status, headers)
        except (ClientError, ConnectionError):
            raise
        except Exception:  # noqa: BLE001  # whatever broke, the test must learn of it
            # A body that no rule foresaw, or a mistake of ours: the test should fail and say so.
            self.violations.append(f"{request} broke the server:\n{traceback.format_exc()}")
            return as_json({"message": "broken", "code": 0}, 400, headers)

    async def _faulty(
        self, http: web.Request, request: Request, handler: Handler, headers: dict[str, str]
    ) -> web.StreamResponse:
        before = self.faults.due(request, after=False)
        if before is not None and (response := await self._meet(before, http, headers)):
            await drain(http)
            return response
        answer = await self._handle(http, request, handler)
        if after := self.faults.due(request, after=True):
            self.news.wake()
            if response := await self._meet(after, http, headers):
                return response
        if self.delay:
            await asyncio.sleep(self.delay)
        return as_json(answer.body, answer.status, headers)

    async def _handle(self, http: web.Request, request: Request, handler: Handler) -> Answer:
        if not request.authorized and not request.route.startswith(OPEN_ROUTES):
            raise Problem(40001)
        await read_body(http, request, self.shelf)
        if complaint := spec.complaint(request.method, request.route, request.body):
            raise invalid("_", complaint)
        answer = handler(request)
        return answer if isinstance(answer, Answer) else await answer

    async def _meet(
        self, fault: Fault, http: web.Request, headers: dict[str, str]
    ) -> web.StreamResponse | None:
        if isinstance(fault, Hold):
            fault.reached.set()
            await fault.released.wait()
            return None
        if isinstance(fault, Refusal):
            raise fault.problem
        if isinstance(fault, Throttle):
            return throttled(
                fault.retry_after, everywhere=fault.everywhere, headers=headers, via=fault.via
            )
        if isinstance(fault, Status):
            return web.Response(status=fault.status, text="upstream connect error", headers=headers)
        assert isinstance(fault, Reset)
        break_off(http)
        raise ConnectionResetError


def as_json(body: Json, status: int, headers: dict[str, str]) -> web.Response:
    """An answer whose Content-Type is bare: discord.py takes any other for text."""
    if body is None:
        return web.Response(status=204, headers=headers)
    typed = headers | {"Content-Type": "application/json"}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=typed)


def throttled(
    wait: float, *, everywhere: bool, headers: dict[str, str], via: bool = True
) -> web.Response:
    """429, by Discord (with Via) or by the proxy before it (without)."""
    body = {"message": "You are being rate limited.", "retry_after": wait, "global": everywhere}
    more = {"Retry-After": str(int(wait) + 1)} | ({"Via": "1.1 google"} if via else {})
    return as_json(body, 429, headers | more)


def break_off(http: web.Request) -> None:
    """Reset the connection, so that the other side gets ECONNRESET and no goodbye."""
    transport = http.transport
    if transport is None:
        return
    raw: socket.socket | None = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def drain(http: web.Request) -> None:
    """Let the whole body come, and keep none of it."""
    async for _ in http.content.iter_any():
        pass
