"""Jobs and their attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from bot.domain.jobs import (
    LIVE,
    UPSTREAM,
    Job,
    JobState,
    Moved,
    Offer,
    Reference,
    can_move,
)
from bot.domain.order import Kind, Run, Waiter
from bot.domain.refs import Person, Tenant
from bot.domain.switches import HOLDS, ruling
from bot.domain.videos import size_of
from bot.ports import Attempt, JobFilter
from storage.jobs import CHANGEABLE
from storage.mapping import remote_id
from tests.fakes.memory_store.tables import (
    ATTEMPTS,
    HISTORY,
    JOBS,
    REQUESTED,
    SWITCHES,
    View,
    refuse,
)

_MADE = frozenset({JobState.DELIVERING, JobState.DONE})


class MemoryJobs:
    """`JobRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, job: Job) -> None:
        if job.place.tenant != job.person.tenant:
            raise ValueError(f"job {job.id} would be posted in another workspace")
        request = (job.person.tenant, job.interaction, job.part)
        if job.id in self._view.of(JOBS) or request in self._view.of(REQUESTED):
            raise ValueError(f"job {job.id} or its request is stored already")
        if job.retry_of is not None and job.retry_of not in self._view.of(JOBS):
            raise refuse("a retry needs its job")
        self._put(replace(job, person=_without_rights(job.person)), "accepted")
        self._view.change(REQUESTED)[request] = job.id

    async def by_interaction(self, tenant: Tenant, interaction: str) -> tuple[Job, ...]:
        found = [
            (part, name)
            for (where, asked, part), name in self._view.of(REQUESTED).items()
            if (where, asked) == (tenant, interaction)
        ]
        return tuple(self._view.of(JOBS)[name] for _, name in sorted(found))

    async def get(self, job_id: str) -> Job | None:
        return self._view.of(JOBS).get(job_id)

    async def move(
        self, seen: Job, state: JobState, at: int, why: str, **changes: object
    ) -> Job | None:
        if not can_move(seen.state, state):
            raise ValueError(f"job {seen.id} cannot go from {seen.state} to {state}")
        if fixed := changes.keys() - CHANGEABLE:
            raise ValueError(f"a move cannot change {', '.join(sorted(fixed))}")
        changed = replace(seen, **changes)
        old = seen.spec
        if replace(changed.spec, image=old.image, last=old.last, references=old.references) != old:
            raise ValueError("a move cannot change the spec, only its pictures")
        moved = replace(changed, state=state, version=seen.version + 1, updated_at=at)
        if not self._is_newest(seen):
            return None
        self._put(moved, why)
        return moved

    async def reoffer(self, seen: Job, offer: Offer, at: int, why: str, due_at: int) -> Job | None:
        if seen.state not in {JobState.WAITING, JobState.SUBMITTING} or seen.reference is not None:
            raise ValueError(f"job {seen.id} in {seen.state} may be at a backend")
        if not self._is_newest(seen):
            return None
        times = seen.moved.times if seen.moved else 0
        moved = replace(
            seen,
            offer=offer,
            moved=Moved(times + 1, seen.offer.gate, seen.offer.price),
            state=JobState.WAITING,
            version=seen.version + 1,
            updated_at=at,
            due_at=due_at,
            tries=0,
        )
        self._put(moved, why)
        return moved

    async def show_progress(
        self, seen: Job, progress: int | None, due_at: int, at: int
    ) -> Job | None:
        if not self._is_newest(seen):
            return None
        shown = replace(seen, progress=progress, due_at=due_at, updated_at=at)
        self._view.change(JOBS)[seen.id] = shown
        return shown

    def _is_newest(self, seen: Job) -> bool:
        stored = self._view.of(JOBS).get(seen.id)
        return stored is not None and (stored.state, stored.version) == (seen.state, seen.version)

    def _put(self, job: Job, why: str) -> None:
        if job.state is JobState.WAITING and job.due_at is None:
            raise refuse("jobs_waits_for_a_time")
        self._view.change(JOBS)[job.id] = job
        past = self._view.of(HISTORY).get(job.id, ())
        self._view.change(HISTORY)[job.id] = (*past, (job.updated_at, job.state.value, why))

    # --- lists ----------------------------------------------------------------------------

    async def list(self, which: JobFilter) -> tuple[Job, ...]:
        found = self._where(lambda job: _fits(job, which))
        return tuple(_oldest_first(found)[::-1][: which.limit])

    async def due(self, now: int, limit: int) -> tuple[Job, ...]:
        stepping = LIVE - {JobState.WAITING}
        due = [
            (job.due_at, job.id, job)
            for job in self._where(lambda job: job.state in stepping)
            if job.due_at is not None and job.due_at <= now
        ]
        return tuple(job for _, _, job in sorted(due, key=lambda row: row[:2])[:limit])

    async def timers(self) -> tuple[tuple[str, int], ...]:
        live = self._where(lambda job: job.state in LIVE)
        return tuple((job.id, job.due_at) for job in live if job.due_at is not None)

    async def in_state(self, states: frozenset[JobState], limit: int) -> tuple[Job, ...]:
        found = self._where(lambda job: job.state in states)
        return tuple(_oldest_first(found)[:limit])

    async def family(self, root: str, limit: int) -> tuple[Job, ...]:
        found = self._where(lambda job: job.root == root)
        return tuple(_oldest_first(found)[-limit:])

    async def holding(self, job: Job) -> tuple[Job, ...]:
        name, offer = remote_id(job.reference), job.offer
        return (job,) if name is None else await self.named(offer.provider, offer.account, name)

    async def named(self, provider: str, account: str, name: str) -> tuple[Job, ...]:
        def fits(job: Job) -> bool:
            here = (job.offer.provider, job.offer.account)
            return remote_id(job.reference) == name and here == (provider, account)

        return tuple(self._where(fits))

    async def forget(self, job_id: str) -> None:
        job = self._view.of(JOBS).get(job_id)
        if job and job.terminal:
            spec = replace(job.spec, prompt="", image=None, last=None, references=())
            self._view.change(JOBS)[job_id] = replace(
                job, spec=spec, sent_prompt=None, reason=None, reference=None
            )

    async def history(self, job_id: str) -> tuple[tuple[int, str, str], ...]:
        return self._view.of(HISTORY).get(job_id, ())

    # --- the line -------------------------------------------------------------------------

    async def waiting(self, gate: str) -> tuple[Waiter, ...]:
        return tuple(self._waiter(job) for job in self._waiters() if _gate(job) == gate)

    async def joining(self, job_ids: Sequence[str]) -> tuple[Waiter, ...]:
        return tuple(self._waiter(job) for job in self._waiters() if job.id in job_ids)

    async def gates(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(_gate, self._waiters())))

    async def upstream(self, gate: str) -> tuple[str, ...]:
        return tuple(run.person for run in await self.runs(gate))

    async def runs(self, gate: str) -> tuple[Run, ...]:
        return tuple(
            Run(job.person.key, job.submitted_at or job.intent_at or job.accepted_at, _kind(job))
            for job in self._where(lambda job: job.state in UPSTREAM and _gate(job) == gate)
        )

    def _waiters(self) -> Iterable[Job]:
        return self._where(lambda job: job.state is JobState.WAITING)

    def _waiter(self, job: Job) -> Waiter:
        return Waiter(
            job.id,
            job.version,
            job.person.key,
            job.accepted_at if job.not_before is None else job.not_before,
            job.due_at or 0,
            self._is_held_back(job),
            job.lane,
            job.off_peak_at,
            self._served_at(job.person),
            _kind(job),
        )

    def _served_at(self, person: Person) -> int:
        """When somebody last gave back a slot; 0 for never."""
        theirs = self._where(lambda job: job.person == person and job.submitted_at is not None)
        return max((job.finished_at or 0 for job in theirs), default=0)

    def _is_held_back(self, job: Job) -> bool:
        known = self._view.of(SWITCHES)
        here = [switch for (tenant, _), switch in known.items() if tenant == job.person.tenant]
        return ruling(here, HOLDS, job.offer.provider, job.spec.model) is not None

    # --- the past -------------------------------------------------------------------------

    async def durations(self, model: str, size: str, seconds: int, limit: int) -> tuple[int, ...]:
        pixels = size_of(size)
        kind = pixels and (model, pixels.width, pixels.height, seconds)
        made = [
            (job.finished_at, job.finished_at - job.submitted_at)
            for job in self._where(lambda job: job.state in _MADE and _kind(job) == kind)
            if job.finished_at is not None and job.submitted_at is not None
        ]
        newest = sorted(made, key=lambda row: -row[0])[:limit]
        return tuple(took for _, took in newest)

    async def claimed(self, provider: str, provider_ids: Sequence[str]) -> frozenset[str]:
        jobs, tries = self._view.of(JOBS).values(), self._view.of(ATTEMPTS).values()
        taken = {remote_id(job.reference) for job in jobs if job.offer.provider == provider}
        taken |= {remote_id(one.reference) for one in tries if one.provider == provider}
        return frozenset(provider_ids) & taken

    def _where(self, fits: Callable[[Job], bool]) -> Sequence[Job]:
        return [job for job in self._view.of(JOBS).values() if fits(job)]


def _without_rights(person: Person) -> Person:
    return Person(person.tenant, person.id, person.name)


def _fits(job: Job, which: JobFilter) -> bool:
    return (
        job.person.tenant == which.tenant
        and which.person_id in {None, job.person.id}
        and which.channel in {None, job.place.channel}
        and job.id.startswith(which.prefix or "")
        and (which.states is None or job.state in which.states)
    )


def _oldest_first(jobs: Iterable[Job]) -> Sequence[Job]:
    return sorted(jobs, key=lambda job: (job.accepted_at, job.id))


def _gate(job: Job) -> str:
    return f"{job.offer.provider}/{job.offer.account}"


def _kind(job: Job) -> Kind:
    return job.spec.model, job.spec.size.width, job.spec.size.height, job.spec.seconds


class MemoryAttempts:
    """`AttemptRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def open(self, attempt: Attempt) -> None:
        key = (attempt.job_id, attempt.number)
        if key in self._view.of(ATTEMPTS):
            raise ValueError(f"attempt {attempt.number} of job {attempt.job_id} was opened before")
        if attempt.job_id not in self._view.of(JOBS):
            raise refuse("attempts_job_id_exists")
        self._view.change(ATTEMPTS)[key] = attempt

    async def referenced(self, job_id: str, number: int, reference: Reference) -> None:
        found = self._view.of(ATTEMPTS).get((job_id, number))
        if found:
            self._view.change(ATTEMPTS)[job_id, number] = replace(found, reference=reference)

    async def close(self, job_id: str, number: int, outcome: str, at: int) -> None:
        found = self._view.of(ATTEMPTS).get((job_id, number))
        if found and found.ended_at is None:
            closed = replace(found, outcome=outcome, ended_at=at)
            self._view.change(ATTEMPTS)[job_id, number] = closed

    async def forget(self, job_id: str) -> None:
        for attempt in await self.of(job_id):
            key = (job_id, attempt.number)
            self._view.change(ATTEMPTS)[key] = replace(attempt, reference=None)

    async def of(self, job_id: str) -> tuple[Attempt, ...]:
        rows = self._view.of(ATTEMPTS).items()
        found = [(number, row) for (owner, number), row in rows if owner == job_id]
        return tuple(row for _, row in sorted(found, key=lambda one: one[0]))
