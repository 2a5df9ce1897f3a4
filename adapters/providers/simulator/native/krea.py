"""The API of Krea. Source: its documentation and its description of August 2026."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.providers.simulator.answers import ApiError
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.simulator.machine import Machine
from adapters.providers.simulator.native.assets import Assets
from adapters.providers.simulator.native.front import (
    CANCELLED,
    Json,
    Native,
    Order,
    count_at,
    fields_of,
    sides,
    text_at,
)
from adapters.providers.simulator.native.strict import flag_at, texts_at
from adapters.providers.simulator.requests import read_fields
from adapters.providers.simulator.videos import Row

_WORDS = {
    Status.QUEUED: "queued",
    Status.IN_PROGRESS: "processing",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
}
_STATUSES = {"insufficient_quota": 402}
_SAYS = {
    "insufficient_quota": "You have run out of credits.",
    "video_generation_user_error": "You have reached the maximum number of concurrent jobs.",
    "invalid_api_key": "You are not authenticated.",
}
_FAILURES = {"moderation_blocked": "Content moderation: NSFW content was detected"}
_FIELDS = (
    ("kling/kling-2.6", "duration aspect_ratio mode start_image end_image generate_audio"),
    ("kling/kling-3.0", "duration aspect_ratio mode start_image end_image generate_audio"),
    ("kling/", "duration aspect_ratio mode start_image end_image"),
    ("hailuo-", "duration resolution start_image end_image"),
    ("hailuo", "start_image"),
    ("wan-2.1", "aspect_ratio width height start_image end_image"),
    ("wan-2.2", "aspect_ratio width height start_image"),
    ("wan-2.5", "duration resolution aspect_ratio start_image generate_audio"),
    ("ray-2", "aspect_ratio width height start_image"),
    ("veo-2", "duration aspect_ratio start_image"),
    ("veo-3.1-lite", "duration resolution aspect_ratio start_image end_image"),
    (
        "veo-3.1",
        "duration resolution aspect_ratio start_image end_image reference_images generate_audio",
    ),
    ("veo-3", "duration resolution aspect_ratio start_image generate_audio"),
    ("seedance-1.0-pro-fast", "duration resolution aspect_ratio start_image"),
    ("seedance", "duration resolution aspect_ratio start_image end_image reference_images"),
    ("grok-video", "duration resolution aspect_ratio start_image reference_images"),
    ("ltx-video", "duration aspect_ratio start_image end_image generate_audio"),
    ("runway/", "duration aspect_ratio start_image"),
    ("", "duration resolution aspect_ratio start_image"),
)
"""What models know beside the prompt; all else is refused."""
_MOST = {"seedance": 4, "grok": 7}
_USUAL_MOST = 3


class Krea(Native):
    """Models below ``/generate/video``, jobs below ``/jobs``, pictures below ``/assets``."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        self._assets = Assets()

    def routes(self) -> list[Row]:
        """Create, ask, stop, and the file."""
        return [
            ("create", "POST", "/generate/video/{model:path}", self._create),
            ("upload", "POST", "/assets", self._upload),
            ("retrieve", "GET", "/jobs/{video_id}", self._retrieve),
            ("delete", "DELETE", "/jobs/{video_id}", self._delete),
            ("content", "GET", "/files/{video_id}.mp4", self.file),
        ]

    @staticmethod
    def new_id() -> str:
        """A UUID."""
        return str(uuid.uuid4())

    @staticmethod
    def status(error: ApiError) -> int:
        """An empty account must pay first."""
        return _STATUSES.get(error.code or "", error.status)

    @staticmethod
    def error(error: ApiError) -> Json:
        """One sentence."""
        said = (_SAYS.get(name or "") for name in (error.code, error.kind))
        return {"error": next((text for text in said if text), error.message)}

    def news(self, job: SimJob, now: int) -> Json:
        """The job, without its result."""
        return {**_shape(job), "completed_at": _time(now)}

    async def _create(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        order = self._with_pictures(_order(request.path_params["model"], fields), fields)
        told_at = request.headers.get("x-webhook-url", "")
        job = await self.take(replace(order, webhook=told_at), fault)
        shape = {**_shape(job), "status": "queued", "completed_at": None, "result": None}
        return JSONResponse(shape)

    async def _upload(self, request: Request, fault: Fault | None) -> Response:
        fields = await read_fields(request, takes_json=False)
        name = self._assets.new_name()
        link = f"{request.url.scheme}://{request.url.netloc}/assets/{name}"
        width, height = self._assets.put(link, fields.get("file"))
        shape = {"id": name[:36], "image_url": link, "width": width, "height": height}
        return JSONResponse({**shape, "uploaded_at": _time(self.machine.clock.now())})

    def _with_pictures(self, order: Order, fields: Json) -> Order:
        """The same order with the pictures behind its links; raises `ApiError`."""
        frames = [text_at(fields, name) for name in ("start_image", "end_image")]
        first, last = (self._assets.opened(link) if link else "" for link in frames)
        links = texts_at(fields, "reference_images")
        if len(links) > next((n for word, n in _MOST.items() if word in order.model), _USUAL_MOST):
            raise ApiError(400, "Too many reference_images", code="invalid_input")
        seen = tuple(self._assets.opened(link) for link in links)
        return replace(order, image=first, last=last, references=seen)

    async def _retrieve(self, request: Request, fault: Fault | None) -> Response:
        job = self.job(request.path_params["video_id"])
        shape = _shape(job)
        if job.finished_at is not None:
            shape["completed_at"] = _time(job.finished_at)
        if job.status is Status.COMPLETED:
            origin = f"{request.url.scheme}://{request.url.netloc}"
            shape["result"] = {"urls": [f"{origin}/files/{job.id}.mp4"]}
        if shape["status"] == "failed":
            text = _FAILURES.get(job.error_code or "", job.error_message)
            shape["error"] = {"code": "generation_failed", "message": text}
        return JSONResponse(shape)

    async def _delete(self, request: Request, fault: Fault | None) -> Response:
        job = self.job(request.path_params["video_id"])
        if job.ended:
            raise ApiError(400, "Only queued or processing jobs can be cancelled.")
        await self.stop(job)
        return JSONResponse({})


def _shape(job: SimJob) -> Json:
    word = "cancelled" if job.error_code == CANCELLED else _WORDS[job.status]
    return {"job_id": job.id, "status": word, "created_at": _time(job.created_at)}


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat().replace("+00:00", "Z")


def _order(model: str, fields: Json) -> Order:
    """A create as strictly as a model reads it; raises `ApiError`."""
    known = next(names for word, names in _FIELDS if word in model).split()
    if odd := sorted(set(fields) - {"prompt", *known}):
        raise ApiError(400, f"Unrecognized key: {odd[0]}", code="invalid_input")
    if "width" in known:
        width, height = count_at(fields, "width", 0), count_at(fields, "height", 0)
    else:
        width, height = _sides(model, fields)
    if not width or not height:
        raise ApiError(400, "width and height are required", code="invalid_input")
    seconds = count_at(fields, "duration", 5)
    prompt, sound = text_at(fields, "prompt"), flag_at(fields, "generate_audio")
    return Order(prompt, model, width, height, seconds, sound=sound)


def _sides(model: str, fields: Json) -> tuple[int, int]:
    lines = text_at(fields, "resolution", "720p")
    ratio = text_at(fields, "aspect_ratio", "16:9")
    if "runway/gen-4" in model:
        wide, _, high = text_at(fields, "aspect_ratio", "1280:720").partition(":")
        if not (wide.isdecimal() and high.isdecimal()):
            raise ApiError(400, "Invalid aspect_ratio", code="invalid_input")
        return int(wide), int(high)
    return sides(ratio, {"768p": "720p", "512p": "540p"}.get(lines, lines))
