"""The simulator tells the bot of a finished video, over loopback and through the bot's own door."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import httpx
import pytest

from adapters.clock import SystemClock
from adapters.providers.openai_videos.client import OpenAIVideos
from adapters.providers.openai_videos.profile import profile_of
from adapters.providers.simulator.serve import run_simulator
from adapters.providers.simulator.settings import SimulatorSettings
from adapters.providers.webhooks.door import Account, Door, Sender
from adapters.providers.webhooks.fal import keys_on
from adapters.providers.webhooks.keys import KeyPage, Secret
from bot.domain.jobs import JobState
from bot.domain.webhooks import Hook, Scheme
from bot.services.webhooks import Webhooks
from tests.fakes.core import ALLOWANCE, PRICE, Core, World, running
from tests.fakes.doors import served
from tests.fakes.gateway import Gateway, Reply
from tests.fakes.provider import FakeProvider
from tests.fakes.senders import Sender as Teller

ACCOUNT = ("simulator", "default")
SECRETS = {
    Scheme.STANDARD: "whsec_YSBrZXkgdGhhdCBub2JvZHkgZWxzZSBoYXM=",
    Scheme.OPENROUTER: "a key that nobody else has",
    Scheme.FAL: "",
    Scheme.SECRET_PATH: "a-path_that-nobody_else-has-seen",
}
OTHERS = {
    Scheme.STANDARD: "whsec_YW5vdGhlciBrZXk=",
    Scheme.OPENROUTER: "another key",
    Scheme.SECRET_PATH: "another-path-that-was-made_up-now",
}


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
async def told_by(world: World, scheme: Scheme, secret: str) -> AsyncGenerator[tuple[Core, Ear]]:
    """A bot whose simulator tells in a scheme, with `secret`. Its own time stands still."""
    ear, hook = Ear(), Hook(*ACCOUNT, scheme, secret)
    # Its keys are known once it runs.
    senders: dict[Account, Sender] = {}
    async with served(Door(senders, SystemClock(), ear.woken)) as port:
        chosen = SimulatorSettings(
            queue_ms=0,
            render_ms=200,
            fps=1,
            webhook_url=f"http://127.0.0.1:{port}{hook.path}",
            webhook_secret=secret,
            webhook_scheme=scheme,
        )
        async with run_simulator(chosen) as simulator:
            page = KeyPage(f"{simulator.origin}/.well-known/jwks.json", keys_on, SystemClock())
            keys = page if scheme is Scheme.FAL else Secret(SECRETS[scheme])
            senders[ACCOUNT] = Sender(scheme, keys)
            client = OpenAIVideos(profile_of("simulator"), simulator.url, "", SystemClock())
            # The core asks nothing of it that is not in the port.
            world.provider = cast("FakeProvider", client)
            async with running(world) as core:
                ear.webhooks = core.webhooks
                yield core, ear
            await client.aclose()
            await page.aclose()


@pytest.mark.parametrize("scheme", list(Scheme))
async def test_a_finished_video_is_there_without_a_question_in_between(
    world: World, scheme: Scheme
) -> None:
    async with told_by(world, scheme, SECRETS[scheme]) as (core, ear):
        job = (await core.create()).jobs[0]
        await core.work()
        assert await core.state(job.id) is JobState.QUEUED
        await ear.heard.wait()
        await core.work()
        assert await core.state(job.id) is JobState.DONE
        assert await core.purse() == (ALLOWANCE - PRICE, 0)


@pytest.mark.parametrize("scheme", list(OTHERS))
async def test_a_backend_with_another_secret_is_not_heard_and_asked_instead(
    world: World, scheme: Scheme
) -> None:
    async with told_by(world, scheme, OTHERS[scheme]) as (core, ear):
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


ACCOUNTS = """
[[provider]]
name = "openrouter"
url = "https://openrouter.example/v1"
webhook = "openrouter"
webhook_secret_from = "OPENROUTER_HOOK"

[[provider]]
name = "fal"
url = "https://fal.example/v1"
webhook = "fal"
webhook_keys = "{keys}"

[[provider]]
name = "kling"
account = "two"
url = "https://kling.example/v1"
webhook = "secret-path"
webhook_secret_from = "KLING_HOOK"
"""
TELLERS = (
    Teller(Scheme.STANDARD),
    Teller(Scheme.OPENROUTER, "openrouter"),
    Teller(Scheme.FAL, "fal"),
    Teller(Scheme.SECRET_PATH, "kling", "two"),
)


async def test_a_bot_has_a_door_for_each_account_that_may_tell(tmp_path: Path) -> None:
    async with Gateway() as keys:
        keys.on("GET", "/keys", Reply(body=TELLERS[2].page))
        providers = tmp_path / "providers.toml"
        providers.write_text(ACCOUNTS.format(keys=f"{keys.origin}/keys"), "utf-8")
        async with bot_in(tmp_path) as url, httpx.AsyncClient(trust_env=False) as http:
            assert [await statuses(http, url, teller) for teller in TELLERS] == [
                (200, 401, 404, 405)
            ] * len(TELLERS)


async def statuses(http: httpx.AsyncClient, url: str, teller: Teller) -> tuple[int, ...]:
    """Of a message, the same by another sender, at no account, and of a mere question."""
    letter = teller.letter(teller.news("video_of_others"), int(time.time()))
    cut = letter.path[:-4] if teller.scheme is Scheme.SECRET_PATH else letter.path
    nowhere = f"/webhooks/videos/nobody/{teller.account}"
    calls = (
        ("POST", letter.path, letter.body),
        ("POST", cut, letter.body + b" "),
        ("POST", nowhere, letter.body),
        ("GET", letter.path, None),
    )
    return tuple(
        [
            (
                await http.request(method, url + path, content=body, headers=letter.headers)
            ).status_code
            for method, path, body in calls
        ]
    )


@asynccontextmanager
async def bot_in(folder: Path) -> AsyncGenerator[str]:
    """A whole bot in a process of its own; its address."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("SORA_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=folder,
        env={
            **clean,
            "SORA_PORT": "0",
            "SORA_PROVIDERS_FILE": str(folder / "providers.toml"),
            "SORA_PROVIDER_WEBHOOK_SECRET": TELLERS[0].secret,
            "OPENROUTER_HOOK": TELLERS[1].secret,
            "KLING_HOOK": TELLERS[3].secret,
            "SORA_WEB_TOKEN": "t" * 16,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        url = re.search(r"http://[^\s?]+", (await process.stdout.readline()).decode())
        assert url is not None
        yield url[0].rstrip("/")
    finally:
        process.terminate()
        assert await process.wait() == 0
