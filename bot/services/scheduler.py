"""Wakes jobs when they are due. Holds nothing durable: all of it is rebuilt from the store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from bot.domain import retry
from bot.domain.jobs import TERMINAL, Job, JobState
from bot.ports import Wakeups
from bot.services.ledger import Credits
from bot.services.line import Line
from bot.services.moves import Kit, gate_key
from bot.services.worker import Worker

SWEEP = 5 * retry.SECOND
"""Ms between two searches for due jobs whose timer was lost."""
RENEW = 15 * retry.MINUTE
"""Ms between two checks whether a new allowance period began."""
CLEAN = 60 * retry.MINUTE
"""Ms between two searches for files that were never finished."""
STALE = 24 * 60 * retry.MINUTE
"""Age (ms) at which an unfinished file belongs to nobody."""
AT_ONCE = 64
"""Jobs advanced side by side."""

log = logging.getLogger(__name__)
Chore = Callable[[], Coroutine[Any, Any, object]]
"""Something to be done now and then, beside the jobs."""


class Scheduler:
    """Turns due times into calls of the worker, and free slots into submits."""

    def __init__(
        self,
        kit: Kit,
        wakeups: Wakeups,
        worker: Worker,
        line: Line,
        credits_: Credits,
    ) -> None:
        self._store = kit.store
        self._clock = kit.clock
        self._blobs = kit.blobs
        self._moves = kit.moves
        self._wakeups = wakeups
        self._worker = worker
        self._line = line
        self._credits = credits_
        self._room = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[object]] = set()
        self._stopping = False
        self._chores: dict[str, tuple[int, Chore]] = {}

    def also(self, name: str, interval: int, chore: Chore) -> None:
        """Do `chore` at the start that is to come, and each `interval` ms from then on."""
        self._chores[name] = (interval, chore)

    async def start(self) -> None:
        """Recover what a dead process left behind, then set every timer anew."""
        await self._worker.recover()
        await self._credits.renew()
        async with self._store.reading() as tx:
            timers = await tx.jobs.timers()
        for job_id, due_at in timers:
            self._wakeups.at(job_id, due_at, self._wake)
        self._wakeups.every("sweep", SWEEP, self._sweep)
        self._wakeups.every("renew", RENEW, self._renew)
        self._wakeups.every("clean", CLEAN, self._clean)
        for name, (interval, _) in self._chores.items():
            self._wakeups.every(name, interval, self._do)
        self._wakeups.start()
        self._spawn(self._sweep("start"))
        for name in self._chores:
            await self._do(name)

    async def stop(self, patience: float) -> None:
        """Start nothing new; give running steps `patience` seconds, then let go of them."""
        self._stopping = True
        await self._wakeups.aclose()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        late = list(self._tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    @property
    def steps(self) -> int:
        """How many run."""
        return len(self._tasks)

    @property
    def busy(self) -> bool:
        """Whether any runs."""
        return bool(self._tasks)

    def told(self, job: Job) -> None:
        """A job changed: set its timer, go on at once if it is due, and pass on a freed slot."""
        if job.state is JobState.WAITING:
            self._waits(job)
        elif job.due_at is not None:
            self._at(job)
        if job.state in TERMINAL:
            self._wakeups.forget(job.id)
        # A job that is done left its slot when its file was ready.
        if job.state in TERMINAL - {JobState.DONE} or job.state is JobState.FETCHING:
            self._submit_soon(gate_key(job))

    def _at(self, job: Job) -> None:
        if job.due_at is not None and job.due_at > self._clock.now():
            self._wakeups.at(job.id, job.due_at, self._wake)
        elif job.state is not JobState.SUBMITTING:
            self._spawn(self._advance(job.id))

    def _waits(self, job: Job) -> None:
        if job.due_at is not None and job.due_at > self._clock.now():
            self._wakeups.at(job.id, job.due_at, self._wake)
        else:
            self._submit_soon(gate_key(job))

    def _submit_soon(self, gate: str) -> None:
        self._spawn(self._submit_from(gate))

    async def _wake(self, name: str) -> None:
        """A job's own time has come."""
        self._spawn(self._take_up(name))

    async def _take_up(self, job_id: str) -> None:
        """A job takes its own steps; when it waits, the line takes the next one."""
        job = await self._advance(job_id)
        if job is None or job.state is not JobState.WAITING:
            return
        if job.not_before is not None and job.due_at == job.not_before:
            # From now on its card tells a place; to be told of it wakes the line, too.
            await self._moves.show(job)
        else:
            self._submit_soon(gate_key(job))

    async def _wake_gate(self, name: str) -> None:
        self._submit_soon(name.removeprefix("gate/"))

    async def _submit_from(self, gate: str) -> None:
        """Submit whoever may go; when the gate is shut, come back when it opens."""
        if self._stopping:
            return
        passed = await self._line.let_through(gate)
        for job in passed.jobs:
            # Even if the bot is stopping by now: the intent is stored, so the create must follow.
            self._start(self._submit(job))
        if passed.opens_at > self._clock.now():
            self._wakeups.at(f"gate/{gate}", passed.opens_at, self._wake_gate)

    async def _submit(self, job: Job) -> None:
        """Send a create; its answer may let the next one through."""
        await self._worker.submit(job)
        self._submit_soon(gate_key(job))

    async def _advance(self, job_id: str) -> Job | None:
        async with self._room:
            return await self._worker.advance(job_id)

    async def _sweep(self, _: str) -> None:
        """Find what is due although nobody woke it."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            due = await tx.jobs.due(now, AT_ONCE)
            gates = await tx.jobs.gates()
        for job in due:
            self._spawn(self._advance(job.id))
        for gate in gates:
            await self._submit_from(gate)

    async def _renew(self, _: str) -> None:
        renewed = await self._credits.renew()
        if renewed:
            log.info("allowance given to %s people", renewed)

    async def _do(self, name: str) -> None:
        _, chore = self._chores[name]
        self._spawn(chore())

    async def _clean(self, _: str) -> None:
        removed = await self._blobs.tidy(self._clock.now() - STALE)
        if removed:
            log.info("%s unfinished files removed", removed)

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        if self._stopping:
            work.close()
        else:
            self._start(work)

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # The job keeps its due time, so the sweep takes it up again.
            log.error("a step broke", exc_info=error)
