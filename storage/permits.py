"""Whom authors let change a video of theirs."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.refs import Person
from storage.dialects import Insert, each, insert_for
from storage.mapping import Columns, workspace_columns
from storage.tables import permits

_KEY = ("job_id", "platform", "tenant", "person")
_THIS = tuple(permits.c[name] == bindparam(name) for name in _KEY)
_HAS = select(permits.c.at).where(*_THIS)
_USE = delete(permits).where(*_THIS, ~permits.c.always)
_FORGET = delete(permits).where(permits.c.job_id == bindparam("job_id"))


def _giving(dialect: str) -> Insert:
    new = insert_for(dialect, permits)
    # Once more once takes nothing away from always.
    values = {"always": or_(permits.c.always, new.excluded.always), "at": new.excluded.at}
    return new.on_conflict_do_update(index_elements=list(_KEY), set_=values)


_GIVE = each(_giving)


class SqlPermits:
    """`PermitRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def give(self, job_id: str, person: Person, at: int, *, always: bool) -> None:
        """Permit it once, or always; what was permitted before stays."""
        row = _key(job_id, person) | {"always": always, "at": at}
        await self._connection.execute(_GIVE[self._connection.dialect.name], row)

    async def has(self, job_id: str, person: Person) -> bool:
        """Whether it is permitted."""
        return await self._connection.scalar(_HAS, _key(job_id, person)) is not None

    async def use(self, job_id: str, person: Person) -> None:
        """It was made use of: what is permitted once is no longer."""
        await self._connection.execute(_USE, _key(job_id, person))

    async def forget(self, job_id: str) -> None:
        """Take back what was permitted for a video."""
        await self._connection.execute(_FORGET, {"job_id": job_id})


def _key(job_id: str, person: Person) -> Columns:
    return {"job_id": job_id, **workspace_columns(person.tenant), "person": person.id}
