"""A video backend that outlives the bot: it renders a little more each time it is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.domain.jobs import JobState, Reference
from bot.errors import InvalidRequest, JobNotFound, Transient, Unsupported
from bot.ports import Capabilities, Clock, RemoteJob, SubmitRequest
from tests.crashes.files import Files, clip, torn

S = JobState
READY = 2
"""Questions after which a render is finished."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to the first call of that name. `error` None: it only lies.

    `taken`: the call has its effect all the same. An error of a call is made anew each time.
    """

    call: str
    error: Callable[[], Exception] | None = None
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Render:
    """A create that was taken."""

    id: str
    request: SubmitRequest
    created_at: int
    asked: int = 0
    stopped: bool = False
    extends: str = ""
    """The render that its file begins with."""


@dataclass
class Backend:
    """`VideoProvider`, honest about what it was sent. `end` is what becomes of every render."""

    capabilities: Capabilities
    end: JobState = S.FETCHING
    troubles: tuple[Trouble, ...] = ()
    renders: dict[str, Render] = field(default_factory=dict[str, Render])
    posts: list[str] = field(default_factory=list[str])
    """The prompt of every create that arrived, taken or not."""
    changes: int = 0
    name: str = "simulator"

    def copy(self) -> Backend:
        """The same, to go on from here."""
        return replace(self, renders=dict(self.renders), posts=list(self.posts))


class Client:
    """What the bot holds of a backend within one life."""

    def __init__(self, backend: Backend, clock: Clock, files: Files) -> None:
        self._backend = backend
        self._clock = clock
        self._files = files

    @property
    def name(self) -> str:
        return self._backend.name

    @property
    def capabilities(self) -> Capabilities:
        return self._backend.capabilities

    async def submit(self, request: SubmitRequest) -> RemoteJob:
        return await self._take(request)

    async def _take(self, request: SubmitRequest, extends: str = "") -> RemoteJob:
        backend = self._backend
        backend.changes += 1
        backend.posts.append(request.prompt)
        trouble = self._trouble("submit")
        if trouble and trouble.error and not trouble.taken:
            raise trouble.error()
        name = f"video_{len(backend.renders) + 1}"
        render = Render(name, request, self._clock.now(), extends=extends)
        backend.renders[render.id] = render
        if trouble and trouble.error:
            raise trouble.error()
        return self._seen(render)

    async def remix(self, reference: Reference, prompt: str, webhook_url: str = "") -> RemoteJob:
        if not self.capabilities.remixes:
            raise Unsupported("this backend lacks that")
        source = self._get(reference)
        # A remix is told no name.
        wish = replace(source.request, prompt=prompt, webhook_url=webhook_url, name="")
        return await self.submit(wish)

    async def extend(
        self, reference: Reference, prompt: str, seconds: int, webhook_url: str = ""
    ) -> RemoteJob:
        if not self.capabilities.extends:
            raise Unsupported("this backend lacks that")
        source = self._get(reference)
        wish = replace(source.request, prompt=prompt, webhook_url=webhook_url, name="")
        return await self._take(replace(wish, seconds=wish.seconds + seconds), source.id)

    async def fetch(self, reference: Reference) -> RemoteJob:
        self._fail("fetch")
        render = self._get(reference)
        return self._seen(self._put(replace(render, asked=render.asked + 1)))

    async def download(self, reference: Reference, target: Path) -> None:
        self._fail("download")
        render = self._get(reference)
        if self._state(render) is not S.FETCHING:
            raise Transient("there is no file (yet)")
        before = clip(render.extends) if render.extends else b""
        data = torn(render.id) if self._trouble("torn") else clip(render.id)
        self._files.write(target, before + data)

    async def list_jobs(self, since: int) -> Sequence[RemoteJob]:
        if not self.capabilities.lists:
            raise Unsupported("this backend lacks that")
        self._fail("list_jobs")
        return [self._seen(one) for one in self._backend.renders.values()]

    async def find(self, name: str) -> RemoteJob | None:
        if not self.capabilities.finds:
            raise Unsupported("this backend lacks that")
        self._fail("find")
        named = (one for one in self._backend.renders.values() if one.request.name == name)
        return next((self._seen(one) for one in named), None)

    async def cancel(self, reference: Reference) -> None:
        self._fail("cancel")
        render = self._get(reference)
        if render.stopped:
            raise InvalidRequest("it was cancelled before")
        self._put(replace(render, stopped=True))

    async def delete(self, reference: Reference) -> None:
        raise Unsupported("this backend lacks that")

    async def aclose(self) -> None:
        return

    def _get(self, reference: Reference) -> Render:
        found = self._backend.renders.get(str(reference.get("id")))
        if found is None:
            raise JobNotFound("no such video")
        return found

    def _put(self, render: Render) -> Render:
        self._backend.changes += 1
        self._backend.renders[render.id] = render
        return render

    def _fail(self, call: str) -> None:
        trouble = self._trouble(call)
        if trouble and trouble.error:
            raise trouble.error()

    def _trouble(self, call: str) -> Trouble | None:
        """The first one that waits for such a call; it comes once."""
        found = next((one for one in self._backend.troubles if one.call == call), None)
        if found:
            left = list(self._backend.troubles)
            left.remove(found)
            self._backend.troubles = tuple(left)
            self._backend.changes += 1
        return found

    def _state(self, render: Render) -> JobState:
        if render.stopped:
            return S.CANCELLED
        if not render.asked:
            return S.QUEUED
        return self._backend.end if render.asked >= READY else S.RENDERING

    def _seen(self, render: Render) -> RemoteJob:
        request = render.request
        return RemoteJob(
            reference={"id": render.id},
            state=self._state(render),
            created_at=render.created_at,
            prompt=request.prompt,
            model=request.model,
            size=str(request.size),
            seconds=str(request.seconds),
        )
