"""Which backend is told where it may tell of a job."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.jobs import Offer
from bot.domain.webhooks import Hook, Scheme
from bot.ports import Capabilities, SubmitRequest
from bot.services.shop import Supplier
from bot.services.webhooks import addresses
from tests.fakes.core import ANA, STUDIO, Options, World, running

HOME = "https://gateway.example/v1"
SECRET = "s" * 40
SUPPLIERS = (
    Supplier("kling", "default", HOME),
    Supplier("kling", "second", HOME),
    Supplier("mute", "default", HOME),
)
HOOKS = (
    Hook("kling", "default", Scheme.SECRET_PATH, SECRET),
    Hook("kling", "second", Scheme.OPENROUTER, SECRET),
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def offer(provider: str, account: str, url: str = HOME) -> Offer:
    return Offer(provider, account, url, "a-model", 1)


def test_each_account_that_may_tell_has_an_address_of_its_own() -> None:
    webhook_of = addresses(HOOKS, SUPPLIERS, "https://bot.example/")
    first, second = (webhook_of(offer("kling", account)) for account in ("default", "second"))
    assert first == f"https://bot.example/webhooks/videos/kling/default/{SECRET}"
    assert second == "https://bot.example/webhooks/videos/kling/second"
    assert webhook_of(offer("mute", "default")) == ""


def test_an_address_with_a_secret_does_not_go_to_where_the_account_was_before() -> None:
    webhook_of = addresses(HOOKS, SUPPLIERS, "https://bot.example")
    assert webhook_of(offer("kling", "default", "https://moved.example/v1")) == ""


def test_a_bot_that_nobody_can_reach_names_no_address() -> None:
    webhook_of = addresses(HOOKS, SUPPLIERS, "")
    assert webhook_of(offer("kling", "default")) == ""


async def order(world: World, *hooks: Hook) -> SubmitRequest:
    """What the backend was sent for one order."""
    suppliers = (Supplier("simulator", "default", "http://x/v1"),)
    webhook_of = addresses(hooks, suppliers, "https://bot.example")
    async with running(world, Options(webhook_of=webhook_of)) as core:
        await core.create()
        await core.work()
    (taken,) = world.provider.taken.values()
    return taken.request


async def test_an_order_says_where_its_end_may_be_told(world: World) -> None:
    sent = await order(world, Hook("simulator", "default", Scheme.SECRET_PATH, SECRET))
    path = f"/webhooks/videos/simulator/default/{SECRET}"
    assert sent.webhook_url == f"https://bot.example{path}"
    assert SECRET not in repr(sent)


async def test_a_backend_s_own_remix_says_so_too_and_has_no_name(world: World) -> None:
    world.provider.capabilities = Capabilities(remixes=True)
    where = addresses(
        [Hook("simulator", "default", Scheme.STANDARD)],
        (Supplier("simulator", "default", "http://x/v1"),),
        "https://bot.example",
    )
    world.provider.instant = True
    async with running(world, Options(webhook_of=where)) as core:
        parent = (await core.create()).jobs[0]
        await core.wait(10_000)
        await core.videos.remix(ANA, STUDIO, "remix", parent.id, "in the rain")
        await core.work()
    first, second = (taken.request for taken in world.provider.taken.values())
    assert first.webhook_url == second.webhook_url != ""
    assert (first.name, second.name) == (f"{parent.id}-1", "")


async def test_an_order_says_nothing_of_it_where_the_account_cannot_tell(world: World) -> None:
    assert (await order(world)).webhook_url == ""
