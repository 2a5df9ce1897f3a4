"""What Runway's API answers.

Source: docs.dev.runwayml.com (HTTP errors, task failures, moderation) and the types of SDK 5.24.0,
read in November 2026; the words of an empty account are as integrators saw them in 2026.
"""

from __future__ import annotations

from bot import errors
from bot.domain.jobs import JobState
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.told import ToldPayload

ID = "d2e3d1f4-1b3c-4b5c-8d46-1c1d7ee86892"
LINK = "https://files.runway.example/task/output.mp4?_jwt=eyJhbGciOi.signed"
CREATED = {"id": ID, "estimatedCost": {"credits": 96}}


def _task(status: str, **fields: object) -> dict[str, object]:
    return {"id": ID, "status": status, "createdAt": "2026-11-20T12:00:00.250Z", **fields}


_AT = 1_795_176_000_250
_ESTIMATE = {"estimatedCost": {"credits": 96}}


def _failed(code: str | None, words: str, **cost: object) -> dict[str, object]:
    return _task("FAILED", failure=words, failureCode=code, **cost)


TOLD = (
    ToldPayload("pending", _task("PENDING", **_ESTIMATE), JobState.QUEUED, created_at=_AT),
    ToldPayload("throttled", _task("THROTTLED", **_ESTIMATE), JobState.QUEUED, created_at=_AT),
    ToldPayload(
        "running",
        _task("RUNNING", progress=0.42, **_ESTIMATE),
        JobState.RENDERING,
        progress=42,
        created_at=_AT,
    ),
    ToldPayload(
        "succeeded",
        _task("SUCCEEDED", output=[LINK], cost={"credits": 96}),
        JobState.FETCHING,
        link=LINK,
        cost_micros=960_000,
        created_at=_AT,
    ),
    ToldPayload(
        "prompt moderated",
        _failed("SAFETY.INPUT.TEXT", "Content moderation.", cost={"credits": 96}),
        JobState.MODERATED,
        words="Content moderation.",
        cost_micros=960_000,
        created_at=_AT,
        charged=True,
    ),
    ToldPayload(
        "prompt moderated, no cost named",
        _failed("SAFETY.INPUT.IMAGE", "Content moderation."),
        JobState.MODERATED,
        words="Content moderation.",
        created_at=_AT,
        charged=True,
    ),
    ToldPayload(
        "moderated by another maker",
        _failed("INPUT_PREPROCESSING.SAFETY.THIRD_PARTY", "Blocked.", cost={"credits": 0}),
        JobState.MODERATED,
        words="Blocked.",
        cost_micros=0,
        created_at=_AT,
        charged=False,
    ),
    ToldPayload(
        "video moderated",
        _failed("SAFETY.OUTPUT.VIDEO", "Content moderation.", cost={"credits": 96}),
        JobState.MODERATED,
        words="Content moderation.",
        cost_micros=960_000,
        created_at=_AT,
        charged=True,
    ),
    ToldPayload(
        "bad output",
        _failed("INTERNAL.BAD_OUTPUT.CODE01", "An unexpected error.", cost={"credits": 0}),
        JobState.FAILED,
        words="An unexpected error.",
        cost_micros=0,
        created_at=_AT,
        charged=False,
    ),
    ToldPayload(
        "failed, no code",
        _failed(None, "An unexpected error occurred."),
        JobState.FAILED,
        words="An unexpected error occurred.",
        created_at=_AT,
    ),
    ToldPayload(
        "cancelled while it rendered",
        _task("CANCELLED", cost={"credits": 96}),
        JobState.CANCELLED,
        cost_micros=960_000,
        created_at=_AT,
        charged=True,
    ),
    ToldPayload("a new word", _task("POLISHING"), JobState.RENDERING, created_at=_AT),
)

_DOCS = {"docUrl": "https://docs.dev.runwayml.com/api"}
_INVALID = {
    "error": "Validation of body failed",
    "issues": [{"code": "invalid_union", "path": ["ratio"], "message": "Invalid input"}],
}

REFUSED = (
    ErrorPayload("invalid", 400, {**_INVALID, **_DOCS}, errors.InvalidRequest),
    ErrorPayload(
        "empty account",
        400,
        {"error": "You do not have enough credits to run this task.", **_DOCS},
        errors.Billing,
    ),
    ErrorPayload("key", 401, {"error": "Unauthorized", **_DOCS}, errors.BadCredentials),
    ErrorPayload(
        "no access",
        403,
        {"error": "Model variant gen9 is not available.", **_DOCS},
        errors.BadCredentials,
    ),
    ErrorPayload(
        "day used up", 429, {"error": "Daily task limit reached.", **_DOCS}, errors.RateLimited
    ),
    ErrorPayload("load shed", 503, {"error": "Service unavailable"}, errors.Transient),
    ErrorPayload("load shed, perhaps late", 502, {"error": "Bad gateway"}, errors.AmbiguousSubmit),
    ErrorPayload("overloaded", 504, {"error": "Timeout"}, errors.AmbiguousSubmit),
)
