"""Replicate: what is sent to models of many makers, and what is read of predictions."""

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
from adapters.providers.tasks.replicate import Replicate
from adapters.providers.tasks.wire import Ask, Pictures
from bot import errors
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.ports import SubmitRequest
from tests.fakes.backends import Backend, backend
from tests.fakes.extras import takes
from tests.fakes.gateway import KEY, MP4, Gateway, Reply
from tests.fakes.wires import client_before, judge_of
from tests.payloads import replicate as payloads
from tests.payloads.any_json import ANY_JSON
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.simulated import INSTANT
from tests.payloads.simulated import simulated as simulated_api

WIRE = Replicate()
JUDGE = judge_of(WIRE)
WISH = SubmitRequest("a red kite", "bytedance/seedance-1-pro", Size(1280, 720), 5)
REF = {"id": payloads.ID}
HERE, ORDERS = f"/v1/predictions/{payloads.ID}", "/v1/models/bytedance/seedance-1-pro/predictions"


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        yield gateway


@pytest.fixture
async def simulated() -> AsyncGenerator[Backend]:
    async with backend("replicate") as running:
        yield running


# --- what is sent ------------------------------------------------------------------------------


def test_a_create_goes_to_the_model_itself() -> None:
    assert WIRE.create(WISH, Pictures()) == Ask(
        "POST",
        "/models/bytedance/seedance-1-pro/predictions",
        {
            "input": {
                "prompt": "a red kite",
                "duration": 5,
                "aspect_ratio": "16:9",
                "resolution": "720p",
            }
        },
    )


@pytest.mark.parametrize("model", ["someone/waves:5c7d5dc6", "5c7d5dc6"])
def test_a_version_is_named_in_the_body(model: str) -> None:
    sent = WIRE.create(replace(WISH, model=model), Pictures())
    assert (sent.method, sent.path) == ("POST", "/predictions")
    assert as_object(sent.json)["version"] == "5c7d5dc6"


def test_a_name_with_odd_letters_stays_where_it_belongs() -> None:
    sent = WIRE.create(replace(WISH, model="a b/../x?y#z"), Pictures())
    assert sent.path == "/models/a%20b/..%2Fx%3Fy%23z/predictions"


@pytest.mark.parametrize(
    "model, field",
    [
        ("bytedance/seedance-1-pro", "image"),
        ("google/veo-3.1-fast", "image"),
        ("kwaivgi/kling-v2.5-turbo-pro", "start_image"),
        ("luma/ray-2-720p", "start_image"),
        ("minimax/hailuo-2.3", "first_frame_image"),
        ("minimax/hailuo-2.3:0123", "first_frame_image"),
        ("0123", "image"),
    ],
)
def test_a_first_frame_is_called_as_its_maker_calls_it(model: str, field: str) -> None:
    inputs = as_object(
        as_object(WIRE.create(replace(WISH, model=model), Pictures(b"jpeg")).json)["input"]
    )
    assert inputs[field] == "data:image/jpeg;base64,anBlZw=="
    assert len(inputs) == 5


@pytest.mark.parametrize(
    "model, names",
    [
        ("google/veo-3.1-fast", "image last_frame"),
        ("bytedance/seedance-2.0", "image last_frame_image"),
        ("kwaivgi/kling-v3-video", "start_image end_image"),
        ("minimax/hailuo-02", "first_frame_image last_frame_image"),
    ],
)
def test_a_last_frame_is_called_as_its_maker_calls_it(model: str, names: str) -> None:
    sent = WIRE.create(replace(WISH, model=model), Pictures(b"jpeg", b"end"))
    inputs = as_object(as_object(sent.json)["input"])
    assert [inputs[name] for name in names.split()] == [
        "data:image/jpeg;base64,anBlZw==",
        "data:image/jpeg;base64,ZW5k",
    ]


def test_kling_counts_lines_in_modes() -> None:
    wish = replace(WISH, model="kwaivgi/kling-v3-video", size=Size(1920, 1080), sound=True)
    assert as_object(WIRE.create(wish, Pictures()).json)["input"] == {
        "prompt": "a red kite",
        "duration": 5,
        "mode": "pro",
        "aspect_ratio": "16:9",
        "generate_audio": True,
    }


@pytest.mark.parametrize(
    "pictures",
    [
        Pictures(references=(b"jpeg",) * 4),
        Pictures(last=b"end"),
        Pictures(b"jpeg", references=(b"end",)),
    ],
    ids=["too many", "an end alone", "both sorts"],
)
def test_what_a_model_cannot_make_is_not_asked_of_it(pictures: Pictures) -> None:
    with pytest.raises(errors.Unsupported):
        WIRE.create(replace(WISH, model="google/veo-3.1"), pictures)


@pytest.mark.parametrize(
    "wish", [replace(WISH, seconds=6), replace(WISH, seconds=8, size=Size(720, 1280))], ids=str
)
def test_veo_looks_at_references_in_one_shape_and_length_alone(wish: SubmitRequest) -> None:
    shown = Pictures(references=(b"jpeg",))
    with pytest.raises(errors.Unsupported):
        WIRE.create(replace(wish, model="google/veo-3.1"), shown)
    assert WIRE.create(replace(WISH, model="google/veo-3.1", seconds=8), shown)


def test_a_prediction_can_be_asked_about_and_stopped() -> None:
    assert WIRE.question(REF) == Ask("GET", f"/predictions/{payloads.ID}")
    assert WIRE.cancel(REF) == Ask("POST", f"/predictions/{payloads.ID}/cancel")


# --- what is read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body, state, progress, words",
    [
        (payloads.CREATED, JobState.QUEUED, None, None),
        (payloads.RUNNING, JobState.RENDERING, 42, None),
        (payloads.prediction("never heard of"), JobState.RENDERING, None, None),
        (payloads.DONE, JobState.FETCHING, None, None),
        (payloads.REMOVED, JobState.EXPIRED, None, ""),
        (payloads.FAILED, JobState.FAILED, None, "CUDA out of memory"),
        (payloads.prediction("failed"), JobState.FAILED, None, ""),
        (
            payloads.BLOCKED,
            JobState.MODERATED,
            None,
            f"{payloads.FLAGGED} (E005) (uIJ6l3ruRD)",
        ),
        (
            payloads.NSFW,
            JobState.MODERATED,
            None,
            "NSFW content detected. Try a different prompt.",
        ),
        (payloads.prediction("canceled", error="stopped"), JobState.CANCELLED, None, None),
        (payloads.prediction("aborted"), JobState.CANCELLED, None, None),
        (payloads.prediction("processing", logs="250%|#"), JobState.RENDERING, 100, None),
        (payloads.prediction("processing", logs=["7%|#"]), JobState.RENDERING, None, None),
    ],
)
def test_a_prediction_is_a_job(
    body: dict[str, Any], state: JobState, progress: int | None, words: str | None
) -> None:
    told = WIRE.told(body, REF)
    assert told is not None
    job = told.job(REF, JUDGE)
    assert (job.state, job.progress) == (state, progress)
    assert (job.error.message if job.error else None) == words
    assert job.created_at == 1_795_168_800_765


@pytest.mark.parametrize("body", [payloads.DONE, payloads.DONE_LIST, payloads.DONE_OBJECT])
def test_a_file_is_found_in_every_sort_of_output(body: dict[str, Any]) -> None:
    told = WIRE.told(body, REF)
    assert told is not None
    assert told.links == (payloads.FILE,)


@given(ANY_JSON)
def test_no_json_breaks_it(value: object) -> None:
    data = as_object(value)
    made = WIRE.made(data, Ask("POST", "/predictions", value))
    assert made is None or made["id"]
    told = WIRE.told(data, REF)
    assert told is None or told.job(REF, JUDGE).state in JobState
    for status in ("processing", "succeeded", "failed"):
        odd = payloads.prediction(status, output=value, error=value, logs=value, created_at=value)
        told = WIRE.told(odd, REF)
        assert told is not None
        assert told.job(REF, JUDGE).state in JobState


@given(st.text())
def test_any_words_of_a_failure_are_some_failure(words: str) -> None:
    told = WIRE.told(payloads.prediction("failed", error=words, logs=words), REF)
    assert told is not None
    assert told.job(REF, JUDGE).state in {JobState.FAILED, JobState.MODERATED}


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


async def test_replicate_says_in_words_how_long_to_wait(gateway: Gateway) -> None:
    gateway.on("POST", ORDERS, Reply(429, payloads.THROTTLED))
    async with client_before(gateway, WIRE) as client:
        with pytest.raises(errors.RateLimited) as caught:
            await client.submit(WISH)
    assert caught.value.retry_after_ms == 30_000


async def test_the_file_is_brought_from_the_link(gateway: Gateway, tmp_path: Path) -> None:
    body = payloads.prediction("succeeded", output=f"{gateway.origin}/made.mp4")
    gateway.on("GET", HERE, Reply(body=body))
    gateway.on("GET", "/made.mp4", Reply(body=MP4))
    async with client_before(gateway, WIRE) as client:
        await client.download(REF, tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").read_bytes() == MP4
    assert gateway.received[0].headers["authorization"] == f"Bearer {KEY}"


# --- the simulator's Replicate -----------------------------------------------------------------


@pytest.mark.parametrize(
    "wish",
    [replace(WISH, seconds=0), replace(WISH, size=Size(640, 360)), replace(WISH, size=Size(9, 21))],
    ids=str,
)
async def test_the_simulator_refuses_odd_inputs(simulated: Backend, wish: SubmitRequest) -> None:
    with pytest.raises(errors.InvalidRequest):
        await simulated.client.submit(wish)
    assert simulated.accepted == 0


SOLD = {
    "bytedance/seedance-1-pro": "first",
    "bytedance/seedance-2.0": "first last references sound",
    "bytedance/seedance-2.0-fast": "first last references sound",
    "google/veo-3.1": "first last references sound",
    "google/veo-3.1-fast": "first last sound",
    "google/veo-3.1-lite": "first",
    "kwaivgi/kling-o1": "first last references",
    "kwaivgi/kling-v1.6-pro": "first last references",
    "kwaivgi/kling-v2.1": "first",
    "kwaivgi/kling-v2.5-turbo-pro": "first last",
    "kwaivgi/kling-v3-omni-video": "first last references sound",
    "kwaivgi/kling-v3-video": "first last sound",
    "luma/ray-2-720p": "first",
    "minimax/hailuo-02": "first last",
    "minimax/hailuo-2.3": "first",
    "someone/waves:0123": "first",
}
"""What models take besides words, as far as it is known."""


@pytest.mark.parametrize("model", SOLD)
async def test_every_maker_s_inputs_are_taken_there_and_all_else_is_refused_here(
    simulated: Backend, tmp_path: Path, model: str
) -> None:
    await takes(simulated, replace(WISH, model=model, seconds=8), SOLD[model], tmp_path)


async def test_an_empty_account_is_told_as_replicate_tells_it() -> None:
    async with simulated_api(replace(INSTANT, dialect="replicate")) as running:
        running.machine.plan(Fault(Kind.BILLING))
        refused = await running.http.post(
            "/models/a/b/predictions", json={"input": {"prompt": "x"}}
        )
    assert refused.status_code == refused.json()["status"] == 402
    assert "insufficient credit" in refused.json()["detail"]


async def test_models_and_versions_are_ordered_at_their_own_places(simulated: Backend) -> None:
    for model in ("google/veo-3.1-fast", "someone/waves:0123"):
        await simulated.client.submit(replace(WISH, model=model))
    stats = simulated.machine.stats()
    assert [one["path"] for one in stats["last"]] == [
        "/v1/models/google/veo-3.1-fast/predictions",
        "/v1/predictions",
    ]
    assert [job.model for job in simulated.machine.archive.all()] == ["google/veo-3.1-fast", "0123"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"input": {}},
        {"input": "x"},
        {"input": {"prompt": 5}},
        {"input": {"prompt": "x", "duration": "5"}},
        {"input": {"prompt": "x", "picture": "y"}},
        {"input": {"prompt": "x", "last_frame_image": "y"}},
        {"input": {"prompt": "x", "generate_audio": True}},
        {"input": {"prompt": "x", "image": "https://x.example/a.png"}},
        {"input": {"prompt": "x"}, "version": "0123"},
    ],
    ids=str,
)
async def test_the_simulator_is_strict_about_a_body(body: dict[str, object]) -> None:
    async with simulated_api(replace(INSTANT, dialect="replicate")) as running:
        good = await running.http.post("/models/a/b/predictions", json={"input": {"prompt": "x"}})
        assert (good.status_code, good.json()["status"]) == (201, "starting")
        refused = await running.http.post("/models/a/b/predictions", json=body)
        assert refused.status_code in {400, 422}
        assert refused.json()["detail"]


async def test_what_was_made_there_is_gone_after_a_while(
    simulated: Backend, tmp_path: Path
) -> None:
    simulated.machine.settings = replace(simulated.machine.settings, asset_life_ms=-1)
    made = await simulated.client.submit(WISH)
    assert (await simulated.ended(made.reference)).state is JobState.EXPIRED
    with pytest.raises(errors.AssetExpired):
        await simulated.client.download(made.reference, tmp_path / "clip.mp4")
