"""Budgets, and which of their thresholds were told of."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.budgets import Budget, Spending
from bot.domain.quotas import Period
from bot.domain.refs import Tenant
from storage.dialects import in_place, new_row
from storage.mapping import workspace_columns
from storage.tables import budget_alerts, budgets

_KEY = ("platform", "tenant", "scope", "period")
_ALL = (
    select(budgets)
    .where(budgets.c.platform == bindparam("platform"), budgets.c.tenant == bindparam("tenant"))
    .order_by(budgets.c.scope, budgets.c.period)
)
_DROP = delete(budgets).where(*(budgets.c[name] == bindparam(name) for name in _KEY))
_ALERT = new_row(budget_alerts)


_SET = in_place(budgets, "cap", "reserve", "reserve_role")


class SqlBudgets:
    """`BudgetRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self, tenant: Tenant) -> tuple[Budget, ...]:
        """All budgets of a workspace."""
        here = workspace_columns(tenant)
        return tuple(
            Budget(row.scope, Period(row.period), row.cap, row.reserve, row.reserve_role)
            for row in await self._connection.execute(_ALL, here)
        )

    async def set(self, tenant: Tenant, budget: Budget) -> None:
        """Store a budget in place of the one with the same scope and period."""
        values = {
            "cap": budget.cap,
            "reserve": budget.reserve,
            "reserve_role": budget.reserve_role,
        }
        await self._connection.execute(
            _SET[self._connection.dialect.name], _key(tenant, budget) | values
        )

    async def drop(self, tenant: Tenant, budget: Budget) -> bool:
        """Remove the budget with that scope and period; False when there is none."""
        return (await self._connection.execute(_DROP, _key(tenant, budget))).rowcount == 1

    async def alert(self, tenant: Tenant, spending: Spending, percent: int, at: int) -> bool:
        """Note that a threshold was reached; False when it was noted before in that period."""
        row = _key(tenant, spending.budget) | {
            "started_at": spending.started_at,
            "percent": percent,
            "at": at,
        }
        noted = await self._connection.execute(_ALERT[self._connection.dialect.name], row)
        return bool(noted.rowcount)


def _key(tenant: Tenant, budget: Budget) -> dict[str, object]:
    return {
        **workspace_columns(tenant),
        "scope": budget.scope,
        "period": budget.period.value,
    }
