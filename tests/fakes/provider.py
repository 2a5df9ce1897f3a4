"""A video backend in memory: honest about what it was sent, scripted about what it answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.domain.jobs import JobState, Reference
from bot.errors import InvalidRequest, JobNotFound, ProviderError, Transient, Unsupported
from bot.ports import Capabilities, Clock, RemoteJob, SubmitRequest
from tests.fakes.media import JOINT


@dataclass
class Taken:
    """A create that the backend took."""

    id: str
    request: SubmitRequest
    created_at: int
    state: JobState = JobState.QUEUED
    progress: int | None = 0
    error: ProviderError | None = None
    extends: Taken | None = None
    """What its file begins with."""


@dataclass
class FakeProvider:
    """Takes every create unless told otherwise.

    `refuse` are errors for the next submits (nothing is taken), `lose` counts submits that are
    taken but answered by an error; `downloads` are errors for the next downloads.
    """

    clock: Clock
    name: str = "simulator"
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(lists=True, list_complete=True, cancels=True)
    )
    refuse: deque[Exception] = field(default_factory=deque[Exception])
    lose: deque[Exception] = field(default_factory=deque[Exception])
    asks: deque[Exception] = field(default_factory=deque[Exception])
    downloads: deque[Exception] = field(default_factory=deque[Exception])
    lists: deque[Exception] = field(default_factory=deque[Exception])
    finds: deque[Exception] = field(default_factory=deque[Exception])
    video: bytes = b"\x00\x00\x00\x18ftypisom fake clip"
    taken: dict[str, Taken] = field(default_factory=dict[str, Taken])
    posts: int = 0
    stopped: list[str] = field(default_factory=list[str])
    deleted: list[Reference] = field(default_factory=list[Reference])
    refuse_deletes: list[Exception] = field(default_factory=list[Exception])
    asked: list[str] = field(default_factory=list[str])
    instant: bool = False
    poll_after_ms: int | None = None
    cost_micros: int | None = None

    async def submit(self, request: SubmitRequest) -> RemoteJob:
        return await self._take(request)

    async def _take(self, request: SubmitRequest, extends: Taken | None = None) -> RemoteJob:
        self.posts += 1
        if self.refuse:
            raise self.refuse.popleft()
        taken = Taken(f"video_{self.posts}", request, self.clock.now(), extends=extends)
        if self.instant:
            taken.state = JobState.FETCHING
        self.taken[taken.id] = taken
        if self.lose:
            raise self.lose.popleft()
        return self._seen(taken)

    def _seen(self, taken: Taken) -> RemoteJob:
        return RemoteJob(
            reference={"id": taken.id},
            state=taken.state,
            progress=taken.progress,
            error=taken.error,
            created_at=taken.created_at,
            prompt=taken.request.prompt,
            model=taken.request.model,
            size=str(taken.request.size),
            seconds=str(taken.request.seconds),
            poll_after_ms=self.poll_after_ms,
            cost_micros=self.cost_micros if taken.state is JobState.FETCHING else None,
        )

    def _get(self, reference: Reference) -> Taken:
        found = self.taken.get(str(reference.get("id")))
        if found is None:
            raise JobNotFound("no such video")
        return found

    def _need(self, able: bool) -> None:  # noqa: FBT001 - a capability, not a switch
        if not able:
            raise Unsupported("this backend lacks that")

    async def fetch(self, reference: Reference) -> RemoteJob:
        self.asked.append(str(reference.get("id")))
        if self.asks:
            raise self.asks.popleft()
        return self._seen(self._get(reference))

    async def download(self, reference: Reference, target: Path) -> None:
        if self.downloads:
            raise self.downloads.popleft()
        taken = self._get(reference)
        if taken.state is not JobState.FETCHING:
            raise Transient("there is no file (yet)")
        target.write_bytes(self._file(taken))

    def _file(self, taken: Taken) -> bytes:
        before = self._file(taken.extends) + JOINT if taken.extends else b""
        return before + self.video + taken.id.encode()

    async def list_jobs(self, since: int) -> Sequence[RemoteJob]:
        if self.lists:
            raise self.lists.popleft()
        return [self._seen(one) for one in self.taken.values() if one.created_at >= since]

    async def find(self, name: str) -> RemoteJob | None:
        self._need(self.capabilities.finds)
        if self.finds:
            raise self.finds.popleft()
        named = (one for one in self.taken.values() if one.request.name == name)
        return next((self._seen(one) for one in named), None)

    async def cancel(self, reference: Reference) -> None:
        taken = self._get(reference)
        if taken.state is JobState.CANCELLED:
            raise InvalidRequest("it was cancelled before")
        taken.state = JobState.CANCELLED
        self.stopped.append(taken.id)

    async def delete(self, reference: Reference) -> None:
        self._need(self.capabilities.deletes)
        if self.refuse_deletes:
            raise self.refuse_deletes.pop(0)
        self.taken.pop(str(reference.get("id")), None)
        self.deleted.append(reference)

    async def remix(self, reference: Reference, prompt: str, webhook_url: str = "") -> RemoteJob:
        self._need(self.capabilities.remixes)
        source = self._get(reference)
        # It is told no name.
        wish = replace(source.request, prompt=prompt, webhook_url=webhook_url, name="")
        return await self.submit(wish)

    async def extend(
        self, reference: Reference, prompt: str, seconds: int, webhook_url: str = ""
    ) -> RemoteJob:
        self._need(self.capabilities.extends)
        source = self._get(reference)
        # It is told no name, and its file is that of the source with more behind it.
        whole = source.request.seconds + seconds
        told = {"prompt": prompt, "webhook_url": webhook_url, "name": ""}
        return await self._take(replace(source.request, seconds=whole, **told), source)

    async def aclose(self) -> None:
        return

    # --- what a test may say of a job ---------------------------------------------------------

    def now(self, state: JobState, progress: int | None = None, error: str = "") -> None:
        """Everything that was taken is in `state` from here on."""
        for taken in self.taken.values():
            taken.state = state
            taken.progress = progress
            taken.error = ProviderError(error) if error else None

    def finish(self) -> None:
        self.now(JobState.FETCHING, 100)
