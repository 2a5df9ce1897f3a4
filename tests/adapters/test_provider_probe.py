"""A look at a server: who it is and what it can do, without an order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.providers.http import Limits
from adapters.providers.openai_videos.probe import probe
from adapters.providers.simulator.dialects import DIALECTS
from adapters.providers.simulator.serve import RunningSimulator, run_simulator
from bot.domain.probes import Door, ErrorShape, Probe, Sign
from bot.errors import ConfigError, Transient
from tests.fakes.gateway import HASTY, KEY, NO_ANSWER, Gateway, Received, Reply
from tests.payloads.simulated import INSTANT


@asynccontextmanager
async def server(dialect: str, token: str | None = KEY) -> AsyncGenerator[RunningSimulator]:
    async with run_simulator(replace(INSTANT, dialect=dialect, token=token)) as running:
        yield running


def there(probe: Probe) -> set[str]:
    return {name for name, seen in probe.operations.items() if seen}


def missing(probe: Probe) -> set[str]:
    return {name for name, seen in probe.operations.items() if seen is False}


# --- every dialect ------------------------------------------------------------------------

EXPECTED: Mapping[str, tuple[str, set[str], set[str]]] = {
    "openai": ("openai", {"fetch", "content", "list", "delete", "remix"}, set()),
    "azure": ("azure", {"fetch", "content", "list", "delete", "remix"}, set()),
    "litellm": (
        "litellm",
        {"create", "fetch", "content", "list", "remix", "extend"},
        {"delete"},
    ),
    "vllm-omni": (
        "vllm-omni",
        {"create", "fetch", "content", "list", "delete"},
        {"remix", "extend"},
    ),
    "sglang": (
        "sglang",
        {"create", "fetch", "content", "list", "delete"},
        {"remix", "extend"},
    ),
    "new-api": ("new-api", {"fetch", "content"}, {"list", "delete"}),
    "laozhang": ("custom", {"fetch", "content"}, {"list", "delete", "remix"}),
}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_dialect_is_recognized_with_what_it_can_do(dialect: str) -> None:
    async with server(dialect) as running:
        found = await probe(running.url, KEY)
        assert (found.profile, there(found), missing(found)) == EXPECTED[dialect]
        assert found.door is Door.FITS
        assert found.models[0] == "sora-2"
        assert found.simulated


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_look_orders_nothing(dialect: str) -> None:
    async with server(dialect) as running:
        await probe(running.url, KEY)
        stats = running.machine.stats()
        assert (stats["posts"], stats["accepted"]) == (0, 0)
        assert stats["requests"]["retrieve"] > 0


async def test_who_cannot_be_told_is_called_custom_and_says_why() -> None:
    async with server("laozhang") as running:
        found = await probe(running.url, KEY)
        assert [reason.sign for reason in found.reasons] == [Sign.NONE]


async def test_each_shape_of_errors_is_told() -> None:
    shapes = {"openai": ErrorShape.NESTED, "new-api": ErrorShape.FLAT, "sglang": ErrorShape.DETAIL}
    for dialect, shape in shapes.items():
        async with server(dialect) as running:
            assert (await probe(running.url, KEY)).errors is shape


# --- the key ------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["openai", "azure", "litellm", "new-api"])
@pytest.mark.parametrize(
    "key, door", [(KEY, Door.FITS), ("", Door.SHUT), ("sk-other", Door.WRONG)], ids=str
)
async def test_what_becomes_of_the_key_is_told(dialect: str, key: str, door: Door) -> None:
    async with server(dialect) as running:
        assert (await probe(running.url, key)).door is door


async def test_a_server_without_a_lock_asks_for_no_key() -> None:
    async with server("sglang", token=None) as running:
        found = await probe(running.url)
        assert (found.door, found.profile) == (Door.OPEN, "sglang")


async def test_behind_a_shut_door_nothing_is_called_missing() -> None:
    async with server("openai") as running:
        found = await probe(running.url)
        assert missing(found) == set()
        assert found.operations["fetch"] is None
        assert found.models == ()


async def test_azure_is_known_by_a_header_also_without_a_key() -> None:
    async with server("azure") as running:
        assert (await probe(running.url)).profile == "azure"


# --- the address --------------------------------------------------------------------------


async def test_a_base_url_without_its_end_is_completed() -> None:
    async with server("openai") as running:
        assert (await probe(f"{running.origin}/", KEY)).url == running.url


async def test_a_web_page_is_no_video_server() -> None:
    page = Reply(body=b"<!doctype html><title>Shop</title>")
    async with Gateway(page) as gateway:
        found = await probe(gateway.url)
        assert not found.speaks
        assert found.url == gateway.url
        assert found.profile == "custom"


async def test_nobody_at_an_address_is_said_so() -> None:
    async with Gateway() as gateway:
        url = gateway.url
    with pytest.raises(Transient, match="cannot be reached"):
        await probe(url)


@pytest.mark.parametrize("url", ["gateway.example", "ftp://gateway.example", "https://a:b@c/v1"])
async def test_an_address_that_cannot_work_is_a_fault_of_the_settings(url: str) -> None:
    with pytest.raises(ConfigError):
        await probe(url)


# --- servers that mean no good --------------------------------------------------------------


def unknown(received: Received) -> Reply:
    """A server of the contract that has no job, and no other route."""
    if "/videos/video_" in received.path:
        return Reply(404, {"error": {"message": "no such job", "type": "x", "code": None}})
    return Reply(404, {"error": {"message": "no route", "type": "x", "code": None}})


async def test_a_redirect_into_the_own_network_is_not_followed() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        del host, port
        return ["10.0.0.7"]

    inside = Reply(302, headers={"location": "https://inside.example/models"})
    async with Gateway() as secret:
        there = Reply(302, headers={"location": f"{secret.origin}/models"})
        for way in (inside, there):
            answer = script(way)
            async with Gateway(answer) as gateway:
                found = await probe(gateway.url, resolve=resolve)
                assert found.speaks
                assert found.models == ()
        assert secret.received == []


def script(models: Reply) -> Callable[[Received], Reply]:
    """The same with models."""
    return lambda received: models if received.path == "/v1/models" else unknown(received)


async def test_answers_without_an_end_are_cut() -> None:
    cards = [{"id": f"veo-{number}", "object": "model"} for number in range(5000)]
    async with Gateway(script(Reply(body={"data": cards}))) as gateway:
        assert (await probe(gateway.url, limits=HASTY)).models == ()
        assert len((await probe(gateway.url)).models) == 50


async def test_what_does_not_answer_is_not_told() -> None:
    def answer(received: Received) -> Reply:
        return unknown(received) if "/videos/video_" in received.path else NO_ANSWER

    async with Gateway(answer) as gateway:
        found = await probe(gateway.url)
        assert found.operations["fetch"] is None
        assert found.speaks


async def test_a_server_that_keeps_silent_is_left_after_a_while() -> None:
    async with Gateway(Reply(hang=True)) as gateway:
        with pytest.raises(Transient):
            await asyncio.wait_for(probe(gateway.url, limits=HASTY), 10)


async def test_a_key_that_comes_back_in_an_answer_is_not_shown() -> None:
    card = {"id": f"veo {KEY}", "owned_by": f"vllm {KEY}"}
    async with Gateway(script(Reply(body={"data": [card]}))) as gateway:
        found = await probe(gateway.url, KEY)
        assert found.profile == "vllm-omni"
        assert KEY not in repr(found)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b'"no"',
        b'{"error": []}',
        b'{"error": {"code": true}}',
        b'{"data": [1, null, {"id": 7}, {"id": "a\\u0007b"}, {"id": ""}]}',
        b'{"info": [], "paths": {"/v1/videos": null}}',
        b'{"info": {"title": 7}, "paths": ["x"]}',
        b"[" * 100_000,
    ],
)
async def test_odd_answers_surprise_nobody(body: bytes) -> None:
    for status in (200, 404, 500):
        async with Gateway(Reply(status, body)) as gateway:
            found = await probe(gateway.url, limits=replace(LIMITS, answer_ms=3000))
            assert found.profile in {"custom", "openai"}
            assert found.models == ()


LIMITS = Limits(connect_ms=1000, silence_ms=1000)


async def test_models_of_videos_come_before_all_others() -> None:
    cards = [{"id": name} for name in ("gpt-5", "kling-v3", "text-embedding-3", "veo-3.1-fast")]
    async with Gateway(script(Reply(body={"data": cards}))) as gateway:
        assert (await probe(gateway.url)).models == ("kling-v3", "veo-3.1-fast")


@pytest.mark.parametrize("key, door", [(KEY, Door.FITS), ("", Door.SHUT)], ids=str)
async def test_who_shares_only_the_paths_is_not_taken_for_a_server_of_the_contract(
    key: str, door: Door
) -> None:
    async with server("openrouter") as running:
        found = await probe(f"{running.origin}/api/v1", key)
        assert (found.profile, found.door) == ("custom", door)
        assert [reason.sign for reason in found.reasons] == [Sign.RELATIVE]
