"""Runway's tasks: what is sent, and what each answer means."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.refusals import as_object
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.tasks.runway import Runway
from adapters.providers.tasks.wire import Ask, Pictures
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.errors import InvalidRequest, JobNotFound, Unsupported
from bot.ports import SubmitRequest
from tests.fakes.backends import backend
from tests.fakes.clock import FakeClock
from tests.fakes.extras import takes
from tests.fakes.gateway import KEY, MP4, Gateway, Reply
from tests.fakes.wires import client_before, job_told, read_everything, refused, unanswered
from tests.payloads.any_json import ANY_JSON
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.runway import CREATED, ID, REFUSED, TOLD
from tests.payloads.simulated import INSTANT, QUICK, simulated
from tests.payloads.told import ToldPayload

RUNWAY = Runway()
WISH = SubmitRequest("a red kite over dunes", "gen4.5", Size(1280, 720), 8)


def test_a_create_names_model_prompt_pixels_and_seconds() -> None:
    assert RUNWAY.create(WISH, Pictures()) == Ask(
        "POST",
        "/text_to_video",
        {
            "model": "gen4.5",
            "promptText": "a red kite over dunes",
            "ratio": "1280:720",
            "duration": 8,
        },
    )


def test_a_first_frame_goes_to_the_other_route_as_a_data_url() -> None:
    ask = RUNWAY.create(WISH, Pictures(b"jpeg"))
    assert ask.path == "/image_to_video"
    assert ask.json == {
        "model": "gen4.5",
        "promptText": "a red kite over dunes",
        "promptImage": "data:image/jpeg;base64," + base64.b64encode(b"jpeg").decode(),
        "ratio": "1280:720",
        "duration": 8,
    }


def test_two_frames_say_where_they_stand() -> None:
    ask = RUNWAY.create(replace(WISH, model="veo3.1"), Pictures(b"jpeg", b"end"))
    assert ask.path == "/image_to_video"
    assert as_object(ask.json)["promptImage"] == [
        {"uri": "data:image/jpeg;base64,anBlZw==", "position": "first"},
        {"uri": "data:image/jpeg;base64,ZW5k", "position": "last"},
    ]


def test_references_and_sound_go_with_words() -> None:
    wish = replace(WISH, model="seedance2", sound=False)
    ask = RUNWAY.create(wish, Pictures(references=(b"jpeg", b"end")))
    assert ask.path == "/text_to_video"
    sent = as_object(ask.json)
    assert sent["audio"] is False
    assert sent["references"] == [
        {"uri": "data:image/jpeg;base64,anBlZw=="},
        {"uri": "data:image/jpeg;base64,ZW5k"},
    ]


@pytest.mark.parametrize(
    "model, pictures",
    [
        ("seedance2", Pictures(references=(b"jpeg",) * 10)),
        ("seedance2", Pictures(b"jpeg", references=(b"end",))),
        ("seedance2", Pictures(last=b"end")),
        ("never heard of", Pictures(b"jpeg", b"end")),
    ],
)
def test_what_a_model_has_no_field_for_is_not_asked_of_it(model: str, pictures: Pictures) -> None:
    with pytest.raises(Unsupported):
        RUNWAY.create(replace(WISH, model=model), pictures)


def test_the_answer_to_a_create_names_the_task_and_says_nothing_of_it() -> None:
    assert RUNWAY.made(CREATED, Ask("POST", "/text_to_video")) == {"id": ID}
    assert RUNWAY.told(CREATED, {"id": ID}) is None


def test_one_route_asks_stops_and_deletes() -> None:
    assert RUNWAY.question({"id": ID}) == Ask("GET", f"/tasks/{ID}")
    assert RUNWAY.cancel({"id": ID}) == RUNWAY.delete({"id": ID}) == Ask("DELETE", f"/tasks/{ID}")


def test_an_id_cannot_walk_to_another_route() -> None:
    assert RUNWAY.question({"id": "a/../b?c"}).path == "/tasks/a%2F..%2Fb%3Fc"
    with pytest.raises(JobNotFound):
        RUNWAY.question({"id": ".."})


@pytest.mark.parametrize("payload", TOLD, ids=str)
def test_every_documented_task_is_understood(payload: ToldPayload) -> None:
    job = job_told(RUNWAY, payload)
    assert job.state is payload.state
    assert job.progress == payload.progress
    assert (job.error.message if job.error else "") == payload.words
    assert job.cost_micros == payload.cost_micros
    assert job.created_at == payload.created_at
    assert job.charged is payload.charged
    told = RUNWAY.told(payload.body, {"id": ID})
    assert told is not None
    assert told.links == ((payload.link,) if payload.link else ())


@pytest.mark.parametrize("payload", REFUSED, ids=str)
def test_every_documented_refusal_finds_its_class(payload: ErrorPayload) -> None:
    assert type(refused(RUNWAY, payload)) is payload.kind


def test_a_task_that_is_gone_is_not_found() -> None:
    gone = ErrorPayload("gone", 404, {"error": "The task was not found."}, JobNotFound)
    assert isinstance(unanswered(RUNWAY, gone), JobNotFound)


@pytest.mark.parametrize("cost", [-1, 10**9, "many", None, True, [3]])
def test_an_absurd_cost_counts_as_not_said(cost: object) -> None:
    body = {"id": ID, "status": "FAILED", "cost": {"credits": cost}}
    told = RUNWAY.told(body, {"id": ID})
    assert told is not None
    assert (told.cost_micros, told.charged) == (None, None)


FIELDS = st.sampled_from(("status", "output", "failure", "failureCode", "cost", "createdAt"))


@given(st.dictionaries(FIELDS | st.text(max_size=5), ANY_JSON, max_size=8))
def test_no_json_value_breaks_the_reading(data: dict[str, object]) -> None:
    read_everything(RUNWAY, data)


async def test_each_request_says_its_version_and_its_key() -> None:
    async with Gateway() as gateway, client_before(gateway, RUNWAY) as client:
        gateway.on("POST", "/v1/text_to_video", Reply(200, CREATED))
        job = await client.submit(WISH)
        [request] = gateway.received
        assert request.headers["x-runway-version"] == "2024-11-06"
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert (job.reference, job.state) == ({"id": ID}, JobState.QUEUED)


async def test_each_download_asks_for_a_fresh_link(tmp_path: Path) -> None:
    async with Gateway() as gateway, client_before(gateway, RUNWAY) as client:
        for number in (1, 2):
            link = f"{gateway.origin}/{number}.mp4?_jwt=signed"
            task = {"id": ID, "status": "SUCCEEDED", "output": [link]}
            gateway.on("GET", f"/v1/tasks/{ID}", Reply(200, task))
            gateway.on("GET", f"/{number}.mp4", Reply(200, MP4))
            await client.download({"id": ID}, tmp_path / "clip.mp4")
        assert [request.path for request in gateway.received] == [
            f"/v1/tasks/{ID}",
            "/1.mp4",
            f"/v1/tasks/{ID}",
            "/2.mp4",
        ]


# --- the simulator's Runway ---------------------------------------------------------------------


async def test_moderated_work_is_charged_and_broken_work_is_not() -> None:
    async with backend("runway") as running:
        for kind, state, cost in (
            (Kind.MODERATED, JobState.MODERATED, 960_000),
            (Kind.FAILED, JobState.FAILED, 0),
        ):
            running.machine.plan(Fault(kind))
            job = await running.ended((await running.client.submit(WISH)).reference)
            assert (job.state, job.cost_micros, job.charged) == (state, cost, cost > 0)


SOLD = {
    "gen4.5": "first",
    "gemini_omni_flash_1.1": "first last",
    "kling3.0_pro": "first last sound",
    "klingO3_standard": "first last sound",
    "seedance2_5": "first last references sound",
    "seedance2_fast": "first last references sound",
    "veo3.1_fast": "first last sound",
    "wan3": "first last references sound",
}
"""What models take besides words."""


@pytest.mark.parametrize("model", SOLD)
async def test_what_a_model_takes_arrives_there_and_all_else_is_refused_here(
    tmp_path: Path, model: str
) -> None:
    async with backend("runway") as running:
        await takes(running, replace(WISH, model=model), SOLD[model], tmp_path)


async def test_above_the_limit_a_task_is_taken_and_waits() -> None:
    settings = replace(QUICK, dialect="runway", slots=1, render_ms=60_000)
    body, clock, names = RUNWAY.create(WISH, Pictures()).json, FakeClock(), list[str]()
    async with simulated(settings, clock) as sim:
        sim.http.headers.update(RUNWAY.headers)
        for _ in range(2):
            names.append((await sim.http.post("/text_to_video", json=body)).json()["id"])
            await clock.run_for(1)
        tasks = [(await sim.http.get(f"/tasks/{name}")).json() for name in names]
    assert [task["status"] for task in tasks] == ["RUNNING", "THROTTLED"]


async def test_the_simulator_refuses_a_ratio_that_is_none() -> None:
    async with backend("runway") as running:
        wish = SubmitRequest("a kite", "gen4.5", Size(5, 7), 8)
        with pytest.raises(InvalidRequest):
            await running.client.submit(wish)
        assert running.accepted == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": 8},
        {"promptImage": "data:image/jpeg;base64,aGk="},
        {"promptText": None},
        {"promptText": 7},
        {"duration": "8"},
        {"duration": 0},
        {"ratio": "16:9"},
        {"audio": True},
        {"model": "veo3.1", "audio": "yes"},
        {"references": [{"uri": "data:image/jpeg;base64,aGk="}]},
        {"model": "seedance2", "references": [{"uri": "data:image/jpeg;base64,aGk="}]},
    ],
    ids=str,
)
async def test_the_simulator_refuses_what_runway_does(changes: dict[str, object]) -> None:
    body = {**as_object(RUNWAY.create(WISH, Pictures()).json), **changes}
    async with simulated(replace(INSTANT, dialect="runway")) as sim:
        sim.http.headers.update(RUNWAY.headers)
        answer = await sim.http.post("/text_to_video", json=body)
        assert answer.status_code == 400
        assert isinstance(answer.json()["error"], str)
        assert sim.machine.stats()["accepted"] == 0


async def test_the_simulator_needs_a_picture_on_the_route_of_pictures() -> None:
    async with simulated(replace(INSTANT, dialect="runway")) as sim:
        sim.http.headers.update(RUNWAY.headers)
        last = {"uri": "data:image/jpeg;base64,aGk=", "position": "last"}
        for image in (None, last["uri"], [last], "https://files.example/frame.jpg"):
            body = {**as_object(RUNWAY.create(WISH, Pictures()).json), "promptImage": image}
            assert (await sim.http.post("/image_to_video", json=body)).status_code == 400


@pytest.mark.parametrize("method, path", [("POST", "/text_to_video"), ("GET", "/tasks/x")])
async def test_the_simulator_wants_to_know_the_version(method: str, path: str) -> None:
    async with simulated(replace(INSTANT, dialect="runway")) as sim:
        answer = await sim.http.request(method, path, json=RUNWAY.create(WISH, Pictures()).json)
        assert answer.status_code == 400
        assert "X-Runway-Version" in answer.json()["error"]
