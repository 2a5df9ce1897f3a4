"""fal's queue: what it is sent, and what its answers mean."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.refusals import as_object
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.tasks.fal import Fal
from adapters.providers.tasks.wire import Ask, Pictures, Told
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.errors import JobNotFound, ProviderError, Unsupported
from bot.ports import SubmitRequest
from tests.fakes.backends import Backend, backend
from tests.fakes.extras import takes
from tests.fakes.gateway import KEY, Gateway, Reply
from tests.fakes.wires import client_before, judge_of
from tests.payloads.any_json import ANY_JSON
from tests.payloads.fal import DONE, ERRORS, ID, REF, RESULTS, STATUSES, TAKEN
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.simulated import INSTANT, simulated
from tests.payloads.told import ToldPayload

FAL = Fal()
SEEDANCE = "bytedance/seedance-2.0/text-to-video"
WISH = SubmitRequest("a red kite", SEEDANCE, Size(1280, 720), 5)
PATH = f"/bytedance/seedance-2.0/requests/{ID}"
OMNI = "google/gemini-omni-flash/v1.2"
KLING = "fal-ai/kling-video/v3/pro"
PICTURE, END = "data:image/jpeg;base64,cGljdHVyZQ==", "data:image/jpeg;base64,ZW5k"


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        gateway.on("POST", f"/{SEEDANCE}", Reply(body=TAKEN))
        yield gateway


@pytest.fixture
async def running() -> AsyncGenerator[Backend]:
    async with backend("fal", key="key-id:key-secret") as running:
        yield running


# --- what is sent -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model, size, seconds, fields",
    [
        (SEEDANCE, (720, 1280), 5, {"duration": "5", "resolution": "720p", "aspect_ratio": "9:16"}),
        (
            f"{OMNI}/text-to-video",
            (1920, 1080),
            8,
            {"duration": 8, "resolution": "1080p", "aspect_ratio": "16:9"},
        ),
        (
            "minimax/h3-max/text-to-video",
            (1024, 768),
            5,
            {"duration": 5, "resolution": "768P", "aspect_ratio": "4:3"},
        ),
        (
            "fal-ai/veo3.1",
            (1280, 720),
            8,
            {"duration": "8s", "resolution": "720p", "aspect_ratio": "16:9"},
        ),
        (f"{KLING}/text-to-video", (1024, 1024), 10, {"duration": "10", "aspect_ratio": "1:1"}),
        ("fal-ai/minimax/hailuo-2.3/standard/text-to-video", (1360, 768), 6, {"duration": "6"}),
    ],
    ids=["seedance", "omni", "h3", "veo", "kling", "hailuo"],
)
def test_every_family_is_asked_in_its_own_words(
    model: str, size: tuple[int, int], seconds: int, fields: dict[str, Any]
) -> None:
    wish = SubmitRequest("a red kite", model, Size(*size), seconds)
    assert FAL.create(wish, Pictures()) == Ask(
        "POST", f"/{model}", {"prompt": "a red kite", **fields}
    )


@pytest.mark.parametrize("model", [f"{OMNI}/text-to-video", "minimax/h3-max/text-to-video"])
def test_a_model_that_always_has_sound_is_not_told_to(model: str) -> None:
    wish = replace(WISH, model=model)
    assert FAL.create(replace(wish, sound=True), Pictures()) == FAL.create(wish, Pictures())
    with pytest.raises(Unsupported):
        FAL.create(replace(wish, sound=False), Pictures())


FRAMED = {
    "beside": (SEEDANCE, "bytedance/seedance-2.0/image-to-video", "image_url aspect_ratio"),
    "below": ("fal-ai/veo3.1", "fal-ai/veo3.1/image-to-video", "image_url aspect_ratio"),
    "between": ("fal-ai/sora-2/text-to-video/pro", "fal-ai/sora-2/image-to-video/pro", "image_url"),
    "kling": (f"{KLING}/text-to-video", f"{KLING}/image-to-video", "start_image_url"),
    "already": ("a/b/image-to-video", "a/b/image-to-video", "image_url"),
}
"""Models, where these begin with a picture, and fields that say so."""


@pytest.mark.parametrize("how", FRAMED)
def test_a_first_frame_goes_to_the_endpoint_that_takes_one(how: str) -> None:
    model, path, fields = FRAMED[how]
    ask = FAL.create(replace(WISH, model=model), Pictures(b"picture"))
    assert ask.path == f"/{path}"
    sent = as_object(ask.json)
    assert set(fields.split()) <= set(sent)
    assert PICTURE in sent.values()


ENDED = {
    "beside": (SEEDANCE, "bytedance/seedance-2.0/image-to-video", "image_url end_image_url"),
    "kling": (f"{KLING}/text-to-video", f"{KLING}/image-to-video", "start_image_url end_image_url"),
    "tail": (
        "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
        "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
        "image_url tail_image_url",
    ),
    "own route": (
        "fal-ai/veo3.1/fast",
        "fal-ai/veo3.1/fast/first-last-frame-to-video",
        "first_frame_url last_frame_url",
    ),
}
"""Models, where these are given both frames, and the names of the first and the last."""


@pytest.mark.parametrize("how", ENDED)
def test_a_last_frame_goes_where_the_first_one_goes_with_it(how: str) -> None:
    model, path, names = ENDED[how]
    ask = FAL.create(replace(WISH, model=model), Pictures(b"picture", b"end"))
    assert ask.path == f"/{path}"
    assert [as_object(ask.json)[name] for name in names.split()] == [PICTURE, END]


@pytest.mark.parametrize(
    "model, path, name",
    [
        (SEEDANCE, "bytedance/seedance-2.0/reference-to-video", "image_urls"),
        (f"{OMNI}/text-to-video", f"{OMNI}/reference-to-video", "image_urls"),
        (
            "xai/grok-imagine-video/text-to-video",
            "xai/grok-imagine-video/reference-to-video",
            "reference_image_urls",
        ),
    ],
)
def test_references_have_a_route_of_their_own(model: str, path: str, name: str) -> None:
    ask = FAL.create(replace(WISH, model=model), Pictures(references=(b"picture", b"end")))
    assert ask.path == f"/{path}"
    assert as_object(ask.json)[name] == [PICTURE, END]


@pytest.mark.parametrize("sound", [True, False])
def test_sound_is_switched_where_the_model_has_a_switch(*, sound: bool) -> None:
    ask = FAL.create(replace(WISH, sound=sound), Pictures())
    assert as_object(ask.json)["generate_audio"] is sound
    assert "generate_audio" not in as_object(FAL.create(WISH, Pictures()).json)


@pytest.mark.parametrize(
    "model, pictures, sound",
    [
        ("fal-ai/pika/v2.2/text-to-video", Pictures(b"picture", b"end"), None),
        (SEEDANCE, Pictures(last=b"end"), None),
        ("fal-ai/veo3.1/fast", Pictures(references=(b"picture",)), None),
        ("fal-ai/veo3.1", Pictures(references=(b"picture",) * 4), None),
        (SEEDANCE, Pictures(b"picture", references=(b"end",)), None),
        (f"{OMNI}/text-to-video", Pictures(), False),
        ("somebody/model", Pictures(), True),
    ],
)
def test_what_a_model_has_no_field_for_is_not_asked_of_it(
    *, model: str, pictures: Pictures, sound: bool | None
) -> None:
    with pytest.raises(Unsupported):
        FAL.create(replace(WISH, model=model, sound=sound), pictures)


def test_a_model_s_name_cannot_leave_its_path() -> None:
    ask = FAL.create(replace(WISH, model="a/b?x=1#y"), Pictures())
    assert ask.path == "/a/b%3Fx%3D1%23y"


async def test_a_create_carries_the_key_and_the_reference_all_that_comes_later(
    gateway: Gateway,
) -> None:
    async with client_before(gateway, FAL) as client:
        made = await client.submit(WISH)
        gateway.on("PUT", f"{PATH}/cancel", Reply(202, {"status": "CANCELLATION_REQUESTED"}))
        await client.cancel(made.reference)
    assert made.reference == REF
    assert made.state is JobState.QUEUED
    assert [one.headers["authorization"] for one in gateway.received] == [f"Key {KEY}"] * 2
    assert gateway.received[1].target == f"{PATH}/cancel"


@pytest.mark.parametrize(
    "path, app",
    [
        ("/fal-ai/veo3.1", "fal-ai/veo3.1"),
        (f"/{KLING}/text-to-video", "fal-ai/kling-video"),
        ("/workflows/me/kites/final", "workflows/me/kites"),
    ],
)
def test_later_requests_go_to_owner_and_app_alone(path: str, app: str) -> None:
    reference = {"id": ID, "app": app}
    assert FAL.made(TAKEN, Ask("POST", path)) == reference
    assert FAL.question(reference) == Ask("GET", f"/{app}/requests/{ID}/status")


@pytest.mark.parametrize("reference", [{}, {"id": ID}, {"app": "a/b"}, {"id": "..", "app": "a/b"}])
def test_a_reference_that_was_never_ours_is_no_job(reference: dict[str, str]) -> None:
    with pytest.raises(JobNotFound):
        FAL.question(reference)


# --- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize("saying", STATUSES, ids=str)
def test_every_status_is_understood(saying: ToldPayload) -> None:
    told = FAL.told(saying.body, REF)
    assert told is not None
    job = told.job(REF, judge_of(FAL))
    assert (job.state, job.charged) == (saying.state, saying.charged)
    more = Ask("GET", PATH) if saying.state is JobState.FETCHING else None
    assert told.more == more


@pytest.mark.parametrize("status, saying", RESULTS, ids=str)
def test_every_result_is_understood(status: int, saying: ToldPayload) -> None:
    told = FAL.result(status, saying.body, Told(JobState.FETCHING))
    assert told is not None
    job, links = told.job(REF, judge_of(FAL)), (saying.link,) if saying.link else ()
    assert (job.state, job.charged, told.links) == (saying.state, saying.charged, links)
    assert (job.error.message if job.error else "") == saying.words


@pytest.mark.parametrize(
    "status, body",
    [
        (200, {}),
        (401, {"detail": "Authentication is required"}),
        (404, {"detail": "Request not found"}),
        (429, {"detail": "Too many requests"}),
        (502, {}),
    ],
)
def test_an_error_of_the_question_says_nothing_of_the_job(
    status: int, body: dict[str, str]
) -> None:
    assert FAL.result(status, body, Told(JobState.FETCHING)) is None


async def test_a_failure_that_the_status_told_holds_although_its_result_is_gone(
    gateway: Gateway,
) -> None:
    body = {**DONE, "error": "Runner crashed", "error_type": "runner_disconnected"}
    gateway.on("GET", f"{PATH}/status", Reply(body=body))
    async with client_before(gateway, FAL) as client:
        job = await client.fetch(REF)
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert job.error.message == "Not Found"


@pytest.mark.parametrize("payload", ERRORS, ids=str)
async def test_every_refusal_of_a_create_is_its_class(
    gateway: Gateway, payload: ErrorPayload
) -> None:
    gateway.on("POST", f"/{SEEDANCE}", Reply(payload.status, payload.body))
    async with client_before(gateway, FAL) as client:
        with pytest.raises(ProviderError) as caught:
            await client.submit(WISH)
    assert type(caught.value) is payload.kind
    assert gateway.count("POST") == 1


@given(ANY_JSON, st.sampled_from([200, 202, 400, 404, 422, 500, 503]))
def test_no_json_value_breaks_the_reading(value: object, status: int) -> None:
    wrapped = {"status": "COMPLETED", "error": value, "error_type": value, "video": value}
    for data in (as_object(value), wrapped, {"detail": value}):
        FAL.made(data, Ask("POST", "/a/b"))
        for told in (FAL.told(data, REF), FAL.result(status, data, Told(JobState.FETCHING))):
            if told is not None:
                assert told.job(REF, judge_of(FAL)).state in set(JobState)


# --- the simulator speaks it ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, end",
    [(Kind.MODERATED, (JobState.MODERATED, True)), (Kind.FAILED, (JobState.FAILED, False))],
)
async def test_a_job_that_fails_there_says_whether_it_is_billed(
    running: Backend, kind: Kind, end: tuple[JobState, bool]
) -> None:
    running.machine.plan(Fault(kind))
    made = await running.client.submit(WISH)
    job = await running.ended(made.reference)
    assert (job.state, job.charged) == end


SOLD = {
    SEEDANCE: "first last references sound",
    f"{OMNI}/text-to-video": "first references",
    "minimax/h3-max/text-to-video": "first",
    "fal-ai/veo3": "first sound",
    "fal-ai/veo3.1": "first last references sound",
    "fal-ai/veo3.1/fast": "first last sound",
    "fal-ai/kling-video/v2.1/master/text-to-video": "first",
    "fal-ai/kling-video/v2.5-turbo/pro/text-to-video": "first last",
    "fal-ai/kling-video/v2.6/pro/text-to-video": "first last sound",
    "fal-ai/kling-video/v3/pro/text-to-video": "first last sound",
    "fal-ai/kling-video/v4/text-to-video": "first last",
    "fal-ai/kling-video/o1/standard/text-to-video": "first last references",
    "fal-ai/kling-video/o3/pro/text-to-video": "first last references sound",
    "fal-ai/minimax/hailuo-02/standard/text-to-video": "first last",
    "fal-ai/minimax/hailuo-2.3/standard/text-to-video": "first",
    "fal-ai/bytedance/seedance/v1/lite/text-to-video": "first last references",
    "fal-ai/bytedance/seedance/v1/pro/fast/text-to-video": "first",
    "fal-ai/bytedance/seedance/v1.5/pro/text-to-video": "first last sound",
    "xai/grok-imagine-video/text-to-video": "first references",
}
"""What models of each family take besides words."""


@pytest.mark.parametrize("model", SOLD)
async def test_every_family_s_words_are_taken_there_and_all_else_is_refused_here(
    running: Backend, tmp_path: Path, model: str
) -> None:
    await takes(running, replace(WISH, model=model), SOLD[model], tmp_path)


async def test_a_cancelled_request_is_no_failure_and_cannot_be_cancelled_again(
    running: Backend,
) -> None:
    running.machine.plan(Fault(Kind.NEVER_ENDS))
    made = await running.client.submit(WISH)
    await running.client.cancel(made.reference)
    job = await running.client.fetch(made.reference)
    assert (job.state, job.error, job.charged) == (JobState.CANCELLED, None, False)
    with pytest.raises(ProviderError):
        await running.client.cancel(made.reference)


async def test_a_model_s_sub_path_finds_no_request(running: Backend) -> None:
    made = await running.client.submit(WISH)
    with pytest.raises(JobNotFound):
        await running.client.fetch({**made.reference, "app": SEEDANCE})


@pytest.mark.parametrize(
    "fields, loc",
    [
        ({}, "prompt"),
        ({"prompt": 5}, "prompt"),
        ({"prompt": "x", "duration": 5}, "duration"),
        ({"prompt": "x", "duration": "5s"}, "duration"),
        ({"prompt": "x", "resolution": "701p"}, None),
        ({"prompt": "x", "size": "1280x720"}, "size"),
        ({"prompt": "x", "image_url": PICTURE}, "image_url"),
        ({"prompt": "x", "end_image_url": PICTURE}, "end_image_url"),
        ({"prompt": "x", "generate_audio": "no"}, "generate_audio"),
    ],
)
async def test_the_simulator_takes_nothing_that_fal_would_not(
    fields: dict[str, Any], loc: str | None
) -> None:
    async with simulated(replace(INSTANT, dialect="fal")) as sim:
        answer = await sim.http.post(f"http://simulator/{SEEDANCE}", json=fields)
        assert sim.machine.stats()["accepted"] == 0
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == (["body", loc] if loc else ["body"])
