"""Every client before a gateway that means harm: what honest backends say, and how it is bent."""

from __future__ import annotations

import asyncio
import copy
import json
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from adapters.providers.guard import Origin, Resolve, look_up
from adapters.providers.http import Answer, Limits
from adapters.providers.openai_videos.answers import Reader
from adapters.providers.openai_videos.client import OpenAIVideos
from adapters.providers.openai_videos.profile import profile_of
from adapters.providers.refusals import as_list, as_object
from adapters.providers.simulator.faults import Fault
from adapters.providers.tasks.client import TaskVideos
from adapters.providers.tasks.registry import WIRES
from adapters.providers.tasks.wire import Ask, Pictures, Told, Wire
from bot.domain.jobs import JobState, Reference
from bot.ports import RemoteJob
from tests.fakes.clock import START, FakeClock
from tests.fakes.gateway import HASTY, KEY, TAKEN, WISH, Gateway, Reply
from tests.fakes.wires import judge_of
from tests.payloads.simulated import INSTANT, simulated

CUSTOM = "custom"
SPOKEN = (CUSTOM, *WIRES)
"""All that a gateway may be spoken to like."""
HONEST = "http://simulator"
"""Where links of an honest answer lead."""
PUBLIC = "93.184.216.34"
SHORT = replace(HASTY, answer_bytes=100_000, download_ms=300, download_bytes=1024**2)
"""Limits of whoever wants to be through soon."""
SMALL = Limits(answer_bytes=100_000, download_bytes=1024**2)
"""Limits of whoever has time: on a busy machine nothing runs out."""

Client = OpenAIVideos | TaskVideos


# --- what an honest backend says ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tape:
    """One job as its backend told of it. `told` is all that was answered, by path, once finished.

    The first path of `told` is that of the question about the job. `status` is that of the last
    answer: a question about a job that failed may be answered with an error.
    """

    base: str
    create: str
    made: Mapping[str, Any]
    reference: Reference
    told: Mapping[str, Any]
    status: int = 200

    @property
    def question(self) -> str:
        """Path of the question about the job."""
        return next(iter(self.told))

    def linking(self, url: str) -> dict[str, Any]:
        """What is told of the finished job, with every link of it leading to `url`."""
        return {path: swapped(body, HONEST, url) for path, body in self.told.items()}


async def record(spoken: str, *faults: Fault) -> Tape:
    """What a simulator with that API answers; the simplest that is understood for `custom`.

    `faults` may let the job fail.
    """
    if spoken == CUSTOM:
        done = {"id": "video_1", "status": "completed", "progress": 100, "url": f"{HONEST}/a.mp4"}
        made = json.loads(TAKEN.data)
        return Tape("/v1", "/v1/videos", made, {"id": "video_1"}, {"/v1/videos/video_1": done})
    wire = WIRES[spoken]
    async with simulated(replace(INSTANT, dialect=spoken)) as sim:
        sim.machine.plan(*faults)
        return await _recorded(wire, sim.http)


async def _recorded(wire: Wire, http: httpx.AsyncClient) -> Tape:
    base = httpx.URL(wire.url).raw_path.decode().rstrip("/")

    async def answer(ask: Ask) -> httpx.Response:
        headers = {**wire.headers, **ask.headers}
        url = f"{HONEST}{base}{ask.path}"
        return await http.request(ask.method, url, json=ask.json, headers=headers)

    create = wire.create(WISH, Pictures())
    made = (await answer(create)).json()
    reference = wire.made(made, create)
    assert reference is not None, made
    for _ in range(800):
        ask = wire.question(reference)
        last = await answer(ask)
        told = {base + ask.path: last.json()}
        seen = wire.told(told[base + ask.path], reference)
        if seen and seen.state in {JobState.FETCHING, JobState.FAILED}:
            if seen.more:
                last = await answer(seen.more)
                told[base + seen.more.path] = last.json()
            return Tape(base, base + create.path, made, reference, told, last.status_code)
        await asyncio.sleep(0.01)
    raise AssertionError(f"{reference} still runs")


def swapped(value: Any, start: str, into: object) -> Any:  # noqa: ANN401 - any JSON value
    """The same value with each text that begins with `start` replaced."""
    if fields := as_object(value):
        return {name: swapped(one, start, into) for name, one in fields.items()}
    if items := as_list(value):
        return [swapped(one, start, into) for one in items]
    return into if isinstance(value, str) and value.startswith(start) else value


# --- a client before it ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stage:
    """A client, the gateway that it takes for its backend, and what the gateway should say."""

    spoken: str
    tape: Tape
    gateway: Gateway
    client: Client
    target: Path

    @property
    def link(self) -> str:
        """Where the backend itself has the file."""
        return f"{self.gateway.origin}/clip.mp4"

    def finished(self, link: str) -> None:
        """From now on the job is finished, and its file is at `link`."""
        for path, body in self.tape.linking(link).items():
            self.gateway.on("GET", path, Reply(body=body))

    def asked(self, reply: Reply) -> None:
        """From now on whoever asks about the job gets `reply`."""
        self.gateway.on("GET", self.tape.question, reply)

    def file(self, *replies: Reply) -> None:
        """The job is finished, and its file, at home, is answered for like that."""
        self.finished(self.link)
        self.gateway.on("GET", "/clip.mp4", *replies)

    def creates(self, reply: Reply) -> None:
        """From now on whoever orders gets `reply`."""
        self.gateway.on("POST", self.tape.create, reply)

    async def fetch(self) -> RemoteJob:
        """Ask about the job of the tape."""
        return await self.client.fetch(self.tape.reference)

    async def download(self) -> None:
        """Copy the file of that job to `target`."""
        await self.client.download(self.tape.reference, self.target)

    def left(self) -> int:
        """Bytes that are on the disk now."""
        return sum(one.stat().st_size for one in self.target.parent.iterdir())


@dataclass(frozen=True, slots=True)
class Terms:
    """How a client is made: see the arguments of the clients themselves."""

    limits: Limits | None = None
    resolve: Resolve = look_up
    trusted: frozenset[Origin] = frozenset()
    scheme: str = "http"


NORMAL = Terms()


@dataclass(frozen=True, slots=True)
class Cast:
    """Every client that there is, with the tape of its backend."""

    tapes: Mapping[str, Tape]
    folder: Path

    async def play(self, scene: Callable[[Stage], Awaitable[None]], terms: Terms = NORMAL) -> None:
        """The same scene with each client before a gateway of its own, all at once."""
        played = (self.alone(spoken, scene, terms) for spoken in self.tapes)
        found = await asyncio.gather(*played, return_exceptions=True)
        for spoken, error in zip(self.tapes, found, strict=True):
            if error is not None:
                error.add_note(f"with the client of {spoken}")
                raise error

    async def alone(
        self,
        spoken: str,
        scene: Callable[[Stage], Awaitable[None]],
        terms: Terms = NORMAL,
        gateway: Gateway | None = None,
    ) -> None:
        """The same with one client, before `gateway` where there is one."""
        tape, target = self.tapes[spoken], self.folder / spoken / "clip.mp4"
        target.parent.mkdir()
        async with gateway or Gateway() as before:
            client = _client(spoken, tape, before, terms)
            try:
                await scene(Stage(spoken, tape, before, client, target))
            finally:
                await client.aclose()


def _client(spoken: str, tape: Tape, gateway: Gateway, terms: Terms) -> Client:
    """The real client of a wire, or of `custom`."""
    base = gateway.origin.replace("http", terms.scheme, 1) + tape.base
    more: dict[str, Any] = {"limits": terms.limits, "resolve": terms.resolve}
    if spoken == CUSTOM:
        profile = replace(profile_of(CUSTOM), trusted_origins=terms.trusted)
        return OpenAIVideos(profile, base, KEY, FakeClock(), **more)
    return TaskVideos(WIRES[spoken], base, KEY, FakeClock(), trusted=terms.trusted, **more)


def read(spoken: str, tape: Tape, told: Mapping[str, Any]) -> JobState:
    """The state in what is told, read without a server; raises `ProviderError`."""
    bodies = list(told.values())
    if spoken == CUSTOM:
        answer = Answer(200, httpx.Headers(), json.dumps(bodies[0]).encode())
        return Reader(profile_of(CUSTOM), KEY).fetch(answer, tape.reference, START).job.state
    wire = WIRES[spoken]
    seen = wire.told(as_object(bodies[0]), tape.reference)
    if seen and seen.more and len(bodies) > 1:
        seen = wire.result(200, as_object(bodies[1]), seen)
    return (seen or Told(JobState.RENDERING)).job(tape.reference, judge_of(wire)).state


Step = str | int
Way = tuple[Step, ...]


def ways(value: Any, above: Way = ()) -> list[Way]:  # noqa: ANN401 - any JSON value
    """The ways to every value inside a value."""
    inside: list[tuple[Step, Any]] = [*as_object(value).items(), *enumerate(as_list(value))]
    return [way for step, one in inside for way in ((*above, step), *ways(one, (*above, step)))]


def changed(value: Any, way: Way, into: object) -> Any:  # noqa: ANN401 - any JSON value
    """A copy in which something else stands at the end of a way."""
    whole = copy.deepcopy(value)
    inner = whole
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = into
    return whole


# --- our network -------------------------------------------------------------------------------

_NAMES: Mapping[str, Sequence[str]] = {
    "public.example": (PUBLIC,),
    "both.example": (PUBLIC, "10.0.0.1"),
    "metadata.google.internal": ("169.254.169.254",),
}


async def unlucky(host: str, port: int) -> Sequence[str]:
    """What a network says that is as careless as the system: also of numbers in any base."""
    if host in _NAMES:
        return _NAMES[host]
    if host == "nowhere.example":
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    if ":" in host:
        return [host]
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except OSError:
        return ["127.0.0.1"]


class Eager(Gateway):
    """Answers whoever comes before anything was asked, and then hangs up, or only `lingers`."""

    def __init__(self, answer: bytes, *, lingers: bool) -> None:
        super().__init__()
        self._answer = answer
        self._lingers = lingers

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(self._answer)
        await writer.drain()
        if self._lingers:
            await reader.read()
        return False


def with_id(tape: Tape, name: object) -> Any:  # noqa: ANN401 - any JSON value
    """The answer to a create with another name of the job in it."""
    return swapped(tape.made, str(tape.reference["id"]), name)


def parts_of(tape: Tape) -> tuple[str, str]:
    """What stands before and after the name of a job in the path that it is asked about at."""
    before, _, after = tape.question.partition(quote(str(tape.reference["id"]), safe=""))
    return before, after
