"""Every call comes in here: written down, checked, led to its handler, answered."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable

from aiohttp import ClientError, web

from tests.fakes.discord_server.door import break_off, drain
from tests.fakes.slack_server.arguments import read_arguments
from tests.fakes.slack_server.calls import Call
from tests.fakes.slack_server.faults import Fault, Faults, Hold, Refusal, Reset, Status, Throttle
from tests.fakes.slack_server.gate import Gate
from tests.fakes.slack_server.limits import Limits
from tests.fakes.slack_server.news import News
from tests.fakes.slack_server.payloads import Object
from tests.fakes.slack_server.problem import Problem, invalid
from tests.fakes.slack_server.records import keep

Handler = Callable[[Call], Object]
Work = Callable[[], Awaitable[web.StreamResponse]]


class Door:
    """`calls` are all that came; `violations` what a correct bot would never send."""

    def __init__(self, gate: Gate, news: News, violations: list[str]) -> None:
        self.gate = gate
        self.news = news
        self.violations = violations
        self.calls: list[Call] = []
        self.limits = Limits()
        self.faults = Faults()
        self.handlers: dict[str, Handler] = {}
        self.delay = 0.0

    async def api(self, http: web.Request) -> web.StreamResponse:
        """A method of the Web API."""
        call = Call(http.match_info["method"], _token(http))

        async def work() -> web.StreamResponse:
            call.args, call.ways = await read_arguments(http)
            self.gate.check(call)
            if wait := self.limits.take(call):
                return throttled(wait)
            return self._ok(self._handled(call))

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

    def _handled(self, call: Call) -> Object:
        """Do what a call wants. Calls that no correct bot makes are not kept: they fail a test."""
        try:
            answer = self._handler(call)(call)
        except Problem as problem:
            if not problem.is_violation:
                keep(call)
            raise
        keep(call)
        return answer

    def _handler(self, call: Call) -> Handler:
        found = self.handlers.get(call.method)
        if found is None:
            raise invalid("unknown_method", call.method)
        return found

    def _ok(self, body: Object, status: int = 200) -> web.Response:
        scopes = ",".join(sorted(self.gate.scopes))
        headers = {"X-OAuth-Scopes": scopes}
        return web.json_response({"ok": True} | body, status=status, headers=headers)


def throttled(wait: int) -> web.Response:
    """429, as Slack words it."""
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(wait)})


def _token(http: web.Request) -> str:
    kind, _, token = http.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else ""
