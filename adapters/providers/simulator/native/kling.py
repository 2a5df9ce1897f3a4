"""Kling's tasks. Source: klingai.com's API documents in public repositories, read in November 2026.

Of its fields those are known that change nothing here, or are heeded: no camera, masks, or voices.
Only models of the third series heed a last frame in ``std``; others leave it out without a word.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.providers.simulator.answers import ApiError
from adapters.providers.simulator.dialects import Sight
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.simulator.letters import Pen
from adapters.providers.simulator.native.front import (
    Json,
    Native,
    Order,
    fields_of,
    sides,
    text_at,
)
from adapters.providers.simulator.native.strict import (
    check_names,
    list_at,
    one_of,
    sides_of_picture,
)
from adapters.providers.simulator.videos import Row
from bot.domain.webhooks import Scheme

_MAX_PROMPT = 2500
_SECONDS = tuple(str(number) for number in range(3, 16))
_LINES = {"std": "720p", "pro": "1080p", "4k": "4k"}
_OTHERS = (
    *("prompt", "negative_prompt", "mode", "duration", "cfg_scale", "sound"),
    *("callback_url", "external_task_id"),
)
_OMNI = ("kling-v3-omni", "kling-video-o1")
_NEW, _LOUD = ("v3", "3.0"), ("v3", "3.0", "v2-6")
_MANY, _MOST, _ADDED, _LONGEST = 4, 7, 5, 180
_VIDEO = "video-"
"""How the id of a task's video begins; the rest is the task's."""
_WORDS = {
    Status.QUEUED: "submitted",
    Status.IN_PROGRESS: "processing",
    Status.COMPLETED: "succeed",
    Status.FAILED: "failed",
}
_CODES: Mapping[str | None, int] = {
    "invalid_api_key": 1002,
    "insufficient_quota": 1102,
    "model_not_found": 1203,
    "not_found": 1203,
    "moderation_blocked": 1301,
    "rate_limit_exceeded": 1302,
    "server_is_overloaded": 5001,
}
_BY_STATUS = {404: 1203, 405: 1202, 429: 1303, 500: 5000, 502: 5000, 504: 5002}
_RISK = "Failure to pass the risk control system"


class Kling(Native):
    """Under ``/v1/videos``, as at api-singapore.klingai.com."""

    def routes(self) -> list[Row]:
        """Each way to create has a route of its own to ask at; files are elsewhere."""
        return [
            ("create", "POST", "/v1/videos/text2video", self._from_text),
            ("create", "POST", "/v1/videos/image2video", self._from_image),
            ("create", "POST", "/v1/videos/multi-image2video", self._from_many),
            ("create", "POST", "/v1/videos/omni-video", self._omni),
            ("extend", "POST", "/v1/videos/video-extend", self._extend),
            ("retrieve", "GET", "/v1/videos/{kind}/{video_id}", self._retrieve),
            ("content", "GET", "/files/{video_id}.mp4", self.file),
        ]

    @staticmethod
    def new_id() -> str:
        """18 digits."""
        return str(10**17 + secrets.randbelow(9 * 10**17))

    @staticmethod
    def error(error: ApiError) -> Json:
        """``{code: number, message, request_id}``."""
        code = _CODES.get(error.code) or _BY_STATUS.get(error.status, 1201)
        return {"code": code, "message": error.message, "request_id": secrets.token_hex(16)}

    def pen(self) -> Pen:
        """It signs once there is a secret to sign with."""
        secret = self.machine.settings.webhook_secret
        return Pen(Scheme.STANDARD if secret else Scheme.SECRET_PATH, secret, self.news)

    def news(self, job: SimJob, now: int) -> Json:
        """The task, without its result."""
        word = _WORDS[job.status]
        times = {"created_at": job.created_at, "updated_at": now}
        return {"task_id": job.id, "task_status": word, "task_info": _info(job), **times}

    async def _from_text(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, ("model_name", "prompt"), (*_OTHERS, "aspect_ratio"))
        order = self._order(fields, _ratio(fields))
        return self._answer(request, await self.take(order, fault))

    async def _from_image(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, ("model_name", "image"), (*_OTHERS, "image_tail"))
        image, last = _bare(fields, "image"), _bare(fields, "image_tail")
        order = replace(self._order(fields, _ratio_of(image)), image=image)
        if text_at(fields, "mode", "std") != "std" or any(one in order.model for one in _NEW):
            order = replace(order, last=last)
        return self._answer(request, await self.take(order, fault))

    async def _from_many(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, ("model_name", "prompt", "image_list"), (*_OTHERS, "aspect_ratio"))
        one_of(fields, "model_name", ("kling-v1-6",))
        images = list_at(fields, "image_list")
        for one in images:
            check_names(one, ("image",))
        if not 1 <= len(images) <= _MANY:
            raise ApiError(400, "image_list must be 1 to 4 images", param="image_list")
        shown = tuple(_bare(one, "image") for one in images)
        order = replace(self._order(fields, _ratio(fields)), references=shown)
        return self._answer(request, await self.take(order, fault))

    async def _omni(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        others = (*_OTHERS, "aspect_ratio", "image_list")
        check_names(fields, ("model_name", "prompt"), others)
        one_of(fields, "model_name", _OMNI)
        frames, shown = _image_list(fields)
        first = frames.get("first_frame", "")
        ratio = _ratio_of(first) if first else _ratio(fields)
        order = replace(self._order(fields, ratio), image=first, references=shown)
        last = frames.get("end_frame", "")
        return self._answer(request, await self.take(replace(order, last=last), fault))

    async def _extend(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        others = ("prompt", "negative_prompt", "cfg_scale", "callback_url")
        check_names(fields, ("video_id",), others)
        video = text_at(fields, "video_id")
        if not video.startswith(_VIDEO):
            raise ApiError(404, "Resource not found", code="not_found")
        parent, told_at = self.finished(video.removeprefix(_VIDEO)), text_at(fields, "callback_url")
        if self.machine.expired(parent) or parent.spec.seconds + _ADDED > _LONGEST:
            raise ApiError(400, "The video cannot be extended", param="video_id")
        job = self.lengthen(parent, text_at(fields, "prompt"), _ADDED, fault, told_at)
        return self._answer(request, job)

    def _order(self, fields: Json, ratio: str) -> Order:
        prompt = text_at(fields, "prompt")
        if len(prompt) > _MAX_PROMPT:
            raise ApiError(400, f"prompt is longer than {_MAX_PROMPT}", param="prompt")
        model, sound = text_at(fields, "model_name"), one_of(fields, "sound", ("on", "off"), "off")
        if "sound" in fields and not any(one in model for one in _LOUD):
            raise ApiError(400, "sound is not supported by this model", param="sound")
        name = text_at(fields, "external_task_id")
        if self.machine.archive.named(name):
            raise ApiError(400, "external_task_id is taken", param="external_task_id")
        width, height = sides(ratio, _LINES[one_of(fields, "mode", tuple(_LINES), "std")])
        return Order(
            prompt=prompt,
            model=model,
            width=width,
            height=height,
            seconds=int(one_of(fields, "duration", _SECONDS, "5")),
            webhook=text_at(fields, "callback_url"),
            name=name,
            sound=sound == "on" if "sound" in fields else None,
        )

    async def _retrieve(self, request: Request, fault: Fault | None) -> Response:
        asked = request.path_params["video_id"]
        job = self.machine.archive.named(asked) or self.job(asked)
        if request.path_params["kind"] != _kind(job):
            raise ApiError(404, "Resource not found", code="not_found")
        return self._answer(request, job)

    def _answer(self, request: Request, job: SimJob) -> Response:
        origin = f"{request.url.scheme}://{request.url.netloc}"
        body = {"code": 0, "message": "SUCCEED", "request_id": secrets.token_hex(16)}
        return JSONResponse({**body, "data": _shape(self.sight(request, job), origin)})


def _shape(sight: Sight, origin: str) -> Json:
    job = sight.job
    shape: Json = {
        "task_id": job.id,
        "task_status": _WORDS[sight.status],
        "task_info": _info(job),
        "created_at": job.created_at,
        "updated_at": job.finished_at or job.started_at or job.created_at,
    }
    if sight.status is Status.COMPLETED:
        length = str(job.spec.seconds)
        video = {"id": _VIDEO + job.id, "url": f"{origin}/files/{job.id}.mp4", "duration": length}
        return {**shape, "final_unit_deduction": length, "task_result": {"videos": [video]}}
    if sight.status is Status.FAILED:
        moderated = job.error_code == "moderation_blocked"
        words = _RISK if moderated else job.error_message
        return {**shape, "task_status_msg": words, "final_unit_deduction": "0"}
    return shape


def _info(job: SimJob) -> Json:
    return {"external_task_id": job.name} if job.name else {}


def _ratio(fields: Json) -> str:
    return one_of(fields, "aspect_ratio", ("16:9", "9:16", "1:1"), "16:9")


def _ratio_of(picture: str) -> str:
    wide, high = sides_of_picture(picture) or (16, 9)
    return f"{wide}:{high}"


def _bare(fields: Json, name: str) -> str:
    """A picture in base64 without a head; raises `ApiError` for a data URL."""
    picture = text_at(fields, name)
    if picture.startswith("data:"):
        raise ApiError(400, f"{name} must be base64 without a prefix", param=name)
    return picture


def _image_list(fields: Json) -> tuple[dict[str, str], tuple[str, ...]]:
    """Frames by what they are, and all other pictures; raises `ApiError`."""
    frames: dict[str, str] = {}
    shown: list[str] = []
    images = list_at(fields, "image_list")
    for one in images:
        check_names(one, ("image_url",), ("type",))
        if "type" in one:
            frames[one_of(one, "type", ("first_frame", "end_frame"))] = _bare(one, "image_url")
        else:
            shown.append(_bare(one, "image_url"))
    if len(images) > _MOST or ("end_frame" in frames and "first_frame" not in frames):
        raise ApiError(400, "image_list is not right", param="image_list")
    return frames, tuple(shown)


def _kind(job: SimJob) -> str:
    if job.segments:
        return "video-extend"
    if job.model in _OMNI:
        return "omni-video"
    if job.references:
        return "multi-image2video"
    return "image2video" if job.spec.image else "text2video"
