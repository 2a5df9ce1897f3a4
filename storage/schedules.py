"""Credits that come by themselves each period."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.quotas import Period
from bot.domain.refs import Tenant
from bot.domain.schedules import Schedule
from storage.dialects import in_place
from storage.mapping import Row, workspace_columns
from storage.tables import schedules

_KEY = ("platform", "tenant", "subject")
_HERE = [schedules.c[name] == bindparam(name) for name in ("platform", "tenant")]
_ALL = select(schedules).order_by(*(schedules.c[name] for name in _KEY))
_OF = _ALL.where(*_HERE)
_DROP = delete(schedules).where(*_HERE, schedules.c.subject == bindparam("subject"))


_SET = in_place(schedules, "amount", "period", "cap", "expires")


class SqlSchedules:
    """`ScheduleRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, tenant: Tenant) -> tuple[Schedule, ...]:
        """All of a workspace, by subject."""
        rows = await self._connection.execute(_OF, _workspace(tenant))
        return tuple(_schedule_of(row) for row in rows)

    async def everywhere(self) -> tuple[tuple[Tenant, Schedule], ...]:
        """All of all workspaces."""
        rows = await self._connection.execute(_ALL)
        return tuple([(Tenant(row.platform, row.tenant), _schedule_of(row)) for row in rows])

    async def put(self, tenant: Tenant, schedule: Schedule) -> None:
        """Store one in place of the one for the same subject."""
        row = _workspace(tenant) | {
            "subject": schedule.subject,
            "amount": schedule.amount,
            "period": schedule.period.value,
            "cap": schedule.cap,
            "expires": schedule.expires,
        }
        await self._connection.execute(_SET[self._connection.dialect.name], row)

    async def drop(self, tenant: Tenant, subject: str) -> bool:
        """End the one for a subject; False when there is none."""
        wanted = _workspace(tenant) | {"subject": subject}
        return (await self._connection.execute(_DROP, wanted)).rowcount == 1


def _workspace(tenant: Tenant) -> dict[str, object]:
    return workspace_columns(tenant)


def _schedule_of(row: Row) -> Schedule:
    return Schedule(row.subject, row.amount, Period(row.period), row.cap, row.expires)
