"""Runway's tasks. Source: docs.dev.runwayml.com and SDK 5.24.0, read in November 2026.

The service answers an empty account and an unknown model with 400; here they keep the status of the
fault, 429 and 404, with the service's words.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime

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

_VERSION = "2024-11-06"
_PER_SECOND = 12
"""Credits, as for gen4.5."""
_NEEDED = ("model", "promptText", "ratio", "duration")
_OTHERS = ("seed", "contentModeration", "outputFormat", "proresProfile", "negativePrompt")
_SOUNDS = ("veo3.1", "kling3.0", "klingO3", "seedance2", "wan3")
_ENDS = (*_SOUNDS, "gemini_omni_flash_1.1")
_REFERENCES = {"seedance2_5": 30, "seedance2": 9, "wan3": 10}
"""Beginnings of models that take more than words and a first frame."""
_WORDS = {
    Status.IN_PROGRESS: "RUNNING",
    Status.COMPLETED: "SUCCEEDED",
    Status.FAILED: "FAILED",
}
_FAILURES = {"moderation_blocked": "SAFETY.INPUT.TEXT"}
_EMPTY = "You do not have enough credits to run this task."


class Runway(Native):
    """Under ``/v1``, as at api.dev.runwayml.com."""

    def routes(self) -> list[Row]:
        """Two ways to create, one task; files are elsewhere."""
        return [
            ("create", "POST", "/v1/text_to_video", self._from_text),
            ("create", "POST", "/v1/image_to_video", self._from_image),
            ("retrieve", "GET", "/v1/tasks/{video_id}", self._retrieve),
            ("delete", "DELETE", "/v1/tasks/{video_id}", self._delete),
            ("content", "GET", "/files/{video_id}.mp4", self.file),
        ]

    @staticmethod
    def new_id() -> str:
        """A UUID."""
        return str(uuid.uuid4())

    @staticmethod
    def error(error: ApiError) -> Json:
        """``{"error": words}``."""
        words = _EMPTY if error.code == "insufficient_quota" else error.message
        return {"error": words, "docUrl": "https://docs.dev.runwayml.com/api"}

    async def _from_text(self, request: Request, fault: Fault | None) -> Response:
        _check_version(request)
        fields = await fields_of(request)
        most = _most(text_at(fields, "model"))
        check_names(fields, _NEEDED, [*_others(fields), *(["references"] if most else [])])
        seen = tuple(text_at(one, "uri") for one in list_at(fields, "references"))
        if len(seen) > most:
            raise ApiError(400, f"references: at most {most} are allowed", param="references")
        return await self._create(replace(_order(fields), references=seen), fault)

    async def _from_image(self, request: Request, fault: Fault | None) -> Response:
        _check_version(request)
        fields = await fields_of(request)
        check_names(fields, (*_NEEDED, "promptImage"), _others(fields))
        frames = _frames(fields)
        order = replace(_order(fields), image=frames["first"], last=frames.get("last", ""))
        return await self._create(order, fault)

    async def _create(self, order: Order, fault: Fault | None) -> Response:
        job = await self.take(order, fault)
        return JSONResponse({"id": job.id, "estimatedCost": {"credits": _price(job)}})

    async def _retrieve(self, request: Request, fault: Fault | None) -> Response:
        _check_version(request)
        job = self.job(request.path_params["video_id"])
        origin = f"{request.url.scheme}://{request.url.netloc}"
        return JSONResponse(self._shape(self.sight(request, job), origin))

    async def _delete(self, request: Request, fault: Fault | None) -> Response:
        _check_version(request)
        await self.drop(self.job(request.path_params["video_id"]))
        return Response(status_code=204)

    def _shape(self, sight: Sight, origin: str) -> Json:
        job = sight.job
        created = datetime.fromtimestamp(job.created_at / 1000, UTC)
        shape: Json = {
            "id": job.id,
            "status": _WORDS.get(sight.status) or self._waiting(),
            "createdAt": created.isoformat().replace("+00:00", "Z"),
        }
        if sight.status is Status.COMPLETED:
            link = f"{origin}/files/{job.id}.mp4?_jwt=signed"
            return {**shape, "cost": {"credits": _price(job)}, "output": [link]}
        if sight.status is Status.FAILED:
            code = _FAILURES.get(job.error_code or "", "INTERNAL.BAD_OUTPUT.CODE01")
            cost = _price(job) if code.startswith("SAFETY") else 0
            failure = {"failure": job.error_message, "failureCode": code}
            return {**shape, **failure, "cost": {"credits": cost}}
        if sight.status is Status.IN_PROGRESS:
            shape["progress"] = sight.progress / 100
        return {**shape, "estimatedCost": {"credits": _price(job)}}

    def _waiting(self) -> str:
        """Taken; above the limit of renders at once it is not even in the queue."""
        running = (job for job in self.machine.archive.all() if job.status is Status.IN_PROGRESS)
        return "THROTTLED" if len([*running]) >= self.machine.settings.slots else "PENDING"


def _check_version(request: Request) -> None:
    if request.headers.get("x-runway-version") != _VERSION:
        raise ApiError(400, "The X-Runway-Version header is missing or invalid.")


def _order(fields: Json) -> Order:
    """A create without its pictures; raises `ApiError`."""
    return Order(
        text_at(fields, "promptText"),
        text_at(fields, "model"),
        *_sides(text_at(fields, "ratio")),
        count_at(fields, "duration", 5),
        sound=flag_at(fields, "audio"),
    )


def _others(fields: Json) -> list[str]:
    sounds = text_at(fields, "model").startswith(_SOUNDS)
    return [*_OTHERS, *(["audio"] if sounds else [])]


def _most(model: str) -> int:
    """How many references a model takes."""
    return next((most for word, most in _REFERENCES.items() if model.startswith(word)), 0)


def _frames(fields: Json) -> dict[str, str]:
    """The frames by where they stand, one of which is the first; raises `ApiError`."""
    if isinstance(fields["promptImage"], str):
        return {"first": fields["promptImage"]}
    places = ("first", "last") if text_at(fields, "model").startswith(_ENDS) else ("first",)
    frames: dict[str, str] = {}
    for one in list_at(fields, "promptImage"):
        check_names(one, ("uri", "position"))
        frames[one_of(one, "position", places)] = text_at(one, "uri")
    if "first" not in frames:
        raise ApiError(400, "promptImage needs a first frame", param="promptImage")
    return frames


def _sides(ratio: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{1,3}):([1-9]\d{1,3})", ratio)
    if not found:
        raise ApiError(400, f"ratio: {ratio[:40]} is not one such as 1280:720", param="ratio")
    return int(found[1]), int(found[2])


def _price(job: SimJob) -> int:
    return job.spec.seconds * _PER_SECOND
