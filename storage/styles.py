"""Styles of workspaces, and which of them channels have."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.refs import Tenant
from bot.domain.styles import Style
from storage.dialects import in_place
from storage.mapping import workspace_columns
from storage.tables import channel_styles, styles

_HERE = tuple(styles.c[name] == bindparam(name) for name in ("platform", "tenant"))
_PUT = in_place(styles, "text")
_ALL = select(styles).where(*_HERE).order_by(styles.c.name)
_GET = select(styles).where(*_HERE, styles.c.name == bindparam("name"))
_DROP = delete(styles).where(*_HERE, styles.c.name == bindparam("name"))

_THERE = tuple(channel_styles.c[name] == bindparam(name) for name in ("platform", "tenant"))
_CHANNEL = (*_THERE, channel_styles.c.channel == bindparam("channel"))
_USE = in_place(channel_styles, "name")
_UNUSE = delete(channel_styles).where(*_CHANNEL)
_UNUSE_ALL = delete(channel_styles).where(*_THERE, channel_styles.c.name == bindparam("name"))
_SAME = tuple(styles.c[name] == channel_styles.c[name] for name in ("platform", "tenant", "name"))
_OF = select(styles).where(*_CHANNEL, *_SAME)
_USES = select(channel_styles.c.channel, channel_styles.c.name).where(*_THERE)


class SqlStyles:
    """`StyleRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, tenant: Tenant, style: Style) -> None:
        """Keep a style in place of the one of that name."""
        row = {**workspace_columns(tenant), "name": style.name, "text": style.text}
        await self._connection.execute(_PUT[self._connection.dialect.name], row)

    async def get(self, tenant: Tenant, name: str) -> Style | None:
        """The workspace's style of that name."""
        wanted = {**workspace_columns(tenant), "name": name}
        row = (await self._connection.execute(_GET, wanted)).first()
        return Style(row.name, row.text) if row else None

    async def all(self, tenant: Tenant) -> tuple[Style, ...]:
        """All of a workspace, by name."""
        rows = await self._connection.execute(_ALL, workspace_columns(tenant))
        return tuple(Style(row.name, row.text) for row in rows)

    async def drop(self, tenant: Tenant, name: str) -> None:
        """Forget a style, also as that of channels."""
        gone = {**workspace_columns(tenant), "name": name}
        await self._connection.execute(_UNUSE_ALL, gone)
        await self._connection.execute(_DROP, gone)

    async def use(self, tenant: Tenant, channel: str, name: str | None) -> None:
        """Give a channel the style of that name in place of the one before; None: no style."""
        row = {**workspace_columns(tenant), "channel": channel}
        if name is None:
            await self._connection.execute(_UNUSE, row)
        else:
            values = {**row, "name": name}
            await self._connection.execute(_USE[self._connection.dialect.name], values)

    async def of(self, tenant: Tenant, channel: str) -> Style | None:
        """The style that a channel has."""
        wanted = {**workspace_columns(tenant), "channel": channel}
        row = (await self._connection.execute(_OF, wanted)).first()
        return Style(row.name, row.text) if row else None

    async def uses(self, tenant: Tenant) -> Mapping[str, str]:
        """Which channels have a style, and its name."""
        rows = await self._connection.execute(_USES, workspace_columns(tenant))
        return {row.channel: row.name for row in rows}
