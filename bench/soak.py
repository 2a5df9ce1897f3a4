"""A day of orders on a clock that jumps, with faults everywhere and a death every hour."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import warnings
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from time import process_time

from sqlalchemy.exc import SAWarning

from bench.figures import Figure
from bench.throttled import PEOPLE
from bot.domain import retry
from bot.domain.jobs import TERMINAL, Job, JobState, Reference
from bot.domain.ledger import Kind
from bot.domain.messages import Message
from bot.domain.refs import MessageRef, Place
from bot.errors import (
    AmbiguousSubmit,
    ChatBusy,
    ChatError,
    Moderated,
    ProviderError,
    RateLimited,
    Transient,
)
from bot.ports import RemoteJob, SubmitRequest
from bot.services.line import Allowed
from tests.fakes.chat import FakeChat, Post
from tests.fakes.core import KITE, Core, Options, World, running
from tests.fakes.inline import one_thread
from tests.fakes.provider import FakeProvider

HOUR = 60 * retry.MINUTE
RENDER = (40 * retry.SECOND, 240 * retry.SECOND)
"""Ms that a render takes."""
FAULTS = 0.04
"""Share of calls that go wrong, of each kind."""
LAST = 6
"""Orders in the last moment of each hour."""
REST = 3
"""Hours after the last order in which everything must come to its end."""
LONGEST_LEAP = 30 * retry.SECOND
"""Ms that the clock jumps at most: retries of messages have no timer."""


NOT_TAKEN = (RateLimited, Transient, Moderated, AmbiguousSubmit)
"""Answers to a create that was not taken."""


class MoodyBackend(FakeProvider):
    """Renders for a while, and answers as backends do on a bad day. `takes` counts by prompt."""

    def __init__(self, world: World, chance: Random) -> None:
        super().__init__(world.clock)
        self.chance = chance
        self.takes: Counter[str] = Counter()
        self._ready: dict[str, int] = {}

    def _fails(self) -> bool:
        return self.chance.random() < FAULTS

    async def submit(self, request: SubmitRequest) -> RemoteJob:
        """Refuse it, take it, or leave one in doubt; a death may come on either side."""
        await asyncio.sleep(0)
        for refusal in NOT_TAKEN:
            if self._fails():
                raise refusal()
        remote = await super().submit(request)
        self.takes[request.prompt] += 1
        self._ready[str(remote.reference["id"])] = self.clock.now() + self.chance.randrange(*RENDER)
        await asyncio.sleep(0)
        if self._fails():
            raise AmbiguousSubmit("the answer was lost")
        return remote

    async def fetch(self, reference: Reference) -> RemoteJob:
        """How far it is; some renders fail."""
        await asyncio.sleep(0)
        if self._fails():
            raise Transient("bad gateway")
        name = str(reference["id"])
        taken = self.taken[name]
        if taken.state is JobState.QUEUED and self._ready[name] <= self.clock.now():
            taken.state = JobState.FAILED if self._fails() else JobState.FETCHING
            taken.error = ProviderError("it broke") if taken.state is JobState.FAILED else None
        return self._seen(taken)

    async def download(self, reference: Reference, target: Path) -> None:
        """A file, or the line breaks."""
        await asyncio.sleep(0)
        if self._fails():
            raise Transient("cut")
        await super().download(reference, target)


@dataclass
class Wall(FakeChat):
    """A chat without any memory of nonces: whoever posts without looking posts twice.

    `stands` counts what was posted, by nonce.
    """

    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - the same faults each time
    stands: Counter[str] = field(default_factory=Counter[str])

    async def post(
        self,
        place: Place,
        message: Message,  # noqa: ARG002 - the port's; nothing of it is kept
        nonce: str,
        *,
        again: bool = False,
    ) -> MessageRef:
        """Post it, or not, or say that it was not."""
        await asyncio.sleep(0)
        self._break()
        found = self.posts.get(nonce) if again else None
        if found is None:
            self.stands[nonce] += 1
            ref = MessageRef(place, nonce)
            self.posts[nonce] = found = Post(ref, place, Message(()))
        await asyncio.sleep(0)
        if self.chance.random() < FAULTS:
            raise ChatError("the answer was lost")
        return found.ref

    async def edit(self, ref: MessageRef, message: Message) -> None:  # noqa: ARG002 - the port's
        """Nothing of it is kept."""
        await asyncio.sleep(0)
        self._break()

    def _break(self) -> None:
        if self.chance.random() < FAULTS:
            raise self.chance.choice([ChatError("lost"), ChatBusy(2_000)])


@dataclass
class Day:
    """What is to be ordered when (ms), and what was measured on the way."""

    world: World
    backend: MoodyBackend
    wall: Wall
    chance: Random
    orders: list[int]
    asked: int = 0
    deaths: int = 0
    rss: list[float] = field(default_factory=list[float])
    """MiB at the end of each hour."""


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """Live through the day, and look at everything that is left of it."""
    number, hours = (40, 1) if quick else (2000, 24)
    day = _day(folder, number, hours)
    began = process_time()
    with one_thread(), _quiet():
        for _ in range(hours + REST):
            await _hour(day)
        jobs = await _books(day)
    work = 1000 * (process_time() - began) / number
    done = sum(job.state is JobState.DONE for job in jobs)
    return (
        Figure("jobs", len(jobs), "", least=number),
        Figure("of them with a video", done, ""),
        Figure("deaths in the middle of something", day.deaths, ""),
        Figure("CPU of one job and all its faults", work, "ms"),
        Figure("memory, last quarter over second", _growth(day.rss[:hours]), "times", most=1.1),
    )


@contextmanager
def _quiet() -> Generator[None]:
    """All these faults are wanted, so nobody needs to read of each."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            # Whatever held a connection when it was cut off gave none back.
            warnings.simplefilter("ignore", SAWarning)
            yield
    finally:
        logging.disable(before)


def _day(folder: Path, number: int, hours: int) -> Day:
    chance = Random(number)  # noqa: S311 - the same day each time
    wall = Wall(chance=chance)
    world = World(folder, chat=wall)
    backend = MoodyBackend(world, chance)
    world.provider = backend
    start = world.clock.now()
    # Some come just before a death, and are in the middle of everything then.
    last = [start + hour * HOUR for hour in range(1, hours + 1) for _ in range(LAST)]
    rest = [start + chance.randrange(hours * HOUR) for _ in range(number - len(last))]
    orders = sorted(last + rest)
    return Day(world, backend, wall, chance, orders)


async def _hour(day: Day) -> None:
    """One life: an hour of work, then a death wherever it happens to be."""
    end = day.world.clock.now() + HOUR
    before = asyncio.all_tasks()
    options = Options(allowed=Allowed(slots=16), allowance=10**6)
    async with running(day.world, options) as core:
        while core.clock.now() < end:
            await _order_due(day, core)
            await core.work()
            await _leap(day, core, end)
        await _die(day, core, before)
    gc.collect()
    day.rss.append(_rss())


async def _order_due(day: Day, core: Core) -> None:
    while day.asked < len(day.orders) and day.orders[day.asked] <= core.clock.now():
        number = day.asked
        day.asked += 1
        spec = replace(KITE, prompt=f"kite {number}")
        person = PEOPLE[number % len(PEOPLE)]
        await core.create(person, spec, f"order {number}")
        # People press twice, and chats deliver twice.
        await core.create(person, spec, f"order {number}")


async def _leap(day: Day, core: Core, end: int) -> None:
    """To the next thing that happens."""
    now = core.clock.now()
    moments = [end, now + LONGEST_LEAP, *(when for when, _ in core.wakeups.timers.values())]
    if day.asked < len(day.orders):
        moments.append(day.orders[day.asked])
    core.clock.advance(max(1, min(moments) - now))


async def _die(day: Day, core: Core, before: set[asyncio.Task[object]]) -> None:
    """Stop everything between two turns of the loop, with as much as possible under way."""
    core.clock.advance(LONGEST_LEAP)
    await _order_due(day, core)
    working = asyncio.create_task(core.work())
    for _ in range(day.chance.randrange(40)):
        await asyncio.sleep(0)
    alive = asyncio.all_tasks() - before
    day.deaths += bool(alive - {working})
    for task in alive:
        task.cancel()
    await asyncio.gather(*alive, return_exceptions=True)
    # As long as it takes to start again at least.
    core.clock.advance(retry.SECOND)


async def _books(day: Day) -> Sequence[Job]:
    """Nothing was lost, nothing was done twice, and all accounts add up."""
    async with running(day.world) as core, core.store.reading() as tx:
        jobs = await tx.jobs.in_state(frozenset(JobState), 10_000)
        assert not await tx.checks.faults()
        for job in jobs:
            kinds = Counter(entry.kind for entry in await tx.ledger.of_job(job.id))
            assert kinds[Kind.HOLD] == 2, job
            assert kinds[Kind.SETTLE] + kinds[Kind.RELEASE] == 2, job
        attempts = [one for job in jobs for one in await tx.attempts.of(job.id) if one.reference]
    assert len(jobs) == len(day.orders)
    assert all(job.state in TERMINAL for job in jobs), Counter(job.state for job in jobs)
    assert max(day.backend.takes.values()) == 1
    assert len(attempts) == len({str(one.reference) for one in attempts})
    assert len(attempts) == sum(day.backend.takes.values())
    done = [job for job in jobs if job.state is JobState.DONE]
    assert all(day.wall.stands[f"result/{job.id}"] == 1 for job in done)
    assert set(day.wall.stands.values()) == {1}
    return jobs


def _rss() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def _growth(rss: Sequence[float]) -> float:
    quarter = max(1, len(rss) // 4)
    return max(rss[-quarter:]) / max(rss[quarter : 2 * quarter] or rss)
