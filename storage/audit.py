"""What admins did and others tried: added, never changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit import Change, Outcome, Record
from bot.domain.refs import Person, Tenant
from storage.dialects import new_row
from storage.mapping import workspace_columns
from storage.tables import IS_DEED, audit

_ADD = new_row(audit)
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
_OF_REQUEST = (
    select(audit)
    .where(
        audit.c.platform == bindparam("platform"),
        audit.c.tenant == bindparam("tenant"),
        audit.c.interaction == bindparam("interaction"),
        audit.c.verb == bindparam("verb"),
    )
    .order_by(audit.c.id)
    .limit(1)
)
_DONE = _OF_REQUEST.where(IS_DEED, audit.c.subject == bindparam("subject"))
_DONE_OR_TRIED = _OF_REQUEST.where(
    or_(
        IS_DEED,
        and_(audit.c.subject == bindparam("subject"), audit.c.after == bindparam("after")),
    )
)


class SqlAudit:
    """`AuditRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, record: Record) -> Record | None:
        """Write one record; where its interaction left one before, that comes back instead."""
        row = _row(record)
        if record.outcome is Outcome.REFUSED and (
            tried := (await self._connection.execute(_DONE_OR_TRIED, row)).first()
        ):
            return _record(tried)
        added = await self._connection.execute(_ADD[self._connection.dialect.name], row)
        if added.rowcount:
            return None
        return _record((await self._connection.execute(_DONE, row)).one())

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


def _row(record: Record) -> dict[str, object]:
    return {
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
        "interaction": record.interaction or None,
    }


def _record(row: Row[Any]) -> Record:
    return Record(
        Person(Tenant(row.platform, row.tenant), row.actor, row.actor_name),
        row.verb,
        Change(row.subject, row.before, row.after),
        row.reason,
        row.at,
        Outcome(row.outcome),
        row.subject_name,
        row.interaction or "",
    )
