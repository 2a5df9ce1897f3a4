"""xAI's video API. Source: docs.x.ai's reference of videos and xai-sdk 1.21.0, November 2026."""

from __future__ import annotations

import uuid

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.providers.simulator.answers import ApiError
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.simulator.native.front import (
    Json,
    Native,
    Order,
    count_at,
    fields_of,
    sides,
    text_at,
)
from adapters.providers.simulator.native.strict import check_names, object_at, one_of
from adapters.providers.simulator.videos import Row

_CODES = {
    400: "Client specified an invalid argument",
    401: "The request does not have valid authentication credentials for the operation",
    403: "The caller does not have permission to execute the specified operation",
    404: "Some requested entity was not found",
    429: "Some resource has been exhausted",
    503: "The service is currently unavailable",
}
_NEEDED = ("model", "prompt")
_OTHERS = ("duration", "aspect_ratio", "resolution", "image")
_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3")
_LINES = ("480p", "720p", "1080p")
_USUAL, _LONGEST = 8, 15
_TICKS_PER_SECOND = 700_000_000
"""7 US cents."""
_EMPTY = "The team has used all available credits or reached its monthly spending limit."


class XAI(Native):
    """Under ``/v1``; what it makes is elsewhere."""

    def routes(self) -> list[Row]:
        """Create, ask, and the file."""
        return [
            ("create", "POST", "/v1/videos/generations", self._create),
            ("retrieve", "GET", "/v1/videos/{video_id}", self._retrieve),
            ("content", "GET", "/vidgen/{video_id}/video.mp4", self.file),
        ]

    @staticmethod
    def new_id() -> str:
        """A UUID."""
        return str(uuid.uuid4())

    @staticmethod
    def error(error: ApiError) -> Json:
        """``{code: a sentence, error: another}``."""
        message = _EMPTY if error.code == "insufficient_quota" else error.message
        return {"code": _CODES.get(error.status, "Internal error"), "error": message}

    async def _create(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, _NEEDED, _OTHERS)
        if image := object_at(fields, "image"):
            check_names(image, ("url",))
        seconds = count_at(fields, "duration", _USUAL)
        if seconds > _LONGEST:
            raise ApiError(400, f"duration must be 1 to {_LONGEST} seconds", param="duration")
        ratio = one_of(fields, "aspect_ratio", _RATIOS, "16:9")
        lines = one_of(fields, "resolution", _LINES, "480p")
        order = Order(
            text_at(fields, "prompt"),
            text_at(fields, "model"),
            *sides(ratio, lines),
            seconds,
            image=text_at(fields, "image.url"),
        )
        job = await self.take(order, fault)
        return JSONResponse({"request_id": job.id})

    async def _retrieve(self, request: Request, fault: Fault | None) -> Response:
        job = self.job(request.path_params["video_id"])
        if not job.ended:
            shape = {"status": "pending", "progress": self.sight(request, job).progress}
            return JSONResponse(shape, 202)
        blocked = job.error_code == "moderation_blocked"
        if job.status is Status.FAILED and not blocked:
            return JSONResponse(_failed(job))
        url = f"{request.url.scheme}://{request.url.netloc}/vidgen/{job.id}/video.mp4"
        video = {
            "url": "" if blocked else url,
            "duration": job.spec.seconds,
            "respect_moderation": not blocked,
        }
        usage = {"cost_in_usd_ticks": job.spec.seconds * _TICKS_PER_SECOND}
        shape = {"status": "done", "video": video, "model": job.model}
        return JSONResponse({**shape, "usage": usage, "progress": 100})


def _failed(job: SimJob) -> Json:
    return {
        "status": "failed",
        "video": {"duration": 0, "respect_moderation": True},
        "model": "",
        "error": {"code": "internal_error", "message": job.error_message},
    }
