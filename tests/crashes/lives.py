"""One life of the real core among things that outlive it, and every moment at which it may end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from bot.domain.jobs import LIVE, Job, JobState
from bot.errors import Refused
from bot.ports import Blobs
from tests.crashes.backend import Backend, Client
from tests.crashes.chat import Screen, Window
from tests.crashes.files import Files, MemoryBlobs, MemoryMedia
from tests.fakes.clock import START, FakeClock
from tests.fakes.core import Core, Options, World
from tests.fakes.memory_store.store import MemoryStore, MemoryUnit
from tests.fakes.memory_store.tables import JOBS, OUTBOX, Stored, View

DOWNTIME = 700
"""Ms from a death to the next life, as clocks have it."""
SWEEP = 5_000
"""Ms after which the search for lost timers comes."""
FOREVER = 2 * 60_000
"""Ms after which nobody waits any longer for a job that nobody can look up."""
TURNS = 400
"""Pauses that no life needs."""
CALLS = frozenset(
    {
        *("submit", "remix", "extend", "fetch", "download", "find", "list_jobs", "cancel"),
        *("post", "edit", "remove", "open_thread", "notify_privately"),
        *("prepare_image", "probe", "poster", "join", "put"),
    }
)
"""Calls of ports that have an effect, or an answer on which one rests."""
BEFORE_COMMIT = "before commit"
"""A gate at which whoever writes has the store for themselves."""


class Crash(BaseException):
    """The process is gone. Nobody can catch it, as nobody can catch SIGKILL."""


Jobs = Mapping[str, Job]
Do = Callable[[Core, str], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does once `ready`, and again under the same name until they get an answer."""

    name: str
    do: Do
    ready: Callable[[Jobs], bool] = lambda _: True
    orders: int = 0
    """Jobs that it asks for."""
    stops: int | None = None
    """The job that it is to stop, in the order of accepting."""


@dataclass
class Past:
    """All that outlives a life."""

    backend: Backend
    screen: Screen
    files: Files
    stored: Stored = field(default_factory=dict[str, Any])
    now: int = START
    ids: int = 0
    answers: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Of the acts so far, whether each was accepted."""

    def copy(self) -> Past:
        """The same, to go on from here."""
        return replace(
            self,
            backend=self.backend.copy(),
            screen=self.screen.copy(),
            files=self.files.copy(),
        )


Gate = Callable[[str], Awaitable[None]]


class Watched:
    """A port that is watched: `gate` hears of each call before it is made and after it was."""

    def __init__(self, inner: object, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the port has
        found = getattr(self._inner, name)
        return self._watched(name, found) if name in CALLS else found

    def _watched(self, name: str, call: Callable[..., Awaitable[object]]) -> object:
        async def watched(*args: object, **kwargs: object) -> object:
            await self._gate(f"before {name}")
            try:
                return await call(*args, **kwargs)
            finally:
                await self._gate(f"after {name}")

        return watched


class WatchedStore:
    """A store that is watched: before each commit, and after it. Also readings end with a life."""

    def __init__(self, store: MemoryStore, gate: Gate, alive: Callable[[], None]) -> None:
        self._store = store
        self._gate = gate
        self._alive = alive

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[MemoryUnit]:
        self._alive()
        async with self._store.transaction() as tx:
            yield tx
            await self._gate(BEFORE_COMMIT)
        await self._gate("after commit")

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[MemoryUnit]:
        self._alive()
        async with self._store.reading() as tx:
            yield tx

    async def aclose(self) -> None:
        return


@dataclass(frozen=True)
class Plan:
    """How a life is to be lived.

    At the gate of number `press` the next act is done, in the middle of what the bot does; at that
    of number `fatal` the bot dies. `store`, `client` and `window` may lack a protection.
    """

    acts: tuple[Act, ...]
    options: Options
    store: type[MemoryStore] = MemoryStore
    client: type[Client] = Client
    window: type[Window] = Window
    press: int | None = None
    fatal: int | None = None
    downtime: int = DOWNTIME


class Life(World):
    """From a start to rest, or to the fatal gate. `seen` hears of each gate."""

    def __init__(
        self, past: Past, plan: Plan, seen: Callable[[Life, str], None] = lambda _, __: None
    ) -> None:
        super().__init__(Path("/nowhere"), clock=FakeClock(past.now))
        self.past = past
        self.plan = plan
        self.store = plan.store(past.stored)
        self.gates = 0
        self.dead = False
        self._seen = seen
        self._files = past.files
        self._pressed: asyncio.Task[object] | None = None
        # In their places stand what a life holds of things that outlive it.
        client = plan.client(past.backend, self.clock, past.files)
        self.provider = cast("Any", Watched(client, self._at))
        self.chat = cast("Any", Watched(plan.window(past.screen), self._at))
        self.media = cast("Any", Watched(MemoryMedia(past.files), self._at))

    def new_id(self) -> str:
        self.past.ids += 1
        return f"j{self.past.ids:09}"

    def blobs(self) -> Blobs:
        return cast("Blobs", Watched(MemoryBlobs(self._files), self._at))

    async def _at(self, what: str) -> None:
        self._alive()
        self.gates += 1
        if self.gates == self.plan.fatal:
            self.dead = True
            raise Crash(what)
        self._seen(self, what)
        if self.gates == self.plan.press:
            self._pressed = asyncio.create_task(self._press())
        # There a press has to wait.
        if self._pressed and what != BEFORE_COMMIT and not self._is_pressing():
            await asyncio.wait({self._pressed})

    def _is_pressing(self) -> bool:
        return self._pressed is asyncio.current_task()

    async def _press(self) -> None:
        if self._next_act:
            await self._do(self._next_act)

    def _alive(self) -> None:
        if self.dead:
            raise Crash

    def moment(self) -> Past:
        """What would be left if the life ended now."""
        past = self.past
        return Past(
            past.backend,
            past.screen,
            past.files,
            self.store.durable,
            self.clock.now(),
            past.ids,
            past.answers,
        )

    @property
    def _next_act(self) -> Act | None:
        return next((act for act in self.plan.acts if act.name not in self.past.answers), None)

    # --- living ---------------------------------------------------------------------------

    async def run(self) -> Past:
        """Live until everything rests; returns what is left."""
        random.seed(1)
        store = WatchedStore(self.store, self._at, self._alive)
        core = self._core = Core(self, store, self.plan.options)
        with suppress(Crash):
            await core.announcer.look_back()
            await core.scheduler.start()
            await self._until_rest(core)
            if self._pressed:
                await self._pressed
        await _let_go(core)
        return self.moment()

    async def _until_rest(self, core: Core) -> None:
        quiet = 0
        for _ in range(TURNS):
            await core.work()
            if self.dead:
                return
            act = self._next_act
            if act and act.ready(View(self.store.stored).of(JOBS)):
                await self._do(act)
                continue
            if self._goes_on(core):
                quiet = 0
            elif quiet == 2 or self._rests():
                return
            else:
                quiet += 1
                self.clock.advance(SWEEP)
                await core.sweep()
        raise AssertionError("a life that never rests")

    async def _do(self, act: Act) -> None:
        accepted = True
        try:
            await act.do(self._core, act.name)
        except Refused:
            accepted = False
        self._alive()
        self.past.answers = {**self.past.answers, act.name: accepted}

    def _goes_on(self, core: Core) -> bool:
        """Let time pass until something falls due; False when nothing will."""
        now, view = self.clock.now(), View(self.store.stored)
        times = [when for when, _ in core.wakeups.timers.values()]
        times += [one.due_at for one in view.of(OUTBOX).values() if one.revision > one.sent]
        next_at = min((when for when in times if when > now), default=None)
        live = [job for job in view.of(JOBS).values() if job.state in LIVE]
        if next_at is None or self._is_hopeless(live, next_at):
            return False
        self.clock.advance(next_at - now)
        return True

    def _is_hopeless(self, live: list[Job], next_at: int) -> bool:
        return bool(live) and all(
            job.state is JobState.SUBMIT_UNKNOWN and next_at - (job.intent_at or 0) > FOREVER
            for job in live
        )

    def _rests(self) -> bool:
        view = View(self.store.stored)
        live = any(job.state in LIVE for job in view.of(JOBS).values())
        unsent = any(one.revision > one.sent for one in view.of(OUTBOX).values())
        return not live and not unsent


async def _let_go(core: Core) -> None:
    """What a dead process still had in mind."""
    with suppress(Crash):
        await core.scheduler.stop(0)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    if left:
        await asyncio.gather(*left, return_exceptions=True)
