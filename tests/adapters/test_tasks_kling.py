"""Kling's tasks: what is sent, and what each answer means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.refusals import Json, as_object
from adapters.providers.simulator.faults import Fault, Kind
from adapters.providers.tasks.kling import Kling
from adapters.providers.tasks.wire import Ask, Pictures
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.errors import AssetExpired, InvalidRequest, JobNotFound, Transient, Unsupported
from bot.ports import SubmitRequest
from tests.fakes.backends import backend
from tests.fakes.gateway import Gateway, Reply
from tests.fakes.wires import client_before, job_told, read_everything, refused, unanswered
from tests.payloads.any_json import ANY_JSON
from tests.payloads.kling import CREATED, ID, REFUSED, TOLD
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.simulated import INSTANT, picture, simulated
from tests.payloads.told import ToldPayload

KLING = Kling()
WISH = SubmitRequest("a red kite over dunes", "kling-v3", Size(1280, 720), 5)


def test_a_create_has_a_mode_a_ratio_and_its_seconds_as_text() -> None:
    assert KLING.create(WISH, Pictures()) == Ask(
        "POST",
        "/videos/text2video",
        {
            "model_name": "kling-v3",
            "prompt": "a red kite over dunes",
            "mode": "std",
            "duration": "5",
            "aspect_ratio": "16:9",
        },
    )


def test_a_first_frame_is_bare_base64_and_brings_its_own_ratio() -> None:
    assert KLING.create(WISH, Pictures(b"jpeg")) == Ask(
        "POST",
        "/videos/image2video",
        {
            "model_name": "kling-v3",
            "prompt": "a red kite over dunes",
            "mode": "std",
            "duration": "5",
            "image": "anBlZw==",
        },
    )


def asked(model: str, pictures: Pictures, size: Size = WISH.size) -> tuple[str, Json]:
    """The route and the fields of a create."""
    ask = KLING.create(replace(WISH, model=model, size=size), pictures)
    return ask.path.rpartition("/")[2], as_object(ask.json)


def test_a_last_frame_stands_beside_the_first() -> None:
    route, sent = asked("kling-v3", Pictures(b"jpeg", b"last"))
    assert (route, sent["image"], sent["image_tail"]) == ("image2video", "anBlZw==", "bGFzdA==")


def test_an_omni_model_has_one_list_for_all_pictures() -> None:
    route, sent = asked("kling-v3-omni", Pictures(b"jpeg", b"last", (b"jpeg",)))
    assert route == "omni-video"
    assert sent["image_list"] == [
        {"image_url": "anBlZw==", "type": "first_frame"},
        {"image_url": "bGFzdA==", "type": "end_frame"},
        {"image_url": "anBlZw=="},
    ]
    assert "aspect_ratio" not in sent


def test_an_omni_model_is_asked_at_its_own_route_for_words_too() -> None:
    route, sent = asked("kling-video-o1", Pictures())
    assert (route, sent["aspect_ratio"], "image_list" in sent) == ("omni-video", "16:9", False)


def test_one_older_model_takes_several_pictures() -> None:
    route, sent = asked("kling-v1-6", Pictures(references=(b"jpeg", b"last")))
    assert route == "multi-image2video"
    assert sent["image_list"] == [{"image": "anBlZw=="}, {"image": "bGFzdA=="}]
    assert sent["aspect_ratio"] == "16:9"


FULL = Size(1920, 1080)


@pytest.mark.parametrize(
    "model, size",
    [
        ("kling-v3", WISH.size),
        ("kling-3.0-turbo", WISH.size),
        ("kling-v2-6", FULL),
        ("kling-v2-5-turbo", FULL),
        ("kling-v1-6", FULL),
    ],
)
def test_models_that_heed_a_last_frame_are_sent_it(model: str, size: Size) -> None:
    assert "image_tail" in asked(model, Pictures(b"jpeg", b"last"), size)[1]


@pytest.mark.parametrize(
    "model, pictures, why",
    [
        ("kling-v2-6", Pictures(b"a", b"b"), "in 1080p only"),
        ("kling-v2-1-master", Pictures(b"a", b"b"), "takes no last frame"),
        ("kling-v3", Pictures(None, b"b"), "beside a first one only"),
        ("kling-v3-omni", Pictures(None, b"b"), "beside a first one only"),
        ("kling-v3", Pictures(references=(b"c",)), "takes no references"),
        ("kling-v1-6", Pictures(references=(b"c",) * 5), "takes 4 references"),
        ("kling-v1-6", Pictures(b"a", None, (b"c",)), "not both"),
        ("kling-v3-omni", Pictures(b"a", None, (b"c",) * 7), "7 pictures"),
    ],
)
def test_pictures_that_a_model_has_no_place_for_are_not_sent(
    model: str, pictures: Pictures, why: str
) -> None:
    with pytest.raises(Unsupported, match=why):
        asked(model, pictures)


@pytest.mark.parametrize("model", ["kling-v3", "kling-v3-omni", "kling-v2-6", "kling-3.0-turbo"])
def test_sound_is_on_or_off_where_somebody_cares(model: str) -> None:
    wish = replace(WISH, model=model)
    said = [
        as_object(KLING.create(replace(wish, sound=sound), Pictures()).json).get("sound")
        for sound in (True, False, None)
    ]
    assert said == ["on", "off", None]


@pytest.mark.parametrize("model", ["kling-v1-6", "kling-v2-5-turbo", "kling-video-o1"])
def test_a_model_that_is_always_silent_is_told_nothing_of_sound(model: str) -> None:
    wish = replace(WISH, model=model)
    assert "sound" not in as_object(KLING.create(replace(wish, sound=False), Pictures()).json)
    with pytest.raises(Unsupported, match="no sound"):
        KLING.create(replace(wish, sound=True), Pictures())


DONE = next(one.body for one in TOLD if one.label == "succeed")


def test_an_extension_names_the_video_and_not_its_task() -> None:
    parent = {"id": ID, "kind": "text2video"}
    source = KLING.source(DONE, parent)
    longer = KLING.extend(source, "it lands", 5, "https://bot.example/told")
    fields = {"video_id": "v1", "prompt": "it lands", "callback_url": "https://bot.example/told"}
    assert longer == Ask("POST", "/videos/video-extend", fields)
    assert KLING.extend(source, "it lands", 4).json == {"video_id": "v1", "prompt": "it lands"}
    made = {"id": ID, "kind": "video-extend"}
    assert KLING.made(CREATED, longer) == made
    assert KLING.question(made).path == f"/videos/video-extend/{ID}"


def test_a_video_without_an_id_cannot_be_extended() -> None:
    with pytest.raises(AssetExpired):
        KLING.source(CREATED, {"id": ID})


@pytest.mark.parametrize("seconds", [3, 6, 10])
def test_an_extension_is_as_long_as_kling_likes(seconds: int) -> None:
    with pytest.raises(Unsupported, match="4 to 5 seconds"):
        KLING.extend({"id": ID, "video": "v1"}, "it lands", seconds)


@pytest.mark.parametrize(
    "size, mode, ratio",
    [
        (Size(1280, 720), "std", "16:9"),
        (Size(720, 1280), "std", "9:16"),
        (Size(960, 960), "std", "1:1"),
        (Size(1920, 1080), "pro", "16:9"),
        (Size(1080, 1920), "pro", "9:16"),
        (Size(3840, 2160), "4k", "16:9"),
    ],
)
def test_a_size_is_a_mode_and_a_ratio(size: Size, mode: str, ratio: str) -> None:
    sent = as_object(KLING.create(SubmitRequest("a kite", "kling-v3", size, 5), Pictures()).json)
    assert (sent["mode"], sent["aspect_ratio"]) == (mode, ratio)


@pytest.mark.parametrize("image, kind", [(None, "text2video"), (b"jpeg", "image2video")])
def test_a_task_is_asked_about_where_it_was_made(image: bytes | None, kind: str) -> None:
    reference = KLING.made(CREATED, KLING.create(WISH, Pictures(image)))
    assert reference is not None
    assert reference == {"id": ID, "kind": kind}
    assert KLING.question(reference) == Ask("GET", f"/videos/{kind}/{ID}")


def test_a_task_whose_kind_nobody_noted_is_looked_for_among_those_from_text() -> None:
    assert KLING.question({"id": ID}).path == f"/videos/text2video/{ID}"


@pytest.mark.parametrize(
    "reference", [{}, {"id": ".."}, {"id": ID, "kind": "../account"}, {"id": ID, "kind": "omni"}]
)
def test_a_reference_that_was_never_one_asks_nothing(reference: dict[str, str]) -> None:
    with pytest.raises(JobNotFound):
        KLING.question(reference)


@pytest.mark.parametrize("payload", TOLD, ids=str)
def test_every_documented_task_is_understood(payload: ToldPayload) -> None:
    job = job_told(KLING, payload)
    assert job.state is payload.state
    assert (job.error.message if job.error else "") == payload.words
    assert job.cost_micros is None
    assert job.created_at == payload.created_at
    assert job.charged is payload.charged
    told = KLING.told(payload.body, {"id": ID})
    assert told is not None
    assert told.links == ((payload.link,) if payload.link else ())


@pytest.mark.parametrize("payload", REFUSED, ids=str)
def test_every_number_finds_its_class(payload: ErrorPayload) -> None:
    assert type(refused(KLING, payload)) is payload.kind


def test_a_number_for_what_is_missing_means_a_missing_task_under_any_status() -> None:
    body = {"code": 1203, "message": "resource not found", "request_id": "x"}
    assert isinstance(unanswered(KLING, ErrorPayload("", 404, body, JobNotFound)), JobNotFound)
    with pytest.raises(JobNotFound, match="resource not found"):
        KLING.told(body, {"id": ID})


def test_other_numbers_say_nothing_of_the_task() -> None:
    body = {"code": 1302, "message": "request too fast", "request_id": "x"}
    assert KLING.told(body, {"id": ID}) is None
    assert isinstance(unanswered(KLING, ErrorPayload("", 200, body, Transient)), Transient)


_TASK = st.sampled_from(
    ("task_id", "task_status", "task_status_msg", "task_result", "final_unit_deduction")
)
_TASKS = st.dictionaries(_TASK | st.text(max_size=5), ANY_JSON, max_size=8)
_ANSWERS = st.fixed_dictionaries({}, optional={"code": ANY_JSON, "data": ANY_JSON | _TASKS})


@given(_ANSWERS)
def test_no_json_value_breaks_the_reading(data: dict[str, object]) -> None:
    read_everything(KLING, data)


# --- found by our name --------------------------------------------------------------------------

NAME = "k7m2p9qx4t-1"
NOBODY = Reply(404, {"code": 1203, "message": "resource not found", "request_id": "x"})


def called(name: str | None) -> Reply:
    """A task that is called so."""
    task = {**as_object(CREATED["data"]), "task_info": {"external_task_id": name}}
    return Reply(body={**CREATED, "data": task})


def test_a_create_says_what_we_call_it() -> None:
    sent = as_object(KLING.create(replace(WISH, name=NAME), Pictures()).json)
    assert sent["external_task_id"] == NAME


@pytest.mark.parametrize(
    "text, image, kind",
    [
        (called(NAME), NOBODY, "text2video"),
        (NOBODY, called(NAME), "image2video"),
        # The number alone counts.
        (Reply(200, NOBODY.body), called(NAME), "image2video"),
    ],
)
async def test_a_task_is_found_by_our_name_at_the_route_that_made_it(
    text: Reply, image: Reply, kind: str
) -> None:
    async with Gateway() as gateway, client_before(gateway, KLING) as client:
        gateway.on("GET", f"/v1/videos/text2video/{NAME}", text)
        gateway.on("GET", f"/v1/videos/image2video/{NAME}", image)
        found = await client.find(NAME)
    assert found is not None
    assert (found.reference, found.state) == ({"id": ID, "kind": kind}, JobState.QUEUED)


async def test_a_name_that_no_route_knows_finds_nothing() -> None:
    async with Gateway(NOBODY) as gateway, client_before(gateway, KLING) as client:
        assert await client.find(NAME) is None
        asked = [one.path.split("/")[3] for one in gateway.received]
        assert asked == ["text2video", "image2video", "omni-video", "multi-image2video"]


@pytest.mark.parametrize(
    "answer",
    [
        called("another"),
        called(None),
        Reply(404, b"<html>no such page</html>"),
        Reply(200, {"code": 1302, "message": "request too fast"}),
        Reply(503, {"code": 5001, "message": "busy"}),
        Reply(200, b'{"code": 0, "da'),
    ],
    ids=["another", "nobody", "page", "too fast", "busy", "cut"],
)
async def test_an_answer_that_does_not_say_our_name_says_nothing(answer: Reply) -> None:
    async with Gateway(answer) as gateway, client_before(gateway, KLING) as client:
        with pytest.raises(Transient):
            await client.find(NAME)


# --- the simulator's Kling ----------------------------------------------------------------------


async def test_a_task_from_a_picture_is_unknown_among_those_from_text(tmp_path: Path) -> None:
    frame = tmp_path / "frame.jpg"
    frame.write_bytes(picture("JPEG"))
    wish = SubmitRequest("a kite", "kling-v3", Size(1280, 720), 4, frame)
    async with backend("kling") as running:
        job = await running.client.submit(wish)
        assert job.reference["kind"] == "image2video"
        assert (await running.ended(job.reference)).state is JobState.FETCHING
        with pytest.raises(JobNotFound):
            await running.client.fetch({**job.reference, "kind": "text2video"})


async def test_a_task_from_a_picture_is_found_by_our_name_and_no_name_comes_twice(
    tmp_path: Path,
) -> None:
    frame = tmp_path / "frame.jpg"
    frame.write_bytes(picture("JPEG"))
    wish = replace(WISH, image=frame, name=NAME)
    async with backend("kling") as running:
        made = await running.client.submit(wish)
        found = await running.client.find(NAME)
        assert found is not None
        assert found.reference == made.reference
        with pytest.raises(InvalidRequest):
            await running.client.submit(wish)
        assert running.accepted == 1


@pytest.mark.parametrize(
    "model, kind", [("kling-v3-omni", "omni-video"), ("kling-v1-6", "multi-image2video")]
)
async def test_a_task_from_several_pictures_lives_where_it_was_made(
    model: str, kind: str, tmp_path: Path
) -> None:
    frame = tmp_path / "frame.jpg"
    frame.write_bytes(picture("JPEG"))
    wish = replace(WISH, model=model, references=(frame, frame), name=NAME)
    async with backend("kling") as running:
        made = await running.client.submit(wish)
        assert made.reference["kind"] == kind
        assert (await running.ended(made.reference)).state is JobState.FETCHING
        [job] = running.machine.archive.all()
        assert len(job.references) == 2
        found = await running.client.find(NAME)
        assert found is not None
        assert found.reference == made.reference


async def test_a_video_there_is_extended_again_and_again() -> None:
    async with backend("kling") as running:
        reference = (await running.client.submit(WISH)).reference
        for _ in range(2):
            await running.ended(reference)
            reference = (await running.client.extend(reference, "on and on", 5)).reference
        first, second, third = running.machine.archive.all()
        assert [job.spec.seconds for job in (first, second, third)] == [5, 10, 15]
        assert (second.parent, third.parent) == (first.id, second.id)


async def test_a_video_that_is_gone_there_is_not_extended() -> None:
    async with backend("kling") as running:
        reference = (await running.client.submit(WISH)).reference
        await running.ended(reference)
        with pytest.raises(JobNotFound):
            await running.client.extend({**reference, "id": "1"}, "it lands", 5)
        running.machine.settings = replace(running.machine.settings, asset_life_ms=-1)
        with pytest.raises(Unsupported, match="cannot be extended"):
            await running.client.extend(reference, "it lands", 5)
        assert (running.posts, running.accepted) == (2, 1)


async def test_a_remix_is_refused_before_anything_is_asked() -> None:
    async with Gateway() as gateway, client_before(gateway, KLING) as client:
        with pytest.raises(Unsupported):
            await client.remix({"id": ID}, "in the rain")
        assert gateway.received == []


async def test_moderated_work_takes_no_units() -> None:
    async with backend("kling") as running:
        running.machine.plan(Fault(Kind.MODERATED))
        job = await running.ended((await running.client.submit(WISH)).reference)
        assert (job.state, job.charged) == (JobState.MODERATED, False)


@pytest.mark.parametrize("seconds, size", [(2, Size(1280, 720)), (5, Size(1280, 960))])
async def test_the_simulator_refuses_what_kling_does(seconds: int, size: Size) -> None:
    async with backend("kling") as running:
        with pytest.raises(InvalidRequest):
            await running.client.submit(SubmitRequest("a kite", "kling-v3", size, seconds))
        assert running.accepted == 0


@pytest.mark.parametrize(
    "route, changes",
    [
        ("text2video", {"model": "kling-v3"}),
        ("text2video", {"model_name": None}),
        ("text2video", {"prompt": "x" * 2501}),
        ("text2video", {"duration": 5}),
        ("text2video", {"mode": "fast"}),
        ("text2video", {"sound": "loud"}),
        ("text2video", {"image": "anBlZw=="}),
        ("text2video", {"model_name": "kling-v2-1", "sound": "off"}),
        ("omni-video", {}),
        ("omni-video", {"model_name": "kling-v3-omni", "image_list": ["x"]}),
        ("omni-video", {"model_name": "kling-v3-omni", "image_list": [{"image": "x"}]}),
        (
            "omni-video",
            {
                "model_name": "kling-v3-omni",
                "image_list": [{"image_url": "x", "type": "end_frame"}],
            },
        ),
        ("multi-image2video", {"image_list": [{"image": "x"}]}),
        ("multi-image2video", {"model_name": "kling-v1-6", "image_list": []}),
        ("multi-image2video", {"model_name": "kling-v1-6", "image_list": [{"image": "x"}] * 5}),
        ("video-extend", {}),
        ("image2video", {}),
        ("image2video", {"image": "data:image/jpeg;base64,anBlZw=="}),
        ("image2video", {"image": "not base64"}),
    ],
    ids=str,
)
async def test_the_simulator_refuses_odd_fields_with_a_number(
    route: str, changes: dict[str, object]
) -> None:
    body = {**as_object(KLING.create(WISH, Pictures()).json), **changes}
    if route == "image2video":
        del body["aspect_ratio"]
    async with simulated(replace(INSTANT, dialect="kling")) as sim:
        answer = await sim.http.post(f"/videos/{route}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, 1201)
        assert sim.machine.stats()["accepted"] == 0
