"""What Higgsfield answers, as documented.

Source: docs.higgsfield.ai (requests and lifecycle, errors and retries, rate limits, FAQ) and both
official clients; read in November 2026. The words about concurrency are ours: the page only says
what they are like.
"""

from __future__ import annotations

from bot import errors
from bot.domain.jobs import JobState
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.told import ToldPayload

ID = "d7e6c0f3-6699-4f6c-bb45-2ad7fd9158ff"
REF = {"id": ID}
_HERE = f"https://platform.higgsfield.ai/requests/{ID}"
_NAMES = {"request_id": ID, "status_url": f"{_HERE}/status", "cancel_url": f"{_HERE}/cancel"}
TAKEN = {"status": "queued", **_NAMES}
LINK = "https://cdn.higgsfield.ai/0f3/output.mp4"

STATUSES = (
    ToldPayload("waits", TAKEN, JobState.QUEUED),
    ToldPayload("runs", {"status": "in_progress", **_NAMES}, JobState.RENDERING),
    ToldPayload(
        "done",
        {"status": "completed", **_NAMES, "video": {"url": LINK}},
        JobState.FETCHING,
        link=LINK,
    ),
    ToldPayload(
        "failed", {"status": "failed", **_NAMES, "error": "Boom"}, JobState.FAILED, words="Boom"
    ),
    ToldPayload("failed without a word", {"status": "failed", **_NAMES}, JobState.FAILED),
    ToldPayload("content rules", {"status": "nsfw", **_NAMES}, JobState.MODERATED),
    ToldPayload("cancelled", {"status": "canceled", **_NAMES}, JobState.CANCELLED),
    ToldPayload("an unknown word", {"status": "resting", **_NAMES}, JobState.RENDERING),
)

ERRORS = (
    ErrorPayload("key", 401, {"detail": "Invalid credentials"}, errors.BadCredentials),
    ErrorPayload("empty account", 403, {"detail": "Not enough credits"}, errors.Billing),
    ErrorPayload("empty account, in other words", 403, {"detail": "No."}, errors.Billing),
    ErrorPayload("no such model", 404, {"detail": "Model not found"}, errors.ModelRetired),
    ErrorPayload(
        "too many at once",
        400,
        {"detail": "Maximum number of concurrent requests reached"},
        errors.ConcurrencyLimited,
    ),
    ErrorPayload("a bad value", 400, {"detail": "Bad aspect ratio"}, errors.InvalidRequest),
    ErrorPayload("content rules", 400, {"detail": "NSFW content detected"}, errors.Moderated),
    ErrorPayload(
        "a field is missing",
        422,
        {"detail": [{"type": "missing", "loc": ["body", "prompt"], "msg": "Field required"}]},
        errors.InvalidRequest,
    ),
    ErrorPayload("the model rests", 423, {"detail": "Model is blocked"}, errors.RateLimited),
    ErrorPayload("a fault", 500, {"detail": "Oops"}, errors.AmbiguousSubmit),
    ErrorPayload("busy", 503, {"detail": "Unavailable"}, errors.Transient),
)
