"""xAI: what is sent, what is read, and what work that was held back costs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from adapters.providers.refusals import as_object
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.tasks.wire import Ask, Pictures
from adapters.providers.tasks.xai import XAI
from bot import errors
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.ports import SubmitRequest
from tests.fakes.backends import Backend, backend
from tests.fakes.gateway import KEY, MP4, Gateway, Reply
from tests.fakes.task_faults import FAULTS
from tests.fakes.wires import client_before, judge_of
from tests.payloads import xai as payloads
from tests.payloads.any_json import ANY_JSON
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.simulated import INSTANT
from tests.payloads.simulated import simulated as simulated_api

WIRE = XAI()
JUDGE = judge_of(WIRE)
WISH = SubmitRequest("a red kite", "grok-imagine-video", Size(1280, 720), 6)
REF, HERE, ORDERS = {"id": payloads.ID}, f"/v1/videos/{payloads.ID}", "/v1/videos/generations"


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        yield gateway


@pytest.fixture
async def simulated() -> AsyncGenerator[Backend]:
    async with backend("xai") as running:
        yield running


# --- what is sent ------------------------------------------------------------------------------


def test_a_create_is_sent_as_xai_describes_it() -> None:
    assert WIRE.create(WISH, Pictures()) == Ask(
        "POST",
        "/videos/generations",
        {
            "model": "grok-imagine-video",
            "prompt": "a red kite",
            "duration": 6,
            "aspect_ratio": "16:9",
            "resolution": "720p",
        },
    )


def test_a_first_frame_is_an_image_with_a_url() -> None:
    sent = as_object(WIRE.create(replace(WISH, size=Size(854, 480)), Pictures(b"jpeg")).json)
    assert sent["image"] == {"url": "data:image/jpeg;base64,anBlZw=="}
    assert (sent["aspect_ratio"], sent["resolution"]) == ("16:9", "480p")


def test_a_job_is_called_and_asked_about_by_its_request_id() -> None:
    assert WIRE.made(payloads.CREATED, Ask("POST", "")) == REF
    assert WIRE.question({"id": "a/b"}) == Ask("GET", "/videos/a%2Fb")


# --- what is read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body, state, progress, cost, charged",
    [
        (payloads.CREATED, JobState.QUEUED, None, None, None),
        (payloads.PENDING, JobState.QUEUED, 42, None, None),
        ({"status": "never heard of"}, JobState.RENDERING, None, None, None),
        (payloads.DONE, JobState.FETCHING, 100, 420_000, None),
        (payloads.AS_IT_WAS, JobState.FETCHING, None, None, None),
        (payloads.HELD_BACK, JobState.MODERATED, 100, 420_000, True),
        (payloads.HELD_BACK_WITH_LINK, JobState.MODERATED, 100, 420_000, True),
        (payloads.HELD_BACK_FOR_FREE, JobState.MODERATED, 100, 0, None),
        (payloads.FAILED, JobState.FAILED, None, None, None),
        (payloads.REJECTED, JobState.MODERATED, None, None, None),
        ({"status": "failed"}, JobState.FAILED, None, None, None),
        (payloads.EXPIRED, JobState.EXPIRED, None, None, None),
    ],
)
def test_an_answer_is_a_job(
    body: dict[str, Any],
    state: JobState,
    progress: int | None,
    cost: int | None,
    charged: bool | None,  # noqa: FBT001 - a row of the table
) -> None:
    told = WIRE.told(body, REF)
    assert told is not None
    job = told.job(REF, JUDGE)
    assert (job.state, job.progress, job.cost_micros) == (state, progress, cost)
    assert job.charged is charged


def test_a_finished_job_names_its_file() -> None:
    told = WIRE.told(payloads.DONE, REF)
    assert told is not None
    assert told.links == (payloads.FILE,)


@pytest.mark.parametrize("body", [{}, {"status": 5}, {"video": {"url": ""}}, {"request_id": None}])
def test_an_answer_that_tells_of_no_job_is_none(body: dict[str, Any]) -> None:
    assert WIRE.told(body, REF) is None


@given(ANY_JSON)
def test_no_json_breaks_it(value: object) -> None:
    data = as_object(value)
    made = WIRE.made(data, Ask("POST", "/videos/generations", value))
    assert made is None or made["id"]
    told = WIRE.told(data, REF)
    assert told is None or told.job(REF, JUDGE).state in JobState
    for status in ("pending", "done", "failed"):
        for odd in ({"video": value, "error": value}, {"usage": value, "progress": value}):
            told = WIRE.told({"status": status, **odd}, REF)
            assert told is not None
            assert told.job(REF, JUDGE).state in JobState


# --- over the wire -----------------------------------------------------------------------------


@pytest.mark.parametrize("payload", payloads.ERRORS, ids=str)
async def test_every_refusal_of_a_create_finds_its_class(
    gateway: Gateway, payload: ErrorPayload
) -> None:
    gateway.on("POST", ORDERS, Reply(payload.status, payload.body))
    async with client_before(gateway, WIRE) as client:
        with pytest.raises(errors.ProviderError) as caught:
            await client.submit(WISH)
    assert type(caught.value) is payload.kind
    assert gateway.count("POST") == 1


async def test_words_say_how_long_to_wait(gateway: Gateway) -> None:
    gateway.on("POST", ORDERS, Reply(429, payloads.RATE))
    async with client_before(gateway, WIRE) as client:
        with pytest.raises(errors.RateLimited) as caught:
            await client.submit(WISH)
    assert caught.value.retry_after_ms == 12_000


async def test_an_empty_answer_with_202_is_asked_for_again(gateway: Gateway) -> None:
    gateway.on("GET", HERE, Reply(202), Reply(202, payloads.PENDING))
    async with client_before(gateway, WIRE) as client:
        with pytest.raises(errors.Transient):
            await client.fetch(REF)
        assert (await client.fetch(REF)).state is JobState.QUEUED


async def test_the_file_is_brought_from_the_link(gateway: Gateway, tmp_path: Path) -> None:
    video = {"url": f"{gateway.origin}/made.mp4", "respect_moderation": True}
    gateway.on("GET", HERE, Reply(body={**payloads.DONE, "video": video}))
    gateway.on("GET", "/made.mp4", Reply(body=MP4))
    async with client_before(gateway, WIRE) as client:
        await client.download(REF, tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").read_bytes() == MP4
    assert gateway.received[0].headers["authorization"] == f"Bearer {KEY}"


async def test_another_host_gets_no_key_and_no_message_shows_its_link(
    gateway: Gateway, tmp_path: Path
) -> None:
    async with Gateway() as stranger:
        video = {"url": f"http://localhost:{stranger.port}/made.mp4?sig=top-secret"}
        gateway.on("GET", HERE, Reply(body={"status": "done", "video": video}))
        async with client_before(gateway, WIRE) as client:
            with pytest.raises(errors.ProviderError) as caught:
                await client.download(REF, tmp_path / "clip.mp4")
        assert all("authorization" not in one.headers for one in stranger.received)
    assert "top-secret" not in caught.value.message


async def test_a_failed_job_s_words_hide_key_and_signatures(gateway: Gateway) -> None:
    words = f"cannot read https://x.example/a?sig=top-secret with {KEY}"
    gateway.on("GET", HERE, Reply(body=payloads.failed("invalid_argument", words)))
    async with client_before(gateway, WIRE) as client:
        job = await client.fetch(REF)
    assert job.error is not None
    assert job.error.message == "cannot read https://x.example/a with ***"


# --- the simulator's xAI -----------------------------------------------------------------------


@pytest.mark.parametrize("fault, kind", FAULTS.values(), ids=FAULTS)
async def test_what_goes_wrong_there_is_understood_here(
    simulated: Backend, fault: Fault, kind: type[errors.ProviderError]
) -> None:
    simulated.machine.plan(fault)
    with pytest.raises(errors.ProviderError) as caught:
        await simulated.client.submit(WISH)
    assert type(caught.value) is kind
    assert simulated.posts == 1


@pytest.mark.parametrize(
    "wish",
    [
        replace(WISH, seconds=16),
        replace(WISH, seconds=0),
        replace(WISH, size=Size(3840, 2160)),
    ],
    ids=str,
)
async def test_the_simulator_refuses_what_xai_does_not_make(
    simulated: Backend, wish: SubmitRequest
) -> None:
    with pytest.raises(errors.InvalidRequest):
        await simulated.client.submit(wish)
    assert simulated.accepted == 0


async def test_work_that_is_held_back_there_is_paid_for(simulated: Backend) -> None:
    simulated.machine.plan(Fault(Kind.MODERATED))
    made = await simulated.client.submit(WISH)
    job = await simulated.ended(made.reference)
    assert (job.state, job.cost_micros, job.charged) == (JobState.MODERATED, 420_000, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": 6},
        {"duration": "6"},
        {"size": "1280x720"},
        {"aspect_ratio": "2:1"},
        {"resolution": "4k"},
        {"image": "data:image/jpeg;base64,"},
        {"image": {"uri": "x"}},
        {"prompt": ""},
    ],
    ids=str,
)
async def test_the_simulator_is_strict_about_a_body(changes: dict[str, object]) -> None:
    body = {"model": "m", "prompt": "x"}
    async with simulated_api(replace(INSTANT, dialect="xai")) as running:
        assert (await running.http.post("/videos/generations", json=body)).status_code == 200
        refused = await running.http.post("/videos/generations", json={**body, **changes})
        assert refused.status_code == 400
        assert refused.json()["code"] == "Client specified an invalid argument"
