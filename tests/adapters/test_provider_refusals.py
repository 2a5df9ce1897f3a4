"""Errors of many servers, sorted by who can act."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.judging import Judge
from adapters.providers.refusals import (
    MAX_MESSAGE,
    Refusal,
    classify,
    quoted,
    read_refusal,
    refusal_in,
    tidy,
)
from bot.domain.jobs import JobState
from bot.errors import (
    BadCredentials,
    Billing,
    JobNotFound,
    ModelRetired,
    ProviderError,
    RateLimited,
    Transient,
)
from tests.payloads.any_json import ANY_JSON
from tests.payloads.openai_errors import ERRORS, ErrorPayload, litellm

KEY = "sk-secret-1234567890"


@pytest.mark.parametrize("payload", ERRORS, ids=str)
def test_every_known_error_finds_its_class(payload: ErrorPayload) -> None:
    refusal = read_refusal(json.dumps(payload.body).encode())
    assert classify(refusal, payload.status) is payload.kind


def test_the_type_is_believed_before_the_code() -> None:
    refusal = refusal_in({"error": {"type": "rate_limit_error", "code": "model_not_found"}})
    assert classify(refusal, 400) is RateLimited


def test_the_code_is_believed_before_the_status() -> None:
    assert classify(refusal_in({"error": {"code": "model_not_found"}}), 503) is ModelRetired


def test_the_status_is_believed_before_the_words() -> None:
    refusal = refusal_in({"error": {"message": "too many running tasks"}})
    assert classify(refusal, 401).__name__ == "BadCredentials"


@pytest.mark.parametrize(
    "body, message",
    [
        ({"error": {"message": "nested"}}, "nested"),
        ({"error": {"error": {"message": "twice"}}}, "twice"),
        ({"error": "text"}, "text"),
        ({"message": "flat", "code": 1}, "flat"),
        ({"msg": "short"}, "short"),
        ({"detail": "fastapi"}, "fastapi"),
        ({"detail": {"error": {"message": "both"}}}, "both"),
        ({"detail": [{"msg": "listed"}]}, "listed"),
        ({"errors": [{"message": "many"}]}, "many"),
        ([{"error": {"message": "google"}}], "google"),
        ("bare", "bare"),
        ({"error": {}, "message": "beside"}, "beside"),
        ({"error": {"code": "x"}, "message": "around"}, "around"),
        ({"message": ["no", "text"]}, ""),
        (17, ""),
        (None, "null"),
    ],
)
def test_the_words_are_found_in_every_shape(body: object, message: str) -> None:
    assert read_refusal(json.dumps(body).encode()).message == message


def test_litellm_s_words_are_those_of_the_server_that_it_quotes() -> None:
    told = litellm(400, "BadRequestError", {"error": {"message": "Too long.", "code": "length"}})
    refusal = refusal_in(told)
    assert (refusal.message, refusal.code) == ("Too long.", "length")


def test_quotes_of_quotes_come_to_an_end() -> None:
    body: object = {"error": {"message": "Pay first."}}
    for _ in range(8):
        body = litellm(429, "RateLimitError", body)
    words = refusal_in(body).message
    assert words.startswith("litellm.RateLimitError")
    assert len(words) == MAX_MESSAGE


@pytest.mark.parametrize(
    "words",
    [
        'litellm.BadRequestError: OpenAIException - Bad: {"code": "insufficient_quota"}',
        'Not allowed: litellm.BadRequestError: OpenAIException - {"code": "insufficient_quota"}',
        'litellm.BadRequestError: OpenAIException - {"code": "insufficient_',
    ],
    ids=["after more words", "not at the start", "broken off"],
)
def test_what_people_wrote_is_never_taken_for_a_quote(words: str) -> None:
    assert quoted({"error": {"message": words}}) == {}
    assert refusal_in({"error": {"message": words}}).code == ""


def test_a_web_page_gives_its_words_only() -> None:
    page = b"<html><style>b{}</style><h1>502</h1><script>alert(1)</script> Bad\nGateway</html>"
    assert read_refusal(page).message == "502 Bad Gateway"


def test_messages_are_one_short_line() -> None:
    words = tidy("a\x00b\n\n" + "word " * 500)
    assert words.startswith("a b word")
    assert len(words) == MAX_MESSAGE


@pytest.mark.parametrize(
    "text",
    [f"Incorrect API key provided: {KEY}.", f"{KEY}{KEY}", "x" * 3995 + KEY, "x" * 280 + KEY],
)
def test_the_key_never_stays_in_words(text: str) -> None:
    for words in (
        tidy(text, KEY),
        read_refusal(text.encode(), KEY).message,
        read_refusal(("<p>" * 1300 + text).encode(), KEY).message,
        refusal_in({"error": {"message": text}}, KEY).message,
    ):
        assert KEY[:8] not in words


def test_what_signs_a_link_never_stays_in_words() -> None:
    words = tidy(
        "cannot read https://files.example/a.png?sig=abc&x=1 and http://b.example#t=2, ok?"
    )
    assert words == "cannot read https://files.example/a.png and http://b.example ok?"


@pytest.mark.parametrize(
    "title, status, kind",
    [
        ("Insufficient credit", 403, Billing),
        ("Not found", 422, JobNotFound),
        ("Input validation failed", 429, RateLimited),
    ],
)
def test_the_title_of_a_problem_is_its_code(
    title: str, status: int, kind: type[ProviderError]
) -> None:
    problem = {"title": title, "detail": "in words", "status": status}
    refusal = refusal_in(problem)
    assert classify(refusal, status) is kind
    assert refusal.message == "in words"


@pytest.mark.parametrize(
    "details, status, kind",
    [
        ([{"reason": "API_KEY_INVALID"}], 400, BadCredentials),
        ([{"@type": "Help"}, {"retryDelay": "8s"}], 429, RateLimited),
        ([{"@type": "Help"}], 429, Billing),
        (["?", None, {"reason": 5}], 429, Billing),
        ({"reason": "API_KEY_INVALID"}, 429, Billing),
    ],
)
def test_what_google_means_stands_in_its_details(
    details: object, status: int, kind: type[ProviderError]
) -> None:
    error = {"code": status, "message": "You exceeded your current quota", "details": details}
    assert classify(refusal_in({"error": error}), status) is kind


@pytest.mark.parametrize(
    "words",
    [
        "Your prepayment credits are depleted.",
        "The team has used all available credits or reached its monthly spending limit.",
        "The project reached its spending cap.",
    ],
)
@pytest.mark.parametrize("status", [403, 429])
def test_an_empty_account_is_known_by_its_words(words: str, status: int) -> None:
    assert classify(refusal_in({"error": words}), status) is Billing


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.FETCHING, JobState.EXPIRED])
def test_a_job_that_ended_tells_no_key(state: JobState) -> None:
    _, error = Judge(KEY).ended(state, Refusal(message=f"cannot use {KEY}"))
    assert error is not None
    assert error.message == "cannot use ***"


@given(ANY_JSON, st.integers(100, 599))
def test_any_json_is_some_refusal(value: object, status: int) -> None:
    refusal = refusal_in(value, KEY)
    assert issubclass(classify(refusal, status), ProviderError)
    assert len(refusal.message) <= MAX_MESSAGE


@given(st.binary(max_size=300))
def test_any_bytes_are_some_refusal(body: bytes) -> None:
    assert len(read_refusal(body, KEY).message) <= MAX_MESSAGE


def test_a_server_fault_without_words_is_passing() -> None:
    assert classify(read_refusal(b""), 500) is Transient
