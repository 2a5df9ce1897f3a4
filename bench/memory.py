"""What the bot's own process takes, at rest and with many jobs rendering at the backend."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import perf_counter

from adapters.clock import SystemClock
from bench.backends import LATER
from bench.bots import PLENTY, fill, make_due, until
from bench.figures import Figure
from bench.processes import started

IN_FLIGHT = 1000
ROUND = 15.0
"""Seconds in which each rendering job is asked about once: the longest pause there is."""


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """The bot as ``sora-bot run`` starts it, web server and all; first without jobs."""
    number, watched = (20, 0.5) if quick else (IN_FLIGHT, ROUND)
    with _backend() as backend:
        rest = await _observed(folder / "rest", backend, 0, watched)
        await fill(folder / "flight", number, backend.url)
        make_due(folder / "flight", [SystemClock().now()] * number)
        flight = await _observed(folder / "flight", backend, number, watched)
    return (
        Figure("RSS at rest", rest.memory, "MiB"),
        Figure("CPU at rest", rest.work, "% of a core"),
        Figure(f"RSS with {number} jobs rendering", flight.memory, "MiB"),
        Figure(f"CPU with {number} jobs rendering", flight.work, "% of a core"),
        Figure(f"{number} jobs due at a start, until all are asked for", flight.took, "s"),
    )


@dataclass(frozen=True, slots=True)
class Observed:
    """RSS (MiB), CPU (% of a core) and seconds from ready until every job was asked about."""

    memory: float
    work: float
    took: float


async def _observed(folder: Path, backend: Backend, number: int, watched: float) -> Observed:
    settings = {name: str(value) for name, value in PLENTY.items()}
    settings |= {"port": "0", "provider_url": backend.url, "renders_at_once": "1000"}
    async with started("run", "--data", str(folder), **settings) as bot:
        await bot.url()
        ready = perf_counter()
        await until(partial(backend.was_asked_for, number))
        took = perf_counter() - ready
        await asyncio.sleep(watched)
        before, began = bot.work(), perf_counter()
        await asyncio.sleep(watched)
        share = 100 * (bot.work() - before) / (perf_counter() - began)
        return Observed(bot.memory(), share, took)


# --- a backend that renders for ever ------------------------------------------------------


@dataclass
class Backend:
    """Answers over HTTP that every job is rendering, whatever its id."""

    url: str = ""
    asked: set[str] = field(default_factory=set[str])

    async def was_asked_for(self, number: int) -> bool:
        """Whether somebody asked for that many jobs."""
        return len(self.asked) >= number


@contextmanager
def _backend() -> Generator[Backend]:
    backend = Backend()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """``/v1/videos/{id}``."""
            name = self.path.rpartition("/")[2]
            body = json.dumps({"id": name, "status": "in_progress", "progress": 42}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.send_header("openai-poll-after-ms", str(LATER))
            self.end_headers()
            self.wfile.write(body)
            backend.asked.add(name)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Nothing to say."""
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    backend.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield backend
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
