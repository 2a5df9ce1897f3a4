"""Jobs of many servers, read by one parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.openai_videos.profile import profile_of
from adapters.providers.openai_videos.wire import (
    job_id,
    job_in,
    job_in_error,
    read_job,
    read_link,
)
from adapters.providers.refusals import parse
from adapters.providers.values import (
    read_cost,
    read_progress,
    read_seconds,
    read_status,
    read_time,
    usable_id,
)
from bot.domain.jobs import JobState
from bot.errors import ModelRetired, Moderated
from tests.payloads.any_json import ANY_JSON
from tests.payloads.openai_videos import JOBS, JobPayload

CUSTOM = profile_of("custom")


@pytest.mark.parametrize("payload", JOBS, ids=str)
def test_every_known_server_s_job_is_understood(payload: JobPayload) -> None:
    data = job_in(payload.body, CUSTOM)
    assert data is not None
    assert job_id(data, CUSTOM) == payload.id
    job = read_job(data, {"id": payload.id}, CUSTOM, unsaid=JobState.QUEUED)
    assert job.state is payload.state
    assert job.progress == payload.progress
    assert job.cost_micros == payload.cost_micros
    assert read_link(payload.body, CUSTOM) == payload.link


def test_the_official_job_is_read_whole() -> None:
    job = read_job(JOBS[0].body, {"id": "video_1"}, CUSTOM)
    assert job.created_at == 1_790_000_000_000
    assert (job.prompt, job.model, job.size, job.seconds) == (
        "a red kite",
        "sora-2",
        "1280x720",
        "8",
    )


@pytest.mark.parametrize(
    "word, state",
    [
        ("queued", JobState.QUEUED),
        ("IN_QUEUE", JobState.QUEUED),
        ("THROTTLED", JobState.QUEUED),
        ("NOT_START", JobState.QUEUED),
        ("in progress", JobState.RENDERING),
        ("in-progress", JobState.RENDERING),
        ("dreaming", JobState.RENDERING),
        ("unknown", JobState.RENDERING),
        ("SUCCEEDED", JobState.FETCHING),
        ("succeed", JobState.FETCHING),
        ("Success", JobState.FETCHING),
        ("failure", JobState.FAILED),
        ("budget_exceeded", JobState.FAILED),
        ("requires_action", JobState.FAILED),
        ("canceled", JobState.CANCELLED),
        ("expired", JobState.EXPIRED),
        ("nsfw", JobState.MODERATED),
        ("never heard of", JobState.RENDERING),
        (7, JobState.QUEUED),
        (None, JobState.QUEUED),
        ("  ", JobState.QUEUED),
    ],
)
def test_status_words_of_all_servers_have_one_meaning(word: object, state: JobState) -> None:
    assert read_status(word, CUSTOM.statuses, JobState.QUEUED) is state


@pytest.mark.parametrize(
    "value, percent",
    [
        (48, 48),
        (0.48, 48),
        (48.7, 48),
        (1, 1),
        (1.0, 100),
        ("48", 48),
        ("48%", 48),
        (" 48 % ", 48),
        ("0.48", 48),
        ("0.5%", 0),
        (250, 100),
        (-3, None),
        (True, None),
        (None, None),
        ("half", None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        ([48], None),
    ],
    ids=repr,
)
def test_progress_comes_in_many_forms(value: object, percent: int | None) -> None:
    assert read_progress(value) == percent


@pytest.mark.parametrize(
    "value, ms",
    [
        (1_790_000_000, 1_790_000_000_000),
        (1_790_000_000.5, 1_790_000_000_500),
        ("1790000000", 1_790_000_000_000),
        (1_790_000_000_123, 1_790_000_000_123),
        ("2026-09-21T14:13:20Z", 1_790_000_000_000),
        ("2026-09-21T14:13:20", 1_790_000_000_000),
        (0, None),
        (12, None),
        (10**30, None),
        (True, None),
        ("soon", None),
        ("9999999-01-01", None),
        ("0001-01-01T00:00:00+23:59", None),
        (None, None),
    ],
    ids=repr,
)
def test_times_are_ms_or_unknown(value: object, ms: int | None) -> None:
    assert read_time(value) == ms


@pytest.mark.parametrize(
    "value, text",
    [("8", "8"), (8, "8"), (8.0, "8"), ("8s", "8"), ("8.5", "8.5"), (None, None), ("long", "long")],
    ids=repr,
)
def test_seconds_are_compared_as_plain_digits(value: object, text: str | None) -> None:
    assert read_seconds(value) == text


@pytest.mark.parametrize(
    "value, name",
    [
        ("video_1", "video_1"),
        (123, "123"),
        ("a" * 300, "a" * 300),
        ("a/b?c#d", "a/b?c#d"),
        ("a" * 3000, None),
        ("", None),
        (" ", None),
        (".", None),
        ("..", None),
        ("a\nb", None),
        ("\ud800", None),
        (True, None),
        (1.5, None),
        (10**40, None),
        (None, None),
        (["video_1"], None),
    ],
)
def test_an_id_is_used_only_when_a_url_can_carry_it(value: object, name: str | None) -> None:
    assert usable_id(value) == name


def test_the_id_is_taken_from_the_first_field_that_has_one() -> None:
    assert job_id({"request_id": "r", "task_id": "t", "id": ""}, CUSTOM) == "t"


def test_absurd_costs_are_not_believed() -> None:
    assert read_cost({"usage": {"cost": 1e9}}) is None
    assert read_cost({"usage": {"cost": -1}}) is None
    assert read_cost({"cost": "0.4"}) == 400_000


def test_a_retired_model_inside_a_failed_job_is_told_apart() -> None:
    error = {"code": "model_not_found", "message": "The model does not exist"}
    job = read_job({"id": "v", "status": "failed", "error": error}, {"id": "v"}, CUSTOM)
    assert job.state is JobState.FAILED
    assert isinstance(job.error, ModelRetired)


def test_moderation_is_recognised_by_its_words_when_the_code_is_a_number() -> None:
    # vLLM-Omni: codes are HTTP statuses
    error = {"code": 400, "message": "Your request was blocked by our moderation system."}
    job = read_job({"id": "v", "status": "failed", "error": error}, {"id": "v"}, CUSTOM)
    assert job.state is JobState.MODERATED
    assert isinstance(job.error, Moderated)


@pytest.mark.parametrize(
    "body",
    [
        {"id": "req_1", "status": "error", "message": "Unauthorized"},
        {"request_id": "req_1", "type": "error", "error": {"type": "overloaded_error"}},
        {"error": {"message": "no", "code": "x"}},
        {"object": "video"},
        "failed",
    ],
)
def test_an_error_with_an_id_of_its_own_is_no_job(body: object) -> None:
    assert job_in_error(body, CUSTOM) is None


@given(ANY_JSON)
def test_no_json_value_breaks_the_reading_of_jobs(value: object) -> None:
    for found in (job_in(value, CUSTOM), job_in_error(value, CUSTOM), {"error": value}):
        if found is not None:
            job = read_job(found, {"id": "x"}, CUSTOM)
            assert job.progress is None or 0 <= job.progress <= 100
            assert job.state in set(JobState)
    read_link(value, CUSTOM)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(body: bytes) -> None:
    parse(body)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"9" * 10_000, b'{"id": NaN}', b"\xff\xfe", b""])
def test_odd_json_is_read_or_left_alone(body: bytes) -> None:
    assert parse(body) is None or isinstance(parse(body), (dict, int, float))
