"""Providers that are told with each create where its end may be told: each tells in its own way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.clock import SystemClock
from adapters.providers.tasks.registry import WIRES
from adapters.providers.tasks.wire import Pictures
from adapters.providers.webhooks.door import Account, Door, Sender
from adapters.providers.webhooks.fal import Seal, keys_on
from adapters.providers.webhooks.keys import Keys, Secret
from bot.domain.jobs import JobState, Reference
from bot.domain.webhooks import Hook, Scheme
from bot.ports import RemoteJob, VideoProvider
from bot.services.shop import Supplier
from bot.services.webhooks import Webhooks, addresses
from tests.fakes.backends import Backend, backend
from tests.fakes.core import ALLOWANCE, PRICE, Core, Options, World, running
from tests.fakes.doors import served
from tests.fakes.provider import FakeProvider
from tests.fakes.wires import TELLING, TOLD_AT, shown
from tests.payloads.simulated import QUICK

ACCOUNT = ("simulator", "default")
SUPPLIERS = (Supplier(*ACCOUNT, "http://x/v1"),)
_NOT_SIGNED = 401
SLOW = replace(QUICK, render_ms=200)


@dataclass(frozen=True)
class Way:
    """How a provider tells; `other` is what somebody else would know. `asked`: until it is done."""

    scheme: Scheme
    secret: str = ""
    other: str = ""
    asked: int = 1


SIGNED = Way(
    Scheme.STANDARD, "whsec_YSBrZXkgdGhhdCBub2JvZHkgZWxzZSBoYXM=", "whsec_YW5vdGhlciBrZXk="
)
BY_PATH = Way(
    Scheme.SECRET_PATH, "a-path_that-nobody_else-has-seen", "another-path-that-was-made_up-now"
)
WAYS: Mapping[str, tuple[str, Way]] = MappingProxyType(
    {
        "openrouter": ("openrouter", Way(Scheme.OPENROUTER, "a key of ours", "another key")),
        "fal": ("fal", Way(Scheme.FAL)),
        "replicate": ("replicate", SIGNED),
        "kling, signed": ("kling", SIGNED),
        "kling": ("kling", BY_PATH),
        "krea": ("krea", BY_PATH),
        "higgsfield": ("higgsfield", BY_PATH),
        # Its file is not ready at first.
        "gemini": ("gemini", replace(BY_PATH, asked=2)),
    }
)
"""Dialect and way of each."""


class Counted:
    """A client that counts the questions about jobs."""

    def __init__(self, client: VideoProvider) -> None:
        self._client = client
        self.questions = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the client has
        return getattr(self._client, name)

    async def fetch(self, reference: Reference) -> RemoteJob:
        self.questions += 1
        return await self._client.fetch(reference)


class Ear:
    """Passes on what it hears, once there is somebody to pass it on to; knows who was sent away."""

    def __init__(self) -> None:
        self.webhooks: Webhooks | None = None
        self.heard = asyncio.Event()
        self.refused = asyncio.Event()

    def at(self, door: Door) -> ASGIApp:
        """The door, with an eye on its answers."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            async def seen(message: Message) -> None:
                if message.get("status") == _NOT_SIGNED:
                    self.refused.set()
                await send(message)

            await door(scope, receive, seen)

        return watched

    async def woken(self, provider: str, account: str, name: str) -> None:
        assert self.webhooks is not None
        await self.webhooks.woken(provider, account, name)
        self.heard.set()


@dataclass(frozen=True)
class Life:
    """A bot with a door, and the provider that may tell at it. Its own time stands still."""

    core: Core
    back: Backend
    client: Counted
    ear: Ear

    async def until_done(self, job_id: str) -> None:
        for _ in range(200):
            if await self.core.state(job_id) is JobState.DONE:
                return
            await self.core.wait(1000)
        raise AssertionError(await self.core.state(job_id))


@asynccontextmanager
async def told_by(world: World, dialect: str, way: Way, known: str) -> AsyncGenerator[Life]:
    """A provider that knows one thing, before a door that believes only in `way.secret`."""
    ear, senders = Ear(), dict[Account, Sender]()
    by_path = way.scheme is Scheme.SECRET_PATH
    settings = replace(SLOW, webhook_secret="" if by_path else known)
    async with (
        served(ear.at(Door(senders, SystemClock(), ear.woken))) as port,
        backend(dialect, settings=settings) as back,
    ):
        senders[ACCOUNT] = Sender(way.scheme, keys_of(back, way, known))
        hook = Hook(*ACCOUNT, way.scheme, known if by_path else way.secret)
        where = addresses([hook], SUPPLIERS, f"http://127.0.0.1:{port}")
        client = Counted(back.client)
        # The core asks nothing of it that is not in the port.
        world.provider = cast("FakeProvider", client)
        async with running(world, Options(suppliers=SUPPLIERS, webhook_of=where)) as core:
            ear.webhooks = core.webhooks
            yield Life(core, back, client, ear)


def keys_of(back: Backend, way: Way, known: str) -> Keys:
    if way.scheme is not Scheme.FAL:
        return Secret(way.secret)
    page = back.machine.pen.page if known == way.secret else Seal().page
    return Secret(keys_on(str(page).replace("'", '"').encode())[0])


@pytest.mark.parametrize("name", WAYS)
async def test_a_provider_that_tells_of_the_end_is_asked_once(world: World, name: str) -> None:
    dialect, way = WAYS[name]
    async with told_by(world, dialect, way, way.secret) as life:
        job = (await life.core.create()).jobs[0]
        await life.core.work()
        await life.ear.heard.wait()
        await life.core.work()
        assert life.client.questions == 1
        await life.until_done(job.id)
        assert life.client.questions == way.asked
        assert await life.core.purse() == (ALLOWANCE - PRICE, 0)


@pytest.mark.parametrize("name", WAYS)
async def test_a_provider_that_cannot_prove_who_tells_is_asked_instead(
    world: World, name: str
) -> None:
    dialect, way = WAYS[name]
    async with told_by(world, dialect, way, way.other or "another seal") as life:
        job = (await life.core.create()).jobs[0]
        await life.until_done(job.id)
        await life.ear.refused.wait()
        assert not life.ear.heard.is_set()
        assert await life.core.purse() == (ALLOWANCE - PRICE, 0)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_every_provider_that_is_told_of_an_address_is_among_them() -> None:
    assert {dialect for dialect, _ in WAYS.values()} == {
        name for name, wire in WIRES.items() if TOLD_AT in shown(wire.create(TELLING, Pictures()))
    }
