"""The client for every backend that speaks the OpenAI Videos contract.

A create is sent once and never again from here: what its outcome is worth, the core decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from adapters.providers.conversation import (
    LINK_IS_DEAD,
    Conversation,
    check_able,
    check_finished,
    check_prompt,
    read_image,
)
from adapters.providers.download import NotTheFile, copy
from adapters.providers.guard import Resolve, look_up
from adapters.providers.http import Access, Answer, Http, Limits
from adapters.providers.openai_videos.answers import Reader, Seen
from adapters.providers.openai_videos.ids import led_home
from adapters.providers.openai_videos.listing import Listing
from adapters.providers.openai_videos.profile import Profile
from adapters.providers.openai_videos.requests import (
    create_body,
    extend_body,
    id_of,
    path_of,
    remix_body,
)
from adapters.providers.openai_videos.wire import read_link
from adapters.providers.refusals import parse
from adapters.providers.values import read_time
from bot.domain.jobs import Reference
from bot.errors import (
    AssetExpired,
    ProviderError,
    Transient,
    Unsupported,
)
from bot.ports import Capabilities, Clock, Leads, RemoteJob, SubmitRequest, alone

_MAY_BE_ELSEWHERE = frozenset({400, 404, 405, 409, 410, 422, 501})
"""Answers of the content route after which the job itself is asked where its file is."""


class OpenAIVideos:
    """`VideoProvider` for one account at one backend.

    `key` may be empty. `name` is the provider's key in the catalogue (default: the profile's).
    Raises `ConfigError` for a base URL or key that cannot work. Give it back with `aclose`.
    """

    def __init__(  # noqa: PLR0913 - the parts list of one account; all but four have a default
        self,
        profile: Profile,
        base_url: str,
        key: str,
        clock: Clock,
        *,
        name: str = "",
        limits: Limits | None = None,
        resolve: Resolve = look_up,
        leads: Leads = alone,
    ) -> None:
        self._profile = profile
        self._name = name or profile.name
        self._clock = clock
        self._read = Reader(profile, key)
        access = Access(
            base_url=base_url,
            key=key,
            header=profile.auth_header,
            prefix=profile.auth_prefix,
            headers=profile.headers,
            key_origins=profile.key_origins,
            trusted=profile.trusted_origins,
        )
        self._http = Http(access, limits or Limits(), resolve, leads)
        self._talk = Conversation(self._http, self._read.judge, clock)

    def __repr__(self) -> str:
        return f"OpenAIVideos({self._name!r}, {self._profile.name!r}, {str(self._http.base)!r})"

    @property
    def name(self) -> str:
        """Key of the provider in the catalogue."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What the profile says."""
        return self._profile.capabilities

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()

    # --- making jobs ----------------------------------------------------------------------

    async def submit(self, request: SubmitRequest) -> RemoteJob:
        """Send one create."""
        check_prompt(request.prompt)
        check_able(request, self.capabilities)
        image = await read_image(request.image) if request.image else None
        return await self._make("create", create_body(self._profile, request, image))

    async def remix(
        self,
        reference: Reference,
        prompt: str,
        webhook_url: str = "",  # noqa: ARG002 - see `VideoProvider`
    ) -> RemoteJob:
        """Send one remix of a finished job."""
        check_prompt(prompt)
        return await self._make("remix", remix_body(prompt), id_of(reference))

    async def extend(
        self,
        reference: Reference,
        prompt: str,
        seconds: int,
        webhook_url: str = "",  # noqa: ARG002 - see `VideoProvider`
    ) -> RemoteJob:
        """Send one continuation of a finished job."""
        check_prompt(prompt)
        name = id_of(reference)
        return await self._make("extend", extend_body(name, prompt, seconds), name)

    async def _make(self, operation: str, body: dict[str, Any], name: str = "") -> RemoteJob:
        answer = await self._talk.create(operation, *self._route(operation, name), **body)
        job = self._read.create(answer, operation, self._clock.now())
        return self._led_home(job, name) if name and self._profile.ids == "packed" else job

    def _led_home(self, job: RemoteJob, source: str) -> RemoteJob:
        return replace(job, reference={"id": led_home(id_of(job.reference), source)})

    def _route(self, operation: str, name: str = "") -> tuple[str, httpx.URL]:
        """Method and URL; raises `Unsupported` before anything is sent."""
        if not self._profile.has(operation):
            raise Unsupported(f"{self._name} has no {operation}")
        method, template = self._profile.route(operation)
        return method, self._http.url(path_of(template, name))

    # --- asking -----------------------------------------------------------------------------

    async def fetch(self, reference: Reference) -> RemoteJob:
        """Ask about a job."""
        return (await self._seen(reference)).job

    async def _seen(self, reference: Reference) -> Seen:
        answer = await self._ask("fetch", id_of(reference))
        return self._read.fetch(answer, reference, self._clock.now())

    async def list_jobs(self, since: int) -> Sequence[RemoteJob]:
        """Jobs created at or after `since` (ms), newest first."""
        listing = Listing(since, complete=self._profile.list_complete)
        while not listing.done:
            answer = await self._ask("list", params=listing.query)
            listing.add(self._read.page(answer, self._clock.now()), self._read)
        return listing.jobs

    async def _ask(
        self, operation: str, name: str = "", params: dict[str, str] | None = None
    ) -> Answer:
        return await self._talk.ask(*self._route(operation, name), params=params)

    async def find(self, name: str) -> RemoteJob | None:  # noqa: ARG002 - see `VideoProvider`
        """The contract has no place for names of ours."""
        raise Unsupported(f"{self._name} finds nothing by our names")

    # --- ending -----------------------------------------------------------------------------

    async def delete(self, reference: Reference) -> None:
        """Remove a job and its files; fine when it is gone already."""
        answer = await self._ask("delete", id_of(reference))
        if not answer.good and not self._read.judge.gone(answer):
            raise self._read.judge.failure(answer, self._clock.now())

    async def cancel(self, reference: Reference) -> None:
        """Stop a job that has not finished."""
        answer = await self._ask("cancel", id_of(reference))
        if not answer.good:
            raise self._read.judge.failure(answer, self._clock.now())

    # --- the file -----------------------------------------------------------------------------

    async def download(self, reference: Reference, target: Path) -> None:
        """Copy the finished file to `target`, going on where a `.part` beside it ends."""
        name = id_of(reference)
        async with self._talk.download():
            await self._download(name, reference, target)

    async def _download(self, name: str, reference: Reference, target: Path) -> None:
        content, refusal = self._content_url(name), None
        if content and self._profile.content_first:
            refusal = await self._content(content, target)
            if refusal is None:
                return
        await self._elsewhere(await self._seen(reference), target, content, refusal)

    def _content_url(self, name: str) -> httpx.URL | None:
        if not self._profile.has("content"):
            return None
        _, url = self._route("content", name)
        variant = self._profile.variant
        return url.copy_merge_params({"variant": variant}) if variant else url

    async def _content(self, url: httpx.URL, target: Path) -> Answer | None:
        """Copy from the content route; the answer when the file may be somewhere else."""
        try:
            await copy(self._http, url, target)
        except NotTheFile as error:
            answer = error.answer
            link = read_link(parse(answer.body), self._profile) if answer.good else None
            if link:
                await self._talk.follow(self._http.link(link), target)
            elif answer.status in _MAY_BE_ELSEWHERE:
                return answer
            else:
                raise self._talk.no_file(answer) from error
        return None

    async def _elsewhere(
        self, seen: Seen, target: Path, content: httpx.URL | None, refusal: Answer | None
    ) -> None:
        """Ask the job where its file is; `refusal` is what the content route said, if asked."""
        check_finished(seen.job)
        link = self._http.link(seen.link) if seen.link else None
        if link and not (refusal and link == content):
            await self._talk.follow(link, target)
            return
        if content and refusal is None:
            refusal = await self._content(content, target)
            if refusal is None:
                return
        raise self._missing(seen, refusal)

    def _missing(self, seen: Seen, answer: Answer | None) -> ProviderError:
        """Finished, but without a file: it is too early or too late."""
        words = self._talk.no_file(answer).message if answer else "the job names no file"
        if answer is None or answer.status not in LINK_IS_DEAD:
            return Transient(words)
        ends = read_time(seen.data.get("expires_at"))
        done = read_time(seen.data.get("completed_at"))
        if ends is None and done is not None and self._profile.asset_life_ms:
            ends = done + self._profile.asset_life_ms
        early = ends is not None and self._clock.now() < ends
        return Transient(words) if early else AssetExpired(words)
