"""No answer, however odd, gets anything out of the reader but a job or one of our errors."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.http import Answer
from adapters.providers.openai_videos.answers import Reader
from adapters.providers.openai_videos.profile import profile_of
from bot.domain.jobs import JobState
from bot.errors import (
    AmbiguousSubmit,
    ConcurrencyLimited,
    ProviderError,
    RateLimited,
    Transient,
)
from bot.ports import RemoteJob
from tests.fakes.clock import START
from tests.payloads.any_json import ANY_JSON
from tests.payloads.openai_errors import litellm

REFERENCE = {"id": "video_1"}
VLLM_JOB: dict[str, object] = {"id": "video_gen_7", "object": "video", "status": "failed"}
READER = Reader(profile_of("custom"), "sk-secret-123")
BODIES = ANY_JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200)
STATUSES = st.integers(200, 599)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "retry-after-ms", "openai-poll-after-ms", "x-request-id"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
)


def _created(answer: Answer, operation: str) -> RemoteJob | ProviderError:
    try:
        return READER.create(answer, operation, START)
    except ProviderError as error:
        return error


@given(STATUSES, HEADERS, BODIES, st.sampled_from(["create", "remix", "extend"]))
def test_any_answer_to_a_create_is_a_job_or_an_error(
    status: int, headers: dict[str, str], body: bytes, operation: str
) -> None:
    answer = Answer(status, httpx.Headers(headers), body)
    result = _created(answer, operation)
    if isinstance(result, RemoteJob):
        assert result.reference["id"]
    else:
        assert len(result.message) <= 300


@given(STATUSES.filter(lambda s: s >= 500 and s not in {501, 503}), BODIES)
def test_a_server_s_fault_never_leads_to_another_create(status: int, body: bytes) -> None:
    result = _created(Answer(status, httpx.Headers(), body), "create")
    assert not isinstance(result, (RateLimited, ConcurrencyLimited, Transient))


@given(BODIES)
def test_a_good_status_without_a_job_never_counts_as_a_passing_fault(body: bytes) -> None:
    result = _created(Answer(200, httpx.Headers(), body), "create")
    assert not isinstance(result, Transient)


@given(STATUSES, HEADERS, BODIES)
def test_any_answer_to_a_question_is_a_job_or_an_error(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    answer = Answer(status, httpx.Headers(headers), body)
    try:
        result = READER.fetch(answer, {"id": "video_1"}, START).job
    except ProviderError as error:
        result = error
    if isinstance(result, RemoteJob):
        assert result.reference == {"id": "video_1"}
    else:
        assert not isinstance(result, AmbiguousSubmit)


@given(STATUSES, BODIES)
def test_any_answer_to_a_list_is_a_page_or_an_error(status: int, body: bytes) -> None:
    try:
        page = READER.page(Answer(status, httpx.Headers(), body), START)
    except ProviderError:
        return
    for one in page.objects:
        READER.listed(one)


@given(STATUSES, BODIES)
def test_any_other_refusal_is_an_error_of_ours(status: int, body: bytes) -> None:
    answer = Answer(status, httpx.Headers(), body)
    assert isinstance(READER.judge.failure(answer, START), ProviderError)
    assert READER.judge.gone(answer) in {True, False}


def _quoting(job: dict[str, object], status: int) -> Answer:
    body = litellm(status, "InternalServerError: InternalServerError", job)
    return Answer(status, httpx.Headers(), json.dumps(body).encode())


@pytest.mark.parametrize(
    "status, words, state",
    [(500, "The GPU is gone.", JobState.FAILED), (400, "moderation said no", JobState.MODERATED)],
)
def test_a_failed_job_that_litellm_quotes_has_failed(
    status: int, words: str, state: JobState
) -> None:
    job = {**VLLM_JOB, "error": {"code": status, "message": words}}
    seen = READER.fetch(_quoting(job, status), REFERENCE, START).job
    assert (seen.state, seen.reference) == (state, REFERENCE)
    assert seen.error is not None
    assert seen.error.message == words


def test_a_job_that_is_only_quoted_is_never_taken_for_the_one_that_was_ordered() -> None:
    with pytest.raises(ProviderError):
        READER.create(_quoting(VLLM_JOB, 400), "create", START)
    with pytest.raises(AmbiguousSubmit):
        READER.create(_quoting(VLLM_JOB, 500), "create", START)
