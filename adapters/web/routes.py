"""What the server answers besides the page: health, files, the look of the page, the login."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from adapters.web import handouts
from adapters.web.guard import LOGIN, Rules, welcome
from adapters.web.handouts import Handouts
from adapters.web.views import Admits, Files
from bot.domain.tickets import ticket_of
from bot.ports import Clock

Ready = Callable[[], Awaitable[bool]]

ASSETS = Path(__file__).parent / "assets"
LOOK = ("frame", "log", "card", "composer", "panel")
TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
"""Only these are shown in a browser; anything else is handed out as bytes."""
GONE = "This video was taken back, so this link shows it no more."
WRONG_TOKEN_PAUSE = 500
"""Ms that a wrong token costs whoever tries many."""


def stylesheets() -> list[str]:
    """Addresses of the page's look; they change with its content, so browsers may keep it."""
    return [f"/assets/{name}.css?v={_version(f'{name}.css')}" for name in LOOK]


def _version(name: str) -> str:
    return hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]


def routes(
    files: Files, admits: Admits, ready: Ready, rules: Rules, clock: Clock
) -> list[BaseRoute]:
    """All of them."""
    return [
        *health(ready),
        Route("/media/{name}", _media(files, admits), methods=["GET"]),
        *_login(rules, clock),
        Mount("/assets", StaticFiles(directory=ASSETS)),
    ]


def answers(held: Handouts) -> BaseRoute:
    """Files of answers. Unlike media they need the cookie besides their link."""

    async def answer(request: Request) -> Response:
        file = held.find(request.url.path)
        if file is None:
            return PlainTextResponse("This file went with its answer. Ask once more.", 404)
        headers = {"Cache-Control": "no-store"}
        if file.media_type not in TYPES.values():
            headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
        return Response(file.content, media_type=file.media_type, headers=headers)

    return Route(handouts.ROUTE + "/{token}/{name}", answer, methods=["GET"])


def health(ready: Ready) -> list[BaseRoute]:
    """What watches over a bot asks: is it there, and does it serve people."""

    async def alive(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readiness(_: Request) -> Response:
        is_ready = await ready()
        return JSONResponse({"ready": is_ready}, 200 if is_ready else 503)

    return [Route("/healthz", alive), Route("/readyz", readiness)]


def _media(files: Files, admits: Admits) -> Callable[[Request], Awaitable[Response]]:
    async def media(request: Request) -> Response:
        """A file, whole or in the ranges that a player asks for."""
        query = request.query_params
        name, said = request.path_params["name"], query.get("for", "")
        path = files.verify(name, said, query.get("exp", ""), query.get("sig", ""))
        ticket = ticket_of(said)
        if path is None or ticket is None:
            return PlainTextResponse("This link is not valid (any more).", 404)
        if not await admits(ticket):
            return PlainTextResponse(GONE, 410, headers={"Cache-Control": "no-store"})
        # Browsers may keep a file, which never changes, but ask each time whether they may show it.
        headers = {"Cache-Control": "private, no-cache", "ETag": f'"{name}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        kind = TYPES.get(path.suffix)
        if kind is None:
            headers["Content-Disposition"] = "attachment"
        return FileResponse(path, media_type=kind or "application/octet-stream", headers=headers)

    return media


def _login(rules: Rules, clock: Clock) -> list[BaseRoute]:
    async def ask(_: Request) -> Response:
        return FileResponse(ASSETS / "login.html", media_type="text/html")

    async def take(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=1) as form:
            given = form.get("token")
        if not isinstance(given, str) or not rules.is_token(given.strip()):
            await clock.sleep(WRONG_TOKEN_PAUSE)
            page = (ASSETS / "login.html").read_text(encoding="utf-8")
            return HTMLResponse(page.replace('class="wrong" hidden', 'class="wrong"'), 401)
        response = RedirectResponse("/", 303)
        welcome(response, rules, secure=request.url.scheme == "https")
        return response

    return [Route(LOGIN, ask, methods=["GET"]), Route(LOGIN, take, methods=["POST"])]
