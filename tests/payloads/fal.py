"""What fal's queue answers, as documented.

Source: fal.ai's pages of the inference API (submit, status, result), of model errors and of request
errors, public reports of locked accounts, and fal-client 1.0.3; read in November 2026.
"""

from __future__ import annotations

from typing import Any

from bot import errors
from bot.domain.jobs import JobState
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.told import ToldPayload

ID = "80e732af-660e-45cd-bd63-580e4f2a94cc"
REF = {"id": ID, "app": "bytedance/seedance-2.0"}
_HERE = f"https://queue.fal.run/bytedance/seedance-2.0/requests/{ID}"
_LINKS = {"response_url": _HERE, "status_url": f"{_HERE}/status", "cancel_url": f"{_HERE}/cancel"}
TAKEN = {"status": "IN_QUEUE", "request_id": ID, "queue_position": 0, **_LINKS}
DONE = {"status": "COMPLETED", "request_id": ID, "logs": None, "metrics": {"inference_time": 61.2}}
LINK = "https://v3b.fal.media/files/b/rabbit/NaslJIC7F2WodS6DFZRRJ_output.mp4"
FLAGGED = "The content could not be processed because it was flagged by a content checker."


def detail(kind: str, text: str, *loc: str, **more: object) -> dict[str, Any]:
    """The error of a model."""
    url = f"https://docs.fal.ai/errors#{kind}"
    return {"detail": [{"loc": ["body", *loc], "msg": text, "type": kind, "url": url, **more}]}


def failed(text: str, kind: str) -> dict[str, Any]:
    """The error of the platform."""
    return {"detail": text, "error_type": kind}


STATUSES = (
    ToldPayload("waits", TAKEN, JobState.QUEUED),
    ToldPayload("runs", {"status": "IN_PROGRESS", "logs": [], **_LINKS}, JobState.RENDERING),
    ToldPayload("done", DONE, JobState.FETCHING),
    ToldPayload(
        "cancelled",
        {**DONE, "error": "Request was cancelled", "error_type": "client_cancelled"},
        JobState.CANCELLED,
        charged=False,
    ),
    ToldPayload("an unknown word", {"status": "PAUSED"}, JobState.RENDERING),
)

RESULTS: tuple[tuple[int, ToldPayload], ...] = (
    (
        200,
        ToldPayload(
            "a file",
            {"video": {"url": LINK, "content_type": "video/mp4", "file_size": 4024}, "seed": 42},
            JobState.FETCHING,
            link=LINK,
        ),
    ),
    (200, ToldPayload("files", {"videos": [{"url": LINK}]}, JobState.FETCHING, link=LINK)),
    (
        200,
        ToldPayload(
            "no file", {"images": []}, JobState.FAILED, words="no video came", charged=True
        ),
    ),
    (
        422,
        ToldPayload(
            "content rules",
            detail(
                "content_policy_violation", FLAGGED, "prompt", input="…", categories=["violence"]
            ),
            JobState.MODERATED,
            words=FLAGGED,
            charged=True,
        ),
    ),
    (
        422,
        ToldPayload(
            "an input that is not taken",
            detail("image_too_small", "Image dimensions are too small", "image_url"),
            JobState.FAILED,
            words="Image dimensions are too small",
            charged=True,
        ),
    ),
    (
        500,
        ToldPayload(
            "a fault of the model",
            detail("internal_server_error", "Internal server error"),
            JobState.FAILED,
            words="Internal server error",
            charged=False,
        ),
    ),
    (
        504,
        ToldPayload(
            "too slow",
            failed("Request timed out", "request_timeout"),
            JobState.FAILED,
            words="Request timed out",
            charged=False,
        ),
    ),
    (
        503,
        ToldPayload(
            "a lost runner",
            failed("Runner disconnected", "runner_disconnected"),
            JobState.FAILED,
            words="Runner disconnected",
            charged=False,
        ),
    ),
)

ERRORS = (
    ErrorPayload("key", 401, {"detail": "Authentication is required"}, errors.BadCredentials),
    ErrorPayload(
        "empty account",
        403,
        {
            "detail": "User is locked. Reason: Exhausted balance. Top up your balance at "
            "fal.ai/dashboard/billing."
        },
        errors.Billing,
    ),
    ErrorPayload(
        "locked account",
        403,
        {"detail": "User is locked. Reason: Admin lock. Please contact support@fal.ai."},
        errors.BadCredentials,
    ),
    ErrorPayload("no such app", 404, {"detail": "Application not found"}, errors.ModelRetired),
    ErrorPayload(
        "a field is missing",
        422,
        detail("missing", "Field required", "prompt"),
        errors.InvalidRequest,
    ),
    ErrorPayload(
        "content rules",
        422,
        detail("content_policy_violation", FLAGGED, "prompt"),
        errors.Moderated,
    ),
    ErrorPayload("too fast", 429, {"detail": "Too many requests"}, errors.RateLimited),
    ErrorPayload("a bad header", 400, failed("Bad timeout", "bad_request"), errors.InvalidRequest),
    ErrorPayload("a fault", 500, failed("Oops", "internal_error"), errors.AmbiguousSubmit),
    ErrorPayload(
        "no room", 503, failed("No runner", "runner_scheduling_failure"), errors.Transient
    ),
)
