"""What jobs count for, summed up as they are stored and moved; see `domain.usage`."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Table, bindparam, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.jobs import HELD, Job
from bot.domain.refs import Tenant
from bot.domain.usage import (
    ANY_MODEL,
    NONE,
    WORKSPACE,
    Usage,
    channel_in,
    counted,
    day_of,
    first_day,
    person_in,
    provider_in,
    slot_of,
    tallied,
)
from storage.dialects import Insert, beginning_with, each, insert_for
from storage.mapping import workspace_columns
from storage.tables import IS_LIVE, day_tallies, in_states, jobs, tallies

_SUMS = ("videos", "seconds", "credits", "micros")


def _adding(table: Table) -> Callable[[str], Insert]:
    def build(dialect: str) -> Insert:
        new = insert_for(dialect, table)
        sums = {name: table.c[name] + new.excluded[name] for name in _SUMS}
        key = ["platform", "tenant", "scope", "model", "slot"]
        return new.on_conflict_do_update(index_elements=key, set_=sums)

    return build


def _here(table: Table) -> tuple[ColumnElement[bool], ...]:
    names = ("platform", "tenant", "model")
    return tuple(table.c[name] == bindparam(name) for name in names)


_ADD = each(_adding(tallies))
_ADD_DAY = each(_adding(day_tallies))
_OF = (*_here(tallies), tallies.c.slot >= bindparam("since"))
_totals = [func.sum(tallies.c[name]) for name in _SUMS]
# Slots until the first whole day, and days from there on.
_parts = union_all(
    select(*(tallies.c[name] for name in _SUMS)).where(
        *_OF, tallies.c.scope == bindparam("scope"), tallies.c.slot < bindparam("day")
    ),
    select(*(day_tallies.c[name] for name in _SUMS)).where(
        *_here(day_tallies),
        day_tallies.c.scope == bindparam("scope"),
        day_tallies.c.slot >= bindparam("day"),
    ),
).subquery()
_TOTAL = select(*(func.sum(_parts.c[name]) for name in _SUMS))
_FIRST = (
    select(tallies.c.slot)
    .where(*_OF, tallies.c.scope == bindparam("scope"), tallies.c.videos > 0)
    .order_by(tallies.c.slot)
    .limit(1)
)
_TOP = (
    select(tallies.c.scope, *_totals)
    .where(*_OF, tallies.c.slot < bindparam("until"))
    .group_by(tallies.c.scope)
    .order_by(func.sum(tallies.c.micros).desc(), func.sum(tallies.c.credits).desc())
)
_MODELS = (
    select(tallies.c.model, *_totals)
    .where(
        tallies.c.platform == bindparam("platform"),
        tallies.c.tenant == bindparam("tenant"),
        tallies.c.scope == WORKSPACE,
        tallies.c.model != ANY_MODEL,
        tallies.c.slot >= bindparam("since"),
        tallies.c.slot < bindparam("until"),
    )
    .group_by(tallies.c.model)
)
_HELD = select(func.count(), func.sum(jobs.c.seconds), func.sum(jobs.c.price)).where(
    jobs.c.platform == bindparam("platform"),
    jobs.c.tenant == bindparam("tenant"),
    jobs.c.accepted_at >= bindparam("since"),
    IS_LIVE,
    in_states(*HELD),
)


async def count(connection: AsyncConnection, job: Job, before: Usage = NONE) -> None:
    """Add what `job` counts for now, above what it counted for `before`."""
    await _add(connection, job, counted(job) - before)


async def count_elsewhere(connection: AsyncConnection, before: Job, after: Job) -> None:
    """Take away what a job counted for where it was, and add it where it is now."""
    await _add(connection, before, NONE - counted(before))
    await _add(connection, after, counted(after))


async def _add(connection: AsyncConnection, job: Job, more: Usage) -> None:
    if more == NONE:
        return
    tenant = job.person.tenant
    values = workspace_columns(tenant)
    values |= {name: getattr(more, name) for name in _SUMS}
    for add, slot in ((_ADD, slot_of(job.accepted_at)), (_ADD_DAY, day_of(job.accepted_at))):
        rows = [
            values | {"scope": scope, "model": model, "slot": slot} for scope, model in tallied(job)
        ]
        await connection.execute(add[connection.dialect.name], rows)


class SqlTallies:
    """`UsageRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def total(self, tenant: Tenant, scope: str, model: str, since: int) -> Usage:
        """What counts there from the slot that holds `since` (ms)."""
        day = first_day(slot_of(since))
        wanted = _wanted(tenant, model, since) | {"scope": scope, "day": day}
        sums = (await self._connection.execute(_TOTAL, wanted)).one()
        # Sums of nothing are null, and some databases answer with decimals.
        return Usage(*(int(number or 0) for number in sums))

    async def first(self, tenant: Tenant, scope: str, model: str, since: int) -> int | None:
        """The first slot (ms) since then in which a video counts."""
        wanted = _wanted(tenant, model, since) | {"scope": scope}
        return await self._connection.scalar(_FIRST, wanted)

    async def held(self, tenant: Tenant, scope: str, model: str, since: int) -> Usage:
        """The part of the total that belongs to jobs whose price is not settled."""
        here, values = _of_scope(scope)
        of_model = [jobs.c.model == bindparam("model")] if model else []
        wanted = _wanted(tenant, model, since) | values
        found = (await self._connection.execute(_HELD.where(*here, *of_model), wanted)).one()
        return Usage(*(int(number or 0) for number in found))

    async def top(
        self, tenant: Tenant, prefix: str, since: int, until: int
    ) -> tuple[tuple[str, Usage], ...]:
        """Every scope that begins with `prefix`, with what counts in [since, until), by money."""
        wanted = _wanted(tenant, ANY_MODEL, since) | {"until": until}
        within = beginning_with(tallies.c.scope, prefix)
        rows = await self._connection.execute(_TOP.where(within), wanted)
        return tuple((scope, Usage(*map(int, sums))) for scope, *sums in rows)

    async def models(self, tenant: Tenant, since: int, until: int) -> tuple[tuple[str, Usage], ...]:
        """Every model, with what counts of it in [since, until)."""
        wanted = _wanted(tenant, ANY_MODEL, since) | {"until": until}
        rows = await self._connection.execute(_MODELS, wanted)
        return tuple((model, Usage(*map(int, sums))) for model, *sums in rows)


def _wanted(tenant: Tenant, model: str, since: int) -> dict[str, object]:
    return {
        **workspace_columns(tenant),
        "model": model,
        "since": slot_of(since),
    }


def _of_scope(scope: str) -> tuple[list[ColumnElement[bool]], dict[str, object]]:
    """The jobs that a scope is about."""
    for column, found in (
        (jobs.c.person, person_in(scope)),
        (jobs.c.channel, channel_in(scope)),
        (jobs.c.provider, provider_in(scope)),
    ):
        if found is not None:
            return [column == bindparam("of")], {"of": found}
    return [], {}
