"""The client for every provider with a task API: one wire behind the port of video backends."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx

from adapters.providers.conversation import (
    Conversation,
    check_able,
    check_finished,
    check_prompt,
    check_source,
    read_image,
)
from adapters.providers.download import Part
from adapters.providers.guard import Origin, Resolve, look_up
from adapters.providers.hints import poll_after_ms, room_left
from adapters.providers.http import Access, Answer, Http, Limits
from adapters.providers.judging import Judge
from adapters.providers.refusals import Json, as_object, parse
from adapters.providers.tasks.uploads import Uploads
from adapters.providers.tasks.wire import Ask, Pictures, Told, Wire
from bot.domain.jobs import JobState, Reference
from bot.errors import AssetExpired, JobNotFound, Moderated, Transient, Unsupported
from bot.ports import Capabilities, Clock, Leads, RemoteJob, SubmitRequest, alone

_HEAD = 12
"""Bytes that tell an MP4 from anything else."""


class TaskVideos:
    """`VideoProvider` for one account at one provider. Give it back with `aclose`.

    `name` is the provider's key in the catalogue (default: the wire's). Links may lead to `trusted`
    origins although their addresses are private. Raises `ConfigError` for a base URL or key that
    cannot work.
    """

    def __init__(  # noqa: PLR0913 - the parts list of one account; all but four have a default
        self,
        wire: Wire,
        base_url: str,
        key: str,
        clock: Clock,
        *,
        name: str = "",
        limits: Limits | None = None,
        resolve: Resolve = look_up,
        leads: Leads = alone,
        trusted: frozenset[Origin] = frozenset(),
    ) -> None:
        self._wire = wire
        self._name = name or wire.name
        access = Access(
            base_url=base_url,
            key=key,
            header=wire.header,
            prefix=wire.prefix,
            headers=wire.headers,
            key_origins=wire.key_origins,
            trusted=trusted,
        )
        self._http = Http(access, limits or Limits(), resolve, leads)
        self._judge = Judge(key, wire.kinds)
        self._talk = Conversation(self._http, self._judge, clock)
        self._uploads = Uploads(wire, self._talk)

    def __repr__(self) -> str:
        return f"TaskVideos({self._name!r}, {self._wire.name!r}, {str(self._http.base)!r})"

    @property
    def name(self) -> str:
        """Key of the provider in the catalogue."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What the wire says."""
        return self._wire.capabilities

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()

    # --- making jobs ----------------------------------------------------------------------

    async def submit(self, request: SubmitRequest) -> RemoteJob:
        """Send one create."""
        check_prompt(request.prompt)
        pictures = await self._pictures(request)
        # What cannot be asked for is refused before a picture leaves.
        ask = self._wire.create(request, pictures)
        brought = await self._uploads.bring(pictures)
        ask = self._wire.create(request, brought) if brought.links else ask
        return await self._make("create", ask)

    async def remix(self, reference: Reference, prompt: str, webhook_url: str = "") -> RemoteJob:
        """Send one remix of a finished job."""
        check_prompt(prompt)
        parent = await self._source("remix", reference, able=self.capabilities.remixes)
        return await self._make("remix", self._wire.remix(parent, prompt, webhook_url))

    async def extend(
        self, reference: Reference, prompt: str, seconds: int, webhook_url: str = ""
    ) -> RemoteJob:
        """Send one continuation of a finished job."""
        check_prompt(prompt)
        parent = await self._source("extend", reference, able=self.capabilities.extends)
        ask = self._wire.extend(parent, prompt, seconds, webhook_url)
        return await self._make("extend", ask)

    async def _source(self, operation: str, parent: Reference, *, able: bool) -> Reference:
        """The parent as a remix or an extension names it; some are asked about themselves first."""
        if not able:
            raise Unsupported(f"{self._name} has no {operation}")
        if not self._wire.asks_parent:
            return parent
        answer, told = await self._seen(parent)
        check_source(told.job(parent, self._judge))
        return self._wire.source(as_object(parse(answer.body)), parent)

    async def _pictures(self, request: SubmitRequest) -> Pictures:
        check_able(request, self.capabilities)
        return Pictures(
            await read_image(request.image) if request.image else None,
            await read_image(request.last) if request.last else None,
            tuple([await read_image(one) for one in request.references]),
        )

    async def _make(self, operation: str, ask: Ask) -> RemoteJob:
        url, now = self._http.url(ask.path), self._talk.now
        answer = await self._talk.create(operation, ask.method, url, **ask.parts)
        data = as_object(parse(answer.body))
        reference = self._wire.made(data, ask) if answer.good else None
        if reference is None:
            raise self._judge.not_created(answer, operation, now())
        told = self._wire.told(data, reference) or Told(JobState.QUEUED)
        wait, room = poll_after_ms(answer.headers, now()), room_left(answer.headers, now())
        return replace(told.job(reference, self._judge), poll_after_ms=wait, room=room)

    # --- asking -----------------------------------------------------------------------------

    async def fetch(self, reference: Reference) -> RemoteJob:
        """Ask about a job."""
        answer, told = await self._seen(reference)
        job = told.job(reference, self._judge)
        return replace(job, poll_after_ms=poll_after_ms(answer.headers, self._talk.now()))

    async def _seen(self, reference: Reference) -> tuple[Answer, Told]:
        answer = await self._ask(self._wire.question(reference))
        data = as_object(parse(answer.body))
        told = self._wire.told(data, reference) if answer.good else None
        if told and told.more:
            answer = await self._ask(told.more)
            told = self._wire.result(answer.status, as_object(parse(answer.body)), told)
        if told:
            return answer, told
        failure = self._judge.unanswered(answer, self._talk.now())
        if isinstance(failure, Moderated):
            return answer, Told(JobState.MODERATED, refusal=self._judge.refusal(answer))
        raise failure

    async def _ask(self, ask: Ask) -> Answer:
        url = self._http.url(ask.path)
        return await self._talk.ask(ask.method, url, **ask.parts)

    async def models(self) -> Json:
        """What the provider says that it sells; raises `Unsupported` where it does not tell."""
        answer = await self._ask(self._wire.models())
        if not answer.good:
            raise self._judge.failure(answer, self._talk.now(), lacking=True)
        return as_object(parse(answer.body))

    async def list_jobs(self, since: int) -> Sequence[RemoteJob]:
        """Nothing here lists what was made."""
        raise Unsupported(f"{self._name} has no list")

    async def find(self, name: str) -> RemoteJob | None:
        """Ask for the job of a create that was called `name`."""
        for ask in self._wire.finding(name):
            if found := await self._found(name, ask):
                return found
        return None

    async def _found(self, name: str, ask: Ask) -> RemoteJob | None:
        answer = await self._ask(ask)
        data = as_object(parse(answer.body))
        try:
            reference = self._wire.found(data, name, ask) if answer.good else None
            told = self._wire.told(data, reference) if reference else None
            if reference is None or told is None:
                raise self._judge.unanswered(answer, self._talk.now())
        except JobNotFound:
            return None
        return told.job(reference, self._judge)

    # --- ending -----------------------------------------------------------------------------

    async def delete(self, reference: Reference) -> None:
        """Remove a job and its files; fine when it is gone already."""
        answer = await self._ask(self._wire.delete(reference))
        if not answer.good and not self._judge.gone(answer):
            raise self._judge.failure(answer, self._talk.now())

    async def cancel(self, reference: Reference) -> None:
        """Stop a job that has not finished."""
        answer = await self._ask(self._wire.cancel(reference))
        if not answer.good:
            raise self._judge.failure(answer, self._talk.now())

    # --- the file -----------------------------------------------------------------------------

    async def download(self, reference: Reference, target: Path) -> None:
        """Copy the finished file to `target`, going on where a `.part` beside it ends."""
        async with self._talk.download():
            answer, told = await self._seen(reference)
            job = told.job(reference, self._judge)
            check_finished(replace(job, poll_after_ms=poll_after_ms(answer.headers, 0)))
            if told.inline:
                await asyncio.to_thread(_write, told.inline, target)
            else:
                await self._first_of(self._urls(told), target)

    def _urls(self, told: Told) -> list[httpx.URL]:
        links = [self._http.link(link) for link in told.links]
        return [*links, self._http.url(told.content)] if told.content else links

    async def _first_of(self, urls: Sequence[httpx.URL], target: Path) -> None:
        """Copy from the first link that works; the last one's failure counts."""
        if not urls:
            raise Transient("the job names no file")
        for url in urls[:-1]:
            try:
                return await self._talk.follow(url, target)
            except AssetExpired:
                continue
        return await self._talk.follow(urls[-1], target)


def _write(text: str, target: Path) -> None:
    """A file that came inside an answer."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Transient("the file in the answer is damaged") from error
    if data[4:8] != b"ftyp" or len(data) < _HEAD:
        raise Transient("no video came")
    part = Part(target)
    with part.restart("") as file:
        file.write(data)
    part.finish()
