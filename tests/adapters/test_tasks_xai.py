"""xAI: what is sent, what is read, and what work that was held back costs."""

from __future__ import annotations

import json
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


JPEG = {"url": "data:image/jpeg;base64,anBlZw=="}
NEWER = replace(WISH, model="grok-imagine-video-1.5")


def test_a_newer_model_takes_all_pictures_at_once() -> None:
    pictures = Pictures(b"jpeg", b"jpeg", (b"jpeg", b"jpeg"))
    sent = as_object(WIRE.create(NEWER, pictures).json)
    assert (sent["image"], sent["last_frame"]) == (JPEG, JPEG)
    assert sent["reference_images"] == [JPEG, JPEG]


def test_the_older_takes_references_alone() -> None:
    sent = as_object(WIRE.create(WISH, Pictures(references=(b"jpeg",))).json)
    assert sent["reference_images"] == [JPEG]
    assert "image" not in sent


@pytest.mark.parametrize(
    "wish, pictures, why",
    [
        (WISH, Pictures(b"a", b"b"), "takes no last frame"),
        (replace(WISH, model="grok-imagine-video-1.5-lite"), Pictures(b"a", b"b"), "no last frame"),
        (NEWER, Pictures(None, b"b"), "beside a first one only"),
        (WISH, Pictures(b"a", None, (b"c",)), "not both"),
        (replace(NEWER, size=Size(1920, 1080)), Pictures(references=(b"c",)), "no 1080p"),
    ],
)
def test_pictures_that_a_model_has_no_place_for_are_not_sent(
    wish: SubmitRequest, pictures: Pictures, why: str
) -> None:
    with pytest.raises(errors.Unsupported, match=why):
        WIRE.create(wish, pictures)


@pytest.mark.parametrize("sound", [True, False])
def test_sound_is_said_only_where_somebody_cares(sound: bool) -> None:  # noqa: FBT001 - a row of the table
    sent = as_object(WIRE.create(replace(WISH, sound=sound), Pictures()).json)
    assert sent["generate_audio"] is sound
    assert "generate_audio" not in as_object(WIRE.create(WISH, Pictures()).json)


def test_a_job_is_called_and_asked_about_by_its_request_id() -> None:
    assert WIRE.made(payloads.CREATED, Ask("POST", "")) == REF
    made = WIRE.made(payloads.CREATED, WIRE.create(WISH, Pictures()))
    assert made == {**REF, "model": "grok-imagine-video", "resolution": "720p"}
    assert WIRE.question({"id": "a/b"}) == Ask("GET", "/videos/a%2Fb")


# --- what goes on with a video -----------------------------------------------------------------

PARENT = {**REF, "model": "grok-imagine-video", "resolution": "720p"}
SOURCE = {**PARENT, "link": payloads.FILE, "seconds": 6.0}
BODY = {"model": "grok-imagine-video", "prompt": "it lands", "video": {"url": payloads.FILE}}


def test_a_finished_video_is_gone_on_with_by_its_link() -> None:
    source = WIRE.source(payloads.DONE, PARENT)
    assert source == SOURCE
    assert WIRE.remix(source, "it lands") == Ask("POST", "/videos/edits", BODY)
    longer = WIRE.extend(source, "it lands", 5)
    assert longer == Ask("POST", "/videos/extensions", {**BODY, "duration": 5})
    again = WIRE.made({"request_id": "b"}, longer)
    assert again == {"id": "b", "model": "grok-imagine-video"}


def test_a_video_whose_model_nobody_noted_tells_it_itself() -> None:
    assert WIRE.source(payloads.DONE, REF)["model"] == "grok-imagine-video"
    with pytest.raises(errors.JobNotFound):
        WIRE.source({**payloads.DONE, "model": ""}, REF)


@pytest.mark.parametrize(
    "parent, why",
    [
        ({**SOURCE, "resolution": "1080p"}, "not 1080p"),
        ({**SOURCE, "seconds": 16}, "up to"),
    ],
)
def test_what_would_come_back_coarser_or_cut_is_not_sent(
    parent: dict[str, object], why: str
) -> None:
    with pytest.raises(errors.Unsupported, match=why):
        WIRE.remix(parent, "in the rain")
    with pytest.raises(errors.Unsupported, match=why):
        WIRE.extend(parent, "it lands", 5)


def test_a_longer_video_may_be_extended_than_changed() -> None:
    parent = {**SOURCE, "seconds": 10}
    assert WIRE.extend(parent, "it lands", 5).path == "/videos/extensions"
    with pytest.raises(errors.Unsupported, match=r"up to 8\.7 seconds"):
        WIRE.remix(parent, "in the rain")


@pytest.mark.parametrize("seconds", [1, 11])
def test_what_cannot_be_added_is_not_asked_for(seconds: int) -> None:
    with pytest.raises(errors.Unsupported, match="2 to 10 seconds"):
        WIRE.extend(SOURCE, "it lands", seconds)


async def test_the_first_is_asked_once_and_one_request_makes_the_next(gateway: Gateway) -> None:
    gateway.on("GET", HERE, Reply(body=payloads.DONE))
    gateway.on("POST", "/v1/videos/edits", Reply(body={"request_id": "b"}))
    async with client_before(gateway, WIRE) as client:
        job = await client.remix(PARENT, "it lands")
    assert [(one.method, one.path) for one in gateway.received] == [
        ("GET", HERE),
        ("POST", "/v1/videos/edits"),
    ]
    assert json.loads(gateway.received[1].body) == BODY
    # Its link is temporary and may be signed: nothing of it is kept.
    assert job.reference == {"id": "b", "model": "grok-imagine-video"}


@pytest.mark.parametrize(
    "answer, kind",
    [
        (Reply(body=payloads.EXPIRED), errors.AssetExpired),
        (Reply(body=payloads.FAILED), errors.AssetExpired),
        (Reply(body=payloads.HELD_BACK), errors.AssetExpired),
        (Reply(body={**payloads.DONE, "video": {}}), errors.AssetExpired),
        (
            Reply(404, {"code": "x", "error": "Some requested entity was not found"}),
            errors.JobNotFound,
        ),
        (Reply(body=payloads.PENDING), errors.Transient),
        (Reply(503), errors.Transient),
    ],
)
async def test_nothing_is_ordered_after_a_video_that_cannot_be_had(
    gateway: Gateway, answer: Reply, kind: type[errors.ProviderError]
) -> None:
    gateway.on("GET", HERE, answer)
    async with client_before(gateway, WIRE) as client:
        with pytest.raises(errors.ProviderError) as caught:
            await client.extend(PARENT, "it lands", 5)
    assert type(caught.value) is kind
    assert gateway.count("POST") == 0


@pytest.mark.parametrize(
    "answer, kind",
    [
        (Reply(400, {"code": "x", "error": "The video could not be fetched"}), errors.Unsupported),
        (Reply(422, {"error": "video is too long"}), errors.Unsupported),
        (
            Reply(404, {"code": "x", "error": "Some requested entity was not found"}),
            errors.JobNotFound,
        ),
        (Reply(400, {"error": "blocked by content moderation"}), errors.Moderated),
        (Reply(429, payloads.RATE), errors.RateLimited),
        (Reply(500), errors.AmbiguousSubmit),
        (Reply(200, b'{"request_'), errors.AmbiguousSubmit),
    ],
)
async def test_a_video_that_is_not_gone_on_with_is_unsupported_and_asked_for_once(
    gateway: Gateway, answer: Reply, kind: type[errors.ProviderError]
) -> None:
    gateway.on("GET", HERE, Reply(body=payloads.DONE))
    gateway.on("POST", "/v1/videos/extensions", answer)
    async with client_before(gateway, WIRE) as client:
        with pytest.raises(errors.ProviderError) as caught:
            await client.extend(PARENT, "it lands", 5)
    assert type(caught.value) is kind
    assert gateway.count("POST") == 1


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


# --- the simulator's xAI -----------------------------------------------------------------------


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


async def test_a_video_there_is_changed_and_then_extended(simulated: Backend) -> None:
    made = await simulated.client.submit(WISH)
    await simulated.ended(made.reference)
    changed = await simulated.client.remix(made.reference, "in the rain")
    await simulated.ended(changed.reference)
    await simulated.client.extend(changed.reference, "it lands", 4)
    first, second, third = simulated.machine.archive.all()
    assert (second.parent, third.parent) == (first.id, second.id)
    assert second.spec.prompts == ("a red kite", "in the rain")
    assert [job.spec.seconds for job in (first, second, third)] == [6, 6, 10]
    assert simulated.posts == 3


async def test_a_video_whose_link_died_there_is_not_gone_on_with(simulated: Backend) -> None:
    made = await simulated.client.submit(WISH)
    await simulated.ended(made.reference)
    simulated.machine.settings = replace(simulated.machine.settings, asset_life_ms=-1)
    with pytest.raises(errors.Unsupported, match="could not be fetched"):
        await simulated.client.remix(made.reference, "in the rain")
    assert (simulated.posts, simulated.accepted) == (2, 1)


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
        {"last_frame": JPEG},
        {"model": "grok-1.5", "last_frame": JPEG},
        {"reference_images": JPEG},
        {"reference_images": [JPEG] * 8},
        {"reference_images": [JPEG], "resolution": "1080p"},
        {"reference_images": [JPEG], "image": JPEG},
        {"generate_audio": "no"},
        {"video": {"url": "x"}},
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


@pytest.mark.parametrize("route", ["edits", "extensions"])
@pytest.mark.parametrize(
    "changes",
    [
        {"video": {"url": "https://elsewhere.example/a.mp4"}},
        {"video": {"file": "x"}},
        {"model": "grok-imagine-video-1.5"},
        {"aspect_ratio": "16:9"},
        {"duration": 11},
        {"prompt": ""},
    ],
    ids=str,
)
async def test_the_simulator_is_strict_about_what_goes_on(
    route: str, changes: dict[str, object]
) -> None:
    async with simulated_api(replace(INSTANT, dialect="xai")) as running:
        made = await running.http.post("/videos/generations", json={"model": "m", "prompt": "x"})
        name = made.json()["request_id"]
        done = await running.until(name, "done")
        body = {"model": "m", "prompt": "y", "video": {"url": done["video"]["url"]}}
        assert (await running.http.post(f"/videos/{route}", json=body)).status_code == 200
        refused = await running.http.post(f"/videos/{route}", json={**body, **changes})
        assert refused.status_code == 400
        assert running.machine.stats()["accepted"] == 2
