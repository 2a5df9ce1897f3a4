"""Google's Interactions API as far as Gemini Omni makes videos with it, and its Files API.

Source: ai.google.dev's page on Omni of 2026-07-30 and google-genai 3.3.0, read in November 2026.
A later turn extends when its words begin so, and changes the video else.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.providers.simulator.answers import ApiError
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.simulator.machine import Machine
from adapters.providers.simulator.native.front import (
    CANCELLED,
    Json,
    Native,
    Order,
    fields_of,
    sides,
    text_at,
)
from adapters.providers.simulator.native.strict import check_names, list_at, object_at, one_of
from adapters.providers.simulator.videos import Row
from adapters.providers.values import at

_CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
_NEEDED = ("model", "input")
_OTHERS = (
    "generation_config",
    "previous_interaction_id",
    "response_format",
    "background",
    "store",
    "webhook_config",
)
_RATIOS, _LINES = ("16:9", "9:16"), ("360p", "720p", "1080p", "4k")
_TASKS = ("text_to_video", "image_to_video", "reference_to_video", "edit")
_PICTURES = {"image_to_video": range(1, 3), "reference_to_video": range(1, 7)}
_USUAL = "8s"
_SECONDS = re.compile(r"([1-9][0-9]?)s")
_LENGTHS = range(3, 16)
_GO_ON = re.compile(r"(extend|continue) ", re.IGNORECASE)
_MORE, _MOST_MORE, _LONGEST = range(3, 11), "10s", 40
_ID = "v1_"


class Gemini(Native):
    """Under ``/v1beta``. A file is ``PROCESSING`` when it is asked about for the first time."""

    header = "x-goog-api-key"
    prefix = ""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        self._asked: set[str] = set()

    def routes(self) -> list[Row]:
        """Interactions, and the files that come of them."""
        one = "/v1beta/interactions/{video_id}"
        return [
            ("create", "POST", "/v1beta/interactions", self._create),
            ("retrieve", "GET", one, self._retrieve),
            ("delete", "DELETE", one, self._delete),
            ("cancel", "POST", f"{one}/cancel", self._cancel),
            ("content", "GET", "/v1beta/files/{video_id}:download", self._content),
            ("file", "GET", "/v1beta/files/{video_id}", self._file),
        ]

    @staticmethod
    def new_id() -> str:
        """``v1_…``; the rest is the name of its file."""
        return f"{_ID}{secrets.token_hex(12)}"

    @staticmethod
    def error(error: ApiError) -> Json:
        """``{"error": {code: status, message, status: word, details}}``."""
        message = error.message
        if error.code == "insufficient_quota":
            message = "Your prepayment credits are depleted."
        inner: Json = {"code": error.status, "message": message}
        inner["status"] = _CODES.get(error.status, "INTERNAL")
        if error.code == "rate_limit_exceeded" and "retry-after" in error.headers:
            kind, seconds = "type.googleapis.com/google.rpc.RetryInfo", error.headers["retry-after"]
            inner["details"] = [{"@type": kind, "retryDelay": f"{seconds}s"}]
        return {"error": inner}

    def news(self, job: SimJob, now: int) -> Json:
        """An event with the name of the interaction."""
        stopped = job.error_code == CANCELLED
        word = CANCELLED if stopped else job.status.value
        told = {"type": f"interaction.{word}", "version": "v1", "timestamp": _time(now)}
        return {**told, "data": {"id": job.id}}

    # --- interactions ---------------------------------------------------------------------

    async def _create(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, _NEEDED, _OTHERS)
        if (fields.get("background"), fields.get("store", True)) != (True, True):
            raise ApiError(400, "The simulator keeps interactions and makes them in background.")
        parent = text_at(fields, "previous_interaction_id")
        prompt, pictures = _input(fields)
        told_at = text_at(fields, "webhook_config.uris.0")
        if parent and _GO_ON.match(prompt):
            before = self.finished(parent)
            more = _added(fields, before)
            return self._shown(request, self.lengthen(before, prompt, more, fault, told_at))
        form = _form(fields, self.finished(parent) if parent else None)
        task = _task(fields, pictures, parent)
        order = Order(prompt, text_at(fields, "model"), *form, parent=parent, webhook=told_at)
        return self._shown(request, await self.take(_pictured(order, task, pictures), fault))

    async def _retrieve(self, request: Request, fault: Fault | None) -> Response:
        return self._shown(request, self.job(request.path_params["video_id"]))

    async def _delete(self, request: Request, fault: Fault | None) -> Response:
        await self.drop(self.job(request.path_params["video_id"]))
        return JSONResponse({})

    async def _cancel(self, request: Request, fault: Fault | None) -> Response:
        job = self.job(request.path_params["video_id"])
        if job.ended:
            raise ApiError(400, "Only a running interaction can be cancelled.")
        return self._shown(request, await self.stop(job))

    def _shown(self, request: Request, job: SimJob) -> Response:
        said = [{"type": "text", "text": job.prompt}]
        shape: Json = {
            "id": job.id,
            "object": "interaction",
            "model": job.model,
            "status": CANCELLED if job.error_code == CANCELLED else job.status.value,
            "created": _time(job.created_at),
            "updated": _time(job.finished_at or job.started_at or job.created_at),
            "steps": [{"type": "user_input", "content": said}],
        }
        if job.parent:
            shape["previous_interaction_id"] = job.parent
        if job.status is Status.COMPLETED:
            origin = f"{request.url.scheme}://{request.url.netloc}"
            uri = f"{origin}/v1beta/files/{job.id.removeprefix(_ID)}:download?alt=media"
            video = {"type": "video", "mime_type": "video/mp4", "uri": uri}
            shape["steps"].append({"type": "model_output", "content": [video]})
        if job.status is Status.FAILED and job.error_code != CANCELLED:
            shape["errors"] = [{"message": job.error_message}]
        return JSONResponse(shape)

    # --- files ----------------------------------------------------------------------------

    async def _file(self, request: Request, fault: Fault | None) -> Response:
        name = request.path_params["video_id"]
        self._made(name)
        state = "ACTIVE" if name in self._asked else "PROCESSING"
        self._asked.add(name)
        return JSONResponse({"name": f"files/{name}", "mimeType": "video/mp4", "state": state})

    async def _content(self, request: Request, fault: Fault | None) -> Response:
        if request.query_params.get("alt") != "media":
            raise ApiError(400, "Only alt=media can be downloaded.")
        request.path_params["video_id"] = self._made(request.path_params["video_id"]).id
        return await self.file(request, fault)

    def _made(self, name: str) -> SimJob:
        """The job of a file; as at Google, nobody learns whether it ever was."""
        job = self.machine.archive.get(f"{_ID}{name}")
        if job is None or job.status is not Status.COMPLETED or self.machine.expired(job):
            raise ApiError(403, f"You do not have permission to access the File {name[:40]}.")
        return job


def _form(fields: Json, parent: SimJob | None) -> tuple[int, int, int]:
    """Width, height and seconds; the next turn of a talk keeps the shape and the length."""
    form = object_at(fields, "response_format")
    known = ("type", "resolution")
    check_names(form, ("delivery",), known if parent else (*known, "aspect_ratio", "duration"))
    one_of(form, "type", ("video",), "video")
    one_of(form, "delivery", ("uri",))
    lines = one_of(form, "resolution", _LINES, "720p")
    if parent:
        wide = parent.spec.width > parent.spec.height
        return *sides("16:9" if wide else "9:16", lines), parent.spec.seconds
    seconds = _SECONDS.fullmatch(text_at(form, "duration", _USUAL))
    if not seconds or int(seconds[1]) not in _LENGTHS:
        raise ApiError(400, "duration must be 3s to 15s", param="response_format.duration")
    return *sides(one_of(form, "aspect_ratio", _RATIOS, "16:9"), lines), int(seconds[1])


def _added(fields: Json, parent: SimJob) -> int:
    """Seconds that an extension adds; its shape is the parent's."""
    form = object_at(fields, "response_format")
    check_names(form, ("delivery",), ("type", "resolution", "duration"))
    _check_untold(fields)
    seconds = _SECONDS.fullmatch(text_at(form, "duration", _MOST_MORE))
    if not seconds or int(seconds[1]) not in _MORE:
        raise ApiError(400, "duration must be 3s to 10s", param="response_format.duration")
    if parent.spec.seconds + int(seconds[1]) > _LONGEST:
        raise ApiError(400, f"the video would be longer than {_LONGEST}s")
    return int(seconds[1])


def _input(fields: Json) -> tuple[str, tuple[str, ...]]:
    """Prompt and pictures, out of a text or of images and a text."""
    if isinstance(fields.get("input"), str):
        return fields["input"], ()
    *pictures, words = list_at(fields, "input") or [{}]
    check_names(words, ("type", "text"))
    one_of(words, "type", ("text",))
    for one in pictures:
        check_names(one, ("type", "data", "mime_type"))
        one_of(one, "type", ("image",))
    return text_at(words, "text"), tuple(text_at(one, "data") for one in pictures)


def _task(fields: Json, pictures: tuple[str, ...], parent: str) -> str:
    """What is to be done: it must fit what is sent, and a later turn must not say it."""
    path = "generation_config.video_config.task"
    if parent:
        _check_untold(fields)
        return "edit"
    task = one_of(fields, path, _TASKS, "image_to_video" if pictures else "text_to_video")
    if len(pictures) not in _PICTURES.get(task, (0,)):
        raise ApiError(400, f"{path} does not fit the input", param=path)
    return task


def _check_untold(fields: Json) -> None:
    path = "generation_config.video_config.task"
    if at(fields, path) is not None:
        text = "previous_interaction_id is not allowed when a video task is set"
        raise ApiError(400, text, param=path)


def _pictured(order: Order, task: str, pictures: tuple[str, ...]) -> Order:
    """The order with its pictures, which are frames or references by the task."""
    if task == "reference_to_video":
        return replace(order, references=pictures)
    first, last, *_ = (*pictures, "", "")
    return replace(order, image=first, last=last)


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
