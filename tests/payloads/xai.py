"""What xAI answers about videos.

Shapes from docs.x.ai's guide and reference of videos and xai-sdk 1.21.0, sentences of errors as
people report them; read in November 2026. Ids and links are ours.
"""

from __future__ import annotations

from typing import Any

from bot import errors
from tests.payloads.openai_errors import ErrorPayload

ID = "f532feb6-49a9-4f9a-9a37-6e64ef725e8f"
FILE = f"https://vidgen.x.ai/bucket/xai-video-{ID}.mp4"
CREATED = {"request_id": ID}
PENDING = {"status": "pending", "progress": 42, "model": "grok-imagine-video"}
DONE: dict[str, Any] = {
    "status": "done",
    "video": {"url": FILE, "duration": 6, "respect_moderation": True},
    "model": "grok-imagine-video",
    "usage": {"cost_in_usd_ticks": 4_200_000_000},
    "progress": 100,
}
AS_IT_WAS = {"video": {"url": FILE, "duration": 6}, "model": "grok-imagine-video"}
HELD_BACK = {**DONE, "video": {"url": "", "duration": 6, "respect_moderation": False}}
HELD_BACK_WITH_LINK = {**DONE, "video": {**DONE["video"], "respect_moderation": False}}
HELD_BACK_FOR_FREE = {**HELD_BACK, "usage": {"cost_in_usd_ticks": 0}}
EXPIRED = {"status": "expired"}


def failed(code: str, message: str) -> dict[str, Any]:
    """A job that failed."""
    return {
        "status": "failed",
        "video": {"duration": 0, "respect_moderation": True},
        "model": "",
        "error": {"code": code, "message": message},
    }


FAILED = failed("internal_error", "Something went wrong.")
REJECTED = failed("permission_denied", "Generated video rejected by content moderation.")


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "error": message}


_INVALID, _MANY = "Client specified an invalid argument", "Some resource has been exhausted"
_FORBIDDEN = "The caller does not have permission to execute the specified operation"
_EMPTY = "Your team has either used all available credits or reached its monthly spending limit."
RATE = _error(_MANY, "Too many requests. Please try again in 12s.")
ERRORS = (
    ErrorPayload("rate", 429, RATE, errors.RateLimited),
    ErrorPayload("credits", 429, _error(_MANY, _EMPTY), errors.Billing),
    ErrorPayload("credits, forbidden", 403, _error(_FORBIDDEN, _EMPTY), errors.Billing),
    ErrorPayload(
        "spending limit",
        403,
        {"error": {"code": "personal-team-blocked:spending-limit", "message": "Blocked."}},
        errors.Billing,
    ),
    ErrorPayload("forbidden", 403, _error(_FORBIDDEN, "Not allowed."), errors.BadCredentials),
    ErrorPayload(
        "key", 400, _error(_INVALID, "Incorrect API key provided: xa***."), errors.BadCredentials
    ),
    ErrorPayload(
        "value", 400, _error(_INVALID, "duration must be at most 15"), errors.InvalidRequest
    ),
    ErrorPayload(
        "picture",
        400,
        _error(_INVALID, "Image rejected by content moderation."),
        errors.Moderated,
    ),
    ErrorPayload(
        "model",
        404,
        _error("Some requested entity was not found", "The model grok-x does not exist."),
        errors.ModelRetired,
    ),
    ErrorPayload(
        "unavailable",
        503,
        _error("The service is currently unavailable", "Try later."),
        errors.Transient,
    ),
    ErrorPayload("fault", 500, _error("Internal error", "Oops."), errors.AmbiguousSubmit),
)
"""What a create may be answered."""
