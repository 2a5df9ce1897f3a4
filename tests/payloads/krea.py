"""What Krea answers, as documented.

Source: docs.krea.ai (job lifecycle, text to video, get a job by id) and the API's description of
August 2026; read in November 2026.
"""

from __future__ import annotations

from typing import Any

from bot import errors
from bot.domain.jobs import JobState
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.told import ToldPayload

ID = "550e8400-e29b-41d4-a716-446655440000"
REF = {"id": ID}
LINK = "https://gen.krea.ai/videos/your-video.mp4"


def job(status: str, **more: object) -> dict[str, Any]:
    """A job object."""
    return {"job_id": ID, "status": status, "created_at": "2025-01-15T10:30:00.000Z", **more}


TAKEN = job("queued", completed_at=None, result=None)
_ENDED = "2025-01-15T10:31:45.000Z"

STATUSES = (
    ToldPayload("waits", TAKEN, JobState.QUEUED),
    ToldPayload("waits behind the limit", job("backlogged"), JobState.QUEUED),
    ToldPayload("is next", job("scheduled"), JobState.QUEUED),
    ToldPayload("runs", job("processing"), JobState.RENDERING),
    ToldPayload("samples", job("sampling"), JobState.RENDERING),
    ToldPayload(
        "has a preview",
        job("intermediate-complete", result={"urls": [LINK]}),
        JobState.RENDERING,
        link=LINK,
    ),
    ToldPayload(
        "done",
        job("completed", completed_at=_ENDED, result={"urls": [LINK]}),
        JobState.FETCHING,
        link=LINK,
    ),
    ToldPayload(
        "done, as it was told before",
        job("completed", result={"video_url": LINK, "duration": 5.0}),
        JobState.FETCHING,
        link=LINK,
    ),
    ToldPayload(
        "failed",
        job("failed", result=None, error={"code": "provider_error", "message": "Boom"}),
        JobState.FAILED,
        words="Boom",
    ),
    ToldPayload(
        "failed, told in the result",
        job("failed", result={"error": "Boom"}),
        JobState.FAILED,
        words="Boom",
    ),
    ToldPayload(
        "content rules",
        job("failed", error={"code": "failed", "message": "NSFW content detected"}),
        JobState.MODERATED,
        words="NSFW content detected",
    ),
    ToldPayload("cancelled", job("cancelled", completed_at=_ENDED), JobState.CANCELLED),
)

ERRORS = (
    ErrorPayload("key", 401, {"error": "You are not authenticated."}, errors.BadCredentials),
    ErrorPayload("empty account", 402, {"error": "You have run out of credits."}, errors.Billing),
    ErrorPayload("no such model", 404, {"error": "Not found"}, errors.ModelRetired),
    ErrorPayload(
        "too many at once",
        429,
        {"error": "You have reached the maximum number of concurrent jobs."},
        errors.ConcurrencyLimited,
    ),
    ErrorPayload("too fast", 429, {"error": "Rate limit exceeded"}, errors.RateLimited),
    ErrorPayload(
        "a bad body", 400, {"error": "The request body is invalid."}, errors.InvalidRequest
    ),
    ErrorPayload("a fault", 500, {"error": "Internal"}, errors.AmbiguousSubmit),
    ErrorPayload("busy", 503, {"error": "Unavailable"}, errors.Transient),
)
