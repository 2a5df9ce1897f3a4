"""Who likes which video."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.refs import Person
from storage.dialects import new_row
from storage.mapping import Columns, workspace_columns
from storage.tables import library, likes

_ADD = new_row(likes)
_THEIRS = and_(
    likes.c.job_id == bindparam("job_id"),
    likes.c.platform == bindparam("platform"),
    likes.c.tenant == bindparam("tenant"),
    likes.c.person == bindparam("person"),
)
_DROP_ALL = delete(likes).where(_THEIRS)
_DROP = _DROP_ALL.where(likes.c.sign == bindparam("sign"))
_FORGET = delete(likes).where(likes.c.job_id == bindparam("job_id"))
_HAS = select(likes.c.sign).where(_THEIRS).limit(1)
_AMONG = (
    select(likes.c.job_id)
    .where(
        likes.c.platform == bindparam("platform"),
        likes.c.tenant == bindparam("tenant"),
        likes.c.person == bindparam("person"),
        likes.c.job_id.in_(bindparam("ids", expanding=True)),
    )
    .distinct()
)
_PEOPLE = (
    select(likes.c.platform, likes.c.tenant, likes.c.person)
    .where(likes.c.job_id == bindparam("liked"))
    .distinct()
    .subquery()
)
COUNT = select(func.count()).select_from(_PEOPLE)
"""How many people like the video of job ``liked``."""
_COUNT_ON = (
    update(library)
    .where(library.c.job_id == bindparam("liked"))
    .values(likes=COUNT.scalar_subquery())
)


class SqlLikes:
    """`LikeRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, job_id: str, person: Person, sign: str, at: int) -> bool:
        """Note that they like it; False when they had said so in that way."""
        row = {**_columns(job_id, person), "sign": sign, "at": at}
        added = await self._connection.execute(_ADD[self._connection.dialect.name], row)
        return await self._counted(job_id, added.rowcount)

    async def drop(self, job_id: str, person: Person, sign: str | None) -> bool:
        """Take one way of saying so back, or with None all; False when there was none."""
        row = _columns(job_id, person) | ({} if sign is None else {"sign": sign})
        dropped = await self._connection.execute(_DROP_ALL if sign is None else _DROP, row)
        return await self._counted(job_id, dropped.rowcount)

    async def count(self, job_id: str) -> int:
        """How many people like it."""
        return (await self._connection.execute(COUNT, {"liked": job_id})).scalar_one()

    async def has(self, job_id: str, person: Person) -> bool:
        """Whether they like it."""
        return (await self._connection.execute(_HAS, _columns(job_id, person))).first() is not None

    async def forget(self, job_id: str) -> None:
        """Nobody likes it any more: it is gone."""
        gone = await self._connection.execute(_FORGET, {"job_id": job_id})
        await self._counted(job_id, gone.rowcount)

    async def among(self, job_ids: Collection[str], person: Person) -> frozenset[str]:
        """Which of these they like."""
        asked = _person(person) | {"ids": list(job_ids)}
        return frozenset((await self._connection.execute(_AMONG, asked)).scalars())

    async def _counted(self, job_id: str, changed: int) -> bool:
        if changed:
            await self._connection.execute(_COUNT_ON, {"liked": job_id})
        return bool(changed)


def _columns(job_id: str, person: Person) -> Columns:
    return {"job_id": job_id, **_person(person)}


def _person(person: Person) -> Columns:
    return {**workspace_columns(person.tenant), "person": person.id}
