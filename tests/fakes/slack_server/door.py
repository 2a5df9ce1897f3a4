"""Every call comes in here: written down, checked, led to its handler, answered."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from aiohttp import ClientError, web

from tests.fakes.discord_server.door import break_off, drain
from tests.fakes.faults import Fault, Hold, Reset, Status
from tests.fakes.slack_server.arguments import read_arguments
from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.faults import Faults, Refusal, Throttle
from tests.fakes.slack_server.gate import Gate
from tests.fakes.slack_server.limits import Limits
from tests.fakes.slack_server.news import News
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.problem import Problem, invalid
from tests.fakes.slack_server.records import keep

Handler = Callable[[Call], Object]
Work = Callable[[], Awaitable[web.StreamResponse]]


class Office(Protocol):
    """What answers the calls of one workspace."""

    gate: Gate
    handlers: dict[str, Handler]


class Door:
    """`calls` are all that came; `violations` what a correct bot would never send.

    `handlers` are the methods of no workspace.
    """

    def __init__(self, offices: Sequence[Office], news: News, violations: list[str]) -> None:
        self.offices = offices
        self.news = news
        self.violations = violations
        self.calls: list[Call] = []
        self.limits = Limits()
        self.faults = Faults()
        self.handlers: dict[str, Handler] = {}
        self.delay = 0.0

    def office(self, token: str) -> Office:
        """The workspace of a token; the first one when it is of none."""
        known = (one for one in self.offices if token and one.gate.bot_token == token)
        return next(known, self.offices[0])

    async def api(self, http: web.Request) -> web.StreamResponse:
        """A method of the Web API."""
        call = Call(http.match_info["method"], _token(http))

        async def work() -> web.StreamResponse:
            call.args, call.ways = await read_arguments(http)
            office = self.office(call.token)
            call.team_id = office.gate.world.team_id
            office.gate.check(call)
            if wait := self.limits.take(call):
                return throttled(wait)
            return self._ok(self._handled(call, self.handlers | office.handlers))

        return await self.enter(http, call, work)

    async def enter(self, http: web.Request, call: Call, work: Work) -> web.StreamResponse:
        """Note a call, let faults meet it, do its work."""
        self.calls.append(call)
        try:
            response = await self._guarded(http, call, work)
        except (ClientError, ConnectionError):
            # The bot went away while it was sending.
            return web.Response(status=499)
        call.status = response.status
        self.news.wake()
        return response

    async def _guarded(self, http: web.Request, call: Call, work: Work) -> web.StreamResponse:
        try:
            return await self._faulty(http, call, work)
        except Problem as problem:
            call.error = problem.error
            if problem.is_violation:
                self.violations.append(f"{call}: {problem}")
            await drain(http)
            # Methods always answer 200; addresses for uploads and answers do not.
            return self._ok(problem.to_json(), 200 if "." in call.method else 400)
        except (ClientError, ConnectionError):
            raise
        except Exception:  # noqa: BLE001  # whatever broke, the test must learn of it
            # A body that no rule foresaw, or a mistake of ours: the test should fail and say so.
            self.violations.append(f"{call} broke the server:\n{traceback.format_exc()}")
            return web.json_response({"ok": False, "error": "internal_error"})

    async def _faulty(self, http: web.Request, call: Call, work: Work) -> web.StreamResponse:
        before = self.faults.due(call, after=False)
        if before is not None and (response := await self._meet(before, http)):
            await drain(http)
            return response
        response = await work()
        if after := self.faults.due(call, after=True):
            self.news.wake()
            return await self._meet(after, http) or response
        if self.delay:
            await asyncio.sleep(self.delay)
        return response

    async def _meet(self, fault: Fault, http: web.Request) -> web.StreamResponse | None:
        if isinstance(fault, Hold):
            fault.reached.set()
            await fault.released.wait()
            return None
        if isinstance(fault, Refusal):
            raise Problem(fault.error)
        if isinstance(fault, Throttle):
            return throttled(fault.retry_after)
        if isinstance(fault, Status):
            return web.Response(status=fault.status, text="upstream connect error")
        assert isinstance(fault, Reset)
        break_off(http)
        raise ConnectionResetError

    def _handled(self, call: Call, handlers: dict[str, Handler]) -> Object:
        """Do what a call wants. Calls that no correct bot makes are not kept: they fail a test."""
        try:
            answer = _handler(call, handlers)(call)
        except Problem as problem:
            if not problem.is_violation:
                _keep(call)
            raise
        _keep(call)
        return answer

    def _ok(self, body: Object, status: int = 200) -> web.Response:
        scopes = ",".join(sorted(self.offices[0].gate.scopes))
        headers = {"X-OAuth-Scopes": scopes}
        return web.json_response({"ok": True} | body, status=status, headers=headers)


def _handler(call: Call, handlers: dict[str, Handler]) -> Handler:
    found = handlers.get(call.method)
    if found is None:
        raise invalid("unknown_method", call.method)
    return found


def _keep(call: Call) -> None:
    keep(call.method, call.args, typed="json" in call.ways)


def throttled(wait: int) -> web.Response:
    """429, as Slack words it."""
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(wait)})


def _token(http: web.Request) -> str:
    kind, _, token = http.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else ""
