"""Orders that wait until the author of a video said yes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.jobs import Operation
from bot.domain.later import Timing
from bot.domain.order import Lane
from bot.domain.permits import Ask, AskState, Order
from bot.domain.refs import Blob, Person, Place, Tenant
from bot.domain.styles import Style
from bot.domain.videos import Fit, Size, VideoSpec
from storage.dialects import new_row
from storage.mapping import Row, workspace_columns
from storage.tables import IS_OPEN, asks

_ADD = new_row(asks)
_HERE = tuple(asks.c[name] == bindparam(name) for name in ("platform", "tenant"))
_AT_HOME = (
    asks.c.home_platform == bindparam("platform"),
    asks.c.home_tenant == bindparam("tenant"),
)
_GET = select(asks).where(asks.c.id == bindparam("id"), or_(and_(*_HERE), and_(*_AT_HOME)))
_SAME = select(asks).where(*_HERE, asks.c.interaction == bindparam("interaction"))
_SETTLE = (
    update(asks)
    .where(asks.c.id == bindparam("which"), IS_OPEN)
    .values({name: bindparam(f"new_{name}") for name in ("state", "reason", "problem")})
    .values(settled_at=bindparam("at"))
)
_WAITING = (
    select(asks)
    .where(*_AT_HOME, asks.c.author == bindparam("author"), IS_OPEN)
    .order_by(asks.c.asked_at, asks.c.id)
    .limit(bindparam("most"))
)
_BY = (
    select(asks)
    .where(*_HERE, asks.c.person == bindparam("person"))
    .order_by(asks.c.asked_at.desc(), asks.c.id.desc())
    .limit(bindparam("most"))
)
_BETWEEN = select(asks).where(
    *_AT_HOME,
    asks.c.platform == bindparam("other_platform"),
    asks.c.tenant == bindparam("other_tenant"),
    IS_OPEN,
)
_OVERDUE = (
    select(asks)
    .where(asks.c.state == AskState.OPEN.value, asks.c.asked_at <= bindparam("before"))
    .order_by(asks.c.asked_at, asks.c.id)
    .limit(bindparam("most"))
)
_TIDY = delete(asks).where(
    asks.c.state.in_([one.value for one in AskState if one is not AskState.OPEN]),
    asks.c.asked_at < bindparam("before"),
)


class SqlAsks:
    """`AskRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, ask: Ask) -> Ask | None:
        """Store it; that of the same request comes back where there was one.

        None when the person has another open one about the video.
        """
        here = workspace_columns(ask.person.tenant)
        row = {
            "id": ask.id,
            **here,
            "job_id": ask.job_id,
            "person": ask.person.id,
            "person_name": ask.person.name,
            "author": ask.author.id,
            "author_name": ask.author.name,
            "interaction": ask.order.interaction,
            "body": json.dumps(_body(ask)),
            "state": ask.state.value,
            "reason": ask.reason,
            "problem": ask.problem,
            "asked_at": ask.asked_at,
            "home_platform": ask.author.tenant.platform,
            "home_tenant": ask.author.tenant.id,
        }
        added = await self._connection.execute(_ADD[self._connection.dialect.name], row)
        if added.rowcount:
            return ask
        same = {**here, "interaction": ask.order.interaction}
        found = (await self._connection.execute(_SAME, same)).first()
        return _ask_of(found) if found else None

    async def get(self, tenant: Tenant, ask_id: str) -> Ask | None:
        """One that somebody of a workspace asked, or is asked."""
        wanted = {"id": ask_id, **workspace_columns(tenant)}
        row = (await self._connection.execute(_GET, wanted)).first()
        return _ask_of(row) if row else None

    async def settle(
        self, ask: Ask, state: AskState, at: int, *, reason: str = "", problem: str = ""
    ) -> bool:
        """Settle an open one; False when somebody was faster."""
        values = {
            "which": ask.id,
            "new_state": state.value,
            "new_reason": reason,
            "new_problem": problem,
            "at": at,
        }
        return (await self._connection.execute(_SETTLE, values)).rowcount == 1

    async def waiting(self, author: Person, limit: int) -> tuple[Ask, ...]:
        """Open ones for an author, the oldest first."""
        wanted = {**workspace_columns(author.tenant), "author": author.id, "most": limit}
        return tuple(map(_ask_of, await self._connection.execute(_WAITING, wanted)))

    async def by(self, person: Person, limit: int) -> tuple[Ask, ...]:
        """What somebody asked, the newest first."""
        wanted = {**workspace_columns(person.tenant), "person": person.id, "most": limit}
        return tuple(map(_ask_of, await self._connection.execute(_BY, wanted)))

    async def between(self, home: Tenant, other: Tenant) -> tuple[Ask, ...]:
        """Open ones for authors of one workspace by people of another, the oldest first."""
        wanted = {
            **workspace_columns(home),
            "other_platform": other.platform,
            "other_tenant": other.id,
        }
        found = map(_ask_of, await self._connection.execute(_BETWEEN, wanted))
        return tuple(sorted(found, key=lambda one: (one.asked_at, one.id)))

    async def overdue(self, before: int, limit: int) -> tuple[Ask, ...]:
        """Open ones of all workspaces that were asked by then (ms), the oldest first."""
        rows = await self._connection.execute(_OVERDUE, {"before": before, "most": limit})
        return tuple(map(_ask_of, rows))

    async def tidy(self, before: int) -> None:
        """Forget settled ones that were asked before then (ms)."""
        await self._connection.execute(_TIDY, {"before": before})


def _body(ask: Ask) -> dict[str, Any]:
    order = ask.order
    return {
        "roles": ask.person.roles,
        "place": [order.place.channel, order.place.thread, order.place.private],
        "spec": asdict(order.spec),
        "operation": order.operation.value,
        "count": order.count,
        "timing": asdict(order.timing),
        "most": order.most,
        "agreed": order.agreed,
        "sent": order.sent,
    }


def _ask_of(row: Row) -> Ask:
    body, tenant = json.loads(row.body), Tenant(row.platform, row.tenant)
    order = Order(
        Place(tenant, *body["place"]),
        row.interaction,
        _spec_of(body["spec"]),
        Operation(body["operation"]),
        body["count"],
        _timing_of(body["timing"]),
        body["most"],
        body["agreed"],
        # What was asked before there were styles has none of these.
        body.get("sent"),
    )
    return Ask(
        row.id,
        Person(tenant, row.person, row.person_name, roles=tuple(body["roles"])),
        Person(Tenant(row.home_platform, row.home_tenant), row.author, row.author_name),
        row.job_id,
        order,
        row.asked_at,
        AskState(row.state),
        row.reason,
        row.problem,
    )


def _spec_of(values: dict[str, Any]) -> VideoSpec:
    image, last, style = values["image"], values.get("last"), values.get("style")
    return VideoSpec(
        values["prompt"],
        values["model"],
        Size(**values["size"]),
        values["seconds"],
        Blob(**image) if image else None,
        Fit(values["fit"]),
        Style(**style) if style else None,
        # What was asked before there were these has none of them.
        Blob(**last) if last else None,
        tuple(Blob(**one) for one in values.get("references", ())),
        values.get("sound"),
    )


def _timing_of(values: dict[str, Any]) -> Timing:
    lane = Lane(values["lane"])
    return Timing(lane, values["off_peak"], values["at"], values["delay"])
