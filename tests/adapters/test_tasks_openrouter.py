"""OpenRouter's wire: what is sent, what is read, and what its list of models becomes."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from adapters.providers.judging import Judge
from adapters.providers.refusals import as_object
from adapters.providers.tasks.openrouter import OpenRouter
from adapters.providers.tasks.openrouter_models import Found, read_models
from adapters.providers.tasks.wire import Ask, Pictures
from bot.domain.catalogue import as_toml, parse
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.errors import JobNotFound, Unsupported
from bot.ports import SubmitRequest
from tests.fakes.backends import backend
from tests.payloads.any_json import ANY_JSON
from tests.payloads.openrouter import BLOCKED, COMPLETED, CREATED, FAILED, MODELS, RUNNING
from tests.payloads.simulated import INSTANT, simulated

WIRE = OpenRouter()
REF = {"id": "gen-vid-01", "model": "google/veo-3.1-lite"}
WISH = SubmitRequest("a red kite", "google/veo-3.1-lite", Size(1280, 720), 8)
TODAY = date(2026, 11, 27)


def test_a_create_names_model_length_and_size() -> None:
    ask = WIRE.create(WISH, Pictures())
    assert (ask.method, ask.path) == ("POST", "/videos")
    assert ask.json == {
        "model": "google/veo-3.1-lite",
        "prompt": "a red kite",
        "duration": 8,
        "size": "1280x720",
    }


JPEG = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,anBlZw=="}}
FIRST, LAST = ({**JPEG, "frame_type": f"{end}_frame"} for end in ("first", "last"))


@pytest.mark.parametrize(
    "pictures, frames",
    [
        (Pictures(b"jpeg"), [FIRST]),
        (Pictures(None, b"jpeg"), [LAST]),
        (Pictures(b"jpeg", b"jpeg"), [FIRST, LAST]),
    ],
    ids=["first", "last", "both"],
)
def test_frames_say_which_they_are(pictures: Pictures, frames: list[object]) -> None:
    assert as_object(WIRE.create(WISH, pictures).json)["frame_images"] == frames


def test_references_have_a_field_of_their_own() -> None:
    sent = as_object(WIRE.create(WISH, Pictures(references=(b"jpeg", b"jpeg"))).json)
    assert sent["input_references"] == [JPEG, JPEG]
    assert "frame_images" not in sent


@pytest.mark.parametrize("pictures", [Pictures(b"a", None, (b"b",)), Pictures(None, b"a", (b"b",))])
def test_references_that_would_be_dropped_are_not_sent(pictures: Pictures) -> None:
    with pytest.raises(Unsupported, match="not both"):
        WIRE.create(WISH, pictures)


@pytest.mark.parametrize("sound", [True, False])
def test_sound_is_said_only_where_somebody_cares(sound: bool) -> None:  # noqa: FBT001 - a row of the table
    sent = as_object(WIRE.create(replace(WISH, sound=sound), Pictures()).json)
    assert sent["generate_audio"] is sound
    assert "generate_audio" not in as_object(WIRE.create(WISH, Pictures()).json)


def test_a_remix_names_the_job_that_it_begins_with() -> None:
    assert WIRE.remix(REF, "in the rain") == Ask(
        "POST",
        "/videos",
        {"model": REF["model"], "prompt": "in the rain", "previous_job_id": "gen-vid-01"},
    )


@pytest.mark.parametrize("parent", [{}, {"id": "gen-vid-01"}, {"id": "..", "model": "m"}])
def test_a_job_whose_model_nobody_noted_is_not_gone_on_with(parent: dict[str, str]) -> None:
    with pytest.raises(JobNotFound):
        WIRE.remix(parent, "in the rain")


@pytest.mark.parametrize(
    "payload, state",
    [
        (CREATED, JobState.QUEUED),
        (RUNNING, JobState.RENDERING),
        (COMPLETED, JobState.FETCHING),
        (FAILED, JobState.FAILED),
        (BLOCKED, JobState.MODERATED),
        ({**CREATED, "status": "expired"}, JobState.EXPIRED),
        ({**CREATED, "status": "cancelled"}, JobState.CANCELLED),
        ({**CREATED, "status": "a new word"}, JobState.RENDERING),
    ],
)
def test_each_word_is_a_state(payload: dict[str, object], state: JobState) -> None:
    told = WIRE.told(payload, REF)
    assert told is not None
    assert told.job(REF, Judge()).state is state


def test_a_finished_job_says_where_its_file_is_and_what_it_cost() -> None:
    told = WIRE.told(COMPLETED, REF)
    assert told is not None
    assert told.links == (COMPLETED["urls"][0], COMPLETED["unsigned_urls"][0])
    assert told.content == "/videos/gen-vid-01/content?index=0"
    assert told.cost_micros == 825_000


def test_it_is_asked_at_our_own_base_whatever_address_it_names() -> None:
    sent = WIRE.create(WISH, Pictures())
    reference = WIRE.made({**CREATED, "polling_url": "https://evil.example/"}, sent)
    assert reference == REF
    assert WIRE.made(CREATED, WIRE.remix(REF, "in the rain")) == REF
    assert WIRE.question(REF).path == "/videos/gen-vid-01"


@given(ANY_JSON)
def test_odd_answers_are_jobs_or_nothing(data: object) -> None:
    fields = as_object(data)
    WIRE.made(fields, WIRE.models())
    told = WIRE.told(fields, REF)
    assert told is None or told.job(REF, Judge()).reference == REF


# --- the simulator's OpenRouter -----------------------------------------------------------------


async def test_a_remix_goes_on_with_the_job_there() -> None:
    async with backend("openrouter") as running:
        made = await running.client.submit(replace(WISH, model="google/omni"))
        await running.ended(made.reference)
        remixed = await running.client.remix(made.reference, "in the rain")
        first, second = running.machine.archive.all()
        assert (second.id, second.parent) == (remixed.reference["id"], first.id)
        assert second.spec.size == first.spec.size
        assert second.spec.seconds == first.spec.seconds


async def test_a_model_that_goes_on_with_nothing_is_unsupported_and_makes_nothing() -> None:
    async with backend("openrouter") as running:
        made = await running.client.submit(WISH)
        await running.ended(made.reference)
        with pytest.raises(Unsupported, match="previous_job_id"):
            await running.client.remix(made.reference, "in the rain")
        assert (running.posts, running.accepted) == (2, 1)


async def test_a_parent_that_is_gone_is_not_found_and_makes_nothing() -> None:
    async with backend("openrouter") as running:
        with pytest.raises(JobNotFound):
            await running.client.remix({"id": "gen-vid-00", "model": "google/omni"}, "in the rain")
        assert (running.posts, running.accepted) == (1, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": 8},
        {"generate_audio": "no"},
        {"frame_images": FIRST},
        {"frame_images": [JPEG]},
        {"frame_images": [{**FIRST, "frame_type": "middle_frame"}]},
        {"input_references": [LAST]},
        {"input_references": ["x"]},
        {"previous_job_id": 5},
    ],
    ids=str,
)
async def test_the_simulator_is_strict_about_a_body(changes: dict[str, object]) -> None:
    async with simulated(replace(INSTANT, dialect="openrouter")) as running:
        url = "http://simulator/api/v1/videos"
        body = as_object(WIRE.create(WISH, Pictures()).json)
        assert (await running.http.post(url, json=body)).status_code == 202
        assert (await running.http.post(url, json={**body, **changes})).status_code == 400


# --- its list of models -------------------------------------------------------------------------


def found() -> Found:
    return read_models(MODELS, "openrouter", TODAY)


def test_models_with_a_price_a_second_can_be_sold() -> None:
    veo, runway = found().models
    assert veo.seconds == (4, 6, 8)
    assert dict(veo.prices) == {
        Size(1280, 720): 5,
        Size(720, 1280): 5,
        Size(1920, 1080): 8,
        Size(1080, 1920): 8,
    }
    assert dict(veo.costs)[Size(1920, 1080)] == 80_000
    assert (veo.takes_image, runway.takes_image) == (True, False)
    assert (veo.takes_last, runway.takes_last) == (True, False)
    assert dict(runway.prices) == {Size(1280, 720): 12, Size(960, 960): 12}


def test_a_model_that_can_make_sound_makes_some_and_is_cheaper_without() -> None:
    veo, runway = found().models
    assert (veo.sound, veo.switches_sound) == (True, True)
    assert (runway.sound, runway.switches_sound, runway.switched_prices) == (False, False, ())
    assert [veo.price(Size(1280, 720), 8, sound) for sound in (None, True, False)] == [40, 40, 24]
    # Nobody says what that is without sound.
    assert veo.price(Size(1920, 1080), 8, sound=False) == 64
    assert veo.cost(Size(1280, 720), 8, sound=False) == 240_000


def test_of_a_model_that_says_nothing_of_sound_nothing_is_known() -> None:
    item = {**as_object(MODELS["data"][0]), "generate_audio": None}
    [veo] = read_models({"data": [item]}, "openrouter", TODAY).models
    assert (veo.sound, veo.switches_sound, veo.switched_costs) == (None, False, ())


def test_what_has_none_is_left_out_with_the_reason() -> None:
    assert dict(found().left_out) == {
        "bytedance/seedance-2": "it has no price a second for a size that it names",
        "acme/upscaler": "it names no lengths in seconds",
    }


def test_the_file_that_is_written_is_a_catalogue() -> None:
    models = found().models
    assert parse(tomllib.loads(as_toml(models))).models == models


@given(ANY_JSON)
def test_odd_lists_are_empty_or_models_that_a_file_can_hold(data: object) -> None:
    models = read_models({"data": data}, 'open"router\n', TODAY).models
    assert parse(tomllib.loads(as_toml(models))).models == models
