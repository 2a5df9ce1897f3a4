"""Error answers of servers of the OpenAI Videos contract, by server.

Sources as in openai_videos.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot import errors


@dataclass(frozen=True)
class ErrorPayload:
    """An error answer, and which failure it is."""

    label: str
    status: int
    body: Any
    kind: type[errors.ProviderError]

    def __str__(self) -> str:
        return self.label


def _openai(message: str, type_: str | None, code: str | None = None) -> dict[str, object]:
    return {"error": {"message": message, "type": type_, "param": None, "code": code}}


_INVALID = "invalid_request_error"
_LITELLM_TYPES = {429: "throttling_error", 500: "internal_server_error"}


def litellm(status: int, error: str, body: object) -> dict[str, object]:
    """An error of a server behind LiteLLM's proxy, as that one tells it."""
    words = f"litellm.{error}: OpenAIException - {json.dumps(body)}"
    after = "\n\nLiteLLM: model group 'sora-2' failed with the error above."
    return _openai(words + after, _LITELLM_TYPES.get(status, _INVALID), str(status))


ERRORS = (
    # OpenAI's error guide and SDK classes
    ErrorPayload(
        "rate",
        429,
        _openai("Rate limit reached for requests", "requests", "rate_limit_exceeded"),
        errors.RateLimited,
    ),
    ErrorPayload(
        "slow down", 429, _openai("Slow down", "rate_limit_error", "slow_down"), errors.RateLimited
    ),
    ErrorPayload(
        "quota",
        429,
        _openai("You exceeded your current quota", "insufficient_quota", "insufficient_quota"),
        errors.Billing,
    ),
    ErrorPayload(
        "credits",
        429,
        _openai("No credit left", "insufficient_quota", "credit_balance_exhausted"),
        errors.Billing,
    ),
    ErrorPayload(
        "project limit",
        429,
        _openai("Limit", None, "project_spend_limit_exceeded"),
        errors.Billing,
    ),
    ErrorPayload(
        "hard limit",
        400,
        _openai("Billing hard limit has been reached", _INVALID, "billing_hard_limit_reached"),
        errors.Billing,
    ),
    ErrorPayload(
        "key",
        401,
        _openai("Incorrect API key provided: sk-…", _INVALID, "invalid_api_key"),
        errors.BadCredentials,
    ),
    ErrorPayload(
        "country",
        403,
        _openai("Country not supported", "request_forbidden", "unsupported_country_region"),
        errors.BadCredentials,
    ),
    ErrorPayload(
        "size",
        400,
        _openai("Invalid value: '1x1'", _INVALID, "invalid_value"),
        errors.InvalidRequest,
    ),
    ErrorPayload(
        "moderation",
        400,
        _openai("Your request was blocked by our moderation system.", _INVALID),
        errors.Moderated,
    ),
    ErrorPayload(
        "retired",
        404,
        _openai("The model 'sora-2' does not exist or you do not have access to it.", _INVALID),
        errors.ModelRetired,
    ),
    ErrorPayload(
        "retired by code", 400, _openai("gone", _INVALID, "model_not_found"), errors.ModelRetired
    ),
    ErrorPayload(
        "overloaded",
        503,
        _openai("Overloaded", "service_unavailable_error", "server_is_overloaded"),
        errors.Transient,
    ),
    ErrorPayload(
        "fault", 500, _openai("The server had an error", "server_error"), errors.Transient
    ),
    ErrorPayload(
        "no such video", 404, _openai("Video with id 'x' not found.", _INVALID), errors.JobNotFound
    ),
    # Azure: saturation without a code
    ErrorPayload(
        "azure slots",
        429,
        {
            "error": {
                "message": "Too many running tasks",
                "type": "video_generation_user_error",
                "code": None,
            }
        },
        errors.ConcurrencyLimited,
    ),
    ErrorPayload(
        "azure deployment",
        404,
        {"error": {"code": "DeploymentNotFound", "message": "The API deployment is not there."}},
        errors.ModelRetired,
    ),
    # LiteLLM: codes are statuses as text
    ErrorPayload(
        "litellm rate",
        429,
        _openai("litellm.RateLimitError: RateLimitError", "throttling_error", "429"),
        errors.RateLimited,
    ),
    ErrorPayload(
        "litellm lacks remix",
        500,
        _openai("video remix is not implemented for this provider", None, "500"),
        errors.Unsupported,
    ),
    ErrorPayload("litellm route", 405, {"detail": "Method Not Allowed"}, errors.Unsupported),
    # LiteLLM 1.110.2 quotes the server behind it, and derives type and code from the status
    ErrorPayload(
        "litellm quotes a rate",
        429,
        litellm(429, "RateLimitError: RateLimitError", _openai("Too fast.", "requests")),
        errors.RateLimited,
    ),
    ErrorPayload(
        "litellm quotes slots",
        429,
        litellm(
            429,
            "RateLimitError: RateLimitError",
            _openai("Too many running tasks", "video_generation_user_error"),
        ),
        errors.ConcurrencyLimited,
    ),
    ErrorPayload(
        "litellm quotes an empty account",
        429,
        litellm(429, "RateLimitError: RateLimitError", _openai("Pay first.", "insufficient_quota")),
        errors.Billing,
    ),
    ErrorPayload(
        "litellm quotes the content rules",
        400,
        litellm(400, "BadRequestError", _openai("No.", _INVALID, "moderation_blocked")),
        errors.Moderated,
    ),
    ErrorPayload(
        "litellm quotes a model that is gone",
        404,
        litellm(404, "NotFoundError", _openai("Gone.", _INVALID, "model_not_found")),
        errors.ModelRetired,
    ),
    ErrorPayload(
        "litellm routes no such model",
        400,
        _openai("/videos: Invalid model name passed in model=x.", _INVALID, "400"),
        errors.ModelRetired,
    ),
    ErrorPayload(
        "litellm rests",
        429,
        _openai("No deployments available.", "all_deployments_in_cooldown", "429"),
        errors.RateLimited,
    ),
    # new-api: flat, and the words are rewritten
    ErrorPayload(
        "new-api busy",
        429,
        {"code": "rate_limit_exceeded", "message": "当前分组上游负载已饱和", "data": None},
        errors.RateLimited,
    ),
    ErrorPayload(
        "new-api quota",
        429,
        {"code": "insufficient_user_quota", "message": "当前分组上游负载已饱和", "data": None},
        errors.Billing,
    ),
    ErrorPayload(
        "new-api quota 403",
        403,
        {"code": "insufficient_user_quota", "message": "额度不足", "data": None},
        errors.Billing,
    ),
    ErrorPayload(
        "new-api task",
        400,
        {"code": "task_not_exist", "message": "task_not_exist"},
        errors.JobNotFound,
    ),
    # as FastAPI says no, in front of vLLM-Omni and SGLang
    ErrorPayload("fastapi words", 404, {"detail": "Video not found"}, errors.JobNotFound),
    ErrorPayload(
        "fastapi list",
        422,
        {"detail": [{"type": "missing", "loc": ["body", "prompt"], "msg": "Field required"}]},
        errors.InvalidRequest,
    ),
    # fal, as LiteLLM passes it on
    ErrorPayload(
        "fal content",
        422,
        {"detail": [{"type": "content_policy_violation", "msg": "flagged", "loc": ["body"]}]},
        errors.Moderated,
    ),
    # OpenRouter: numbers as codes
    ErrorPayload(
        "openrouter money",
        402,
        {"error": {"code": 402, "message": "Add credits"}},
        errors.Billing,
    ),
    ErrorPayload(
        "openrouter too large",
        413,
        {"error": {"code": 413, "message": "too large", "metadata": {}}},
        errors.InvalidRequest,
    ),
    # reverse gateways (TheSmallHanCat/sora2api issue 59)
    ErrorPayload("sentinel", 400, _openai("blocked", _INVALID, "sentinel_block"), errors.Moderated),
    ErrorPayload(
        "phone", 400, _openai("verify", _INVALID, "phone_number_required"), errors.BadCredentials
    ),
    # a bare string, a list around it, nothing at all
    ErrorPayload("string", 429, "slow down please", errors.RateLimited),
    ErrorPayload("in a list", 404, [_openai("gone", None, "model_not_found")], errors.ModelRetired),
    ErrorPayload("error as text", 400, {"error": "prompt is too long"}, errors.InvalidRequest),
    ErrorPayload("empty", 400, {}, errors.InvalidRequest),
)
