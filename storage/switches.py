"""What is paused, drained or stopped in a workspace."""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    bindparam,
    delete,
    exists,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.refs import Tenant
from bot.domain.switches import EVERYTHING, HOLDS, Mode, Switch, for_model, for_provider
from storage.dialects import in_place
from storage.mapping import workspace_columns
from storage.tables import jobs, switches

_KEY = ("platform", "tenant", "scope")
_OF = (
    select(switches)
    .where(
        switches.c.platform == bindparam("platform"),
        switches.c.tenant == bindparam("tenant"),
    )
    .order_by(switches.c.scope)
)
_DROP = delete(switches).where(*(switches.c[name] == bindparam(name) for name in _KEY))


_PUT = in_place(switches, "mode", "reason", "by", "at")


def _scoped(scope: str, of_job: ColumnElement[str]) -> ColumnExpressionArgument[bool]:
    """Whether a switch is for what a job has in `of_job`; `scope` is how such scopes begin."""
    return switches.c.scope == literal_column(f"'{scope}'") + of_job


IS_HELD_BACK = exists().where(
    switches.c.platform == jobs.c.platform,
    switches.c.tenant == jobs.c.tenant,
    switches.c.mode.in_(sorted(HOLDS)),
    or_(
        switches.c.scope == EVERYTHING,
        _scoped(for_provider(""), jobs.c.provider),
        _scoped(for_model(""), jobs.c.model),
    ),
)
"""Jobs that are not sent now; `domain.switches.ruling` says the same of one job."""


class SqlSwitches:
    """`SwitchRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, tenant: Tenant) -> tuple[Switch, ...]:
        """All that are set in a workspace."""
        wanted = workspace_columns(tenant)
        return tuple(
            Switch(row.scope, Mode(row.mode), row.reason, row.by, row.at)
            for row in await self._connection.execute(_OF, wanted)
        )

    async def put(self, tenant: Tenant, switch: Switch) -> None:
        """Set a switch, in place of the one for the same scope."""
        row = _key(tenant, switch.scope) | {
            "mode": switch.mode.value,
            "reason": switch.reason,
            "by": switch.by,
            "at": switch.at,
        }
        await self._connection.execute(_PUT[self._connection.dialect.name], row)

    async def drop(self, tenant: Tenant, scope: str) -> bool:
        """Take a switch away; False when none is set."""
        return (await self._connection.execute(_DROP, _key(tenant, scope))).rowcount == 1


def _key(tenant: Tenant, scope: str) -> dict[str, object]:
    return {**workspace_columns(tenant), "scope": scope}
