"""OpenRouter's wire: what is sent, what is read, and what its list of models becomes."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given

from adapters.providers.judging import Judge
from adapters.providers.refusals import as_object
from adapters.providers.tasks.openrouter import OpenRouter
from adapters.providers.tasks.openrouter_models import Found, read_models
from adapters.providers.tasks.wire import Pictures
from bot.domain.catalogue import as_toml, parse
from bot.domain.jobs import JobState
from bot.domain.videos import Size
from bot.ports import SubmitRequest
from tests.payloads.any_json import ANY_JSON
from tests.payloads.openrouter import BLOCKED, COMPLETED, CREATED, FAILED, MODELS, RUNNING

WIRE = OpenRouter()
REF = {"id": "gen-vid-01"}
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


def test_a_first_frame_is_a_data_url() -> None:
    frames = as_object(WIRE.create(WISH, Pictures(b"jpeg")).json)["frame_images"]
    assert frames == [
        {
            "type": "image_url",
            "image_url": {"url": "data:image/jpeg;base64,anBlZw=="},
            "frame_type": "first_frame",
        }
    ]


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
    reference = WIRE.made({**CREATED, "polling_url": "https://evil.example/"}, WIRE.models())
    assert reference == REF
    assert WIRE.question(REF).path == "/videos/gen-vid-01"


@given(ANY_JSON)
def test_odd_answers_are_jobs_or_nothing(data: object) -> None:
    fields = as_object(data)
    WIRE.made(fields, WIRE.models())
    told = WIRE.told(fields, REF)
    assert told is None or told.job(REF, Judge()).reference == REF


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
    assert dict(runway.prices) == {Size(1280, 720): 12, Size(960, 960): 12}


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
