"""Wishes that a video is taken down."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.refs import Person, Tenant
from bot.domain.takedowns import Claim, Takedown, TakedownState
from storage.dialects import new_row
from storage.mapping import Row, workspace_columns
from storage.tables import IS_DOWN, IS_OPEN, takedowns

_ADD = new_row(takedowns)
_HERE = tuple(takedowns.c[name] == bindparam(name) for name in ("platform", "tenant"))
_AT_HOME = (
    takedowns.c.home_platform == bindparam("platform"),
    takedowns.c.home_tenant == bindparam("tenant"),
)
_GET = select(takedowns).where(
    takedowns.c.id == bindparam("id"), or_(and_(*_HERE), and_(*_AT_HOME))
)
_SAME = select(takedowns).where(
    *_HERE, takedowns.c.job_id == bindparam("job_id"), takedowns.c.person == bindparam("person")
)
_OPEN = (
    select(takedowns)
    .where(*_AT_HOME, IS_OPEN)
    .order_by(takedowns.c.asked_at, takedowns.c.id)
    .limit(bindparam("most"))
)
_OF = (
    select(takedowns)
    .where(takedowns.c.job_id == bindparam("job_id"), IS_OPEN)
    .order_by(takedowns.c.asked_at, takedowns.c.id)
)
_DECIDE = (
    update(takedowns)
    .where(takedowns.c.id == bindparam("which"), IS_OPEN)
    .values(
        state=bindparam("new_state"),
        answer=bindparam("new_answer"),
        decided_by=bindparam("by"),
        decided_name=bindparam("name"),
        decided_at=bindparam("at"),
    )
)
_STRIKES = (
    select(takedowns.c.job_id, takedowns.c.decided_at)
    .where(
        *_AT_HOME,
        takedowns.c.author == bindparam("author"),
        takedowns.c.decided_at >= bindparam("since"),
        IS_DOWN,
    )
    .distinct()
    .order_by(takedowns.c.decided_at)
)


class SqlTakedowns:
    """`TakedownRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, takedown: Takedown) -> Takedown:
        """Store it; the one that the person had about the video comes back where there is one."""
        whose = {
            **workspace_columns(takedown.person.tenant),
            "job_id": takedown.job_id,
            "person": takedown.person.id,
        }
        row = {
            "id": takedown.id,
            **whose,
            "author": takedown.author.id,
            "author_name": takedown.author.name,
            "person_name": takedown.person.name,
            "claim": takedown.claim.value,
            "reason": takedown.reason,
            "state": takedown.state.value,
            "asked_at": takedown.asked_at,
            "answer": takedown.answer,
            "home_platform": takedown.author.tenant.platform,
            "home_tenant": takedown.author.tenant.id,
        }
        added = await self._connection.execute(_ADD[self._connection.dialect.name], row)
        if added.rowcount:
            return takedown
        return _takedown_of((await self._connection.execute(_SAME, whose)).one())

    async def get(self, tenant: Tenant, takedown_id: str) -> Takedown | None:
        """One about a video of a workspace, or by somebody there."""
        wanted = {"id": takedown_id, **workspace_columns(tenant)}
        row = (await self._connection.execute(_GET, wanted)).first()
        return _takedown_of(row) if row else None

    async def open(self, tenant: Tenant, limit: int) -> tuple[Takedown, ...]:
        """Those about videos of a workspace that nobody decided on, the oldest first."""
        wanted = {**workspace_columns(tenant), "most": limit}
        return tuple(map(_takedown_of, await self._connection.execute(_OPEN, wanted)))

    async def about(self, job_id: str) -> tuple[Takedown, ...]:
        """Those about one video that nobody decided on, the oldest first."""
        rows = await self._connection.execute(_OF, {"job_id": job_id})
        return tuple(map(_takedown_of, rows))

    async def decide(
        self, takedown: Takedown, state: TakedownState, by: Person, answer: str, at: int
    ) -> bool:
        """Decide on an open one; False when somebody was faster."""
        values = {
            "which": takedown.id,
            "new_state": state.value,
            "new_answer": answer,
            "by": by.id,
            "name": by.name,
            "at": at,
        }
        return (await self._connection.execute(_DECIDE, values)).rowcount == 1

    async def strikes(self, author: Person, since: int) -> tuple[int, ...]:
        """When (ms) videos of somebody were taken down since then, each time once, in order."""
        wanted = {**workspace_columns(author.tenant), "author": author.id, "since": since}
        rows = await self._connection.execute(_STRIKES, wanted)
        return tuple(row.decided_at for row in rows)


def _takedown_of(row: Row) -> Takedown:
    home, tenant = Tenant(row.home_platform, row.home_tenant), Tenant(row.platform, row.tenant)
    decided = row.decided_by is not None
    return Takedown(
        row.id,
        row.job_id,
        Person(home, row.author, row.author_name),
        Person(tenant, row.person, row.person_name),
        Claim(row.claim),
        row.reason,
        row.asked_at,
        TakedownState(row.state),
        Person(home, row.decided_by, row.decided_name or "") if decided else None,
        row.answer,
    )
