"""Luma's Agents API: what is sent, and what each answer means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.refusals import as_object
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.tasks.luma import Luma
from adapters.providers.tasks.wire import Ask, Pictures
from adapters.providers.values import at
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.errors import (
    AssetExpired,
    Billing,
    ConcurrencyLimited,
    InvalidRequest,
    JobNotFound,
    ProviderError,
    RateLimited,
)
from bot.ports import SubmitRequest
from tests.fakes.backends import backend
from tests.fakes.gateway import MP4, Gateway, Reply
from tests.fakes.wires import client_before, job_told, read_everything, refused, unanswered
from tests.payloads.any_json import ANY_JSON
from tests.payloads.luma import CREATED, ID, REFUSED, TOLD
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.simulated import INSTANT, simulated
from tests.payloads.told import ToldPayload

LUMA = Luma()
WISH = SubmitRequest("a red kite over dunes", "ray-3.2", Size(1280, 720), 5)


def test_a_create_has_its_length_and_lines_under_video() -> None:
    assert LUMA.create(WISH, Pictures()) == Ask(
        "POST",
        "/generations",
        {
            "model": "ray-3.2",
            "type": "video",
            "prompt": "a red kite over dunes",
            "aspect_ratio": "16:9",
            "video": {"resolution": "720p", "duration": "5s"},
        },
    )


def test_a_first_frame_is_a_keyframe_at_the_beginning() -> None:
    sent = as_object(LUMA.create(WISH, Pictures(b"jpeg")).json)
    assert sent["video"] == {
        "resolution": "720p",
        "duration": "5s",
        "keyframes": [{"data": "anBlZw==", "media_type": "image/jpeg"}],
        "keyframe_indexes": [0],
    }


@pytest.mark.parametrize(
    "pictures, seconds, places",
    [
        (Pictures(b"jpeg", b"jpeg"), 5, [0, 120]),
        (Pictures(b"jpeg", b"jpeg"), 10, [0, 240]),
        (Pictures(None, b"jpeg"), 10, [240]),
    ],
)
def test_a_last_frame_is_a_keyframe_at_the_end(
    pictures: Pictures, seconds: int, places: list[int]
) -> None:
    sent = LUMA.create(replace(WISH, seconds=seconds), pictures).json
    frame = {"data": "anBlZw==", "media_type": "image/jpeg"}
    assert at(sent, "video.keyframe_indexes") == places
    assert at(sent, "video.keyframes") == [frame] * len(places)


@pytest.mark.parametrize(
    "size, ratio, lines",
    [
        (Size(1920, 1080), "16:9", "1080p"),
        (Size(720, 1280), "9:16", "720p"),
        (Size(960, 720), "4:3", "720p"),
        (Size(960, 540), "16:9", "540p"),
        (Size(640, 360), "16:9", "360p"),
        (Size(1680, 720), "21:9", "720p"),
    ],
)
def test_a_size_is_a_ratio_and_lines(size: Size, ratio: str, lines: str) -> None:
    sent = LUMA.create(SubmitRequest("a kite", "ray-3.2", size, 10), Pictures()).json
    assert at(sent, "aspect_ratio") == ratio
    assert at(sent, "video") == {"resolution": lines, "duration": "10s"}


def test_a_generation_is_asked_about_by_its_id() -> None:
    assert LUMA.made(CREATED, LUMA.create(WISH, Pictures())) == {"id": ID}
    assert LUMA.question({"id": ID}) == Ask("GET", f"/generations/{ID}")
    with pytest.raises(JobNotFound):
        LUMA.question({})


@pytest.mark.parametrize("payload", TOLD, ids=str)
def test_every_documented_generation_is_understood(payload: ToldPayload) -> None:
    job = job_told(LUMA, payload)
    assert job.state is payload.state
    assert (job.error.message if job.error else "") == payload.words
    assert job.cost_micros is None
    assert job.created_at == payload.created_at
    assert job.charged is payload.charged
    told = LUMA.told(payload.body, {"id": ID})
    assert told is not None
    assert told.links == ((payload.link,) if payload.link else ())


@pytest.mark.parametrize("payload", REFUSED, ids=str)
def test_every_documented_refusal_finds_its_class(payload: ErrorPayload) -> None:
    assert type(refused(LUMA, payload)) is payload.kind


def test_a_generation_that_nobody_made_is_not_found() -> None:
    gone = ErrorPayload("gone", 404, {"detail": "Generation not found"}, JobNotFound)
    assert isinstance(unanswered(LUMA, gone), JobNotFound)


FIELDS = st.sampled_from(("state", "output", "failure_code", "failure_reason", "created_at"))


@given(st.dictionaries(FIELDS | st.text(max_size=5), ANY_JSON, max_size=8))
def test_no_json_value_breaks_the_reading(data: dict[str, object]) -> None:
    read_everything(LUMA, data)


@pytest.mark.parametrize(
    "words, wait, kind",
    [
        ("Rate limit exceeded", "7", RateLimited),
        ("Too many concurrent jobs", "60", ConcurrencyLimited),
    ],
)
async def test_both_kinds_of_too_many_say_when_to_come_again(
    words: str, wait: str, kind: type[ProviderError]
) -> None:
    async with Gateway() as gateway, client_before(gateway, LUMA) as client:
        reply = Reply(429, {"detail": words}, {"retry-after": wait})
        gateway.on("POST", "/v1/generations", reply)
        with pytest.raises(kind) as caught:
            await client.submit(WISH)
        assert caught.value.retry_after_ms == int(wait) * 1000
        assert len(gateway.received) == 1


async def test_a_link_that_died_after_an_hour_is_made_anew_and_told_to_nobody(
    tmp_path: Path,
) -> None:
    async with Gateway() as gateway, client_before(gateway, LUMA) as client:
        links = [f"{gateway.origin}/{n}.mp4?X-Amz-Signature=signed-secret" for n in range(2)]
        outputs = [[{"type": "video", "url": link}] for link in links]
        done = [Reply(200, {**CREATED, "state": "completed", "output": one}) for one in outputs]
        gateway.on("GET", f"/v1/generations/{ID}", *done)
        gateway.on("GET", "/0.mp4", Reply(410, {"detail": "expired"}))
        gateway.on("GET", "/1.mp4", Reply(200, MP4))
        with pytest.raises(AssetExpired) as caught:
            await client.download({"id": ID}, tmp_path / "clip.mp4")
        assert "signed-secret" not in f"{caught.value!r} {caught.value}"
        await client.download({"id": ID}, tmp_path / "clip.mp4")
        assert (tmp_path / "clip.mp4").read_bytes() == MP4


# --- the simulator's Luma -----------------------------------------------------------------------


async def test_the_simulator_says_no_in_words_alone() -> None:
    async with backend("luma") as running:
        for kind, wanted in (
            (Kind.RATE_LIMITED, RateLimited),
            (Kind.CONCURRENCY, ConcurrencyLimited),
            (Kind.BILLING, Billing),
        ):
            running.machine.plan(Fault(kind))
            with pytest.raises(ProviderError) as caught:
                await running.client.submit(WISH)
            assert type(caught.value) is wanted


async def test_failed_work_is_not_charged() -> None:
    async with backend("luma") as running:
        for kind, state in (
            (Kind.MODERATED, JobState.MODERATED),
            (Kind.FAILED, JobState.FAILED),
        ):
            running.machine.plan(Fault(kind))
            job = await running.ended((await running.client.submit(WISH)).reference)
            assert (job.state, job.charged) == (state, False)


FRAME = {"data": "aGk=", "media_type": "image/jpeg"}


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "image"},
        {"aspect_ratio": "3:2"},
        {"video": "720p"},
        {"video": {"resolution": "4k"}},
        {"video": {"duration": 5}},
        {"video": {"duration": "11s"}},
        {"video": {"fps": 24}},
        {"video": {"keyframes": [{"data": "aGk=", "media_type": "image/jpeg"}]}},
        {"video": {"keyframes": [{"data": "aGk="}], "keyframe_indexes": [0]}},
        {"video": {"keyframes": [FRAME], "keyframe_indexes": [60]}},
        {"video": {"keyframes": [FRAME, FRAME], "keyframe_indexes": [0, 0]}},
        {"video": {"keyframes": [FRAME], "keyframe_indexes": [["0"]]}},
        {"image_ref": [FRAME]},
        {"seed": 7},
        {"prompt": None},
        {"prompt": "x" * 6001},
    ],
    ids=str,
)
async def test_the_simulator_refuses_what_luma_does(changes: dict[str, object]) -> None:
    body = {**cast("dict[str, object]", LUMA.create(WISH, Pictures()).json), **changes}
    settings = replace(INSTANT, dialect="luma")
    async with simulated(settings) as sim:
        answer = await sim.http.post("/generations", json=body)
        assert answer.status_code == 400
        assert isinstance(answer.json()["detail"], str)
        assert sim.machine.stats()["accepted"] == 0


async def test_the_simulator_refuses_a_picture_with_a_prefix() -> None:
    body = cast("dict[str, object]", LUMA.create(WISH, Pictures(b"jpeg")).json)
    frame = {"data": "data:image/jpeg;base64,anBlZw==", "media_type": "image/jpeg"}
    body["video"] = {"keyframes": [frame], "keyframe_indexes": [0]}
    async with simulated(replace(INSTANT, dialect="luma")) as sim:
        assert (await sim.http.post("/generations", json=body)).status_code == 422


async def test_the_simulator_refuses_more_seconds_than_ray_makes() -> None:
    async with backend("luma") as running:
        with pytest.raises(InvalidRequest):
            await running.client.submit(SubmitRequest("a kite", "ray-3.2", Size(1280, 720), 12))
