"""What was chosen for a channel."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.refs import Place, Tenant
from bot.domain.threads import ThreadMode
from storage.dialects import in_place
from storage.mapping import workspace_columns
from storage.tables import channels

_KEY = ("platform", "tenant", "channel")
_MODE = select(channels.c.thread_mode).where(
    *(channels.c[name] == bindparam(name) for name in _KEY)
)


_SET = in_place(channels, "thread_mode")


class SqlChannels:
    """`ChannelRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def mode(self, place: Place) -> ThreadMode:
        """What was chosen for the channel of a place, else `MENTION`."""
        key = _key(place.tenant, place.channel)
        return ThreadMode(await self._connection.scalar(_MODE, key) or ThreadMode.MENTION)

    async def set_mode(self, tenant: Tenant, channel: str, mode: ThreadMode) -> None:
        """Choose it in place of the one before."""
        row = _key(tenant, channel) | {"thread_mode": mode.value}
        await self._connection.execute(_SET[self._connection.dialect.name], row)


def _key(tenant: Tenant, channel: str) -> dict[str, str]:
    return {**workspace_columns(tenant), "channel": channel}
