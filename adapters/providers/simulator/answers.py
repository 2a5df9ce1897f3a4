"""Errors as the simulator means them, before a dialect gives them their shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

from adapters.providers.simulator.faults import Fault, Hint, Kind

UNROUTED = "unrouted"
"""Kind of an answer where no route is."""
MODERATION = "Your request was blocked by our moderation system."


class ApiError(Exception):
    """An answer that says no. `kind` is the envelope's ``type``; `of_file`: in place of a file."""

    of_file = False

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str | None = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.param = param
        self.headers = dict(headers or {})


def missing(param: str) -> ApiError:
    """A required parameter is not there."""
    text = f"Missing required parameter: '{param}'."
    return ApiError(400, text, code="missing_required_parameter", param=param)


def invalid(param: str, given: str, allowed: str) -> ApiError:
    """A value that is not allowed."""
    text = f"Invalid value: '{given[:100]}'. Supported values are: {allowed}."
    return ApiError(400, text, code="invalid_value", param=param)


def no_such_model(model: str | None = None) -> ApiError:
    """The model was retired or never existed."""
    name = f"model '{model[:100]}'" if model else "requested model"
    text = f"The {name} does not exist or you do not have access to it."
    return ApiError(404, text, code="model_not_found", param="model")


def no_such_video(video_id: str, status: int = 404) -> ApiError:
    """Unknown or deleted."""
    return ApiError(status, f"Video with id '{video_id[:200]}' not found.", code="not_found")


def of_fault(fault: Fault, now: int) -> ApiError | None:
    """The error that a planned fault answers with; None for faults of another sort."""
    match fault.kind:
        case Kind.RATE_LIMITED | Kind.CONCURRENCY | Kind.BILLING:
            return _too_many(fault, now)
        case Kind.REFUSED:
            return ApiError(400, MODERATION, code="moderation_blocked")
        case Kind.RETIRED_MODEL:
            return no_such_model()
        case Kind.SERVER_ERROR:
            return _server_error(fault.status)
        case _:
            return None


def _too_many(fault: Fault, now: int) -> ApiError:
    """The three meanings of 429."""
    if fault.kind is Kind.CONCURRENCY:
        return ApiError(429, "Too many running tasks", kind="video_generation_user_error")
    if fault.kind is Kind.BILLING:
        text = "You exceeded your current quota, please check your plan and billing details."
        return ApiError(429, text, kind="insufficient_quota", code="insufficient_quota")
    text = "Rate limit reached for requests per min. Please try again later."
    hint = _hint(fault, now)
    return ApiError(429, text, kind="requests", code="rate_limit_exceeded", headers=hint)


def _server_error(status: int) -> ApiError:
    if status == 503:  # noqa: PLR2004 - the one that says it took nothing
        text = "The server is overloaded. Please try again later."
        return ApiError(503, text, kind="service_unavailable_error", code="server_is_overloaded")
    text = "The server had an error while processing your request."
    return ApiError(status, text, kind="server_error")


def _hint(fault: Fault, now: int) -> dict[str, str]:
    match fault.hint:
        case Hint.SECONDS:
            return {"retry-after": str(-(-fault.wait_ms // 1000))}
        case Hint.DATE:
            when = datetime.fromtimestamp((now + fault.wait_ms) // 1000, UTC)
            return {"retry-after": format_datetime(when, usegmt=True)}
        case Hint.MILLISECONDS:
            return {"retry-after-ms": str(fault.wait_ms)}
        case Hint.RESET:
            return {
                "x-ratelimit-limit-requests": "25",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": _go_duration(fault.wait_ms),
            }
        case Hint.NONE:
            return {}


def _go_duration(ms: int) -> str:
    """``12ms``, ``1.5s`` or ``2m3s``: how these headers write a time."""
    if ms < 1000:  # noqa: PLR2004 - a second
        return f"{ms}ms"
    minutes, rest = divmod(ms, 60_000)
    seconds = f"{rest / 1000:g}s"
    return f"{minutes}m{seconds}" if minutes else seconds
