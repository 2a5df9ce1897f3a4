"""The whole bot, LiteLLM's real proxy, and a simulator behind that. Run by `make litellm`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest

from adapters.providers.openai_videos.client import OpenAIVideos
from adapters.providers.openai_videos.ids import unpacked
from adapters.providers.openai_videos.profile import profile_of
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.simulator.machine import Machine
from adapters.providers.simulator.settings import MODELS
from bot.domain.jobs import TERMINAL, JobState
from bot.ports import Clock
from tests.fakes.backends import Backend, simulator
from tests.fakes.core import ALLOWANCE, PRICE, Options, catalogue
from tests.fakes.gateway import Gateway, Reply
from tests.fakes.provider_story import STEPS, Stage, staged
from tests.gateways.litellm import GROUPS, KEY, UPSTREAM_KEY, Proxy
from tests.gateways.tap import Tap
from tests.payloads.simulated import INSTANT

# Starting it takes longer than a test usually may.
pytestmark = pytest.mark.timeout(240)

BEHIND = ("openai", "vllm-omni")
TOLD = dict.fromkeys(STEPS, "yes") | {
    **dict.fromkeys(("last frame", "references", "sound"), "no"),
    "extend": "joined here",
    "download": "goes on",
    "moderated": "told",
    "rate limit": "waits",
    "slots": "waits",
    "billing stop": "stops",
    "lost answer": "held",
    "delete": "no",
}
"""What it does in each step, whatever is behind it."""


def options(kind: str) -> Options:
    """A shop whose models are called as the proxy calls the one of that kind."""
    sold = catalogue()
    models = tuple(replace(model, upstream=GROUPS[kind]) for model in sold)
    return Options(catalogue=replace(sold, models=models))


@asynccontextmanager
async def client_at(tap: Tap, clock: Clock) -> AsyncGenerator[OpenAIVideos]:
    """The bot's client, with the profile of the proxy."""
    client = OpenAIVideos(profile_of("litellm"), tap.url, KEY, clock)
    try:
        yield client
    finally:
        await client.aclose()


@dataclass(frozen=True)
class Line:
    """A stage whose bot speaks with the proxy by way of a tap."""

    stage: Stage
    tap: Tap


@asynccontextmanager
async def line(proxy: Proxy, kind: str, folder: Path) -> AsyncGenerator[Line]:
    """The bot, the proxy, and a simulator of that kind."""
    sizes = MODELS["sora-2"]
    settings = replace(INSTANT, dialect=kind, token=UPSTREAM_KEY, models={GROUPS[kind]: sizes})
    async with Tap(proxy.port) as tap:

        @asynccontextmanager
        async def opened(clock: Clock) -> AsyncGenerator[Backend]:
            async with (
                simulator(settings, clock, proxy.behind[kind]) as running,
                client_at(tap, clock) as client,
            ):
                yield Backend(client, running.machine)

        async with staged(opened, folder, options(kind)) as stage:
            yield Line(stage, tap)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", BEHIND)
async def test_the_story_goes_through_the_real_proxy(
    kind: str, step: str, proxy: Proxy, tmp_path: Path
) -> None:
    told = TOLD | ({"remix": "made anew"} if kind == "vllm-omni" else {})
    async with line(proxy, kind, tmp_path) as on:
        assert await STEPS[step](on.stage) == told[step]


@pytest.mark.parametrize("kind", BEHIND)
async def test_the_long_id_of_the_create_is_kept_and_asked_about_ever_after(
    kind: str, proxy: Proxy, tmp_path: Path
) -> None:
    async with line(proxy, kind, tmp_path) as on:
        job_id = await on.stage.order()
        await on.stage.is_done(job_id)
        reference = (await on.stage.core.job(job_id)).reference
        assert reference is not None
        name = reference["id"]
        assert isinstance(name, str)
        [made] = on.stage.machine.archive.all()
        assert f"video_id:{made.id}" in (unpacked(name) or ())
        assert on.tap.jobs_asked() == {quote(name, safe="")}


@pytest.mark.parametrize("kind", BEHIND)
async def test_a_create_is_sent_on_once_though_the_proxy_would_try_again(
    kind: str, proxy: Proxy, tmp_path: Path
) -> None:
    for fault in (
        Fault(Kind.SERVER_ERROR, on="create", accepted=True, times=0),
        Fault(Kind.BROKEN_JSON, on="create", accepted=True, times=0),
    ):
        folder = tmp_path / fault.kind
        folder.mkdir()
        async with line(proxy, kind, folder) as on:
            on.stage.plan(fault)
            job_id = await on.stage.order()
            assert await on.stage.core.state(job_id) is JobState.SUBMIT_UNKNOWN
            assert (on.stage.back.posts, on.stage.back.accepted) == (1, 1)


@pytest.mark.parametrize("kind", BEHIND)
async def test_an_answer_that_is_lost_before_the_bot_leads_to_no_second_create(
    kind: str, proxy: Proxy, tmp_path: Path
) -> None:
    async with line(proxy, kind, tmp_path) as on:
        on.tap.cuts = 1
        job_id = await on.stage.order()
        await on.stage.rest(job_id)
        assert await on.stage.core.state(job_id) is JobState.SUBMIT_UNKNOWN
        assert (on.stage.back.posts, on.stage.back.accepted) == (1, 1)
        assert await on.stage.core.purse() == (ALLOWANCE - PRICE, PRICE)


async def test_a_failed_job_that_it_calls_completed_costs_nothing(
    proxy: Proxy, tmp_path: Path
) -> None:
    create = f"/v1beta/models/{GROUPS['gemini']}:predictLongRunning"
    failed = {"name": "operations/7", "done": True, "error": {"code": 3, "message": "no"}}
    async with Gateway(port=proxy.behind["gemini"]) as veo, Tap(proxy.port) as tap:
        veo.on("POST", create, Reply(body={"name": "operations/7"}))
        veo.on("GET", "/v1beta/operations/7", Reply(body=failed))

        @asynccontextmanager
        async def opened(clock: Clock) -> AsyncGenerator[Backend]:
            async with client_at(tap, clock) as client:
                # The gateway stands where the simulator would.
                yield Backend(client, Machine(INSTANT, clock))

        async with staged(opened, tmp_path, options("gemini")) as on:
            job_id = await on.order()
            reference = (await on.core.job(job_id)).reference or {}
            assert (await on.back.client.fetch(reference)).state is JobState.FETCHING
            state = await on.rest(job_id, TERMINAL)
            assert state in {JobState.FAILED, JobState.EXPIRED}
            await on.cost_nothing(job_id, state)
            assert veo.count("POST") == 1
