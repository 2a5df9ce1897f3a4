"""The simulator as a Starlette app: the Videos contract under ``/v1``, and its controls."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from adapters.providers.simulator.answers import UNROUTED, ApiError, of_fault
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.simulator.machine import Machine
from adapters.providers.simulator.native.front import Native
from adapters.providers.simulator.native.registry import NATIVES
from adapters.providers.simulator.sending import Connections, CutBody, NoAnswer
from adapters.providers.simulator.settings import SimulatorSettings
from adapters.providers.simulator.videos import Handler, Videos
from bot.ports import Clock

Endpoint = Callable[[Request], Awaitable[Response]]

_WRONG_METHOD = 405
_PAGE = "<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1><p>simulated</p>"


def create_simulator(settings: SimulatorSettings, clock: Clock | None = None) -> Starlette:
    """The app. Its ``state.machine`` is the `Machine` (faults, counts), usable while it runs.

    Its lifespan resumes unfinished jobs and stops all work at the end.
    """
    machine = Machine(settings, clock)
    front = _Front(machine)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with machine.open():
            yield

    app = Starlette(
        routes=front.routes(),
        lifespan=lifespan,
        exception_handlers={ApiError: front.say_no, HTTPException: front.say_no},
    )
    app.state.machine = machine
    app.state.connections = front.connections
    return app


class _Front:
    """What every request passes: the key, the count, the faults, the shape of errors."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        native = NATIVES.get(machine.settings.dialect)
        self._speech: Native | Videos = native(machine) if native else Videos(machine)
        machine.new_id = self._speech.new_id
        if isinstance(self._speech, Native):
            machine.pen = self._speech.pen()
        self.connections = Connections()

    def routes(self) -> list[Route]:
        """All routes; what the dialect lacks has none."""
        routes = [
            Route(path, self._guarded(name, handler), methods=[method])
            for name, method, path, handler in self._speech.routes()
            if name not in self._speech.lacks
        ]
        routes.append(Route("/health", self._health))
        routes.append(Route("/.well-known/jwks.json", self._keys))
        # Controls first, for some dialects take whatever else is posted.
        return [*self._controls(), *routes] if self._machine.settings.control else routes

    def _controls(self) -> list[Route]:
        return [
            Route("/simulator/faults", self._plan, methods=["POST"]),
            Route("/simulator/faults", self._clear, methods=["DELETE"]),
            Route("/simulator/stats", self._stats, methods=["GET"]),
        ]

    # --- every request of the contract ----------------------------------------------------

    def _guarded(self, operation: str, handler: Handler) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            self._machine.note(operation, _trace(request))
            self._check_key(request)
            if operation in self._speech.denies:
                text = f"{operation} is not implemented for this provider"
                raise ApiError(500, text, kind="server_error")
            fault = self._machine.faults.take(operation)
            response = await self._answer(request, handler, fault)
            response.headers.update({**self._speech.headers, **_request_id()})
            return response

        return endpoint

    def _check_key(self, request: Request) -> None:
        token = self._machine.settings.token
        given, wanted = (
            request.headers.get(self._speech.header, ""),
            self._speech.prefix + (token or ""),
        )
        if token and not hmac.compare_digest(given.encode(), wanted.encode()):
            raise ApiError(401, "Incorrect API key provided.", code="invalid_api_key")

    async def _answer(self, request: Request, handler: Handler, fault: Fault | None) -> Response:
        if fault is None or fault.is_fate:
            return await handler(request, fault)
        if fault.kind is Kind.SLOW:
            response = await handler(request, None)
            # Real time, for it is a client's patience that is tried.
            await asyncio.sleep(fault.wait_ms / 1000)
            return response
        if fault.kind in {Kind.TRUNCATED, Kind.SHORT_FILE}:
            return await _spoiled(await handler(request, None), fault)
        if fault.accepted:
            await handler(request, None)
        return self._instead(fault)

    def _instead(self, fault: Fault) -> Response:
        """The answer that comes in place of the right one."""
        if error := of_fault(fault, self._machine.clock.now()):
            raise error
        if fault.kind is Kind.LOST_ANSWER:
            return NoAnswer(self.connections)
        if fault.kind is Kind.BROKEN_JSON:
            return Response('{"id": "video_', media_type="application/json")
        return HTMLResponse(_PAGE)

    async def say_no(self, _: Request, error: Exception) -> Response:
        """Any error in the shape of the dialect."""
        if isinstance(error, HTTPException):
            wrong = error.status_code == _WRONG_METHOD
            status = self._speech.unrouted if wrong else error.status_code
            error = ApiError(status, error.detail, kind=UNROUTED, headers=error.headers)
        if not isinstance(error, ApiError):
            raise error
        headers = {**error.headers, **self._speech.headers, **_request_id()}
        return JSONResponse(self._speech.error(error), self._speech.status(error), headers)

    # --- the rest -------------------------------------------------------------------------

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok", "simulated": True})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(self._machine.pen.page)

    async def _plan(self, request: Request) -> Response:
        """``{"faults": [{"kind": …, …}]}`` are added to the plan."""
        self._check_key(request)
        try:
            faults = [Fault.from_json(fault) for fault in (await request.json())["faults"]]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ApiError(400, f"Not a plan: {error}") from error
        self._machine.plan(*faults)
        return JSONResponse({"faults": self._machine.faults.left()})

    async def _clear(self, request: Request) -> Response:
        self._check_key(request)
        self._machine.faults.clear()
        return JSONResponse({"faults": []})

    async def _stats(self, request: Request) -> Response:
        self._check_key(request)
        return JSONResponse(self._machine.stats())


def _request_id() -> dict[str, str]:
    return {"x-request-id": f"req_{secrets.token_hex(12)}"}


async def _spoiled(whole: Response, fault: Fault) -> Response:
    if fault.kind is Kind.TRUNCATED or not isinstance(whole, FileResponse):
        return CutBody(whole, fault.part)
    data = await asyncio.to_thread(Path(whole.path).read_bytes)
    return Response(data[: int(len(data) * fault.part)], media_type=whole.media_type)


def _trace(request: Request) -> dict[str, str | None]:
    """What tests may want to know of a request; never the key itself."""
    return {
        "path": request.url.path,
        "query": request.url.query,
        "content_type": request.headers.get("content-type", "").partition(";")[0],
        "range": request.headers.get("range"),
        "user_agent": request.headers.get("user-agent"),
    }
