"""Limits per period, and what counts toward them."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.quotas import Extra, Period, Rule, Unit, Window
from bot.domain.refs import Person, Tenant
from storage.dialects import in_place, new_row
from storage.mapping import Row, workspace_columns
from storage.tables import quota_extras, quota_rules

_KEY = ("platform", "tenant", "subject", "unit", "period", "model")
_ORDERED = [quota_rules.c[name] for name in ("subject", "unit", "period", "model")]
_RULES = (
    select(quota_rules)
    .where(
        quota_rules.c.platform == bindparam("platform"),
        quota_rules.c.tenant == bindparam("tenant"),
    )
    .order_by(*_ORDERED)
)


_SET = in_place(quota_rules, "most", "counted")
_DROP = delete(quota_rules).where(*(quota_rules.c[name] == bindparam(name) for name in _KEY))
_GIVE = new_row(quota_extras)
_EXTRAS = (
    select(quota_extras)
    .where(
        quota_extras.c.platform == bindparam("platform"),
        quota_extras.c.tenant == bindparam("tenant"),
        quota_extras.c.person == bindparam("person"),
        quota_extras.c.until > bindparam("now"),
    )
    .order_by(quota_extras.c.until, quota_extras.c.ref)
)


class SqlQuotas:
    """`QuotaRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def rules(self, tenant: Tenant) -> tuple[Rule, ...]:
        """All rules of a workspace."""
        wanted = workspace_columns(tenant)
        return tuple(map(_rule_of, await self._connection.execute(_RULES, wanted)))

    async def set_rule(self, tenant: Tenant, rule: Rule) -> None:
        """Store a rule in place of the one with the same subject, unit, period and model."""
        row = _key(tenant, rule) | {"most": rule.limit, "counted": rule.window.value}
        await self._connection.execute(_SET[self._connection.dialect.name], row)

    async def drop_rule(self, tenant: Tenant, rule: Rule) -> bool:
        """Remove the rule with that subject, unit, period and model; False when there is none."""
        return (await self._connection.execute(_DROP, _key(tenant, rule))).rowcount == 1

    async def extras(self, person: Person, now: int) -> tuple[Extra, ...]:
        """What somebody may use above their limits now."""
        wanted = {
            **workspace_columns(person.tenant),
            "person": person.id,
            "now": now,
        }
        return tuple(map(_extra_of, await self._connection.execute(_EXTRAS, wanted)))

    async def give(self, tenant: Tenant, extra: Extra) -> bool:
        """Store an extra; False when its ref was used before."""
        row = {
            "ref": extra.ref,
            **workspace_columns(tenant),
            "person": extra.person,
            "unit": extra.unit.value,
            "period": extra.period.value,
            "model": extra.model,
            "amount": extra.amount,
            "until": extra.until,
        }
        given = await self._connection.execute(_GIVE[self._connection.dialect.name], row)
        return bool(given.rowcount)


def _key(tenant: Tenant, rule: Rule) -> dict[str, object]:
    return {
        **workspace_columns(tenant),
        "subject": rule.subject,
        "unit": rule.unit.value,
        "period": rule.period.value,
        "model": rule.model,
    }


def _rule_of(row: Row) -> Rule:
    unit, period, window = Unit(row.unit), Period(row.period), Window(row.counted)
    return Rule(row.subject, unit, period, row.most, window, row.model)


def _extra_of(row: Row) -> Extra:
    unit, period = Unit(row.unit), Period(row.period)
    return Extra(row.ref, row.person, unit, period, row.model, row.amount, row.until)
