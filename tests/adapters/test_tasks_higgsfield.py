"""Higgsfield: what it is sent, and what its answers mean."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from adapters.providers.refusals import as_object
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.tasks.higgsfield import Higgsfield
from adapters.providers.tasks.wire import Ask, Pictures
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.errors import InvalidRequest, ProviderError, Transient
from bot.ports import SubmitRequest
from tests.fakes.backends import Backend, backend
from tests.fakes.extras import takes
from tests.fakes.gateway import KEY, Gateway, Reply
from tests.fakes.wires import client_before, job_told, judge_of
from tests.payloads.any_json import ANY_JSON
from tests.payloads.higgsfield import ERRORS, ID, REF, STATUSES, TAKEN
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.simulated import INSTANT, QUICK, picture, simulated
from tests.payloads.told import ToldPayload

HIGGSFIELD = Higgsfield()
SEEDANCE = "bytedance/seedance-2.0/text-to-video"
WISH = SubmitRequest("a red kite", SEEDANCE, Size(1280, 720), 5)
LAST = "last_frame_url"
VIDEO = f"/{SEEDANCE.replace('text', 'image')}"
STATUS = f"/requests/{ID}/status"
FAMILIES: dict[str, tuple[str, int, dict[str, Any]]] = {
    "seedance": (SEEDANCE, 5, {"duration": 5, "resolution": "720p", "aspect_ratio": "16:9"}),
    "old seedance": (
        "bytedance/seedance/v1/lite/text-to-video",
        5,
        {"duration": 5, "resolution": "720", "aspect_ratio": "16:9"},
    ),
    "veo": ("veo3.1/fast", 8, {"duration": "8", "resolution": "720", "aspect_ratio": "16:9"}),
    "kling": (
        "kling-video/v2.1/master/text-to-video",
        10,
        {"duration": 10, "aspect_ratio": "16:9"},
    ),
    "hailuo": ("minimax/hailuo-2.3/standard/text-to-video", 6, {"duration": 6}),
    "wan": ("wan-25-preview/text-to-video", 5, {"duration": 5, "resolution": "720p"}),
}


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        gateway.on("POST", f"/{SEEDANCE}", Reply(body=TAKEN))
        yield gateway


@pytest.fixture
async def running() -> AsyncGenerator[Backend]:
    async with backend("higgsfield", key="key-id:key-secret") as running:
        yield running


@pytest.fixture
def framed(tmp_path: Path) -> SubmitRequest:
    """An order that begins with a picture."""
    frame = tmp_path / "frame.jpg"
    frame.write_bytes(picture("JPEG"))
    return replace(WISH, image=frame)


# --- what is sent -------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_asked_in_its_own_words(family: str) -> None:
    model, seconds, fields = FAMILIES[family]
    ask = HIGGSFIELD.create(replace(WISH, model=model, seconds=seconds), Pictures())
    assert ask == Ask("POST", f"/{model}", {"prompt": "a red kite", **fields})


async def test_the_key_is_both_halves_and_requests_are_asked_at_one_place(
    gateway: Gateway,
) -> None:
    gateway.on("GET", STATUS, Reply(body=TAKEN))
    gateway.on("POST", f"/requests/{ID}/cancel", Reply(202))
    async with client_before(gateway, HIGGSFIELD) as client:
        made = await client.submit(WISH)
        await client.fetch(made.reference)
        await client.cancel(made.reference)
    assert made.reference == REF
    assert made.state is JobState.QUEUED
    assert [one.target for one in gateway.received] == [
        f"/{SEEDANCE}",
        STATUS,
        f"/requests/{ID}/cancel",
    ]
    assert {one.headers["authorization"] for one in gateway.received} == {f"Key {KEY}"}


async def test_a_picture_is_put_where_it_belongs_and_the_key_stays_at_home(
    gateway: Gateway, framed: SubmitRequest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with Gateway() as files:
        files.on("PUT", "/put", Reply())
        headers = {"X-Amz-Tag": "a", "x-odd": "\n", "Host": "evil", "Authorization": "b", "n": 1}
        place = {
            "public_url": "https://files.example/first.jpg",
            "upload_url": f"{files.origin}/put?X-Signature=signed",
            "upload_headers": headers,
        }
        gateway.on("POST", "/files/generate-upload-url", Reply(body=place))
        gateway.on("POST", VIDEO, Reply(body=TAKEN))
        async with client_before(gateway, HIGGSFIELD, files) as client:
            await client.submit(framed)
    [put], (asked, create) = files.received, gateway.received
    assert asked.json == {"content_type": "image/jpeg"}
    assert put.body == picture("JPEG")
    assert put.headers["content-type"] == "image/jpeg"
    assert put.headers["x-amz-tag"] == "a"
    assert not {"authorization", "x-odd"} & set(put.headers)
    assert put.headers["host"] != "evil"
    assert as_object(create.json)["image_url"] == "https://files.example/first.jpg"
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("adapters")]
    assert ours
    assert "signed" not in "".join(ours)


async def test_no_picture_is_put_into_our_own_network(
    gateway: Gateway, framed: SubmitRequest
) -> None:
    async with Gateway() as inside:
        inside.on("PUT", "/put", Reply())
        place = {"public_url": "https://files.example/a.jpg", "upload_url": f"{inside.origin}/put"}
        gateway.on("POST", "/files/generate-upload-url", Reply(body=place))
        async with client_before(gateway, HIGGSFIELD) as client:
            with pytest.raises(Transient):
                await client.submit(framed)
        assert inside.received == []
    assert VIDEO not in {one.path for one in gateway.received}


@pytest.mark.parametrize("put", ["ftp://files.example/a", "http://[", "file:///etc/passwd", "", 7])
async def test_a_place_that_is_none_orders_nothing(
    gateway: Gateway, framed: SubmitRequest, put: object
) -> None:
    place = {"public_url": "https://files.example/a.jpg", "upload_url": put}
    gateway.on("POST", "/files/generate-upload-url", Reply(body=place))
    async with client_before(gateway, HIGGSFIELD) as client:
        with pytest.raises(Transient):
            await client.submit(framed)
    assert [one.path for one in gateway.received] == ["/files/generate-upload-url"]


async def test_a_file_store_that_says_no_says_nothing_of_our_key(
    gateway: Gateway, framed: SubmitRequest
) -> None:
    async with Gateway() as files:
        files.on("PUT", "/put", Reply(403))
        place = {"public_url": "https://files.example/a.jpg", "upload_url": f"{files.origin}/put"}
        gateway.on("POST", "/files/generate-upload-url", Reply(body=place))
        async with client_before(gateway, HIGGSFIELD, files) as client:
            with pytest.raises(Transient):
                await client.submit(framed)
    assert VIDEO not in {one.path for one in gateway.received}


# --- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize("saying", STATUSES, ids=str)
def test_every_status_is_understood_and_no_failure_is_billed(saying: ToldPayload) -> None:
    told, job = HIGGSFIELD.told(saying.body, REF), job_told(HIGGSFIELD, saying)
    assert told is not None
    assert (job.state, told.links) == (saying.state, (saying.link,) if saying.link else ())
    assert (job.error.message if job.error else "") == saying.words
    assert job.charged is None
    assert not HIGGSFIELD.capabilities.charges_failures


@pytest.mark.parametrize("payload", ERRORS, ids=str)
async def test_every_refusal_of_a_create_is_its_class(
    gateway: Gateway, payload: ErrorPayload
) -> None:
    gateway.on("POST", f"/{SEEDANCE}", Reply(payload.status, payload.body))
    async with client_before(gateway, HIGGSFIELD) as client:
        with pytest.raises(ProviderError) as caught:
            await client.submit(WISH)
    assert type(caught.value) is payload.kind
    assert gateway.count("POST") == 1


@given(ANY_JSON)
def test_no_json_value_breaks_the_reading(value: object) -> None:
    wrapped = {"status": "completed", "error": value, "video": value, "request_id": value}
    for data in (as_object(value), wrapped, {"status": value}):
        HIGGSFIELD.made(data, Ask("POST", "/a/b"))
        told = HIGGSFIELD.told(data, REF)
        if told is not None:
            assert told.job(REF, judge_of(HIGGSFIELD)).state in set(JobState)


# --- the simulator speaks it ----------------------------------------------------------------------


SOLD = {
    SEEDANCE: "first sound",
    "bytedance/seedance/v1/lite/text-to-video": "first",
    "kling-video/v2.1/master/text-to-video": "first",
    "minimax/hailuo-02/standard/text-to-video": "first last",
    "minimax/hailuo-2.3/standard/text-to-video": "first",
    "sora-2/text-to-video/pro": "first",
    "veo3.1": "first last references sound",
    "veo3.1/fast": "first last sound",
    "wan-25-preview/text-to-video": "first",
}
"""What models take besides words."""


@pytest.mark.parametrize("model", SOLD)
async def test_every_family_s_words_are_taken_there_and_all_else_is_refused_here(
    running: Backend, tmp_path: Path, model: str
) -> None:
    wish = replace(WISH, model=model, seconds=8 if "veo" in model else 5)
    await takes(running, wish, SOLD[model], tmp_path)


async def test_a_model_that_needs_a_picture_has_one_route_for_it(
    running: Backend, framed: SubmitRequest
) -> None:
    wish = replace(framed, model="higgsfield-ai/dop/lite", last=framed.image)
    made = await running.client.submit(wish)
    assert (await running.ended(made.reference)).state is JobState.FETCHING
    assert running.machine.stats()["requests"]["upload"] == 2


async def test_a_request_that_is_cancelled_or_moderated_is_told_in_one_word(
    running: Backend,
) -> None:
    running.machine.plan(Fault(Kind.NEVER_ENDS), Fault(Kind.MODERATED))
    waiting, doomed = await running.client.submit(WISH), await running.client.submit(WISH)
    await running.client.cancel(waiting.reference)
    assert (await running.client.fetch(waiting.reference)).state is JobState.CANCELLED
    assert (await running.ended(doomed.reference)).state is JobState.MODERATED
    with pytest.raises(InvalidRequest):
        await running.client.cancel(waiting.reference)


async def test_a_create_that_is_repeated_on_its_way_is_one_request(running: Backend) -> None:
    named = replace(WISH, name="k7m2p9qx4t-1")
    first, again = [await running.client.submit(named) for _ in range(2)]
    other = await running.client.submit(replace(WISH, name="k7m2p9qx4t-2"))
    assert first.reference == again.reference != other.reference
    assert running.accepted == 2


async def test_what_has_started_cannot_be_cancelled_there() -> None:
    settings = replace(QUICK, dialect="higgsfield", render_ms=600_000)
    async with simulated(settings) as sim:
        made = (await sim.http.post(f"http://simulator/{SEEDANCE}", json={"prompt": "x"})).json()
        here = f"http://simulator/requests/{made['request_id']}"
        for _ in range(20):
            await asyncio.sleep(0)
        assert (await sim.http.get(f"{here}/status")).json()["status"] == "in_progress"
        answer = await sim.http.post(f"{here}/cancel")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "model, fields, loc",
    [
        (SEEDANCE, {}, "prompt"),
        (SEEDANCE, {"prompt": 5}, "prompt"),
        (SEEDANCE, {"prompt": "x", "duration": "5"}, "duration"),
        (SEEDANCE, {"prompt": "x", "resolution": "720"}, "resolution"),
        (SEEDANCE, {"prompt": "x", "size": "1280x720"}, "size"),
        ("veo3.1", {"prompt": "x", "duration": 8}, "duration"),
        ("veo3.1", {"prompt": "x", "resolution": "720p"}, "resolution"),
        ("higgsfield-ai/dop/lite", {"prompt": "x"}, "image_url"),
        ("veo3.1/first-last-frame-to-video", {"prompt": "x", "first_frame_url": "y"}, LAST),
        (SEEDANCE, {"prompt": "x", "image_url": "y"}, "image_url"),
        ("veo3.1", {"prompt": "x", "generate_audio": "no"}, "generate_audio"),
    ],
)
async def test_the_simulator_takes_nothing_that_higgsfield_would_not(
    model: str, fields: dict[str, Any], loc: str
) -> None:
    async with simulated(replace(INSTANT, dialect="higgsfield")) as sim:
        answer = await sim.http.post(f"http://simulator/{model}", json=fields)
        assert sim.machine.stats()["accepted"] == 0
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", loc]
