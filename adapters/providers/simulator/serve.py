"""Runs a simulator on a port of this process: for tests and the demonstration."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from adapters.providers.simulator.app import create_simulator
from adapters.providers.simulator.machine import Machine
from adapters.providers.simulator.sending import Connections
from adapters.providers.simulator.settings import SimulatorSettings
from bot.ports import Clock

_PATIENCE_S = 1
"""How long open answers may take at the end."""


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """A simulator that answers. `url` is the API's base, such as ``http://127.0.0.1:40123/v1``."""

    url: str
    origin: str
    machine: Machine


@asynccontextmanager
async def run_simulator(
    settings: SimulatorSettings,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock | None = None,
) -> AsyncGenerator[RunningSimulator]:
    """A running simulator for the length of the block; port 0 takes a free one.

    Raises `OSError` when the port is taken or the folder cannot be used.
    """
    if settings.state_dir:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
    app = create_simulator(settings, clock)
    with _listening(host, port) as listener:
        server = _Server(_config(app, app.state.connections))
        task = asyncio.create_task(server.serve([listener]), name="simulator")
        try:
            await _answering(server, task)
            # An IPv6 address has two more numbers.
            shown, number = listener.getsockname()[:2]
            shown = f"[{shown}]" if ":" in shown else shown
            origin = f"http://{shown}:{number}"
            yield RunningSimulator(f"{origin}/v1", origin, app.state.machine)
        finally:
            server.should_exit = True
            await task


@contextmanager
def _listening(host: str, port: int) -> Generator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=1024) as listener:
        yield listener


async def _answering(server: _Server, task: asyncio.Task[None]) -> None:
    """Wait until the server is up; raises what kept it from that."""
    waiting = asyncio.create_task(server.up.wait())
    await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        await task
        raise RuntimeError("the simulator ended before it began")


class _Server(uvicorn.Server):
    """A server that says when it is up, and leaves signals to whoever runs this process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit as error:
            # A server in its own process may leave like this; here it would take the bot along.
            raise OSError("the simulator could not start") from error
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _config(app: object, connections: Connections) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # pyright: ignore[reportArgumentType]  # any ASGI app; Starlette's types are narrower
        http=_watched(connections),
        ws="none",
        lifespan="on",
        # Cut answers are on purpose here; uvicorn would call them errors.
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=_PATIENCE_S,
    )


def _watched(connections: Connections) -> type[asyncio.Protocol]:
    """Uvicorn's plain protocol, telling `connections` who comes and goes."""

    class Watched(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            connections.opened(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.closed(self.transport)
            super().connection_lost(exc)

    return Watched
