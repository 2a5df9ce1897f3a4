"""Gates of provider accounts."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.limits import Gate
from storage.dialects import in_place
from storage.tables import gates

_GET = select(gates).where(gates.c.key == bindparam("key"))


_PUT = in_place(gates, "opens_at")


class SqlGates:
    """`GateRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, key: str) -> Gate | None:
        """The gate as it was stored last."""
        row = (await self._connection.execute(_GET, {"key": key})).first()
        return Gate(row.key, row.opens_at) if row else None

    async def put(self, gate: Gate) -> None:
        """Store a gate."""
        row = {"key": gate.key, "opens_at": gate.opens_at}
        await self._connection.execute(_PUT[self._connection.dialect.name], row)
