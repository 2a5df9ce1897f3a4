"""Luma's Agents API. Source: docs.agents.lumalabs.ai and SDK luma-agents 0.5.0, November 2026.

It takes clips of any whole number of seconds up to ten, the service of five and ten. An empty
account keeps the status of the fault, 429; the service says 402.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.providers.refusals import as_list, as_object
from adapters.providers.simulator.answers import ApiError
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.simulator.native.front import (
    Json,
    Native,
    Order,
    fields_of,
    sides,
    text_at,
)
from adapters.providers.simulator.native.strict import check_names, list_at, one_of
from adapters.providers.simulator.videos import Row

_MAX_PROMPT = 6000
_RATIOS = ("9:16", "3:4", "1:1", "4:3", "16:9", "21:9")
_LINES = ("360p", "540p", "720p", "1080p")
_SECONDS = tuple(f"{number}s" for number in range(1, 11))
_GRID = 24
_VIDEO = ("resolution", "duration", "loop", "keyframes", "keyframe_indexes")
_TYPES = ("image/jpeg", "image/png", "image/webp")
_WORDS = {
    Status.QUEUED: "queued",
    Status.IN_PROGRESS: "processing",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
}
_FAILURES = {"moderation_blocked": "content_moderated"}
_SAID: Mapping[str | None, str] = {
    "insufficient_quota": "Insufficient balance",
    "rate_limit_exceeded": "Rate limit exceeded",
    "video_generation_user_error": "Too many concurrent jobs",
}


class Luma(Native):
    """Under ``/v1``, as at agents.lumalabs.ai."""

    def routes(self) -> list[Row]:
        """Create and ask; files are elsewhere."""
        return [
            ("create", "POST", "/v1/generations", self._create),
            ("retrieve", "GET", "/v1/generations/{video_id}", self._retrieve),
            ("content", "GET", "/files/{video_id}.mp4", self.file),
        ]

    @staticmethod
    def new_id() -> str:
        """A UUID."""
        return str(uuid.uuid4())

    @staticmethod
    def error(error: ApiError) -> Json:
        """``{"detail": words}``, and no code."""
        return {"detail": _SAID.get(error.code) or _SAID.get(error.kind) or error.message}

    async def _create(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, ("model", "type", "prompt"), ("aspect_ratio", "video", "user_id"))
        one_of(fields, "type", ("video",))
        video = _object(fields, "video")
        check_names(video, (), _VIDEO)
        width, height = sides(
            one_of(fields, "aspect_ratio", _RATIOS, "16:9"),
            one_of(video, "resolution", _LINES, "720p"),
        )
        seconds = int(one_of(video, "duration", _SECONDS, "5s").removesuffix("s"))
        frames = _frames(video, seconds * _GRID)
        order = Order(
            prompt=_prompt(fields),
            model=text_at(fields, "model"),
            width=width,
            height=height,
            seconds=seconds,
            image=frames.get(0, ""),
            last=frames.get(seconds * _GRID, ""),
        )
        job = await self.take(order, fault)
        return JSONResponse(self._shape(request, job), 201)

    async def _retrieve(self, request: Request, fault: Fault | None) -> Response:
        job = self.machine.archive.get(request.path_params["video_id"])
        if job is None:
            raise ApiError(404, "Generation not found", code="not_found")
        return JSONResponse(self._shape(request, job))

    def _shape(self, request: Request, job: SimJob) -> Json:
        sight = self.sight(request, job)
        origin = f"{request.url.scheme}://{request.url.netloc}"
        created = datetime.fromtimestamp(job.created_at / 1000, UTC)
        shape: Json = {
            "id": job.id,
            "type": "video",
            "state": _WORDS[sight.status],
            "model": job.model,
            "created_at": created.isoformat().replace("+00:00", "Z"),
            "output": None,
            "failure_reason": None,
            "failure_code": None,
        }
        if sight.status is Status.COMPLETED:
            link = f"{origin}/files/{job.id}.mp4?X-Amz-Signature={uuid.uuid4().hex}"
            shape["output"] = [{"type": "video", "url": link}]
        if sight.status is Status.FAILED:
            shape["failure_reason"] = job.error_message
            shape["failure_code"] = _FAILURES.get(job.error_code or "", "generation_failed")
        return shape


def _prompt(fields: Json) -> str:
    prompt = text_at(fields, "prompt")
    if len(prompt) > _MAX_PROMPT:
        raise ApiError(400, f"prompt is longer than {_MAX_PROMPT}", param="prompt")
    return prompt


def _object(fields: Json, name: str) -> Json:
    value: object = fields.get(name)
    found = dict(as_object(value))
    if value is not None and not isinstance(value, dict):
        raise ApiError(400, f"{name} must be an object", param=name)
    return found


def _frames(video: Json, end: int) -> dict[int, str]:
    """Keyframes by their place, which must be the first or the last of the clip."""
    frames, given = list_at(video, "keyframes"), as_list(video.get("keyframe_indexes"))
    places = [one for one in given if isinstance(one, int) and one in {0, end}]
    if not len(frames) == len(given) == len(set(places)):
        text = f"The simulator takes keyframes at 0 and {end}."
        raise ApiError(400, text, param="keyframe_indexes")
    return {place: _picture(frame) for place, frame in zip(places, frames, strict=True)}


def _picture(frame: Json) -> str:
    check_names(frame, ("data", "media_type"))
    one_of(frame, "media_type", _TYPES)
    data = text_at(frame, "data")
    if data.startswith("data:"):
        raise ApiError(422, "data must be base64 without a prefix", param="data")
    return data
