"""Limits per period, and what counts toward them."""

from __future__ import annotations

from sqlalchemy import bindparam, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.jobs import HELD, UNCOUNTED
from bot.domain.quotas import Period, Rule, Unit, Usage, Window
from bot.domain.refs import Person, Tenant
from storage.dialects import Insert, each, insert_for
from storage.tables import in_states, jobs, quota_rules

_KEY = ("platform", "tenant", "subject", "unit", "period", "model")
_ORDERED = [quota_rules.c[name] for name in ("subject", "unit", "period")]
_RULES = (
    select(quota_rules)
    .where(
        quota_rules.c.platform == bindparam("platform"),
        quota_rules.c.tenant == bindparam("tenant"),
    )
    .order_by(*_ORDERED)
)


def _setting(dialect: str) -> Insert:
    new = insert_for(dialect, quota_rules)
    values = {"most": new.excluded.most, "counted": new.excluded.counted}
    return new.on_conflict_do_update(index_elements=_KEY, set_=values)


_SET = each(_setting)
_DROP = delete(quota_rules).where(*(quota_rules.c[name] == bindparam(name) for name in _KEY))

_held = in_states(*HELD)
_USAGE = select(
    func.count(),
    func.sum(jobs.c.seconds),
    func.sum(jobs.c.price),
    func.sum(case((_held, 1), else_=0)),
    func.sum(case((_held, jobs.c.seconds), else_=0)),
    func.sum(case((_held, jobs.c.price), else_=0)),
    func.min(jobs.c.accepted_at),
).where(
    jobs.c.platform == bindparam("platform"),
    jobs.c.tenant == bindparam("tenant"),
    jobs.c.person == bindparam("person"),
    jobs.c.accepted_at >= bindparam("since"),
    ~in_states(*UNCOUNTED),
)


class SqlQuotas:
    """`QuotaRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def rules(self, tenant: Tenant) -> tuple[Rule, ...]:
        """All rules of a workspace."""
        wanted = {"platform": tenant.platform, "tenant": tenant.id}
        return tuple(
            Rule(row.subject, Unit(row.unit), Period(row.period), row.most, Window(row.counted))
            for row in await self._connection.execute(_RULES, wanted)
        )

    async def set_rule(self, tenant: Tenant, rule: Rule) -> None:
        """Store a rule in place of the one with the same subject, unit and period."""
        row = _key(tenant, rule) | {"most": rule.limit, "counted": rule.window.value}
        await self._connection.execute(_SET[self._connection.dialect.name], row)

    async def drop_rule(self, tenant: Tenant, rule: Rule) -> bool:
        """Remove the rule with that subject, unit and period; False when there is none."""
        return (await self._connection.execute(_DROP, _key(tenant, rule))).rowcount == 1

    async def usage(self, person: Person, since: int) -> tuple[Usage, int | None]:
        """What counts since `since` (ms), and when the oldest of it was accepted."""
        wanted = {
            "platform": person.tenant.platform,
            "tenant": person.tenant.id,
            "person": person.id,
            "since": since,
        }
        *sums, oldest = (await self._connection.execute(_USAGE, wanted)).one()
        # Sums of nothing are null, and some databases answer with decimals.
        return Usage(*(int(number or 0) for number in sums)), oldest


def _key(tenant: Tenant, rule: Rule) -> dict[str, object]:
    return {
        "platform": tenant.platform,
        "tenant": tenant.id,
        "subject": rule.subject,
        "unit": rule.unit.value,
        "period": rule.period.value,
        "model": "",
    }
