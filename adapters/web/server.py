"""The one HTTP server: page, files, health. Runs inside the bot's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI  # comes with NiceGUI, which mounts itself into such an application
from nicegui import Client, core, ui
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import ASGIApp

from adapters.web import page, routes
from adapters.web.guard import LOOPBACK, Guard, Rules
from adapters.web.routes import Ready
from adapters.web.views import Site
from bot import wording
from bot.domain.messages import plain
from bot.errors import ConfigError

MIN_TOKEN = 16
"""Characters of a token that cannot be guessed."""
GRACE = 1
"""Seconds that open connections get when the server stops."""
BACKLOG = 512
"""Connections that may wait to be taken."""
MAX_MESSAGE = 2**21
"""Bytes of one web socket message."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Where to listen, and what to ask of those who come. `port` 0 takes a free one.

    `public_url` is the address that browsers use when it is not host and port.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    token: str = ""
    public_url: str = ""

    def rules(self) -> Rules:
        """Who may come in; raises `ConfigError` when others could, without a token."""
        named = urlsplit(self.public_url).hostname
        reachable = self.host not in LOOPBACK or (named is not None and named not in LOOPBACK)
        if reachable and len(self.token) < MIN_TOKEN:
            raise ConfigError((wording.needs_token(self.public_url or self.host, MIN_TOKEN),))
        return Rules(self.token, LOOPBACK)


class _Server(uvicorn.Server):
    """uvicorn without its hands on the process's signals: stopping is the bot's decision."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class WebServer:
    """Serves the site until it is stopped. One in each process: NiceGUI is global.

    `doors` are other chats' own applications, by the path that they stand below.
    """

    def __init__(
        self,
        site: Site,
        binding: Binding,
        ready: Ready,
        doors: Mapping[str, ASGIApp] = MappingProxyType({}),
    ) -> None:
        self._binding = binding
        self._rules = binding.rules()
        self._site = site
        self._ready = ready
        self._doors = doors
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._url: str | None = None

    @property
    def url(self) -> str | None:
        """Address for browsers, without a slash at the end; None until started."""
        return self._url

    async def start(self) -> str:
        """Listen. Returns the address; raises `ConfigError` when the port is not to be had."""
        listening = _listen(self._binding)
        self._url = self._binding.public_url.rstrip("/") or _address(listening)
        self._server, self._serving = await _serve(self._application(), listening)
        return self._url

    def _application(self) -> Guard:
        site = self._site
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        own = routes.routes(site.files, site.admits, self._ready, self._rules, site.clock)
        app.router.routes.extend(own)
        app.router.routes.append(routes.answers(site.handouts))
        app.router.routes.extend(Mount(path, door) for path, door in self._doors.items())
        page.install(site, routes.stylesheets())
        ui.run_with(  # pyright: ignore[reportUnknownMemberType] - bare Callables in its signature
            app,
            title=page.TITLE,
            favicon=routes.ASSETS / "favicon.svg",
            dark=None,
            language="en-US",
            tailwind=False,
            reconnect_timeout=10,
            binding_refresh_interval=None,
            show_welcome_message=False,
        )
        return Guard(app, self._rules)

    async def stop(self) -> None:
        """Close every connection and end every task; fine when it was never started."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await self._serving
        await core.sio.shutdown()
        for client in tuple(Client.instances.values()):
            client.delete()  # open pages stop listening to the chat
        self._server = self._serving = None


@contextlib.asynccontextmanager
async def waiting_room(binding: Binding) -> AsyncGenerator[str]:
    """Health alone, where a bot will be once it is its turn: alive, not ready. Yields the address.

    Raises `ConfigError` when the port is not to be had.
    """
    listening = _listen(binding)

    async def ready() -> bool:
        return False

    # Whoever brings something may bring it again.
    closed = Mount("/", PlainTextResponse(plain(wording.NOT_SERVING), 503))
    app = Guard(Starlette(routes=[*routes.health(ready), closed]), binding.rules())
    server, serving = await _serve(app, listening)
    try:
        yield _address(listening)
    finally:
        server.should_exit = True
        await serving


async def _serve(app: ASGIApp, listening: socket.socket) -> tuple[_Server, asyncio.Task[None]]:
    """What serves there, as soon as it does."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE,
        timeout_graceful_shutdown=GRACE,
        server_header=False,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="web server")
    while not server.started:
        if serving.done():
            await serving
        await asyncio.sleep(0.01)
    return server, serving


def _listen(binding: Binding) -> socket.socket:
    """An open socket. Its protocol is named, or asyncio would let small answers wait 40 ms."""
    family = socket.AF_INET6 if ":" in binding.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((binding.host, binding.port))
    except OSError as error:
        listening.close()
        where = f"{binding.host}:{binding.port}"
        why = error.strerror or str(error)
        raise ConfigError((wording.cannot_listen(where, why),)) from error
    listening.listen(BACKLOG)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - the operator chose to listen everywhere
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
