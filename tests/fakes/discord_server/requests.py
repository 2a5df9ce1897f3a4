"""What the bot sent, read from the wire and written down."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.discord_server.files import Attachment, Shelf
from tests.fakes.discord_server.payloads import Json
from tests.fakes.discord_server.posting import Sent
from tests.fakes.discord_server.problem import Problem, invalid

CHUNK = 256 * 1024


@dataclass(eq=False)
class Request:
    """One request. `path` begins after /api/v10; `status` is 0 while it runs or was cut off."""

    method: str
    path: str
    route: str
    query: dict[str, str]
    headers: dict[str, str]
    authorized: bool
    at: float = field(default_factory=time.time)
    params: dict[str, str] = field(default_factory=dict[str, str])
    body: Any = None
    files: list[Attachment] = field(default_factory=list[Attachment])
    status: int = 0
    code: int = 0
    reason: str | None = None

    @property
    def sent(self) -> Sent:
        """The body as a message; a body that is no object is refused."""
        body: Json = {} if self.body is None else self.body
        if isinstance(body, list | str | int | float):
            raise Problem(50109)
        return Sent(body, self.files)

    def number(self, name: str) -> int:
        """An id of the path; anything else is refused."""
        if not self.params[name].isdigit():
            raise invalid(name, f"Value {self.params[name]!r} is not snowflake.")
        return int(self.params[name])

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status or 'no answer'} {self.code or ''}".strip()


async def read_body(request: web.Request, into: Request, shelf: Shelf) -> None:
    """Fill in the JSON and the files of a request. Files go to disk as they come."""
    kind = request.headers.get("Content-Type", "")
    if kind.startswith("multipart/form-data"):
        await _read_form(request, into, shelf)
    elif request.body_exists:
        if kind != "application/json":
            raise invalid("_", f"Expected Content-Type application/json, not {kind}")
        into.body = _json(await request.text())


async def _read_form(request: web.Request, into: Request, shelf: Shelf) -> None:
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        name = part.name or ""
        if name == "payload_json":
            into.body = _json(await part.text())
        elif name.startswith("files["):
            number = int(name.removeprefix("files[").removesuffix("]"))
            filename = part.filename or "unnamed"
            into.files.append(await shelf.take(filename, _chunks(part), number))
        else:
            raise invalid(name, "Unknown field of the form")


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(CHUNK):
        yield chunk


def _json(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError as broken:
        raise Problem(50109) from broken
