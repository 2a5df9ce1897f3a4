"""The simulator tells the bot of a finished video, over loopback and through the bot's own door."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import httpx
import pytest
import uvicorn

from adapters.clock import SystemClock
from adapters.providers.openai_videos.client import OpenAIVideos
from adapters.providers.openai_videos.profile import profile_of
from adapters.providers.simulator.serve import run_simulator
from adapters.providers.simulator.settings import SimulatorSettings
from adapters.providers.webhooks import PATH, Door, signature
from adapters.web.guard import LOOPBACK, Guard, Rules
from bot.domain.jobs import JobState
from bot.services.webhooks import Webhooks
from tests.fakes.core import ALLOWANCE, PRICE, Core, World, running
from tests.fakes.provider import FakeProvider

SECRET = "whsec_YSBrZXkgdGhhdCBub2JvZHkgZWxzZSBoYXM="
ACCOUNT = ("simulator", "default")


class Ear:
    """Passes on what it hears, once there is somebody to pass it on to."""

    def __init__(self) -> None:
        self.webhooks: Webhooks | None = None
        self.heard = asyncio.Event()

    async def woken(self, provider: str, account: str, name: str) -> None:
        assert self.webhooks is not None
        await self.webhooks.woken(provider, account, name)
        self.heard.set()


@asynccontextmanager
async def door(ear: Ear) -> AsyncGenerator[str]:
    """The address that a backend is given."""
    app = Guard(Door({ACCOUNT: SECRET}, SystemClock(), ear.woken), Rules("", LOOPBACK))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}{PATH}{'/'.join(ACCOUNT)}"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def told_by(world: World, secret: str) -> AsyncGenerator[tuple[Core, Ear]]:
    """A bot whose simulator signs with `secret`. Its own time stands still."""
    ear = Ear()
    async with door(ear) as url:
        chosen = SimulatorSettings(
            queue_ms=0, render_ms=200, fps=1, webhook_url=url, webhook_secret=secret
        )
        async with run_simulator(chosen) as simulator:
            client = OpenAIVideos(profile_of("simulator"), simulator.url, "", SystemClock())
            # The core asks nothing of it that is not in the port.
            world.provider = cast("FakeProvider", client)
            async with running(world) as core:
                ear.webhooks = core.webhooks
                yield core, ear
            await client.aclose()


async def test_a_finished_video_is_there_without_a_question_in_between(world: World) -> None:
    async with told_by(world, SECRET) as (core, ear):
        job = (await core.create()).jobs[0]
        await core.work()
        assert await core.state(job.id) is JobState.QUEUED
        await ear.heard.wait()
        await core.work()
        assert await core.state(job.id) is JobState.DONE
        assert await core.purse() == (ALLOWANCE - PRICE, 0)


async def test_a_backend_with_another_secret_is_not_heard_and_asked_instead(world: World) -> None:
    async with told_by(world, "whsec_YW5vdGhlciBrZXk=") as (core, ear):
        job = (await core.create()).jobs[0]
        await core.work()
        for _ in range(100):
            await core.wait(1000)
            if await core.state(job.id) is JobState.DONE:
                break
        assert await core.state(job.id) is JobState.DONE
        assert not ear.heard.is_set()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_bot_that_knows_the_secret_has_the_door_open_for_whoever_signs(tmp_path: Path) -> None:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("SORA_")}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env={
            **clean,
            "SORA_PORT": "0",
            "SORA_PROVIDER_WEBHOOK_SECRET": SECRET,
            "SORA_WEB_TOKEN": "t" * 16,
        },
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            url = re.search(r"http://[^\s?]+", process.stdout.readline())
            assert url is not None
            here = url[0].rstrip("/") + PATH + "/".join(ACCOUNT)
            body = json.dumps(
                {"type": "video.completed", "data": {"id": "video_of_others"}}
            ).encode()
            name, stamp = f"wh_{secrets.token_hex(4)}", str(int(time.time()))
            signed = {
                "webhook-id": name,
                "webhook-timestamp": stamp,
                "webhook-signature": signature(SECRET, name, stamp, body),
            }
            with httpx.Client(trust_env=False) as http:
                assert http.post(here, content=body, headers=signed).status_code == 204
                assert http.post(here, content=body + b" ", headers=signed).status_code == 401
                assert http.post(here + "2", content=body, headers=signed).status_code == 404
        finally:
            process.terminate()
        assert process.wait(20) == 0
