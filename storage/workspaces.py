"""What admins chose for a workspace."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.refs import Tenant
from bot.domain.workspaces import Choice
from storage.dialects import in_place
from storage.mapping import workspace_columns
from storage.tables import choices

_HERE = [choices.c[name] == bindparam(name) for name in ("platform", "tenant", "channel")]
_CHOSEN = select(choices.c.name, choices.c.value).where(*_HERE)
_DROP = delete(choices).where(*_HERE, choices.c.name == bindparam("name"))
_HAVING = (
    select(choices)
    .where(choices.c.channel == "", choices.c.name == bindparam("name"))
    .order_by(choices.c.platform, choices.c.tenant)
)
_SET = in_place(choices, "value")


class SqlWorkspaces:
    """`WorkspaceRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def chosen(self, tenant: Tenant, channel: str = "") -> Mapping[Choice, str]:
        """Everything that was chosen for a whole workspace, or for one channel of it."""
        rows = await self._connection.execute(_CHOSEN, _where(tenant, channel))
        known = set(Choice)
        return {Choice(name): value for name, value in rows if name in known}

    async def choose(
        self, tenant: Tenant, choice: Choice, value: str | None, channel: str = ""
    ) -> None:
        """Choose it in place of what was chosen before; None goes back to the settings."""
        row = _where(tenant, channel) | {"name": choice.value}
        if value is None:
            await self._connection.execute(_DROP, row)
        else:
            await self._connection.execute(
                _SET[self._connection.dialect.name], row | {"value": value}
            )

    async def having(self, choice: Choice) -> tuple[tuple[Tenant, str], ...]:
        """All workspaces that chose it for the whole of them, and what they chose."""
        rows = await self._connection.execute(_HAVING, {"name": choice.value})
        return tuple((Tenant(row.platform, row.tenant), row.value) for row in rows)


def _where(tenant: Tenant, channel: str) -> dict[str, str]:
    return {**workspace_columns(tenant), "channel": channel}
