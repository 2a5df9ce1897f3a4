"""What jobs should have cost, and what backends said that they did."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.jobs import UNCOUNTED
from bot.domain.reconciliation import Costs
from bot.domain.refs import Tenant
from storage.tables import IS_NAMED, in_states, jobs

_counts = ~in_states(*UNCOUNTED)
_silent = and_(_counts, jobs.c.cost_reported.is_(None))
_lost = and_(~_counts, jobs.c.cost_reported > 0)


def _sum(of: ColumnElement[int], where: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((where, of), else_=0)), 0)


def _number(where: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((where, 1), else_=0)), 0)


_ACCOUNTS = select(
    jobs.c.provider,
    jobs.c.account,
    jobs.c.base_url,
    func.count(),
    _sum(jobs.c.cost, _counts),
    _sum(jobs.c.cost_reported, jobs.c.cost_reported.is_not(None)),
    _number(_silent),
    _sum(jobs.c.cost, _silent),
    _number(_lost),
    _sum(jobs.c.cost_reported, _lost),
).where(or_(jobs.c.remote_id.is_not(None), jobs.c.cost_reported.is_not(None)))
_OURS = select(jobs.c.remote_id).where(IS_NAMED)


class SqlCosts:
    """`CostRows` within one reading."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def accounts(self, tenant: Tenant | None, since: int, until: int) -> tuple[Costs, ...]:
        """Each account that jobs accepted in [since, until) reached; None: of all workspaces."""
        key = (jobs.c.provider, jobs.c.account, jobs.c.base_url)
        wanted = (
            _ACCOUNTS.where(*_of(tenant), *_within(jobs.c.accepted_at, since, until))
            .group_by(*key)
            .order_by(*key)
        )
        rows = await self._connection.execute(wanted)
        # Some databases answer sums with decimals.
        return tuple(Costs(*row[:3], *map(int, row[3:])) for row in rows)

    async def remote_ids(
        self, costs: Costs, tenant: Tenant | None, since: int, until: int
    ) -> frozenset[str]:
        """Ids at the backend of the jobs that were taken in [since, until)."""
        wanted = _OURS.where(
            *_of(tenant),
            jobs.c.provider == costs.provider,
            jobs.c.account == costs.account,
            jobs.c.base_url == costs.base_url,
            *_within(jobs.c.submitted_at, since, until),
        )
        return frozenset(await self._connection.scalars(wanted))


def _of(tenant: Tenant | None) -> Iterator[ColumnElement[bool]]:
    if tenant:
        yield jobs.c.platform == tenant.platform
        yield jobs.c.tenant == tenant.id


def _within(
    moment: ColumnElement[int], since: int, until: int
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return moment >= since, moment < until
