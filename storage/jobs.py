"""Jobs: stored once, moved one view at a time, never removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.jobs import LIVE, TERMINAL, UPSTREAM, Job, JobState, Moved, Offer, can_move
from bot.domain.order import Kind, Lane, Run, Waiter
from bot.domain.refs import Tenant
from bot.domain.usage import counted
from bot.domain.videos import size_of
from bot.ports import JobFilter
from storage.dialects import beginning_with, new_row
from storage.mapping import (
    blob_columns,
    job_of,
    lasting_columns,
    moving_columns,
    offer_columns,
    remote_id,
)
from storage.switches import IS_HELD_BACK
from storage.tables import (
    IS_LIVE,
    IS_MADE,
    IS_NAMED,
    IS_REMIX,
    IS_STEPPING,
    attempts,
    in_states,
    job_history,
    jobs,
)
from storage.tallies import count, count_elsewhere

_LASTING = {
    *("id", "person", "place", "interaction", "part", "offer", "accepted_at"),
    *(
        "retry_of",
        "remix_of",
        "root",
        "operation",
        "payer",
        "lane",
        "not_before",
        "off_peak_at",
        "moved",
    ),
}
_NOT_TAKEN = frozenset({JobState.WAITING, JobState.SUBMITTING})
"""States of jobs that can be given other terms; of one that is sent, a refusal must be known."""
_OF_A_MOVE = {"state", "version", "updated_at"}
CHANGEABLE = frozenset(field.name for field in fields(Job)) - _LASTING - _OF_A_MOVE
"""Fields of a job that a move may change; of `spec`, only the image."""

_SEEN = (
    jobs.c.id == bindparam("seen_id"),
    jobs.c.state == bindparam("seen_state"),
    jobs.c.version == bindparam("seen_version"),
)
_ADD = new_row(jobs)
_REMEMBER = insert(job_history)
# Which columns are set follows from the names of the values.
_CHANGE = update(jobs).where(*_SEEN)

_GET = select(jobs).where(jobs.c.id == bindparam("id"))
_BY_INTERACTION = (
    select(jobs)
    .where(
        jobs.c.platform == bindparam("platform"),
        jobs.c.tenant == bindparam("tenant"),
        jobs.c.interaction == bindparam("interaction"),
    )
    .order_by(jobs.c.part)
)
_DUE = (
    select(jobs)
    .where(IS_STEPPING, jobs.c.due_at <= bindparam("now"))
    .order_by(jobs.c.due_at, jobs.c.id)
    .limit(bindparam("most"))
)
_TIMERS = select(jobs.c.id, jobs.c.due_at).where(IS_LIVE, jobs.c.due_at.is_not(None))
_IN_STATE = (
    select(jobs)
    .where(jobs.c.state.in_(bindparam("states", expanding=True)))
    .order_by(jobs.c.accepted_at, jobs.c.id)
    .limit(bindparam("most"))
)
_LIVE_IN_STATE = _IN_STATE.where(IS_LIVE)
_AT_GATE = jobs.c.provider + "/" + jobs.c.account == bindparam("gate")
# As `Person.key` has it; a line may be long, so the database writes it.
_PERSON = jobs.c.platform + "/" + jobs.c.tenant + "/" + jobs.c.person
_KIND = (jobs.c.model, jobs.c.width, jobs.c.height, jobs.c.seconds)
_PAST = jobs.alias("past")
_SERVED_AT = (
    select(_PAST.c.finished_at)
    .where(
        *(_PAST.c[name] == jobs.c[name] for name in ("platform", "tenant", "person")),
        # An index of some rows serves only queries that repeat its condition.
        literal_column("past.submitted_at IS NOT NULL AND past.finished_at IS NOT NULL"),
    )
    .order_by(_PAST.c.finished_at.desc())
    .limit(1)
    .scalar_subquery()
)
_WAITERS = select(
    jobs.c.id,
    jobs.c.version,
    _PERSON,
    func.coalesce(jobs.c.not_before, jobs.c.accepted_at),
    jobs.c.due_at,
    IS_HELD_BACK,
    jobs.c.lane,
    jobs.c.off_peak_at,
    func.coalesce(_SERVED_AT, 0),
    *_KIND,
).where(IS_LIVE, in_states(JobState.WAITING))
_WAITING = _WAITERS.where(_AT_GATE)
_JOINING = _WAITERS.where(jobs.c.id.in_(bindparam("ids", expanding=True)))
_GATES = (
    select(jobs.c.provider + "/" + jobs.c.account)
    .where(IS_LIVE, in_states(JobState.WAITING))
    .distinct()
)
_UPSTREAM = select(_PERSON).where(IS_LIVE, in_states(*UPSTREAM), _AT_GATE)
_RUNS = select(
    _PERSON, func.coalesce(jobs.c.submitted_at, jobs.c.intent_at, jobs.c.accepted_at), *_KIND
).where(IS_LIVE, in_states(*UPSTREAM), _AT_GATE)
_IDS = jobs.alias("ids").c.id
_DURATIONS = (
    select(jobs.c.finished_at - jobs.c.submitted_at)
    .where(
        IS_MADE,
        jobs.c.model == bindparam("model"),
        jobs.c.width == bindparam("width"),
        jobs.c.height == bindparam("height"),
        jobs.c.seconds == bindparam("seconds"),
        jobs.c.finished_at.is_not(None),
        jobs.c.submitted_at.is_not(None),
    )
    .order_by(jobs.c.finished_at.desc())
    .limit(bindparam("most"))
)
_CLAIMED = union_all(
    *(
        select(table.c.remote_id).where(
            IS_NAMED,
            table.c.remote_id.in_(bindparam("ids", expanding=True)),
            table.c.provider == bindparam("provider"),
        )
        for table in (jobs, attempts)
    )
)
_FORGET = (
    update(jobs)
    .where(jobs.c.id == bindparam("forgotten"), in_states(*TERMINAL))
    .values(
        prompt="",
        **dict.fromkeys(("sent_prompt", "reason", "reference", "remote_id")),
        **blob_columns("image", None),
        **blob_columns("last", None),
        reference_pictures=None,
    )
)
_FAMILY = (
    select(jobs)
    .where(IS_REMIX, jobs.c.root == bindparam("root"))
    .order_by(jobs.c.accepted_at.desc(), jobs.c.id.desc())
    .limit(bindparam("most"))
)
_HOLDING = select(jobs).where(
    IS_NAMED,
    jobs.c.remote_id == bindparam("remote_id"),
    jobs.c.provider == bindparam("provider"),
    jobs.c.account == bindparam("account"),
)
_HISTORY = (
    select(job_history.c.at, job_history.c.state, job_history.c.why)
    .where(job_history.c.job_id == bindparam("id"))
    .order_by(job_history.c.id)
)


class SqlJobs:
    """`JobRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, job: Job) -> None:
        """Store a new job; raises `ValueError` when its id or its request is taken."""
        if job.place.tenant != job.person.tenant:
            raise ValueError(f"job {job.id} would be posted in another workspace")
        add = _ADD[self._connection.dialect.name]
        added = await self._connection.execute(add, lasting_columns(job) | moving_columns(job))
        if not added.rowcount:
            raise ValueError(f"job {job.id} or its request is stored already")
        await self._remember(job, "accepted")
        await count(self._connection, job)

    async def by_interaction(self, tenant: Tenant, interaction: str) -> tuple[Job, ...]:
        """The jobs that a request already became, by part."""
        return await self._all(
            _BY_INTERACTION,
            platform=tenant.platform,
            tenant=tenant.id,
            interaction=interaction,
        )

    async def get(self, job_id: str) -> Job | None:
        """One job by its whole id."""
        found = await self._all(_GET, id=job_id)
        return found[0] if found else None

    async def move(
        self, seen: Job, state: JobState, at: int, why: str, **changes: object
    ) -> Job | None:
        """Bring the job from the version in `seen` to `state`; None when somebody was faster."""
        if not can_move(seen.state, state):
            raise ValueError(f"job {seen.id} cannot go from {seen.state} to {state}")
        moved = replace(
            _changed(seen, changes), state=state, version=seen.version + 1, updated_at=at
        )
        if not await self._change(seen, moving_columns(moved)):
            return None
        await self._remember(moved, why)
        await count(self._connection, moved, counted(seen))
        return moved

    async def reoffer(self, seen: Job, offer: Offer, at: int, why: str, due_at: int) -> Job | None:
        """Other terms for a job that no backend took; None when somebody was faster."""
        if seen.state not in _NOT_TAKEN or seen.reference is not None:
            raise ValueError(f"job {seen.id} in {seen.state} may be at a backend")
        moved = replace(
            seen,
            offer=offer,
            moved=_moved(seen),
            state=JobState.WAITING,
            version=seen.version + 1,
            updated_at=at,
            due_at=due_at,
            tries=0,
        )
        if not await self._change(seen, moving_columns(moved) | offer_columns(moved)):
            return None
        await self._remember(moved, why)
        await count_elsewhere(self._connection, seen, moved)
        return moved

    async def show_progress(
        self, seen: Job, progress: int | None, due_at: int, at: int
    ) -> Job | None:
        """Same state and version, new percentage and due time; nothing for the history."""
        values = {"progress": progress, "due_at": due_at, "updated_at": at}
        if not await self._change(seen, values):
            return None
        return replace(seen, progress=progress, due_at=due_at, updated_at=at)

    async def _change(self, seen: Job, values: Mapping[str, object]) -> bool:
        """Write only if the stored job is still the one in `seen`."""
        expected = {
            "seen_id": seen.id,
            "seen_state": seen.state.value,
            "seen_version": seen.version,
        }
        changed = await self._connection.execute(_CHANGE, {**expected, **values})
        return changed.rowcount == 1

    async def _remember(self, job: Job, why: str) -> None:
        line = {
            "job_id": job.id,
            "version": job.version,
            "at": job.updated_at,
            "state": job.state.value,
            "why": why,
        }
        await self._connection.execute(_REMEMBER, line)

    async def list(self, which: JobFilter) -> tuple[Job, ...]:
        """Jobs by filter, newest first."""
        wanted = (
            select(jobs)
            .where(*_conditions(which))
            .order_by(jobs.c.accepted_at.desc(), jobs.c.id.desc())
            .limit(which.limit)
        )
        return await self._all(wanted)

    async def due(self, now: int, limit: int) -> tuple[Job, ...]:
        """Live jobs other than waiting ones whose due time has come, the longest due first."""
        return await self._all(_DUE, now=now, most=limit)

    async def timers(self) -> tuple[tuple[str, int], ...]:
        """Id and due time of every live job that has one."""
        rows = await self._connection.execute(_TIMERS)
        return tuple((job_id, due_at) for job_id, due_at in rows)

    async def in_state(self, states: frozenset[JobState], limit: int) -> tuple[Job, ...]:
        """Jobs of all tenants in one of `states`, the oldest first."""
        wanted = _LIVE_IN_STATE if states <= LIVE else _IN_STATE
        return await self._all(wanted, states=_words(states), most=limit)

    async def waiting(self, gate: str) -> tuple[Waiter, ...]:
        """The line before a gate, unordered."""
        rows = await self._connection.execute(_WAITING, {"gate": gate})
        return tuple(_waiter(*row) for row in rows)

    async def gates(self) -> tuple[str, ...]:
        """The gates before which jobs wait."""
        return tuple(await self._connection.scalars(_GATES))

    async def joining(self, job_ids: Sequence[str]) -> tuple[Waiter, ...]:
        """Those of some jobs that wait, as their lines see them."""
        rows = await self._connection.execute(_JOINING, {"ids": list(job_ids)})
        return tuple(_waiter(*row) for row in rows)

    async def upstream(self, gate: str) -> tuple[str, ...]:
        """Person keys of the jobs that take a slot of a gate, one for each job."""
        return tuple(await self._connection.scalars(_UPSTREAM, {"gate": gate}))

    async def runs(self, gate: str) -> tuple[Run, ...]:
        """The jobs that take a slot of a gate."""
        rows = await self._connection.execute(_RUNS, {"gate": gate})
        return tuple(Run(person, since, _kind(kind)) for person, since, *kind in rows)

    async def durations(self, model: str, size: str, seconds: int, limit: int) -> tuple[int, ...]:
        """Ms from submit to finished of the last `limit` jobs of that kind that went well."""
        pixels = size_of(size)
        if pixels is None:
            return ()
        kind = {
            "model": model,
            "width": pixels.width,
            "height": pixels.height,
            "seconds": seconds,
            "most": limit,
        }
        return tuple(await self._connection.scalars(_DURATIONS, kind))

    async def claimed(self, provider: str, provider_ids: Sequence[str]) -> frozenset[str]:
        """Which of these ids at a provider belong to a job or to an earlier attempt already."""
        wanted = {"ids": list(provider_ids), "provider": provider}
        found = await self._connection.scalars(_CLAIMED, wanted)
        return frozenset(found)

    async def family(self, root: str, limit: int) -> tuple[Job, ...]:
        """The newest remixes that go back to one video, the oldest of them first."""
        return (await self._all(_FAMILY, root=root, most=limit))[::-1]

    async def holding(self, job: Job) -> tuple[Job, ...]:
        """All jobs, itself among them, that have the backend id of `job` at its account."""
        if (name := remote_id(job.reference)) is None:
            return (job,)
        return await self.named(job.offer.provider, job.offer.account, name)

    async def named(self, provider: str, account: str, name: str) -> tuple[Job, ...]:
        """All jobs that have the backend id `name` at that account."""
        return await self._all(_HOLDING, remote_id=name, provider=provider, account=account)

    async def forget(self, job_id: str) -> None:
        """Keep nothing that people or a backend said of an ended job: no prompt, picture or id."""
        await self._connection.execute(_FORGET, {"forgotten": job_id})

    async def history(self, job_id: str) -> tuple[tuple[int, str, str], ...]:
        """(at, state, why) of each move, the oldest first."""
        rows = await self._connection.execute(_HISTORY, {"id": job_id})
        return tuple((at, state, why) for at, state, why in rows)

    async def _all(self, wanted: Select[Any], **values: object) -> tuple[Job, ...]:
        rows = await self._connection.execute(wanted, values)
        return tuple(job_of(row) for row in rows)


def _waiter(*row: Any) -> Waiter:  # noqa: ANN401 - a row in the order of `_WAITERS`
    job_id, version, person, since, due_at, held_back, lane, off_peak_at, served_at, *kind = row
    held = bool(held_back)
    return Waiter(
        *(job_id, version, person, since, due_at, held),
        *(Lane(lane), off_peak_at, served_at, _kind(kind)),
    )


def _kind(columns: Sequence[Any]) -> Kind:
    model, width, height, seconds = columns
    return (model, width, height, seconds)


def _moved(seen: Job) -> Moved:
    times = seen.moved.times if seen.moved else 0
    return Moved(times + 1, seen.offer.gate, seen.offer.price)


def _changed(seen: Job, changes: dict[str, Any]) -> Job:
    """The job with new values in the fields that a move may change."""
    fixed = changes.keys() - CHANGEABLE
    if fixed:
        raise ValueError(f"a move cannot change {', '.join(sorted(fixed))}")
    changed = replace(seen, **changes)
    old = seen.spec
    if replace(changed.spec, image=old.image, last=old.last, references=old.references) != old:
        raise ValueError("a move cannot change the spec, only its pictures")
    return changed


def _conditions(which: JobFilter) -> Iterator[ColumnElement[bool]]:
    yield jobs.c.platform == which.tenant.platform
    yield jobs.c.tenant == which.tenant.id
    if which.person_id is not None:
        yield jobs.c.person == which.person_id
    if which.channel is not None:
        yield jobs.c.channel == which.channel
    if which.prefix:
        # By way of the ids alone, else a database without statistics reads all jobs of a tenant.
        yield jobs.c.id.in_(select(_IDS).where(beginning_with(_IDS, which.prefix)))
    if which.states is not None:
        yield jobs.c.state.in_(_words(which.states))
        if which.states <= LIVE:
            yield IS_LIVE


def _words(states: frozenset[JobState]) -> list[str]:
    return sorted(state.value for state in states)
