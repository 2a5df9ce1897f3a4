"""A simulator without a port: the same app, called directly."""

from __future__ import annotations

import asyncio
import atexit
import io
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
from PIL import Image

from adapters.providers.simulator.app import create_simulator
from adapters.providers.simulator.machine import Machine
from adapters.providers.simulator.settings import SimulatorSettings
from bot.ports import Clock

QUICK = SimulatorSettings(queue_ms=0, render_ms=0, fps=2, vary=False, control=True)
"""No waiting, and few pictures."""
INSTANT = replace(QUICK, instant=True)
KITE = {"prompt": "a red kite over dunes", "size": "1280x720", "seconds": "4"}


@dataclass(frozen=True, slots=True)
class Simulated:
    """A client of the simulator, and what is behind it."""

    http: httpx.AsyncClient
    machine: Machine

    async def create(self, **changes: object) -> dict[str, Any]:
        """A job; anything but 200 fails the test."""
        answer = await self.http.post("/videos", json={**KITE, **changes})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def see(self, video_id: str) -> dict[str, Any]:
        """The job as it is now."""
        return (await self.http.get(f"/videos/{video_id}")).json()

    async def film(self, job: dict[str, Any]) -> bytes:
        """The bytes of a finished job."""
        answer = await self.http.get(f"/videos/{job['id']}/content")
        assert answer.status_code == 200, answer.text
        return answer.content

    async def until(self, video_id: str, *statuses: str) -> dict[str, Any]:
        """The job once it has one of these statuses (completed or failed by default)."""
        job = await self.see(video_id)
        for _ in range(800):
            if job["status"] in (statuses or ("completed", "failed")):
                return job
            await asyncio.sleep(0.01)
            job = await self.see(video_id)
        raise AssertionError(f"still {job}")

    async def finished(self, **changes: object) -> dict[str, Any]:
        """A job that is completed."""
        job = await self.until((await self.create(**changes))["id"])
        assert job["status"] == "completed", job
        return job


@asynccontextmanager
async def simulated(
    settings: SimulatorSettings = QUICK, clock: Clock | None = None
) -> AsyncGenerator[Simulated]:
    """A running simulator."""
    app = create_simulator(settings, clock)
    wire = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=wire, base_url="http://simulator/v1") as http,
    ):
        folder = app.state.machine.clips.folder
        _copy(_rendered(), folder)
        yield Simulated(http, app.state.machine)
        _copy(folder, _rendered())


@cache
def _rendered() -> Path:
    """Clips that this run of the tests has rendered; their names say all that is in them."""
    folder = Path(mkdtemp(prefix="rendered-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _copy(source: Path, target: Path) -> None:
    for clip in source.glob("*.mp4"):
        if not (target / clip.name).exists():
            shutil.copy(clip, target)


def picture(kind: str = "PNG", size: tuple[int, int] = (1280, 720)) -> bytes:
    """A reference image: blue above, green below."""
    whole = Image.new("RGB", size, (70, 130, 210))
    whole.paste((60, 140, 70), (0, size[1] // 2, size[0], size[1]))
    out = io.BytesIO()
    whole.save(out, kind)
    return out.getvalue()
