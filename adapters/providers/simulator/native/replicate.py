"""Replicate's predictions, with the inputs of some of its video models.

Source: replicate.com's HTTP API, pages on predictions and schemas of models, its Python client
1.0.7; November 2026.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.providers.simulator.answers import ApiError
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import SimJob, Status
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
from adapters.providers.simulator.native.strict import (
    check_names,
    flag_at,
    object_at,
    one_of,
    texts_at,
)
from adapters.providers.simulator.videos import Row
from bot.domain.webhooks import Scheme

_TITLES = {
    400: "Bad request",
    401: "Unauthenticated",
    404: "Not found",
    422: "Input validation failed",
    429: "Request was throttled",
}
_WORDS = {
    Status.QUEUED: "starting",
    Status.IN_PROGRESS: "processing",
    Status.COMPLETED: "succeeded",
    Status.FAILED: "failed",
}
_STATUSES = {"insufficient_quota": 402}
_FIRST = ("image", "start_image", "first_frame_image")
_LAST = ("last_frame", "end_image", "last_frame_image")
_SEEN, _AUDIO = "reference_images", "generate_audio"
_MODES = {"standard": "720p", "std": "720p", "pro": "1080p"}
_INPUTS = {
    "google/veo-3.1-fast": "resolution image last_frame generate_audio",
    "google/veo-3.1": "resolution image last_frame reference_images:3 generate_audio",
    "bytedance/seedance-2.0": (
        "resolution image last_frame_image reference_images:9 generate_audio"
    ),
    "kwaivgi/kling-v3-omni-video": "mode start_image end_image reference_images:7 generate_audio",
    "kwaivgi/kling-v3-video": "mode start_image end_image generate_audio",
    "kwaivgi/kling-o1": "mode start_image end_image reference_images:7",
    "kwaivgi/kling-v2.5-turbo-pro": "resolution start_image end_image",
    "kwaivgi/kling-v1.6-pro": "resolution start_image end_image reference_images:4",
    "kwaivgi/": "resolution start_image",
    "luma/": "resolution start_image",
    "minimax/hailuo-02": "resolution first_frame_image last_frame_image",
    "minimax/": "resolution first_frame_image",
    "": "resolution image",
}
"""What models know besides prompt, length and ratio, and how many pictures a list may have."""
_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")
_LINES = ("480p", "720p", "1080p", "4k")
_USUAL = 5
_SEEN_IN = ("google/veo-3.1", ("16:9", 8))
"""A model that looks at references in one shape and length alone."""
_TOLD = ("webhook", "webhook_events_filter")
_BLOCKED = "The input or output was flagged as sensitive. Please try again. (E005)"
_MISSING = "You have insufficient credit to run this model."


class Replicate(Native):
    """Under ``/v1``; what it makes is elsewhere, and gone after a while."""

    scheme = Scheme.STANDARD

    def routes(self) -> list[Row]:
        """Predictions of models and of versions, and their files."""
        return [
            ("create", "POST", "/v1/models/{owner}/{name}/predictions", self._create_of_model),
            ("create", "POST", "/v1/predictions", self._create_of_version),
            ("retrieve", "GET", "/v1/predictions/{video_id}", self._retrieve),
            ("cancel", "POST", "/v1/predictions/{video_id}/cancel", self._cancel),
            ("content", "GET", "/delivery/{video_id}/output.mp4", self.file),
        ]

    @staticmethod
    def new_id() -> str:
        """26 letters and digits."""
        return secrets.token_hex(13)

    @staticmethod
    def status(error: ApiError) -> int:
        """An empty account must pay first."""
        return _STATUSES.get(error.code or "", error.status)

    @staticmethod
    def error(error: ApiError) -> Json:
        """``{title, detail, status}``."""
        detail, status = error.message, Replicate.status(error)
        if error.code == "insufficient_quota":
            return {"title": "Insufficient credit", "detail": _MISSING, "status": status}
        if error.code == "rate_limit_exceeded":
            seconds = error.headers.get("retry-after", "30")
            detail = f"Request was throttled. Your rate limit resets in ~{seconds}s."
        return {
            "title": _TITLES.get(status, "Server error"),
            "detail": detail,
            "status": status,
        }

    async def _create_of_model(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, ("input",), _TOLD)
        model = f"{request.path_params['owner']}/{request.path_params['name']}"
        return await self._create(request, fields, model, fault)

    async def _create_of_version(self, request: Request, fault: Fault | None) -> Response:
        fields = await fields_of(request)
        check_names(fields, ("version", "input"), _TOLD)
        return await self._create(request, fields, text_at(fields, "version"), fault)

    async def _create(
        self, request: Request, fields: Json, model: str, fault: Fault | None
    ) -> Response:
        try:
            order = replace(_order(fields, model), webhook=_webhook(fields))
        except ApiError as error:
            raise ApiError(422, f"- input: {error.message}\n") from error
        return JSONResponse(self._shape(request, await self.take(order, fault)), 201)

    async def _retrieve(self, request: Request, fault: Fault | None) -> Response:
        return JSONResponse(self._shape(request, self.job(request.path_params["video_id"])))

    async def _cancel(self, request: Request, fault: Fault | None) -> Response:
        job = self.job(request.path_params["video_id"])
        stopped = job if job.ended else await self.stop(job)
        return JSONResponse(self._shape(request, stopped))

    def news(self, job: SimJob, now: int) -> Json:
        """The prediction, without its output."""
        stopped = job.error_code == CANCELLED
        status = "canceled" if stopped else _WORDS[job.status]
        return {"id": job.id, "model": job.model, "status": status, "completed_at": _time(now)}

    def _shape(self, request: Request, job: SimJob) -> Json:
        origin = f"{request.url.scheme}://{request.url.netloc}"
        here, done = f"{origin}/v1/predictions/{job.id}", job.status is Status.COMPLETED
        gone, percent = done and self.machine.expired(job), self.sight(request, job).progress
        stopped = job.error_code == CANCELLED
        return {
            "id": job.id,
            "model": job.model,
            "version": "hidden",
            "input": {} if gone else {"prompt": job.prompt, "duration": job.spec.seconds},
            "logs": "" if gone else f"{percent:3d}%|####      | {percent}/100 [00:01<00:01]\n",
            "output": f"{origin}/delivery/{job.id}/output.mp4" if done and not gone else None,
            "data_removed": gone,
            "error": None if stopped else _reason(job),
            "status": "canceled" if stopped else _WORDS[job.status],
            "created_at": _time(job.created_at),
            "started_at": _time(job.started_at),
            "completed_at": _time(job.finished_at),
            "metrics": {"predict_time": 1.0} if done else {},
            "urls": {"get": here, "cancel": f"{here}/cancel"},
        }


def _order(fields: Json, model: str) -> Order:
    """What the inputs ask for; raises `ApiError`."""
    inputs, known, most = object_at(fields, "input"), *_known(model)
    check_names(inputs, ("prompt",), ("duration", "aspect_ratio", *known))
    first, last = _one_at(inputs, _FIRST), _one_at(inputs, _LAST)
    seen = texts_at(inputs, _SEEN)
    if len(seen) > most or (seen and first) or (last and not first):
        raise ApiError(400, "these pictures cannot be used together", code="invalid_input")
    ratio = one_of(inputs, "aspect_ratio", _RATIOS, "16:9")
    seconds = count_at(inputs, "duration", _USUAL)
    if model.startswith(_SEEN_IN[0]) and seen and (ratio, seconds) != _SEEN_IN[1]:
        raise ApiError(400, "reference_images need 16:9 and 8 seconds", code="invalid_input")
    return Order(
        text_at(inputs, "prompt"),
        model,
        *sides(ratio, _lines(inputs)),
        seconds,
        image=first,
        last=last,
        references=seen,
        sound=flag_at(inputs, _AUDIO),
    )


def _known(model: str) -> tuple[list[str], int]:
    """The names of a model's inputs, and how many references it takes."""
    known = next(names for word, names in _INPUTS.items() if model.startswith(word))
    names = [name.partition(":") for name in known.split()]
    return [name for name, _, _ in names], max(int(most or 0) for _, _, most in names)


def _lines(inputs: Json) -> str:
    """A resolution, which one maker calls a mode."""
    if "mode" in inputs:
        return _MODES[one_of(inputs, "mode", _MODES)]
    return one_of(inputs, "resolution", _LINES, "720p")


def _one_at(inputs: Json, names: Iterable[str]) -> str:
    return next((found for name in names if (found := text_at(inputs, name))), "")


def _webhook(fields: Json) -> str:
    """Where the end is to be told; raises `ApiError` where anything else is wanted too."""
    told_at, events = text_at(fields, "webhook"), fields.get("webhook_events_filter")
    if told_at and events != ["completed"]:
        raise ApiError(400, "The simulator tells of the end alone.", code="invalid_input")
    return told_at


def _reason(job: SimJob) -> str | None:
    return _BLOCKED if job.error_code == "moderation_blocked" else job.error_message


def _time(ms: int | None) -> str | None:
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
