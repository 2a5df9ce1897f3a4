"""What Luma's Agents API answers.

Source: docs.agents.lumalabs.ai (error handling, rate limits, FAQ) and the types of SDK
luma-agents 0.5.0, read in November 2026.
"""

from __future__ import annotations

from bot import errors
from bot.domain.jobs import JobState
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.told import ToldPayload

ID = "d290f1ee-6c54-4b01-90e6-d701748f0851"
LINK = "https://storage.luma.example/generations/output.mp4?X-Amz-Signature=signed"
_AT = 1_795_176_000_000


def _generation(state: str, **fields: object) -> dict[str, object]:
    return {
        "id": ID,
        "type": "video",
        "state": state,
        "model": "ray-3.2",
        "created_at": "2026-11-20T12:00:00Z",
        "output": None,
        "failure_reason": None,
        "failure_code": None,
        **fields,
    }


def _failed(code: str | None, reason: str) -> dict[str, object]:
    return _generation("failed", failure_code=code, failure_reason=reason)


CREATED = _generation("queued")
_VIDEO = {"type": "video", "url": LINK}
_EXR = {"type": "exr", "url": f"{LINK}&exr"}

TOLD = (
    ToldPayload("queued", CREATED, JobState.QUEUED, created_at=_AT),
    ToldPayload("processing", _generation("processing"), JobState.RENDERING, created_at=_AT),
    ToldPayload(
        "completed",
        _generation("completed", output=[_EXR, _VIDEO]),
        JobState.FETCHING,
        link=LINK,
        created_at=_AT,
    ),
    ToldPayload(
        "moderated",
        _failed("content_moderated", "Prompt or input image violated the guidelines"),
        JobState.MODERATED,
        words="Prompt or input image violated the guidelines",
        created_at=_AT,
        charged=False,
    ),
    ToldPayload(
        "model error",
        _failed("generation_failed", "Internal model error"),
        JobState.FAILED,
        words="Internal model error",
        created_at=_AT,
        charged=False,
    ),
    ToldPayload(
        "output lost",
        _failed("output_not_found", "Output could not be retrieved"),
        JobState.FAILED,
        words="Output could not be retrieved",
        created_at=_AT,
        charged=False,
    ),
    ToldPayload(
        "money ran out on the way",
        _failed("budget_exhausted", "Ran out of funds"),
        JobState.FAILED,
        words="Ran out of funds",
        created_at=_AT,
        charged=True,
    ),
    ToldPayload(
        "bad picture",
        _failed("corrupt_input", "Could not decode the image"),
        JobState.FAILED,
        words="Could not decode the image",
        created_at=_AT,
    ),
    ToldPayload("failed, no code", _failed(None, "?"), JobState.FAILED, words="?", created_at=_AT),
    ToldPayload("a new word", _generation("polishing"), JobState.RENDERING, created_at=_AT),
)


def _refusal(words: str) -> dict[str, object]:
    return {"detail": words}


REFUSED = (
    ErrorPayload("values", 400, _refusal("Invalid request: '4s'"), errors.InvalidRequest),
    ErrorPayload("key", 401, _refusal("Invalid API key"), errors.BadCredentials),
    ErrorPayload("money", 402, _refusal("Insufficient balance"), errors.Billing),
    ErrorPayload("suspended", 403, _refusal("Access denied"), errors.BadCredentials),
    ErrorPayload("picture", 413, _refusal("Image exceeds 50 MB"), errors.InvalidRequest),
    ErrorPayload("together", 422, _refusal("loop with 10s"), errors.InvalidRequest),
    ErrorPayload(
        "together, as a list",
        422,
        {"detail": [{"loc": ["body", "video"], "msg": "Input should be '5s' or '10s'"}]},
        errors.InvalidRequest,
    ),
    ErrorPayload("rate", 429, _refusal("Rate limit exceeded"), errors.RateLimited),
    ErrorPayload("slots", 429, _refusal("Too many concurrent jobs"), errors.ConcurrencyLimited),
    ErrorPayload("upstream", 502, _refusal("Bad gateway"), errors.AmbiguousSubmit),
    ErrorPayload("ingestion", 503, _refusal("Ingestion unavailable"), errors.Transient),
)
