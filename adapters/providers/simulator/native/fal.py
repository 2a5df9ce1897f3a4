"""fal's queue. Source: fal.ai's documentation and fal-client 1.0.3, read in November 2026."""

from __future__ import annotations

import uuid
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.providers.simulator.answers import ApiError, no_such_model
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
from adapters.providers.simulator.native.strict import flag_at, texts_at
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
_NUMBERS = ("gemini-omni-flash", "minimax/h3", "pika", "sora-2", "grok-imagine-video")
"""Models whose lengths are whole numbers; others want text."""
_CAPITALS = {"480P": "480p", "768P": "720p"}
_FIELDS = {"prompt", "duration", "resolution", "aspect_ratio", "seed"}
_AUDIO = "generate_audio"
_SOUNDS = (
    "veo3",
    "kling-video/v2.6",
    "kling-video/v3",
    "kling-video/o3",
    "seedance-2.0",
    "seedance/v1.5",
)
"""Models that have a switch for sound."""
_ROUTES = ("image-to-video", "first-last-frame-to-video", "reference-to-video")
_FIRST, _BOTH, _SEEN = _ROUTES
_PICTURES: tuple[tuple[str, str, str, str], ...] = (
    ("veo3.1", _BOTH, "first_frame_url last_frame_url", ""),
    ("kling-video/v2.5-turbo/pro", _FIRST, "image_url", "tail_image_url"),
    ("kling-video/v2.6", _FIRST, "start_image_url", "end_image_url"),
    ("kling-video/v3", _FIRST, "start_image_url", "end_image_url"),
    ("kling-video/v4", _FIRST, "start_image_url", "end_image_url"),
    ("kling-video/o1", _FIRST, "start_image_url", "end_image_url"),
    ("kling-video/o3", _FIRST, "image_url", "end_image_url"),
    ("hailuo-02/", _FIRST, "image_url", "end_image_url"),
    ("seedance-2.0", _FIRST, "image_url", "end_image_url"),
    ("seedance/v1/pro/fast", _FIRST, "image_url", ""),
    ("seedance/v1", _FIRST, "image_url", "end_image_url"),
    ("", _FIRST, "image_url", ""),
)
"""Frames that models know on a route, by a word in their names: what they need, what they take."""
_REFERENCES = {
    "gemini-omni-flash": ("image_urls", 10),
    "veo3.1/reference": ("image_urls", 3),
    "kling-video/o1": ("image_urls", 7),
    "kling-video/o3": ("image_urls", 4),
    "seedance-2.0": ("image_urls", 9),
    "seedance/v1/lite": ("reference_image_urls", 4),
    "grok-imagine-video": ("reference_image_urls", 7),
}
"""Models with a route for pictures of what is to be seen: its field, and how many it takes."""
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
    route = next((one for one in _ROUTES if one in model), "")
    needed, others = _frames_of(model, route)
    seen, most = _references_of(model) if route == _SEEN else ("", 0)
    sounds = [_AUDIO] if any(word in model for word in _SOUNDS) else []
    _check_names(fields, [*needed, *([seen] if seen else [])], [*others, *sounds])
    width, height = sides(text_at(fields, "aspect_ratio", "16:9"), _lines(model, fields))
    frames = [text_at(fields, name) for name in (*needed, *others)]
    image, last, *_ = *frames, "", ""
    return Order(
        prompt=text_at(fields, "prompt"),
        model=model,
        width=width,
        height=height,
        seconds=_seconds(model, fields.get("duration", "5")),
        image=image,
        last=last,
        references=_references(fields, seen, most),
        sound=flag_at(fields, _AUDIO),
    )


def _frames_of(model: str, route: str) -> tuple[list[str], list[str]]:
    """What a route needs and takes of frames; raises `ApiError` where there is no such route."""
    if route in {"", _SEEN}:
        return [], []
    for word, here, needed, others in _PICTURES:
        if here == route and word in model:
            return needed.split(), others.split()
    raise no_such_model(model)


def _references_of(model: str) -> tuple[str, int]:
    for word, known in _REFERENCES.items():
        if word in model:
            return known
    raise no_such_model(model)


def _check_names(fields: Json, needed: list[str], others: list[str]) -> None:
    if odd := sorted(set(fields) - _FIELDS - {*needed, *others}):
        raise _wrong(odd[0], "Extra inputs are not permitted")
    for name in needed:
        if not fields.get(name):
            raise _wrong(name, "Field required")


def _references(fields: Json, name: str, most: int) -> tuple[str, ...]:
    """The pictures in a list of texts; raises `ApiError`."""
    found = texts_at(fields, name) if name else ()
    if len(found) > most:
        raise _wrong(name, f"List should have at most {most} items")
    return found


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
