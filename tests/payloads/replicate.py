"""What Replicate answers about predictions.

Shapes from replicate.com's HTTP API, its pages on predictions and rate limits, and its Python
client 1.0.7; words of errors as people report them; read in November 2026. Ids are ours.
"""

from __future__ import annotations

from typing import Any

from bot import errors
from tests.payloads.openai_errors import ErrorPayload

ID = "gm3qorzdhgbfurvjtvhg6dckhu"
FILE = "https://replicate.delivery/xezq/abc/tmpclip.mp4"
_HERE = f"https://api.replicate.com/v1/predictions/{ID}"


def prediction(status: str, **more: object) -> dict[str, Any]:
    """A prediction in some status."""
    return {
        "id": ID,
        "model": "bytedance/seedance-1-pro",
        "version": "hidden",
        "input": {"prompt": "a red kite", "duration": 5},
        "logs": "",
        "output": None,
        "data_removed": False,
        "error": None,
        "source": "api",
        "status": status,
        "created_at": "2026-11-20T10:00:00.765Z",
        "urls": {"get": _HERE, "cancel": f"{_HERE}/cancel", "web": f"https://replicate.com/p/{ID}"},
        **more,
    }


CREATED = prediction("starting")
LOGS = "Using seed: 4\n  0%|          | 0/50\n 42%|####2     | 21/50 [00:10<00:14]\n"
RUNNING = prediction("processing", logs=LOGS)
DONE = prediction("succeeded", output=FILE, metrics={"predict_time": 61.2})
DONE_LIST = prediction("succeeded", output=[FILE])
DONE_OBJECT = prediction("succeeded", output={"video": FILE})
REMOVED = prediction("succeeded", data_removed=True, input={})
FAILED = prediction("failed", error="CUDA out of memory")
FLAGGED = "The input or output was flagged as sensitive. Please try again with different inputs."
BLOCKED = prediction("failed", error=f"{FLAGGED} (E005) (uIJ6l3ruRD)")
NSFW = prediction("failed", error="NSFW content detected. Try a different prompt.")

THROTTLED: dict[str, object] = {
    "title": "Request was throttled",
    "detail": "Request was throttled. Your rate limit resets in ~30s.",
    "status": 429,
}
ERRORS = (
    ErrorPayload("rate", 429, THROTTLED, errors.RateLimited),
    ErrorPayload(
        "rate, as it was",
        429,
        {"detail": "Request was throttled. Your rate limit resets in ~30s."},
        errors.RateLimited,
    ),
    ErrorPayload(
        "credit",
        402,
        {
            "title": "Insufficient credit",
            "detail": "You have insufficient credit to run this model.",
            "status": 402,
        },
        errors.Billing,
    ),
    ErrorPayload(
        "key",
        401,
        {"title": "Unauthenticated", "detail": "You did not pass a valid token.", "status": 401},
        errors.BadCredentials,
    ),
    ErrorPayload(
        "input",
        422,
        {
            "title": "Input validation failed",
            "detail": "- input.duration: must be one of 5, 10\n",
            "invalid_fields": [{"field": "input.duration"}],
            "status": 422,
        },
        errors.InvalidRequest,
    ),
    ErrorPayload(
        "version",
        422,
        {
            "title": "Invalid version or not permitted",
            "detail": "The specified version does not exist.",
            "status": 422,
        },
        errors.ModelRetired,
    ),
    ErrorPayload(
        "model",
        404,
        {"detail": "The requested resource could not be found.", "status": 404},
        errors.ModelRetired,
    ),
    ErrorPayload("fault", 500, {"detail": "Internal server error"}, errors.AmbiguousSubmit),
    ErrorPayload("gateway", 502, b"<h1>502 Bad Gateway</h1>", errors.AmbiguousSubmit),
)
"""What a create may be answered."""
