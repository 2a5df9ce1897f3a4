"""Krea: what it is sent, and what its answers mean."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from adapters.providers.refusals import as_object
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.tasks.krea import Krea
from adapters.providers.tasks.wire import Ask, Pictures
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.errors import InvalidRequest, JobNotFound, ProviderError
from bot.ports import SubmitRequest
from tests.fakes.backends import Backend, backend
from tests.fakes.extras import takes
from tests.fakes.gateway import KEY, Gateway, Reply
from tests.fakes.wires import client_before, job_told, judge_of
from tests.payloads.any_json import ANY_JSON
from tests.payloads.krea import ERRORS, ID, REF, STATUSES, TAKEN, job
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.simulated import INSTANT, simulated
from tests.payloads.told import ToldPayload

KREA = Krea()
KLING = "kling/kling-3.0"
WISH = SubmitRequest("a red kite", KLING, Size(1280, 720), 5)
CREATE = f"/generate/video/{KLING}"
_SIDES = {"width": 1280, "height": 720, "aspect_ratio": "16:9"}
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "kling": (KLING, {"duration": 5, "aspect_ratio": "16:9"}),
    "veo": (
        "google/veo-3.1-fast",
        {"duration": 5, "resolution": "720p", "aspect_ratio": "16:9"},
    ),
    "old veo": ("google/veo-2", {"duration": 5, "aspect_ratio": "16:9"}),
    "hailuo": ("minimax/hailuo-2.3", {"duration": 5, "resolution": "768p"}),
    "old hailuo": ("minimax/hailuo", {}),
    "old wan": ("alibaba/wan-2.2", _SIDES),
    "ray": ("luma/ray-2", _SIDES),
    "ltx": ("lightricks/ltx-video-2.3-22b", {"duration": 5, "aspect_ratio": "16:9"}),
    "gen-3": ("runway/gen-3", {"duration": 5, "aspect_ratio": "16:9"}),
    "gen-4.5": ("runway/gen-4.5", {"duration": 5, "aspect_ratio": "1280:720"}),
}


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        gateway.on("POST", CREATE, Reply(body=TAKEN))
        yield gateway


@pytest.fixture
async def running() -> AsyncGenerator[Backend]:
    async with backend("krea", key="krea-token-0123") as running:
        yield running


# --- what is sent -------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_asked_for_what_it_knows_and_nothing_else(family: str) -> None:
    model, fields = FAMILIES[family]
    ask = KREA.create(replace(WISH, model=model), Pictures())
    assert ask == Ask("POST", f"/generate/video/{model}", {"prompt": "a red kite", **fields})


async def test_a_job_is_made_asked_about_and_stopped_with_the_token(gateway: Gateway) -> None:
    gateway.on("GET", f"/jobs/{ID}", Reply(body=TAKEN))
    gateway.on("DELETE", f"/jobs/{ID}", Reply(200))
    async with client_before(gateway, KREA) as client:
        made = await client.submit(WISH)
        asked = await client.fetch(made.reference)
        await client.cancel(made.reference)
    assert made.reference == REF
    assert asked.created_at == 1_736_937_000_000
    assert [(one.method, one.target) for one in gateway.received] == [
        ("POST", CREATE),
        ("GET", f"/jobs/{ID}"),
        ("DELETE", f"/jobs/{ID}"),
    ]
    assert {one.headers["authorization"] for one in gateway.received} == {f"Bearer {KEY}"}


# --- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize("saying", STATUSES, ids=str)
def test_every_status_is_understood_and_no_failure_is_billed(saying: ToldPayload) -> None:
    told, seen = KREA.told(saying.body, REF), job_told(KREA, saying)
    assert told is not None
    assert (seen.state, told.links) == (saying.state, (saying.link,) if saying.link else ())
    assert (seen.error.message if seen.error else "") == saying.words
    assert seen.charged is None
    assert not KREA.capabilities.charges_failures


@pytest.mark.parametrize("payload", ERRORS, ids=str)
async def test_every_refusal_of_a_create_is_its_class(
    gateway: Gateway, payload: ErrorPayload
) -> None:
    gateway.on("POST", CREATE, Reply(payload.status, payload.body))
    async with client_before(gateway, KREA) as client:
        with pytest.raises(ProviderError) as caught:
            await client.submit(WISH)
    assert type(caught.value) is payload.kind
    assert gateway.count("POST") == 1


async def test_a_job_of_somebody_else_is_not_found(gateway: Gateway) -> None:
    gateway.on("GET", f"/jobs/{ID}", Reply(404, {"error": "Job not found"}))
    async with client_before(gateway, KREA) as client:
        with pytest.raises(JobNotFound):
            await client.fetch(REF)


@given(ANY_JSON)
def test_no_json_value_breaks_the_reading(value: object) -> None:
    wrapped = job("completed", error=value, result=value, completed_at=value)
    for data in (as_object(value), wrapped, {**wrapped, "created_at": value, "job_id": value}):
        KREA.made(data, Ask("POST", "/a/b"))
        told = KREA.told(data, REF)
        if told is not None:
            assert told.job(REF, judge_of(KREA)).state in set(JobState)


# --- the simulator speaks it ----------------------------------------------------------------------


SOLD = {
    "alibaba/wan-2.1": "first last",
    "alibaba/wan-2.2": "first",
    "alibaba/wan-2.5": "first sound",
    "bytedance/seedance-1.0-pro": "first last references",
    "bytedance/seedance-1.0-pro-fast": "first",
    "google/veo-2": "first",
    "google/veo-3-fast": "first sound",
    "google/veo-3.1-fast": "first last references sound",
    "google/veo-3.1-lite": "first last",
    "kling/kling-2.1": "first last",
    "kling/kling-2.6": "first last sound",
    KLING: "first last sound",
    "lightricks/ltx-video-2.3-22b": "first last sound",
    "luma/ray-2": "first",
    "minimax/hailuo": "first",
    "minimax/hailuo-2.3": "first last",
    "runway/gen-3": "first",
    "runway/gen-4.5": "first",
    "xai/grok-video": "first references",
}
"""What models take besides words."""


@pytest.mark.parametrize("model", SOLD)
async def test_every_family_s_fields_are_taken_there_and_all_else_is_refused_here(
    running: Backend, tmp_path: Path, model: str
) -> None:
    await takes(running, replace(WISH, model=model), SOLD[model], tmp_path)


async def test_a_job_that_was_stopped_is_cancelled_and_cannot_be_stopped_again(
    running: Backend,
) -> None:
    running.machine.plan(Fault(Kind.NEVER_ENDS))
    made = await running.client.submit(WISH)
    await running.client.cancel(made.reference)
    assert (await running.client.fetch(made.reference)).state is JobState.CANCELLED
    with pytest.raises(InvalidRequest):
        await running.client.cancel(made.reference)


async def test_a_moderated_job_says_so_in_its_words(running: Backend) -> None:
    running.machine.plan(Fault(Kind.MODERATED))
    made = await running.client.submit(WISH)
    assert (await running.ended(made.reference)).state is JobState.MODERATED


@pytest.mark.parametrize(
    "model, fields",
    [
        (KLING, {}),
        (KLING, {"prompt": 5}),
        (KLING, {"prompt": "x", "resolution": "720p"}),
        (KLING, {"prompt": "x", "duration": "5"}),
        (KLING, {"prompt": "x", "aspectRatio": "16:9"}),
        (KLING, {"prompt": "x", "start_image": "data:image/jpeg;base64,aGk="}),
        (KLING, {"prompt": "x", "reference_images": ["https://files.example/a.jpg"]}),
        ("google/veo-3.1", {"prompt": "x", "generate_audio": "no"}),
        ("google/veo-3.1", {"prompt": "x", "reference_images": "https://files.example/a.jpg"}),
        ("luma/ray-2", {"prompt": "x"}),
        ("runway/gen-4.5", {"prompt": "x", "aspect_ratio": "wide"}),
    ],
)
async def test_the_simulator_takes_nothing_that_krea_would_not(
    model: str, fields: dict[str, Any]
) -> None:
    async with simulated(replace(INSTANT, dialect="krea")) as sim:
        answer = await sim.http.post(f"http://simulator/generate/video/{model}", json=fields)
        assert sim.machine.stats()["accepted"] == 0
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
