"""What Google's Interactions API and Files API answer about videos of Gemini Omni.

Shapes from ai.google.dev's page on Omni of 2026-07-30 (raw REST answers), the types of google-genai
3.3.0, and google.rpc's error model; read in November 2026. Ids and words are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import errors
from tests.payloads.openai_errors import ErrorPayload

ID = "v1_ChdpbnRlcmFjdGlvbg"
FILE = "k7x0file"
URI = f"https://generativelanguage.googleapis.com/v1beta/files/{FILE}:download?alt=media"
_ASKED = {"type": "user_input", "content": [{"type": "text", "text": "a red kite"}]}
_THOUGHT = {"type": "thought", "content": [{"type": "thought", "text": "A kite needs wind."}]}


def interaction(status: str, *steps: dict[str, Any], **more: object) -> dict[str, Any]:
    """An interaction that went through these steps."""
    return {
        "id": ID,
        "object": "interaction",
        "model": "gemini-omni-1.2-flash",
        "status": status,
        "created": "2026-11-20T10:00:00Z",
        "updated": "2026-11-20T10:01:00Z",
        "steps": [_ASKED, _THOUGHT, *steps],
        **more,
    }


def output(*content: dict[str, Any], **more: object) -> dict[str, Any]:
    """A step in which the model gives something out."""
    return {"type": "model_output", "content": list(content), **more}


CREATED = {"id": ID, "object": "interaction", "status": "in_progress"}
VIDEO = {"type": "video", "mime_type": "video/mp4", "uri": URI}
BY_URI = interaction("completed", output({"type": "text", "text": "Here it is."}, VIDEO))
INLINE = interaction(
    "completed", output({"type": "video", "mime_type": "video/mp4", "data": "AAAAIGZ0eXBpc29t"})
)
ELSEWHERE = interaction(
    "completed", output({**VIDEO, "uri": "https://storage.example/made.mp4?sig=x"})
)
WITH_A_FAULT = interaction("completed", output(VIDEO), errors=[{"message": "A tool was slow."}])
EMPTY = interaction("completed")
EMPTY_OUTPUT = interaction("completed", output())
TALKS = interaction("completed", output({"type": "text", "text": "I can only describe it."}))
BLOCKED_IN_STEP = interaction(
    "completed", output(error={"code": 3, "message": "The video was removed by safety filters."})
)
FAILED = interaction("failed", errors=[{"code": "about:blank", "message": "Internal trouble."}])
BLOCKED = interaction(
    "failed", errors=[{"message": "The prompt goes against the usage policy and was blocked."}]
)

ACTIVE = {
    "name": f"files/{FILE}",
    "mimeType": "video/mp4",
    "state": "ACTIVE",
    "source": "GENERATED",
}
PROCESSING = {**ACTIVE, "state": "PROCESSING"}
BROKEN = {**ACTIVE, "state": "FAILED", "error": {"code": 13, "message": "Encoding failed."}}
NO_FILE = {
    "error": {
        "code": 403,
        "message": f"You do not have permission to access the File {FILE} or it may not exist.",
        "status": "PERMISSION_DENIED",
    }
}


def _error(
    status: int, word: str, message: str, *details: Mapping[str, object]
) -> dict[str, object]:
    return {"error": {"code": status, "message": message, "status": word, "details": list(details)}}


_RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "38s"}
_QUOTA = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaMetric": "generate_requests_per_minute"}],
}
_NO_KEY = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
}
_OVER = "You exceeded your current quota, please check your plan and billing details."
RATE = _error(429, "RESOURCE_EXHAUSTED", _OVER, _QUOTA, _RETRY)
ERRORS = (
    ErrorPayload("rate", 429, RATE, errors.RateLimited),
    ErrorPayload(
        "credits",
        429,
        _error(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."),
        errors.Billing,
    ),
    ErrorPayload(
        "key",
        400,
        _error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid one.", _NO_KEY),
        errors.BadCredentials,
    ),
    ErrorPayload(
        "value",
        400,
        _error(400, "INVALID_ARGUMENT", "duration must be between 3s and 15s"),
        errors.InvalidRequest,
    ),
    ErrorPayload(
        "prompt",
        400,
        _error(400, "INVALID_ARGUMENT", "The prompt was blocked by our safety system."),
        errors.Moderated,
    ),
    ErrorPayload(
        "model",
        404,
        _error(404, "NOT_FOUND", "models/gemini-omni-flash-preview is not found"),
        errors.ModelRetired,
    ),
    ErrorPayload(
        "overloaded",
        503,
        _error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
        errors.Transient,
    ),
    ErrorPayload("fault", 500, _error(500, "INTERNAL", "Internal error."), errors.AmbiguousSubmit),
)
"""What a create may be answered."""
