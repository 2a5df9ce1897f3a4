"""Gemini Omni: what is sent, what is read, and where its files are."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.refusals import as_object
from adapters.providers.tasks.gemini import Gemini
from adapters.providers.tasks.wire import Ask, Pictures, Told
from bot import errors
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.ports import SubmitRequest
from tests.fakes.backends import Backend, backend
from tests.fakes.gateway import KEY, MP4, Gateway, Reply
from tests.fakes.wires import client_before, judge_of
from tests.payloads import gemini as payloads
from tests.payloads.any_json import ANY_JSON
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.simulated import INSTANT
from tests.payloads.simulated import simulated as simulated_api

WIRE = Gemini()
JUDGE = judge_of(WIRE)
WISH = SubmitRequest("a red kite", "gemini-omni-1.2-flash", Size(1280, 720), 8)
REF = {"id": payloads.ID, "model": WISH.model, "resolution": "720p"}
HERE, THERE = f"/v1beta/interactions/{payloads.ID}", f"/v1beta/files/{payloads.FILE}"


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        yield gateway


@pytest.fixture
async def simulated() -> AsyncGenerator[Backend]:
    async with backend("gemini") as running:
        yield running


# --- what is sent ------------------------------------------------------------------------------


def test_a_create_is_sent_as_google_describes_it() -> None:
    assert WIRE.create(WISH, Pictures()) == Ask(
        "POST",
        "/interactions",
        {
            "model": "gemini-omni-1.2-flash",
            "input": "a red kite",
            "generation_config": {"video_config": {"task": "text_to_video"}},
            "response_format": {
                "type": "video",
                "aspect_ratio": "16:9",
                "resolution": "720p",
                "duration": "8s",
                "delivery": "uri",
            },
            "background": True,
            "store": True,
        },
    )


def test_a_first_frame_stands_before_the_words() -> None:
    sent = as_object(WIRE.create(WISH, Pictures(b"jpeg")).json)
    assert sent["generation_config"] == {"video_config": {"task": "image_to_video"}}
    assert sent["input"] == [
        {"type": "image", "data": "anBlZw==", "mime_type": "image/jpeg"},
        {"type": "text", "text": "a red kite"},
    ]


FIRST, LAST, WORDS = (
    {"type": "image", "data": "Zmlyc3Q=", "mime_type": "image/jpeg"},
    {"type": "image", "data": "bGFzdA==", "mime_type": "image/jpeg"},
    {"type": "text", "text": "a red kite"},
)


@pytest.mark.parametrize(
    "pictures, task",
    [
        (Pictures(b"first", b"last"), "image_to_video"),
        (Pictures(references=(b"first", b"last")), "reference_to_video"),
    ],
    ids=["frames", "references"],
)
def test_the_task_says_what_two_pictures_are(pictures: Pictures, task: str) -> None:
    sent = as_object(WIRE.create(WISH, pictures).json)
    assert sent["generation_config"] == {"video_config": {"task": task}}
    assert sent["input"] == [FIRST, LAST, WORDS]


@pytest.mark.parametrize(
    "pictures, why",
    [
        (Pictures(None, b"last"), "beside a first one only"),
        (Pictures(b"first", None, (b"seen",)), "not both"),
    ],
)
def test_pictures_that_would_be_taken_for_others_are_not_sent(pictures: Pictures, why: str) -> None:
    with pytest.raises(errors.Unsupported, match=why):
        WIRE.create(WISH, pictures)


@pytest.mark.parametrize(
    "size, ratio, lines",
    [
        (Size(720, 1280), "9:16", "720p"),
        (Size(1920, 1080), "16:9", "1080p"),
        (Size(640, 360), "16:9", "360p"),
        (Size(3840, 2160), "16:9", "4k"),
    ],
    ids=str,
)
def test_a_size_is_a_shape_and_a_resolution(size: Size, ratio: str, lines: str) -> None:
    sent = as_object(WIRE.create(SubmitRequest("x", "m", size, 3), Pictures()).json)
    form = as_object(sent["response_format"])
    assert (form["aspect_ratio"], form["resolution"], form["duration"]) == (ratio, lines, "3s")


def test_a_remix_is_the_next_turn_with_the_model_of_the_first() -> None:
    assert WIRE.remix(REF, "in the rain") == Ask(
        "POST",
        "/interactions",
        {
            "model": "gemini-omni-1.2-flash",
            "previous_interaction_id": payloads.ID,
            "input": "in the rain",
            "response_format": {"type": "video", "delivery": "uri"},
            "background": True,
            "store": True,
        },
    )


def test_a_remix_is_as_fine_as_its_parent_and_can_be_remixed_again() -> None:
    first = WIRE.create(SubmitRequest("x", "m", Size(1920, 1080), 8), Pictures())
    parent = WIRE.made(payloads.CREATED, first)
    assert parent is not None
    assert parent == {"id": payloads.ID, "model": "m", "resolution": "1080p"}
    again = WIRE.remix(parent, "in the rain")
    assert as_object(as_object(again.json)["response_format"])["resolution"] == "1080p"
    assert WIRE.made(payloads.CREATED, again) == parent


def test_an_extension_is_a_turn_that_says_so_and_how_much_is_added() -> None:
    assert WIRE.extend({**REF, "resolution": "1080p"}, "it lands", 5) == Ask(
        "POST",
        "/interactions",
        {
            "model": "gemini-omni-1.2-flash",
            "previous_interaction_id": payloads.ID,
            "input": "Extend this video: it lands",
            "response_format": {
                "type": "video",
                "resolution": "1080p",
                "duration": "5s",
                "delivery": "uri",
            },
            "background": True,
            "store": True,
        },
    )


@pytest.mark.parametrize("seconds", [0, 2, 11])
def test_what_cannot_be_added_is_not_asked_for(seconds: int) -> None:
    with pytest.raises(errors.Unsupported, match="3 to 10 seconds"):
        WIRE.extend(REF, "it lands", seconds)


@pytest.mark.parametrize("parent", [{}, {"id": "v1_x"}, {"id": "..", "model": "m"}, {"model": "m"}])
def test_what_was_no_interaction_is_not_gone_on_with(parent: dict[str, str]) -> None:
    with pytest.raises(errors.JobNotFound):
        WIRE.remix(parent, "in the rain")
    with pytest.raises(errors.JobNotFound):
        WIRE.extend(parent, "it lands", 5)


def test_an_interaction_can_be_asked_about_stopped_and_removed() -> None:
    odd = {"id": "v1_a/b"}
    assert WIRE.question(odd) == Ask("GET", "/interactions/v1_a%2Fb")
    assert WIRE.cancel(odd) == Ask("POST", "/interactions/v1_a%2Fb/cancel")
    assert WIRE.delete(odd) == Ask("DELETE", "/interactions/v1_a%2Fb")


# --- what is read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body, state, words",
    [
        (payloads.CREATED, JobState.RENDERING, None),
        (payloads.interaction("queued"), JobState.QUEUED, None),
        (payloads.interaction("in_progress"), JobState.RENDERING, None),
        (payloads.interaction("never heard of"), JobState.RENDERING, None),
        (payloads.BY_URI, JobState.FETCHING, None),
        (payloads.INLINE, JobState.FETCHING, None),
        (payloads.WITH_A_FAULT, JobState.FETCHING, None),
        (payloads.EMPTY, JobState.RENDERING, None),
        (payloads.EMPTY_OUTPUT, JobState.RENDERING, None),
        (payloads.TALKS, JobState.FAILED, "I can only describe it."),
        (payloads.FAILED, JobState.FAILED, "Internal trouble."),
        (payloads.interaction("incomplete"), JobState.FAILED, ""),
        (payloads.interaction("budget_exceeded"), JobState.FAILED, ""),
        (payloads.interaction("requires_action"), JobState.FAILED, ""),
        (payloads.interaction("requires_continuation"), JobState.FAILED, ""),
        (payloads.interaction("cancelled"), JobState.CANCELLED, None),
        (
            payloads.BLOCKED,
            JobState.MODERATED,
            "The prompt goes against the usage policy and was blocked.",
        ),
        (
            payloads.BLOCKED_IN_STEP,
            JobState.MODERATED,
            "The video was removed by safety filters.",
        ),
    ],
)
def test_an_interaction_is_a_job(body: dict[str, Any], state: JobState, words: str | None) -> None:
    told = WIRE.told(body, REF)
    assert told is not None
    job = told.job(REF, JUDGE)
    assert job.state is state
    assert (job.error.message if job.error else None) == words


def test_it_tells_when_it_was_made_and_what_its_file_is() -> None:
    told = WIRE.told(payloads.BY_URI, REF)
    assert told is not None
    assert told.created_at == 1_795_168_800_000
    assert told.more == Ask("GET", f"/files/{payloads.FILE}")
    assert told.links == ()


def test_a_file_elsewhere_is_a_link_and_one_inside_is_taken_from_there() -> None:
    told = WIRE.told(payloads.ELSEWHERE, REF)
    assert told is not None
    assert told.links == ("https://storage.example/made.mp4?sig=x",)
    told = WIRE.told(payloads.INLINE, REF)
    assert told is not None
    assert told.inline == "AAAAIGZ0eXBpc29t"


@pytest.mark.parametrize(
    "status, body, state, content",
    [
        (200, payloads.ACTIVE, JobState.FETCHING, f"/files/{payloads.FILE}:download?alt=media"),
        (200, payloads.PROCESSING, JobState.RENDERING, ""),
        (200, payloads.BROKEN, JobState.FAILED, ""),
        (403, payloads.NO_FILE, JobState.EXPIRED, ""),
        (404, {}, JobState.EXPIRED, ""),
    ],
)
def test_a_file_can_be_had_once_it_is_active(
    status: int, body: dict[str, Any], state: JobState, content: str
) -> None:
    told = WIRE.told(payloads.BY_URI, REF)
    assert told is not None
    told = WIRE.result(status, body, told)
    assert told is not None
    assert (told.job(REF, JUDGE).state, told.content, told.more) == (state, content, None)


@given(ANY_JSON, st.integers(200, 599))
def test_no_json_breaks_it(value: object, status: int) -> None:
    data = as_object(value)
    told = WIRE.told(data, REF)
    assert told is None or told.job(REF, JUDGE).state in JobState
    for odd in ({"status": "completed", "steps": value}, {"status": "failed", "errors": value}):
        told = WIRE.told(odd, REF)
        assert told is not None
        assert told.job(REF, JUDGE).state in JobState
    step = {"type": "model_output", "content": value, "error": value}
    assert WIRE.told({"status": "completed", "steps": [step, value]}, REF) is not None
    WIRE.result(status, data, Told(JobState.FETCHING, more=Ask("GET", "/files/x")))
    made = WIRE.made(data, Ask("POST", "/interactions", value))
    assert made is None or made["id"]


# --- over the wire -----------------------------------------------------------------------------


@pytest.mark.parametrize("payload", payloads.ERRORS, ids=str)
async def test_every_refusal_of_a_create_finds_its_class(
    gateway: Gateway, payload: ErrorPayload
) -> None:
    gateway.on("POST", "/v1beta/interactions", Reply(payload.status, payload.body))
    async with client_before(gateway, WIRE) as client:
        with pytest.raises(errors.ProviderError) as caught:
            await client.submit(WISH)
    assert type(caught.value) is payload.kind
    assert gateway.count("POST") == 1


async def test_google_says_in_its_details_how_long_to_wait(gateway: Gateway) -> None:
    gateway.on("POST", "/v1beta/interactions", Reply(429, payloads.RATE))
    async with client_before(gateway, WIRE) as client:
        with pytest.raises(errors.RateLimited) as caught:
            await client.submit(WISH)
    assert caught.value.retry_after_ms == 38_000


async def test_the_file_is_brought_with_the_key_once_it_is_there(
    gateway: Gateway, tmp_path: Path
) -> None:
    gateway.on("GET", HERE, Reply(body=payloads.BY_URI))
    gateway.on("GET", THERE, Reply(body=payloads.PROCESSING), Reply(body=payloads.ACTIVE))
    gateway.on("GET", f"{THERE}:download", Reply(body=MP4))
    async with client_before(gateway, WIRE) as client:
        assert (await client.fetch(REF)).state is JobState.RENDERING
        await client.download(REF, tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").read_bytes() == MP4
    last = gateway.received[-1]
    assert (last.path, last.query) == (f"{THERE}:download", "alt=media")
    assert {one.headers["x-goog-api-key"] for one in gateway.received} == {KEY}


async def test_an_answer_s_address_gets_no_key_and_no_message_shows_it(
    gateway: Gateway, tmp_path: Path
) -> None:
    async with Gateway() as stranger:
        link = f"http://localhost:{stranger.port}/made.mp4?sig=top-secret"
        body = payloads.interaction("completed", payloads.output({"type": "video", "uri": link}))
        gateway.on("GET", HERE, Reply(body=body))
        async with client_before(gateway, WIRE) as client:
            with pytest.raises(errors.ProviderError) as caught:
                await client.download(REF, tmp_path / "clip.mp4")
        assert all("x-goog-api-key" not in one.headers for one in stranger.received)
    assert "top-secret" not in caught.value.message


# --- the simulator's Gemini --------------------------------------------------------------------


async def test_the_simulator_wants_the_key_in_google_s_header() -> None:
    async with backend("gemini", key=KEY) as running:
        await running.client.submit(WISH)
        assert running.accepted == 1


@pytest.mark.parametrize(
    "wish",
    [
        replace(WISH, seconds=16),
        replace(WISH, seconds=2),
        replace(WISH, size=Size(1024, 1024)),
        replace(WISH, size=Size(854, 480)),
    ],
    ids=str,
)
async def test_the_simulator_refuses_what_google_does_not_make(
    simulated: Backend, wish: SubmitRequest
) -> None:
    with pytest.raises(errors.InvalidRequest):
        await simulated.client.submit(wish)
    assert simulated.accepted == 0


async def test_a_remix_continues_the_chain_there(simulated: Backend) -> None:
    made = await simulated.client.submit(WISH)
    await simulated.ended(made.reference)
    await simulated.client.remix(made.reference, "in the rain")
    child = simulated.machine.archive.all()[-1]
    assert child.parent == made.reference["id"]
    assert child.spec.prompts == ("a red kite", "in the rain")
    assert (child.spec.width, child.spec.height, child.spec.seconds) == (1280, 720, 8)


async def test_an_extension_is_longer_by_what_was_asked_for(simulated: Backend) -> None:
    made = await simulated.client.submit(WISH)
    await simulated.ended(made.reference)
    longer = await simulated.client.extend(made.reference, "it lands", 5)
    await simulated.ended(longer.reference)
    await simulated.client.extend(longer.reference, "it sleeps", 3)
    first, second, third = (job.spec.seconds for job in simulated.machine.archive.all())
    assert (first, second, third) == (8, 13, 16)


async def test_one_that_would_be_too_long_is_unsupported_and_makes_nothing(
    simulated: Backend,
) -> None:
    made = await simulated.client.submit(replace(WISH, size=Size(640, 360), seconds=15))
    reference = made.reference
    for _ in range(2):
        await simulated.ended(reference)
        reference = (await simulated.client.extend(reference, "on and on", 10)).reference
    await simulated.ended(reference)
    with pytest.raises(errors.Unsupported, match="longer than 40s"):
        await simulated.client.extend(reference, "on and on", 10)
    assert (simulated.posts, simulated.accepted) == (4, 3)


async def test_what_is_gone_there_is_not_gone_on_with(simulated: Backend) -> None:
    gone = {**REF, "id": "v1_gone"}
    for go_on in (
        simulated.client.remix(gone, "in the rain"),
        simulated.client.extend(gone, "it lands", 5),
    ):
        with pytest.raises(errors.JobNotFound):
            await go_on
    assert simulated.accepted == 0


_BODY = {"model": "m", "input": "x", "background": True, "response_format": {"delivery": "uri"}}


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": 8},
        {"background": False},
        {"store": False},
        {"input": ""},
        {"input": None},
        {"model": None},
        {"input": ["x"]},
        {"input": [{"type": "image", "data": "?", "mime_type": "image/png"}]},
        {"response_format": {"delivery": "inline"}},
        {"response_format": {"delivery": "uri", "fps": 24}},
        {"response_format": {"delivery": "uri", "duration": 8}},
        {"response_format": ["uri"]},
        {"generation_config": {"video_config": {"task": "image_to_video"}}},
        {"generation_config": {"video_config": {"task": "reference_to_video"}}},
        {"input": [FIRST, LAST, FIRST, WORDS]},
        {"input": [WORDS, FIRST]},
        {"input": [{**FIRST, "role": "first_frame"}, WORDS]},
    ],
    ids=str,
)
async def test_the_simulator_is_strict_about_a_body(changes: dict[str, object]) -> None:
    async with simulated_api(replace(INSTANT, dialect="gemini")) as running:
        url = "http://simulator/v1beta/interactions"
        good = await running.http.post(url, json=_BODY)
        assert (good.status_code, good.json()["status"]) == (200, "queued")
        refused = await running.http.post(url, json={**_BODY, **changes})
        assert refused.status_code == 400
        assert refused.json()["error"]["status"] == "INVALID_ARGUMENT"


async def test_a_later_turn_must_name_neither_task_nor_shape() -> None:
    async with simulated_api(replace(INSTANT, dialect="gemini")) as running:
        url = "http://simulator/v1beta/interactions"
        first = (await running.http.post(url, json=_BODY)).json()["id"]
        later = {**_BODY, "previous_interaction_id": first}
        task = {"video_config": {"task": "edit"}}
        shape = {"delivery": "uri", "aspect_ratio": "16:9"}
        length = {"delivery": "uri", "duration": "5s"}
        for odd in (
            {"generation_config": task},
            {"response_format": shape},
            {"response_format": length},
            {"input": "Extend this video: x", "response_format": shape},
            {"input": "Extend this video: x", "generation_config": task},
            {"input": "Extend this video: x", "response_format": {**length, "duration": "2s"}},
        ):
            refused = await running.http.post(url, json={**later, **odd})
            assert refused.status_code == 400
        assert (await running.http.post(url, json=later)).status_code == 200


async def test_a_file_there_is_gone_after_a_while(simulated: Backend, tmp_path: Path) -> None:
    simulated.machine.settings = replace(simulated.machine.settings, asset_life_ms=-1)
    made = await simulated.client.submit(WISH)
    assert (await simulated.ended(made.reference)).state is JobState.EXPIRED
    with pytest.raises(errors.AssetExpired):
        await simulated.client.download(made.reference, tmp_path / "clip.mp4")
