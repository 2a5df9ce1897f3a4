"""The unmodified official client works against the simulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.media.probe import probe_file
from adapters.providers.simulator.faults import Fault, Hint, Kind
from adapters.providers.simulator.machine import Machine
from adapters.providers.simulator.serve import run_simulator
from tests.payloads.simulated import QUICK, picture

pytest.importorskip("openai", reason="the official client is not installed (extra: sdk)")
import openai

pytestmark = [
    pytest.mark.sdk,
    # OpenAI has shut its own service down and marks every video call so; the contract lives on.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

KEY = "sk-simulated"
SETTINGS = replace(QUICK, token=KEY, poll_after_ms=20)


@pytest.fixture
async def running() -> AsyncGenerator[tuple[openai.AsyncOpenAI, Machine]]:
    async with (
        run_simulator(SETTINGS) as sim,
        openai.AsyncOpenAI(api_key=KEY, base_url=sim.url, max_retries=0) as client,
    ):
        yield client, sim.machine


@pytest.fixture
def client(running: tuple[openai.AsyncOpenAI, Machine]) -> openai.AsyncOpenAI:
    return running[0]


@pytest.fixture
def machine(running: tuple[openai.AsyncOpenAI, Machine]) -> Machine:
    return running[1]


async def test_a_video_is_created_polled_and_downloaded(
    client: openai.AsyncOpenAI, tmp_path: Path
) -> None:
    video = await client.videos.create_and_poll(
        prompt="a red kite over dunes", model="sora-2", size="1280x720", seconds="4"
    )
    assert (video.status, video.progress, video.error) == ("completed", 100, None)
    content = await client.videos.download_content(video.id)
    await asyncio.to_thread(content.write_to_file, tmp_path / "kite.mp4")
    info = probe_file(tmp_path / "kite.mp4")
    assert (info.width, info.height, info.duration_ms) == (1280, 720, 4000)
    thumbnail = await client.videos.download_content(video.id, variant="thumbnail")
    assert thumbnail.content[8:12] == b"WEBP"
    sheet = await client.videos.download_content(video.id, variant="spritesheet")
    assert sheet.content[:3] == b"\xff\xd8\xff"


async def test_a_picture_is_sent_along(client: openai.AsyncOpenAI) -> None:
    video = await client.videos.create(
        prompt="it comes alive", size="1280x720", input_reference=("a.png", picture(), "image/png")
    )
    assert video.status == "queued"


async def test_videos_are_remixed_listed_and_deleted(client: openai.AsyncOpenAI) -> None:
    parent = await client.videos.create_and_poll(prompt="a red kite over dunes", size="1280x720")
    child = await client.videos.remix(parent.id, prompt="at night")
    assert child.remixed_from_video_id == parent.id
    await client.videos.poll(child.id)
    listed = [video.id async for video in client.videos.list(limit=1)]
    assert listed == [child.id, parent.id]
    gone = await client.videos.delete(parent.id)
    assert (gone.id, gone.deleted) == (parent.id, True)
    with pytest.raises(openai.NotFoundError):
        await client.videos.retrieve(parent.id)


async def test_errors_arrive_as_the_clients_own_classes(
    client: openai.AsyncOpenAI, machine: Machine
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await client.videos.create(prompt="hills", seconds="5")  # pyright: ignore[reportArgumentType]  # on purpose
    assert refused.value.code == "invalid_value"
    with pytest.raises(openai.NotFoundError):
        await client.videos.create(prompt="hills", model="sora-1")
    machine.plan(Fault(Kind.RATE_LIMITED, hint=Hint.SECONDS))
    with pytest.raises(openai.RateLimitError):
        await client.videos.create(prompt="hills")
    machine.plan(Fault(Kind.LOST_ANSWER, accepted=True))
    with pytest.raises(openai.APIConnectionError):
        await client.videos.create(prompt="hills")
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="wrong").videos.create(prompt="hills")


async def test_a_failed_job_is_told_with_its_reason(client: openai.AsyncOpenAI) -> None:
    video = await client.videos.create_and_poll(prompt="something forbidden")
    assert video.status == "failed"
    assert video.error
    assert video.error.code == "moderation_blocked"
