"""OpenRouter's video API. Source: its documentation and SDK 1.3.84, read in November 2026.

A model with ``veo`` in its name goes on with no finished job, as some there do.
"""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.providers.simulator.answers import ApiError
from adapters.providers.simulator.dialects import Sight
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.simulator.native.front import (
    Json,
    Native,
    Order,
    count_at,
    fields_of,
    text_at,
)
from adapters.providers.simulator.native.strict import check_names, flag_at, list_at, one_of
from adapters.providers.simulator.videos import Row
from bot.domain.webhooks import Scheme

_WORDS = {
    Status.QUEUED: "pending",
    Status.IN_PROGRESS: "in_progress",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
}
_OTHERS = (
    *("prompt", "duration", "size", "resolution", "aspect_ratio", "seed", "generate_audio"),
    *("frame_images", "input_references", "previous_job_id", "callback_url", "provider"),
    *("user", "session_id", "trace"),
)
_CANNOT = "veo"
_PER_SECOND = 0.1
"""US dollars that a second costs here."""


class OpenRouter(Native):
    """Under ``/api/v1``, as at openrouter.ai."""

    scheme = Scheme.OPENROUTER

    def routes(self) -> list[Row]:
        """Create, ask, content, and the list of models."""
        return [
            ("create", "POST", "/api/v1/videos", self._create),
            ("models", "GET", "/api/v1/videos/models", self._models),
            ("retrieve", "GET", "/api/v1/videos/{video_id}", self._retrieve),
            ("content", "GET", "/api/v1/videos/{video_id}/content", self.file),
        ]

    @staticmethod
    def new_id() -> str:
        """``gen-vid-…``."""
        return f"gen-vid-{secrets.token_hex(12)}"

    @staticmethod
    def error(error: ApiError) -> Json:
        """``{"error": {code: status, message, metadata}}``."""
        status = 402 if error.code == "insufficient_quota" else error.status
        return {"error": {"code": status, "message": error.message, "metadata": {}}}

    def news(self, job: SimJob, now: int) -> Json:
        """An event with the job's name and state."""
        word = _WORDS[job.status]
        data = {"id": job.id, "status": word}
        return {"type": f"video.generation.{word}", "created_at": now // 1000, "data": data}

    async def _create(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, ("model",), _OTHERS)
        frames, shown = _frames(fields), _pictures(fields, "input_references", ())
        form = self._form(fields)
        order = Order(
            text_at(fields, "prompt"),
            text_at(fields, "model"),
            *form,
            image=frames.get("first_frame", ""),
            last=frames.get("last_frame", ""),
            # As the service does: frames win, without a word.
            references=() if frames else tuple(_url(one) for one in shown),
            sound=flag_at(fields, "generate_audio"),
            parent=text_at(fields, "previous_job_id"),
            webhook=text_at(fields, "callback_url"),
        )
        job = await self.take(order, fault)
        return JSONResponse(self._shape(request, self.sight(request, job)), 202)

    def _form(self, fields: Json) -> tuple[int, int, int]:
        """Width, height and seconds; what goes on with a job has those of it."""
        name = text_at(fields, "previous_job_id")
        if not name:
            width, height = _size(text_at(fields, "size", "1280x720"))
            return width, height, count_at(fields, "duration", 5)
        if _CANNOT in text_at(fields, "model"):
            raise ApiError(400, "This model does not support previous_job_id")
        spec = self.finished(name).spec
        return spec.width, spec.height, spec.seconds

    async def _retrieve(self, request: Request, fault: Fault | None) -> Response:
        job = self.job(request.path_params["video_id"])
        return JSONResponse(self._shape(request, self.sight(request, job)))

    async def _models(self, request: Request, fault: Fault | None) -> Response:
        return JSONResponse({"data": [_model(name) for name in self.machine.settings.models]})

    def _shape(self, request: Request, sight: Sight) -> Json:
        job, origin = sight.job, f"{request.url.scheme}://{request.url.netloc}"
        shape: Json = {
            "id": job.id,
            "polling_url": f"{origin}/api/v1/videos/{job.id}",
            "status": _WORDS[sight.status],
        }
        if sight.status is Status.COMPLETED:
            shape["unsigned_urls"] = [f"{origin}/api/v1/videos/{job.id}/content?index=0"]
            shape["usage"] = {"cost": job.spec.seconds * _PER_SECOND, "is_byok": False}
        if sight.status is Status.FAILED:
            shape["error"] = job.error_message
        return shape


def _frames(fields: Json) -> dict[str, str]:
    """The pictures of ``frame_images`` by what they are."""
    found: dict[str, str] = {}
    for one in _pictures(fields, "frame_images", ("frame_type",)):
        found[one_of(one, "frame_type", ("first_frame", "last_frame"))] = _url(one)
    return found


def _pictures(fields: Json, name: str, more: tuple[str, ...]) -> list[Json]:
    found = list_at(fields, name)
    for one in found:
        check_names(one, ("type", "image_url", *more))
        one_of(one, "type", ("image_url",))
    return found


def _url(picture: Json) -> str:
    return text_at(picture, "image_url.url")


def _size(text: str) -> tuple[int, int]:
    wide, _, high = text.partition("x")
    if not (wide.isdecimal() and high.isdecimal()):
        raise ApiError(400, f"Invalid size {text[:40]}")
    return int(wide), int(high)


def _model(name: str) -> Json:
    return {
        "id": name,
        "name": name,
        "supported_durations": [4, 8, 12],
        "supported_resolutions": ["720p"],
        "supported_aspect_ratios": ["16:9", "9:16"],
        "supported_sizes": ["1280x720", "720x1280"],
        "supported_frame_images": ["first_frame", "last_frame"],
        "generate_audio": True,
        "pricing_skus": {"duration_seconds": str(_PER_SECOND)},
    }
