"""The API of Higgsfield. Source: its documentation and its description of July 2026."""

from __future__ import annotations

import uuid
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.providers.simulator.answers import ApiError, no_such_model
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import Fate, SimJob, Status
from adapters.providers.simulator.machine import Machine
from adapters.providers.simulator.native.assets import Assets
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

_WORDS = {
    Status.QUEUED: "queued",
    Status.IN_PROGRESS: "in_progress",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
}
_ENDS = {"moderation_blocked": "nsfw", CANCELLED: "canceled"}
_STATUSES = {"insufficient_quota": 403, "invalid_input": 422}
_TOO_MANY = "video_generation_user_error"
_FULL = "Maximum number of concurrent requests reached"
_FIELDS = {"prompt", "duration", "resolution", "aspect_ratio", "seed"}
_SOUNDS = ("veo3.1", "seedance-2")
_ROUTES = {
    "/dop/": ("image_url", "end_image_url"),
    "first-last-frame-to-video": ("first_frame_url", "last_frame_url"),
    "hailuo-02/": ("image_url", "end_image_url"),
    "image-to-video": ("image_url",),
}
"""The frames that models know, by a word in their names; they need the first."""
_SEEN = "veo3.1/reference-to-video"
_MOST = 3
_BARE = ("veo", "seedance/v1")
"""Models whose resolutions are numbers alone."""


class Higgsfield(Native):
    """Every path that is no other is a model's. What never ends waits and can be cancelled."""

    prefix = "Key "

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        self._assets = Assets()

    def routes(self) -> list[Row]:
        """Status and cancel below ``/requests``; create below the model."""
        return [
            ("content", "GET", "/files/{video_id}.mp4", self.file),
            ("retrieve", "GET", "/requests/{video_id:path}/status", self._status),
            ("cancel", "POST", "/requests/{video_id:path}/cancel", self._cancel),
            ("upload", "POST", "/files/generate-upload-url", self._upload),
            ("upload", "PUT", "/uploads/{name}", self._put),
            ("create", "POST", "/{model:path}", self._create),
        ]

    @staticmethod
    def new_id() -> str:
        """A UUID."""
        return str(uuid.uuid4())

    @staticmethod
    def status(error: ApiError) -> int:
        """Too many at once is a bad request there, an empty account is forbidden."""
        return 400 if error.kind == _TOO_MANY else _STATUSES.get(error.code or "", error.status)

    @staticmethod
    def error(error: ApiError) -> Json:
        """One sentence, or a list of what is wrong with the input."""
        if error.kind == _TOO_MANY:
            return {"detail": _FULL}
        if error.code == "insufficient_quota":
            return {"detail": "Not enough credits"}
        if error.code == "invalid_input":
            loc = ["body", error.param] if error.param else ["body"]
            return {"detail": [{"type": "value_error", "loc": loc, "msg": error.message}]}
        return {"detail": error.message}

    def news(self, job: SimJob, now: int) -> Json:
        """The state of the request."""
        return {"status": _word(job), "request_id": job.id}

    async def _create(self, request: Request, fault: Fault | None) -> Response:
        named = request.headers.get("idempotency-key", "")
        if again := self.machine.archive.named(named):
            return JSONResponse({"status": _word(again), **_links(request, again)})
        fields = await fields_of(request)
        order = self._opened(_order(request.path_params["model"], fields))
        told_at = request.query_params.get("hf_webhook", "")
        job = await self.take(replace(order, webhook=told_at, name=named), fault)
        return JSONResponse({"status": "queued", **_links(request, job)})

    async def _upload(self, request: Request, fault: Fault | None) -> Response:
        kind = text_at(await fields_of(request), "content_type")
        if not kind.startswith("image/"):
            raise _wrong("content_type", "Input should be a type of pictures")
        origin, name = _origin(request), self._assets.new_name()
        place = f"{origin}/uploads/{name}?X-Signature=signed"
        headers = {"Content-Type": kind, "x-tag": name}
        public = f"{origin}/pictures/{name}"
        return JSONResponse({"public_url": public, "upload_url": place, "upload_headers": headers})

    async def _put(self, request: Request, fault: Fault | None) -> Response:
        """A file store: what was signed must come, and nothing is said."""
        name, sent = request.path_params["name"], request.headers
        signed = request.query_params.get("X-Signature") == "signed" and sent.get("x-tag") == name
        if not (signed and sent.get("content-type", "").startswith("image/")):
            return Response(status_code=403)
        self._assets.put(f"{_origin(request)}/pictures/{name}", await request.body())
        return Response()

    def _opened(self, order: Order) -> Order:
        """The same order with the pictures behind its links; raises `ApiError`."""
        first, last = (link and self._assets.opened(link) for link in (order.image, order.last))
        seen = tuple(self._assets.opened(link) for link in order.references)
        return replace(order, image=first, last=last, references=seen)

    async def _status(self, request: Request, fault: Fault | None) -> Response:
        job = self.job(request.path_params["video_id"])
        shape: Json = {"status": _word(job), **_links(request, job)}
        if job.status is Status.COMPLETED:
            shape["video"] = {"url": f"{_origin(request)}/files/{job.id}.mp4"}
        if shape["status"] == "failed":
            shape["error"] = job.error_message
        return JSONResponse(shape)

    async def _cancel(self, request: Request, fault: Fault | None) -> Response:
        job = self.job(request.path_params["video_id"])
        if _word(job) != "queued":
            raise ApiError(400, "The request has already started and cannot be canceled.")
        await self.stop(job)
        return Response(status_code=202)


def _word(job: SimJob) -> str:
    if job.fate is Fate.NEVER and not job.ended:
        return "queued"
    return _ENDS.get(job.error_code or "", _WORDS[job.status])


def _order(model: str, fields: Json) -> Order:
    """A create as strictly as a model reads it, its pictures as links; raises `ApiError`."""
    frames = _frames_of(model)
    _check_names(model, fields, frames)
    lines = text_at(fields, "resolution", "720" if _is_bare(model) else "720p")
    if lines.isdecimal() is not _is_bare(model):
        raise _wrong("resolution", "Input should be one of the resolutions of this model")
    ratio = text_at(fields, "aspect_ratio", "16:9")
    width, height = sides(ratio, f"{lines.removesuffix('p')}p")
    seconds = _seconds(model, fields.get("duration", "6" if "veo" in model else 5))
    first, last, *_ = *(text_at(fields, name) for name in frames), "", ""
    return Order(
        text_at(fields, "prompt"),
        model,
        width,
        height,
        seconds,
        image=first,
        last=last,
        references=texts_at(fields, "image_urls"),
        sound=flag_at(fields, "generate_audio"),
    )


def _frames_of(model: str) -> tuple[str, ...]:
    """The fields of frames that a model knows; raises `ApiError` where it has no such route."""
    if "reference-to-video" in model and model != _SEEN:
        raise no_such_model(model)
    if "text-to-video" in model:
        return ()
    return next((names for word, names in _ROUTES.items() if word in model), ())


def _check_names(model: str, fields: Json, frames: tuple[str, ...]) -> None:
    needed = ["image_urls"] if model == _SEEN else list(frames[:1])
    needed += frames[1:] if "first-last" in model else []
    sounds = ["generate_audio"] if any(word in model for word in _SOUNDS) else []
    known = _FIELDS - {"aspect_ratio"} if frames and "kling" in model else _FIELDS
    if odd := sorted(set(fields) - known - {*needed, *frames, *sounds}):
        raise _wrong(odd[0], "Extra inputs are not permitted")
    for name in needed:
        if not fields.get(name):
            raise _wrong(name, "Field required")
    if len(texts_at(fields, "image_urls")) > _MOST:
        raise _wrong("image_urls", f"List should have at most {_MOST} items")


def _is_bare(model: str) -> bool:
    return any(word in model for word in _BARE)


def _seconds(model: str, given: object) -> int:
    if "veo" in model and isinstance(given, str) and given in {"4", "6", "8"}:
        return int(given)
    if "veo" not in model and isinstance(given, int) and not isinstance(given, bool) and given > 0:
        return given
    raise _wrong("duration", "Input should be one of the lengths of this model")


def _wrong(param: str, text: str) -> ApiError:
    return ApiError(422, text, code="invalid_input", param=param)


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _links(request: Request, job: SimJob) -> Json:
    here = f"{_origin(request)}/requests/{job.id}"
    return {"request_id": job.id, "status_url": f"{here}/status", "cancel_url": f"{here}/cancel"}
