"""The bot before a throttled backend, on a clock that jumps to the next thing that happens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random

from bench.naive import LATENCY, LONGEST, Drained
from bench.throttles import Refused, Throttle
from bot.domain.jobs import Job, JobState, Reference
from bot.domain.refs import Person
from bot.errors import RateLimited
from bot.ports import Capabilities, RemoteJob, SubmitRequest
from bot.services.line import Allowed
from tests.fakes.clock import FakeClock
from tests.fakes.core import TENANT, Core, Options, World, running
from tests.fakes.inline import one_thread
from tests.fakes.provider import FakeProvider

_TURNS = 2_000
"""Turns of the loop in which everything must have come to wait for the clock."""
_WAKE = 3
PEOPLE = [Person(TENANT, f"p{number}", f"Person {number}") for number in range(10)]


class Throttled(FakeProvider):
    """A `VideoProvider` behind a throttle; each call takes its time."""

    def __init__(self, throttle: Throttle, renders: Sequence[int], chance: Random) -> None:
        super().__init__(FakeClock(), capabilities=Capabilities())
        self.throttle = throttle
        self.renders = renders
        self.ends: dict[str, int] = {}
        self.asleep = 0
        self._chance = chance

    async def _way(self, ms: int) -> None:
        self.asleep += 1
        await self.clock.sleep(ms)
        self.asleep -= 1

    async def submit(self, request: SubmitRequest) -> RemoteJob:
        """Take it, or refuse it as too many or too fast."""
        took, number = self._chance.randrange(*LATENCY), len(self.ends)
        await self._way(took // 2)
        met = self.throttle.create(self.clock.now(), self.renders[len(self.ends)])
        if isinstance(met, int):
            number = len(self.ends)
            self.ends[f"video_{number}"] = met
        await self._way(took - took // 2)
        if isinstance(met, Refused):
            raise RateLimited(request.model, retry_after_ms=met.hint)
        return RemoteJob({"id": f"video_{number}"}, JobState.QUEUED)

    async def fetch(self, reference: Reference) -> RemoteJob:
        """How far it is."""
        await self._way(self._chance.randrange(*LATENCY))
        ready = self.ends[str(reference["id"])] <= self.clock.now()
        return RemoteJob(reference, JobState.FETCHING if ready else JobState.RENDERING)

    async def download(self, reference: Reference, target: Path) -> None:
        """A file, at once."""
        await asyncio.to_thread(target.write_bytes, self.video + str(reference["id"]).encode())


async def live(folder: Path, backend: Throttled, declared: Allowed, start: int) -> Drained:
    """All jobs ordered at `start`, until nothing is left to do; ready means stored here."""
    clock = FakeClock(start)
    world = World(folder, clock=clock)
    backend.clock = clock
    world.provider = backend
    options = Options(allowed=declared, allowance=10**9)
    with one_thread():
        async with running(world, options) as core:
            for number in range(len(backend.renders)):
                await core.create(PEOPLE[number % len(PEOPLE)])
            await _until_rest(core, backend, start + LONGEST)
            assert not await core.faults()
            jobs = await _jobs(core)
    return _drained(jobs, backend, start)


async def _until_rest(core: Core, backend: Throttled, end: int) -> None:
    """Jump from moment to moment while there are any."""
    clock = core.clock
    while True:
        await _settle(core, backend)
        moments = [when for when, _ in core.wakeups.timers.values()]
        if (woken := clock.first) is not None:
            moments.append(woken)
        if not moments or min(moments) > end:
            return
        clock.advance(max(0, min(moments) - clock.now()))
        await core.wakeups.fire_due(clock.now())


async def _settle(core: Core, backend: Throttled) -> None:
    """Until every step that runs waits for its backend."""
    for turn in range(_TURNS):
        # Whoever was woken needs a turn to know it.
        if turn > _WAKE and backend.asleep >= core.scheduler.steps:
            return
        await asyncio.sleep(0)


async def _jobs(core: Core) -> Sequence[Job]:
    async with core.store.reading() as tx:
        return await tx.jobs.in_state(frozenset(JobState), 10_000)


def _drained(jobs: Sequence[Job], backend: Throttled, start: int) -> Drained:
    done = [job for job in jobs if job.state is JobState.DELIVERING]
    names = {str(job.reference) for job in done}
    assert len(names) == len(done) == len(backend.ends), "a job was lost, or made twice"
    last = max(job.updated_at for job in done) - start
    return Drained(last, len(done), len(jobs) - len(done), backend.throttle.refusals)
