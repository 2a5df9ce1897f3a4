"""The operations of the contract on one simulator; faults and shapes come from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from adapters.providers.simulator.answers import ApiError, invalid, no_such_video
from adapters.providers.simulator.dialects import DIALECTS
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.simulator.machine import Machine, fate_for
from adapters.providers.simulator.requests import (
    read_create,
    read_extension,
    read_fields,
    read_prompt,
    read_video_id,
)
from adapters.providers.simulator.spec import RenderSpec

_MAX_SECONDS = 120
_MAX_SEGMENTS = 6
_VARIANTS = {"video": "video/mp4", "thumbnail": "image/webp", "spritesheet": "image/jpeg"}


Handler = Callable[[Request, Fault | None], Awaitable[Response]]
Row = tuple[str, str, str, Handler]
"""Operation (see `faults.OPERATIONS`), method, path, and who answers."""


class Videos:
    """One method for each operation: request (and the fault planned for it) to answer."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.dialect = DIALECTS[machine.settings.dialect]
        self.settings = self.dialect.sells(machine.settings)
        self.new_id = self.dialect.new_id
        self.header, self.prefix = self.dialect.key_header, self.dialect.key_prefix
        self.headers, self.unrouted = self.dialect.headers, self.dialect.unrouted
        self.lacks, self.denies = self.dialect.lacks, self.dialect.denies

    def error(self, error: ApiError) -> dict[str, Any]:
        """An error in the shape of the dialect."""
        shape = self.dialect.content_error if error.of_file else None
        return (shape or self.dialect.error)(error)

    def routes(self) -> list[Row]:
        """The contract under ``/v1``, and what the server says of itself."""
        about: list[Row] = [("about", "GET", "/openapi.json", self.about)]
        return self._contract() + (about if self.dialect.openapi else [])

    def _contract(self) -> list[Row]:
        return [
            ("create", "POST", "/v1/videos", self.create),
            ("list", "GET", "/v1/videos", self.list),
            ("edit", "POST", "/v1/videos/edits", self.edit),
            ("extend", "POST", "/v1/videos/extensions", self.extend),
            ("retrieve", "GET", "/v1/videos/{video_id}", self.retrieve),
            ("delete", "DELETE", "/v1/videos/{video_id}", self.delete),
            ("content", "GET", "/v1/videos/{video_id}/content", self.content),
            ("remix", "POST", "/v1/videos/{video_id}/remix", self.remix),
            ("models", "GET", "/v1/models", self.models),
        ]

    @staticmethod
    def status(error: ApiError) -> int:
        """The HTTP status of an error."""
        return error.status

    # --- making jobs ----------------------------------------------------------------------

    async def create(self, request: Request, fault: Fault | None) -> Response:
        """POST /videos."""
        fields = await read_fields(request, takes_json=self.dialect.takes_json)
        wish = await asyncio.to_thread(read_create, fields, self.settings)
        image = None
        if wish.image:
            image = await asyncio.to_thread(self._machine.clips.keep_image, wish.image)
        spec = RenderSpec(
            prompts=(wish.prompt,),
            captions=((0, wish.prompt),),
            width=wish.width,
            height=wish.height,
            seconds=wish.seconds,
            fps=self._machine.settings.fps,
            image=image,
        )
        return self._taken(request, self._machine.submit(spec, wish.model, fate_for(spec, fault)))

    async def remix(self, request: Request, fault: Fault | None) -> Response:
        """POST /videos/{id}/remix."""
        parent = self._finished(request.path_params["video_id"])
        return self._changed(request, parent, read_prompt(await read_fields(request)), fault)

    async def edit(self, request: Request, fault: Fault | None) -> Response:
        """POST /videos/edits."""
        fields = await read_fields(request)
        parent = self._finished(read_video_id(fields))
        return self._changed(request, parent, read_prompt(fields), fault)

    async def extend(self, request: Request, fault: Fault | None) -> Response:
        """POST /videos/extensions: the parent's pictures again, and then some more."""
        fields = await read_fields(request)
        parent = self._finished(read_video_id(fields))
        prompt, more = read_prompt(fields), read_extension(fields, self.settings)
        spec = parent.spec.longer(prompt, more)
        if spec.seconds > _MAX_SECONDS or parent.segments >= _MAX_SEGMENTS:
            text = "A video can be extended at most 6 times, to 120 seconds."
            raise ApiError(400, text, code="invalid_value", param="seconds")
        fate = fate_for(replace(spec, prompts=(prompt,)), fault)
        job = self._machine.submit(spec, parent.model, fate, parent, parent.segments + 1)
        return self._taken(request, job)

    def _changed(
        self, request: Request, parent: SimJob, prompt: str, fault: Fault | None
    ) -> Response:
        """A job that continues the parent's chain of prompts."""
        prompts = (*parent.spec.prompts, prompt)
        spec = replace(parent.spec, prompts=prompts, captions=((0, prompt),))
        job = self._machine.submit(spec, parent.model, fate_for(spec, fault), parent)
        return self._taken(request, job)

    def _taken(self, request: Request, job: SimJob) -> Response:
        sight = self._machine.sight(job, _origin(request))
        again = self.dialect.remixed or self.dialect.created
        return JSONResponse(again(sight) if job.parent else self.dialect.created(sight))

    def _finished(self, video_id: str) -> SimJob:
        parent = self._job(video_id)
        if parent.status is not Status.COMPLETED:
            text = "Only a completed video can be used as a source."
            raise ApiError(400, text, code="invalid_value", param="video_id")
        return parent

    # --- looking at jobs ------------------------------------------------------------------

    async def retrieve(self, request: Request, _: Fault | None) -> Response:
        """GET /videos/{id}."""
        job = self._job(request.path_params["video_id"])
        sight, dialect = self._machine.sight(job, _origin(request)), self.dialect
        pause = self._machine.settings.poll_after_ms
        headers = {"openai-poll-after-ms": str(pause)} if pause is not None else None
        return JSONResponse(dialect.job(sight), dialect.failed_status(sight) or 200, headers)

    async def list(self, request: Request, _: Fault | None) -> Response:
        """GET /videos."""
        query = request.query_params
        limit, order = _limit(query.get("limit"), self.dialect.limits), query.get("order", "desc")
        if order not in {"asc", "desc"}:
            raise invalid("order", order, "'asc', 'desc'")
        jobs = self._machine.archive.all()
        jobs = jobs if order == "asc" else jobs[::-1]
        origin, shape = _origin(request), self.dialect.listed or self.dialect.job
        seen = [shape(self._machine.sight(job, origin)) for job in jobs]
        if after := query.get("after"):
            seen = seen[_place(seen, after) + 1 :]
        shown = seen[:limit]
        return JSONResponse(
            {
                "object": "list",
                "data": shown,
                "first_id": shown[0]["id"] if shown else None,
                "last_id": shown[-1]["id"] if shown else None,
                "has_more": len(seen) > len(shown),
            }
        )

    async def delete(self, request: Request, _: Fault | None) -> Response:
        """DELETE /videos/{id}."""
        job = self._job(request.path_params["video_id"])
        if not (job.ended or self.dialect.deletes_running):
            text = "A video can be deleted only when it is completed or failed."
            raise ApiError(409, text, code="video_not_finished")
        sight = self._machine.sight(job, _origin(request))
        await self._machine.studio.drop(job.id, abort=self.dialect.aborts)
        return JSONResponse(self.dialect.deleted(sight))

    async def content(self, request: Request, _: Fault | None) -> FileResponse:
        """GET /videos/{id}/content; ranges and ``If-Range`` work."""
        try:
            return await self._content(request)
        except ApiError as error:
            error.of_file = True
            raise

    async def _content(self, request: Request) -> FileResponse:
        job = self._job(request.path_params["video_id"])
        variant = self._variant(request.query_params.get("variant"))
        if job.status is Status.FAILED:
            raise ApiError(self.dialect.no_file, "The video failed and has no content.")
        if job.status is not Status.COMPLETED:
            raise ApiError(self.dialect.not_ready, "Video is not ready yet.")
        if self._machine.expired(job):
            raise ApiError(404, "The content of this video has expired.", code="expired")
        return FileResponse(await self._file(job, variant), media_type=_VARIANTS[variant])

    async def models(self, _: Request, __: Fault | None) -> Response:
        """GET /models."""
        gone, card = self.settings.retired_models, self.dialect.card
        names = (name for name in self.settings.models if name not in gone)
        return JSONResponse({"object": "list", "data": [card(name) for name in names]})

    async def about(self, _: Request, __: Fault | None) -> Response:
        """The routes as the server itself describes them."""
        paths: dict[str, dict[str, Any]] = {}
        for name, method, path, _handler in self._contract():
            if name not in self.lacks:
                paths.setdefault(path, {})[method.lower()] = {}
        info = {"title": self.dialect.openapi, "version": "0"}
        return JSONResponse({"openapi": "3.1.0", "info": info, "paths": paths})

    def _variant(self, given: str | None) -> str:
        known = self.dialect.variants
        if known is None or given is None:
            return "video"
        if given not in known:
            status = 400 if "video" in known else 404
            text = f"Unknown variant '{given[:40]}'."
            raise ApiError(status, text, code="invalid_value", param="variant")
        return given if given in _VARIANTS else "video"

    async def _file(self, job: SimJob, variant: str) -> Path:
        clips, spec = self._machine.clips, self._machine.studio.shown(job.spec)
        match variant:
            case "thumbnail":
                return await clips.thumbnail(spec)
            case "spritesheet":
                return await clips.spritesheet(spec)
            case _:
                return await clips.video(spec)

    def _job(self, video_id: str) -> SimJob:
        job = self._machine.archive.get(video_id)
        if job is None:
            raise no_such_video(video_id, self.dialect.unknown)
        return job


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _place(seen: list[dict[str, Any]], video_id: str) -> int:
    """Where a list shows a job; raises `ApiError` where it does not."""
    names = [one["id"] for one in seen]
    if video_id not in names:
        raise no_such_video(video_id)
    return names.index(video_id)


def _limit(text: str | None, limits: tuple[int, int, int | None]) -> int | None:
    """How many are wanted; None for all."""
    least, most, usual = limits
    if text is None:
        return usual
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise invalid("limit", text, f"{least} to {most}")
    return int(text)
