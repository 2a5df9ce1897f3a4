"""xAI's video API. Source: docs.x.ai's reference of videos and xai-sdk 1.21.0, November 2026.

Models with ``1.5`` in their name take a last frame, and no video. Other people's videos are not
opened here.
"""

from __future__ import annotations

import re
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
from adapters.providers.simulator.native.strict import (
    check_names,
    flag_at,
    list_at,
    object_at,
    one_of,
)
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
_OTHERS = (
    *("duration", "aspect_ratio", "resolution", "image"),
    *("last_frame", "reference_images", "generate_audio"),
)
_NEWER, _FINEST, _MOST = "1.5", "1080p", 7
_EDITED, _EXTENDED, _MORE = 8.7, range(2, 16), range(2, 11)
_LINK = re.compile(r"https?://[^/]+/vidgen/([^/]+)/video\.mp4")
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
            ("edit", "POST", "/v1/videos/edits", self._edit),
            ("extend", "POST", "/v1/videos/extensions", self._extend),
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
            image=_url(object_at(fields, "image")),
            last=_url(object_at(fields, "last_frame")),
            references=tuple(_url(one) for one in list_at(fields, "reference_images")),
            sound=flag_at(fields, "generate_audio"),
        )
        _check(order, lines)
        job = await self.take(order, fault)
        return JSONResponse({"request_id": job.id})

    async def _edit(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, (*_NEEDED, "video"))
        parent = self._video(fields)
        if parent.spec.seconds > _EDITED:
            raise ApiError(400, f"video must be at most {_EDITED} seconds", param="video")
        words, model = text_at(fields, "prompt"), text_at(fields, "model")
        order = Order(words, model, *parent.spec.size, parent.spec.seconds, parent=parent.id)
        return JSONResponse({"request_id": (await self.take(order, fault)).id})

    async def _extend(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, (*_NEEDED, "video"), ("duration",))
        parent, more = self._video(fields), count_at(fields, "duration", 6)
        if more not in _MORE or parent.spec.seconds not in _EXTENDED:
            raise ApiError(400, "2 to 10 seconds can be added to 2 to 15", param="duration")
        job = self.lengthen(parent, text_at(fields, "prompt"), more, fault)
        return JSONResponse({"request_id": job.id})

    def _video(self, fields: Json) -> SimJob:
        """The job whose link is sent; raises `ApiError`."""
        if _NEWER in text_at(fields, "model"):
            raise ApiError(400, "This model does not take videos.", param="model")
        found = _LINK.fullmatch(_url(object_at(fields, "video")))
        job = self.machine.archive.get(found[1]) if found else None
        if job is None or self.machine.expired(job):
            raise ApiError(400, "The video could not be fetched.", param="video")
        return self.finished(job.id)

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


def _url(picture: Json) -> str:
    """Where a picture or a video is; "" for none."""
    if picture:
        check_names(picture, ("url",))
    return text_at(picture, "url")


def _check(order: Order, lines: str) -> None:
    """Raises `ApiError` for pictures that do not go together."""
    newer, many = _NEWER in order.model, len(order.references)
    refusals = {
        "last_frame is not supported by this model": order.last and not newer,
        "last_frame needs an image": order.last and not order.image,
        "image and reference_images cannot be combined": order.image and many and not newer,
        "reference_images are at most 7, in 720p": many > _MOST or (many and lines == _FINEST),
    }
    for text, wrong in refusals.items():
        if wrong:
            raise ApiError(400, text)


def _failed(job: SimJob) -> Json:
    return {
        "status": "failed",
        "video": {"duration": 0, "respect_moderation": True},
        "model": "",
        "error": {"code": "internal_error", "message": job.error_message},
    }
