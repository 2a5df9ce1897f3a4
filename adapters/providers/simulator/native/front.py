"""What every native API of the simulator stands on: orders in, jobs and files out."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from adapters.providers.simulator.answers import ApiError, no_such_model, no_such_video
from adapters.providers.simulator.dialects import Sight
from adapters.providers.simulator.faults import Fault
from adapters.providers.simulator.jobs import Around, SimJob, Status
from adapters.providers.simulator.letters import Pen
from adapters.providers.simulator.machine import Machine, fate_for
from adapters.providers.simulator.requests import MAX_IMAGE_URL, read_fields
from adapters.providers.simulator.spec import RenderSpec
from adapters.providers.simulator.videos import Row
from adapters.providers.values import at
from bot.domain.webhooks import Scheme

Json = dict[str, Any]
CANCELLED = "cancelled"
_SHORT_SIDES = {"360p": 360, "480p": 480, "540p": 540, "720p": 720, "1080p": 1080, "4k": 2160}


@dataclass(frozen=True, slots=True)
class Order:
    """What a create asks for. Pictures are data URLs or bare base64; `parent` is a job's id.

    `image` and `last` are the first and the last frame, `references` show what is to be seen.
    `webhook` is where the end is to be told, `name` what the sender calls the job.
    """

    prompt: str
    model: str
    width: int
    height: int
    seconds: int
    image: str = ""
    parent: str = ""
    webhook: str = field(default="", repr=False)
    name: str = ""
    last: str = ""
    references: tuple[str, ...] = ()
    sound: bool | None = None


class Native:
    """One provider's API on one simulator. Subclasses have its routes and shapes.

    A key must come in the header `header` after `prefix`. `lacks`, `denies`, `headers` and
    `unrouted` are as in `Dialect`. `scheme` is how it proves that it tells.
    """

    header: ClassVar[str] = "authorization"
    prefix: ClassVar[str] = "Bearer "
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({})
    unrouted: ClassVar[int] = 405
    lacks: ClassVar[frozenset[str]] = frozenset()
    denies: ClassVar[frozenset[str]] = frozenset()
    scheme: ClassVar[Scheme] = Scheme.SECRET_PATH

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def routes(self) -> list[Row]:
        """All that the provider answers to."""
        raise NotImplementedError

    @staticmethod
    def new_id() -> str:
        """What the next job is called."""
        return secrets.token_hex(16)

    @staticmethod
    def error(error: ApiError) -> Json:
        """An error in the provider's shape."""
        raise NotImplementedError

    @staticmethod
    def status(error: ApiError) -> int:
        """The HTTP status of an error."""
        return error.status

    # --- what it tells by itself ----------------------------------------------------------

    def pen(self) -> Pen:
        """What writes of the ends of jobs."""
        return Pen(self.scheme, self.machine.settings.webhook_secret, self.news)

    def news(self, job: SimJob, now: int) -> Json:
        """What is told of a job that ended; `now` in ms."""
        return {"id": job.id, "status": job.status.value}

    # --- what subclasses use --------------------------------------------------------------

    async def take(self, order: Order, fault: Fault | None) -> SimJob:
        """Take an order on; raises `ApiError` as the provider would refuse it."""
        if not order.prompt:
            raise ApiError(400, "prompt is required", code="invalid_input", param="prompt")
        if order.model in self.machine.settings.retired_models:
            raise no_such_model(order.model)
        parent = self.finished(order.parent) if order.parent else None
        size = (order.width, order.height)
        image = None
        if order.image:
            picture = await asyncio.to_thread(read_picture, order.image, size)
            image = await asyncio.to_thread(self.machine.clips.keep_image, picture)
        spec = RenderSpec(
            prompts=(*(parent.spec.prompts if parent else ()), order.prompt),
            captions=((0, order.prompt),),
            width=order.width,
            height=order.height,
            seconds=order.seconds,
            fps=self.machine.settings.fps,
            image=image,
        )
        fate, around = fate_for(spec, fault), await asyncio.to_thread(_around, order)
        return self.machine.submit(spec, order.model, fate, parent, around=around)

    def lengthen(
        self, parent: SimJob, prompt: str, more: int, fault: Fault | None, webhook: str = ""
    ) -> SimJob:
        """Take an order on for the parent and `more` seconds; raises `ApiError` without words."""
        if not prompt:
            raise ApiError(400, "prompt is required", code="invalid_input", param="prompt")
        spec = parent.spec.longer(prompt, more)
        fate = fate_for(replace(spec, prompts=(prompt,)), fault)
        number, around = parent.segments + 1, Around(webhook)
        return self.machine.submit(spec, parent.model, fate, parent, number, around)

    def job(self, name: str) -> SimJob:
        """A job by its id; raises `ApiError`."""
        found = self.machine.archive.get(name)
        if found is None:
            raise no_such_video(name)
        return found

    def finished(self, name: str) -> SimJob:
        """A job that another may begin with; raises `ApiError`."""
        found = self.job(name)
        if found.status is not Status.COMPLETED:
            raise ApiError(400, "Only a completed video can be a source.", code="invalid_input")
        return found

    def sight(self, request: Request, job: SimJob) -> Sight:
        """A job as it looks now; its `url` is that of `file`."""
        return self.machine.sight(job, f"{request.url.scheme}://{request.url.netloc}")

    async def file(self, request: Request, fault: Fault | None) -> Response:
        """The bytes of a finished job; ranges work. The path parameter is ``video_id``."""
        job = self.job(request.path_params["video_id"])
        if job.status is not Status.COMPLETED:
            raise ApiError(404, "There is no such file.", code="not_found")
        if self.machine.expired(job):
            raise ApiError(410, "This file has expired.", code="expired")
        shown = self.machine.studio.shown(job.spec)
        return FileResponse(await self.machine.clips.video(shown), media_type="video/mp4")

    async def drop(self, job: SimJob) -> None:
        """Forget a job and what is made of it."""
        await self.machine.studio.drop(job.id)

    async def stop(self, job: SimJob) -> SimJob:
        """End a job that runs; its error code is ``CANCELLED`` from then on."""
        await self.drop(job)
        ended = self.machine.clock.now()
        stopped = replace(job, finished_at=ended, error_code=CANCELLED, error_message="Cancelled.")
        self.machine.archive.add(stopped)
        return stopped


async def fields_of(request: Request) -> Json:
    """The JSON body of a request; raises `ApiError`."""
    return dict(await read_fields(request))


def text_at(fields: Json, path: str, default: str = "") -> str:
    """The text at a path such as ``frame_images.0.image_url.url``; raises `ApiError`."""
    value = at(fields, path)
    if value is None:
        return default
    if not isinstance(value, str):
        raise ApiError(400, f"{path} must be a string", code="invalid_input", param=path)
    return value


def count_at(fields: Json, path: str, default: int) -> int:
    """The whole number at a path; raises `ApiError`."""
    value = at(fields, path)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ApiError(400, f"{path} must be a positive integer", code="invalid_input", param=path)
    return value


def sides(ratio: str, lines: str) -> tuple[int, int]:
    """Width and height of an aspect ratio (``16:9``) and a resolution (``720p``)."""
    try:
        wide, high = (int(one) for one in ratio.split(":"))
        short = _SHORT_SIDES[lines.lower()]
        long = round(short * max(wide, high) / min(wide, high) / 2) * 2
    except (ValueError, KeyError, ZeroDivisionError) as error:
        raise ApiError(400, f"invalid format {ratio} {lines}", code="invalid_input") from error
    return (long, short) if wide >= high else (short, long)


def _around(order: Order) -> Around:
    last = digest_of(order.last) if order.last else ""
    shown = tuple(digest_of(one) for one in order.references)
    return Around(order.webhook, order.name, last, shown, order.sound)


def digest_of(url: str) -> str:
    """What the file of a picture is known by; raises `ApiError` for what is none."""
    read_picture(url, (1, 1))
    return hashlib.sha256(_data_of(url)).hexdigest()


def _data_of(url: str) -> bytes:
    """What is in a data URL or in bare base64."""
    body = url.partition(",")[2] if url.startswith("data:") else url
    if len(url) > MAX_IMAGE_URL or url.startswith(("http:", "https:")):
        raise ApiError(400, "The simulator opens data URLs only.", code="invalid_input")
    return base64.b64decode(body, validate=True)


def read_picture(url: str, size: tuple[int, int]) -> bytes:
    """The picture in a data URL or in bare base64, as PNG of `size`; raises `ApiError`."""
    try:
        data = _data_of(url)
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
            out = io.BytesIO()
            picture.convert("RGB").resize(size).save(out, "PNG", compress_level=1)
            return out.getvalue()
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ApiError(400, "The image cannot be read.", code="invalid_input") from error
