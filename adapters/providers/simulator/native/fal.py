"""fal's queue. Source: fal.ai's documentation and fal-client 1.0.3, read in November 2026."""

from __future__ import annotations

import uuid
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.providers.simulator.answers import ApiError
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.simulator.native.front import (
    CANCELLED,
    Json,
    Native,
    Order,
    fields_of,
    sides,
    text_at,
)
from adapters.providers.simulator.videos import Row
from bot.domain.webhooks import Scheme

_WORDS = {
    Status.QUEUED: "IN_QUEUE",
    Status.IN_PROGRESS: "IN_PROGRESS",
    Status.COMPLETED: "COMPLETED",
    Status.FAILED: "COMPLETED",
}
_STATUSES = {"insufficient_quota": 403, "invalid_input": 422, "moderation_blocked": 422}
_EMPTY = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard."
_FLAGGED = "The content was flagged by a content checker."
_NUMBERS = ("gemini-omni-flash", "minimax/h3", "pika", "sora-2")
"""Models whose lengths are whole numbers; others want text."""
_STARTS = ("kling-video/v3", "kling-video/v4")
"""Models whose first frame has a name of its own."""
_CAPITALS = {"480P": "480p", "768P": "720p"}
_FRAMES = ("image_url", "start_image_url")
_FIELDS = {"prompt", "duration", "resolution", "aspect_ratio", "seed", "generate_audio", *_FRAMES}
_FIRST_FAULT, _BUSY = 500, 503
_RETRY = "x-fal-retryable"


class Fal(Native):
    """Every path that is no other is a model's."""

    prefix = "Key "
    scheme = Scheme.FAL

    def routes(self) -> list[Row]:
        """Status, result and cancel below owner and app; create below the whole model."""
        request = "/{app:path}/requests/{video_id}"
        return [
            ("content", "GET", "/files/{video_id}/output.mp4", self.file),
            ("retrieve", "GET", f"{request}/status", self._status),
            ("retrieve", "GET", request, self._result),
            ("cancel", "PUT", f"{request}/cancel", self._cancel),
            ("create", "POST", "/{model:path}", self._create),
        ]

    @staticmethod
    def new_id() -> str:
        """A UUID."""
        return str(uuid.uuid4())

    @staticmethod
    def status(error: ApiError) -> int:
        """An empty account is forbidden; what a model does not take is 422."""
        return _STATUSES.get(error.code or "", error.status)

    @staticmethod
    def error(error: ApiError) -> Json:
        """A list of what is wrong with the input, or one sentence."""
        if error.code == "insufficient_quota":
            return {"detail": _EMPTY}
        if error.code == "moderation_blocked":
            return _detail("prompt", _FLAGGED, "content_policy_violation")
        if error.code == "invalid_input":
            return _detail(error.param or "", error.message, "value_error")
        if error.status >= _FIRST_FAULT:
            kind = "runner_scheduling_failure" if error.status == _BUSY else "internal_error"
            return {"detail": error.message, "error_type": kind}
        return {"detail": error.message}

    def news(self, job: SimJob, now: int) -> Json:
        """The model's output, or what went wrong."""
        told: Json = {"request_id": job.id, "gateway_request_id": job.id}
        if job.status is Status.COMPLETED:
            return {**told, "status": "OK", "payload": {"seed": job.number}}
        return {**told, "status": "ERROR", "error": job.error_message}

    # --- the queue ------------------------------------------------------------------------

    async def _create(self, request: Request, fault: Fault | None) -> Response:
        model, fields = request.path_params["model"], await fields_of(request)
        told_at = request.query_params.get("fal_webhook", "")
        job = await self.take(replace(_order(model, fields), webhook=told_at), fault)
        return JSONResponse({"status": "IN_QUEUE", "queue_position": 0, **_links(request, job)})

    async def _status(self, request: Request, fault: Fault | None) -> Response:
        job = self._asked(request)
        shape: Json = {"status": _WORDS[job.status], "logs": None, **_links(request, job)}
        if job.status is Status.QUEUED:
            shape["queue_position"] = 0
        if job.ended:
            shape["metrics"] = {"inference_time": job.spec.seconds}
        if job.status is Status.FAILED:
            shape["error"] = job.error_message
        if job.error_code == CANCELLED:
            shape["error_type"] = "client_cancelled"
        return JSONResponse(shape, 200 if job.ended else 202)

    async def _result(self, request: Request, fault: Fault | None) -> Response:
        job = self._asked(request)
        if not job.ended:
            return JSONResponse({"detail": "Request is still in progress"}, 400)
        if job.error_code == CANCELLED:
            return _said(499, "Request was cancelled", "client_cancelled")
        if job.error_code == "moderation_blocked":
            detail = _detail("prompt", _FLAGGED, "content_policy_violation")
            return JSONResponse(detail, 422, {_RETRY: "false"})
        if job.status is Status.FAILED:
            return _said(500, job.error_message or "", "runner_server_error")
        url = f"{_origin(request)}/files/{job.id}/output.mp4"
        video = {"url": url, "content_type": "video/mp4", "file_name": "output.mp4"}
        return JSONResponse({"video": video, "seed": job.number})

    async def _cancel(self, request: Request, fault: Fault | None) -> Response:
        job = self._asked(request)
        if job.ended:
            return JSONResponse({"status": "ALREADY_COMPLETED"}, 400)
        await self.stop(job)
        return JSONResponse({"status": "CANCELLATION_REQUESTED"}, 202)

    def _asked(self, request: Request) -> SimJob:
        """The job of a path; the model's own sub-path must not be in it."""
        job = self.job(request.path_params["video_id"])
        if request.path_params["app"] != _app(job.model):
            raise ApiError(404, "Request not found", code="not_found")
        return job


def _order(model: str, fields: Json) -> Order:
    """A create as strictly as a model reads it; raises `ApiError`."""
    if odd := sorted(set(fields) - _FIELDS):
        raise _wrong(odd[0], "Extra inputs are not permitted")
    frame = "start_image_url" if any(word in model for word in _STARTS) else "image_url"
    image, wants = text_at(fields, frame), "image-to-video" in model
    if bool(image) is not wants:
        raise _wrong(frame, "Field required" if wants else "Extra inputs are not permitted")
    width, height = sides(text_at(fields, "aspect_ratio", "16:9"), _lines(model, fields))
    seconds = _seconds(model, fields.get("duration", "5"))
    return Order(text_at(fields, "prompt"), model, width, height, seconds, image)


def _lines(model: str, fields: Json) -> str:
    """A resolution, which one maker writes in capitals."""
    if "minimax/h3" not in model:
        return text_at(fields, "resolution", "720p")
    lines = _CAPITALS.get(text_at(fields, "resolution", "768P"))
    if lines is None:
        raise _wrong("resolution", "Input should be '480P' or '768P'")
    return lines


def _seconds(model: str, given: object) -> int:
    if any(word in model for word in _NUMBERS):
        if isinstance(given, int) and not isinstance(given, bool) and given > 0:
            return given
        raise _wrong("duration", "Input should be a valid integer")
    text = given if isinstance(given, str) else ""
    number = text.removesuffix("s") if "veo" in model else text
    if not (number.isdecimal() and int(number) and ("veo" not in model or text.endswith("s"))):
        raise _wrong("duration", "Input should be one of the lengths of this model")
    return int(number)


def _wrong(param: str, text: str) -> ApiError:
    return ApiError(422, text, code="invalid_input", param=param)


def _app(model: str) -> str:
    return "/".join(model.split("/")[:2])


def _detail(param: str, text: str, kind: str) -> Json:
    loc = ["body", param] if param else ["body"]
    url = f"https://docs.fal.ai/errors#{kind}"
    return {"detail": [{"loc": loc, "msg": text, "type": kind, "url": url}]}


def _said(status: int, text: str, kind: str) -> JSONResponse:
    return JSONResponse(
        {"detail": text, "error_type": kind}, status, {"x-fal-error-type": kind, _RETRY: "false"}
    )


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _links(request: Request, job: SimJob) -> Json:
    here = f"{_origin(request)}/{_app(job.model)}/requests/{job.id}"
    return {
        "request_id": job.id,
        "response_url": here,
        "status_url": f"{here}/status",
        "cancel_url": f"{here}/cancel",
    }
