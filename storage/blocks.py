"""Who is blocked in a workspace."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.blocks import Block
from bot.domain.refs import Person, Tenant
from storage.dialects import in_place
from storage.mapping import workspace_columns
from storage.tables import blocks

_KEY = ("platform", "tenant", "person")
_THIS = tuple(blocks.c[name] == bindparam(name) for name in _KEY)
_GET = select(blocks).where(*_THIS)
_DROP = delete(blocks).where(*_THIS)


_PUT = in_place(blocks, "reason", "by", "at")


class SqlBlocks:
    """`BlockRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, person: Person) -> Block | None:
        """The block of a person; None for everybody else."""
        row = (await self._connection.execute(_GET, _key(person.tenant, person.id))).one_or_none()
        return Block(row.person, row.reason, row.by, row.at) if row else None

    async def put(self, tenant: Tenant, block: Block) -> None:
        """Block somebody, in place of their block before."""
        row = _key(tenant, block.person_id) | {
            "reason": block.reason,
            "by": block.by,
            "at": block.at,
        }
        await self._connection.execute(_PUT[self._connection.dialect.name], row)

    async def drop(self, person: Person) -> bool:
        """Lift the block of somebody; False when there is none."""
        gone = await self._connection.execute(_DROP, _key(person.tenant, person.id))
        return gone.rowcount == 1


def _key(tenant: Tenant, person_id: str) -> dict[str, object]:
    return {**workspace_columns(tenant), "person": person_id}
