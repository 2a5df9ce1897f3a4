"""What admins did and others tried: added, never changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit import Change, Outcome, Record
from bot.domain.refs import Person, Tenant
from storage.mapping import workspace_columns
from storage.tables import audit

_ADD = insert(audit)
_NEWEST = (
    select(audit)
    .where(
        audit.c.platform == bindparam("platform"),
        audit.c.tenant == bindparam("tenant"),
    )
    .order_by(audit.c.id.desc())
    .limit(bindparam("most"))
)
_NEWEST_OF = _NEWEST.where(
    or_(audit.c.actor == bindparam("person"), audit.c.subject == bindparam("person"))
)


class SqlAudit:
    """`AuditRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, record: Record) -> None:
        """Write one record."""
        row = {
            **workspace_columns(record.actor.tenant),
            "at": record.at,
            "actor": record.actor.id,
            "actor_name": record.actor.name,
            "verb": record.verb,
            "subject": record.change.subject,
            "subject_name": record.whom,
            "before": record.change.before,
            "after": record.change.after,
            "reason": record.reason,
            "outcome": record.outcome.value,
        }
        await self._connection.execute(_ADD, row)

    async def newest(
        self, tenant: Tenant, limit: int, person_id: str | None = None
    ) -> tuple[Record, ...]:
        """Records of a workspace, the newest first."""
        wanted: dict[str, object] = {
            **workspace_columns(tenant),
            "most": limit,
        }
        if person_id is None:
            rows = await self._connection.execute(_NEWEST, wanted)
        else:
            rows = await self._connection.execute(_NEWEST_OF, wanted | {"person": person_id})
        return tuple(_record(row) for row in rows)


def _record(row: Row[Any]) -> Record:
    return Record(
        Person(Tenant(row.platform, row.tenant), row.actor, row.actor_name),
        row.verb,
        Change(row.subject, row.before, row.after),
        row.reason,
        row.at,
        Outcome(row.outcome),
        row.subject_name,
    )
