"""Budgets of real money: asked before every order, watched after everything that costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.domain import budgets
from bot.domain.audit import Change, Deed
from bot.domain.budgets import Budget, Spending
from bot.domain.jobs import Job, Offer
from bot.domain.notices import BudgetAlert
from bot.domain.quotas import period_end, period_start
from bot.domain.refs import Person, Tenant
from bot.domain.usage import ANY_MODEL, cost_of, provider_in
from bot.errors import BudgetSpent, NotUrgent
from bot.ports import Clock, Store, Unit
from bot.services.audit import check, check_admin, noted
from bot.services.notices import Notices
from bot.services.quotas import Asked
from bot.services.workspaces import Workspaces

MICROS = 1_000_000
"""Of one US dollar."""


class Budgets:
    """What was ordered counts as spent at once; what failed does not, unless it cost all the same.

    So a cap holds whatever is still on its way, and opens again by itself in the next period.
    """

    def __init__(
        self, store: Store, clock: Clock, workspaces: Workspaces, notices: Notices
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._notices = notices

    async def admit(
        self, tx: Unit, asked: Asked, provider: str, zone: ZoneInfo
    ) -> tuple[Spending, ...]:
        """Every budget that an order counts toward, as it stands after it; for `warn`.

        Raises `BudgetSpent` when the order would go over one.
        """
        tenant = asked.person.tenant
        concerned = budgets.concerned(await tx.budgets.all(tenant), asked.place.channel, provider)
        spendings = [await self._spending(tx, tenant, one, zone) for one in concerned]
        cost = asked.usage.micros
        _refuse_over(spendings, asked.person, cost)
        return tuple(replace(one, spent=one.spent + cost) for one in spendings)

    async def check_urgent(self, tx: Unit, person: Person) -> None:
        """Raise `NotUrgent` for a person whose work may not go first."""
        if not budgets.may_hurry(await tx.budgets.all(person.tenant), person):
            raise NotUrgent

    async def admit_instead(self, tx: Unit, person: Person, job: Job, offer: Offer) -> None:
        """Raise `BudgetSpent` when a job that was admitted would go over one on other terms."""
        tenant = job.person.tenant
        zone = (await self._workspaces.of(tx, tenant)).zone
        known = await tx.budgets.all(tenant)
        for budget in budgets.concerned(known, job.place.channel, offer.provider):
            # What it was to cost counts there already.
            counts = provider_in(budget.scope) in {None, job.offer.provider}
            more = offer.cost - (cost_of(job) if counts else 0)
            spending = await self._spending(tx, tenant, budget, zone)
            _refuse_over((spending,), person, max(0, more))

    async def watch(self, tx: Unit, job: Job) -> None:
        """Tell admins of thresholds that were reached, each once in a period.

        To be called after a job's cost was stored, in the same transaction.
        """
        tenant = job.person.tenant
        known = await tx.budgets.all(tenant)
        concerned = list(budgets.concerned(known, job.place.channel, job.offer.provider))
        if concerned:
            zone = (await self._workspaces.of(tx, tenant)).zone
            spendings = [await self._spending(tx, tenant, one, zone) for one in concerned]
            await self.warn(tx, tenant, spendings)

    async def warn(self, tx: Unit, tenant: Tenant, spendings: Sequence[Spending]) -> None:
        """The same, where it is known already how the budgets stand."""
        for spending in spendings:
            for percent in spending.reached:
                if await tx.budgets.alert(tenant, spending, percent, self._clock.now()):
                    await self._tell(tx, tenant, spending, percent)

    async def _tell(self, tx: Unit, tenant: Tenant, spending: Spending, percent: int) -> None:
        budget = spending.budget
        name = f"budget/{tenant.key}/{budget.scope}/{budget.period}"
        alert = BudgetAlert(
            budget.scope, budget.period, percent, spending.spent, budget.cap, spending.ends_at
        )
        await self._notices.post(tx, tenant, f"{name}/{spending.started_at}/{percent:03}", alert)

    async def _spending(self, tx: Unit, tenant: Tenant, budget: Budget, zone: ZoneInfo) -> Spending:
        now = self._clock.now()
        start = period_start(budget.period, now, zone)
        usage = await tx.usage.total(tenant, budget.scope, ANY_MODEL, start)
        return Spending(budget, usage.micros, start, period_end(budget.period, now, zone))

    # --- what admins do -------------------------------------------------------------------

    async def standings(self, admin: Person) -> tuple[Spending, ...]:
        """Every budget of the workspace as it stands."""
        check_admin(admin)
        async with self._store.reading() as tx:
            zone = (await self._workspaces.of(tx, admin.tenant)).zone
            found = await tx.budgets.all(admin.tenant)
            return tuple([await self._spending(tx, admin.tenant, one, zone) for one in found])

    async def set(self, deed: Deed, budget: Budget) -> Spending:
        """Put a budget in place of the one for the same scope and period; returns how it stands."""
        check(deed)
        tenant = deed.person.tenant
        async with self._store.transaction() as tx:
            change = Change(budget.scope, await _stored(tx, tenant, budget), _typed(budget))
            zone = (await self._workspaces.of(tx, tenant)).zone
            spending = await self._spending(tx, tenant, budget, zone)
            if not await noted(tx, deed, change, self._clock.now()):
                await tx.budgets.set(tenant, budget)
                await self.warn(tx, tenant, (spending,))
        return spending

    async def drop(self, deed: Deed, budget: Budget) -> bool:
        """Take a budget away; False when there was none."""
        check(deed)
        tenant = deed.person.tenant
        async with self._store.transaction() as tx:
            change = Change(budget.scope, await _stored(tx, tenant, budget))
            earlier = await noted(tx, deed, change, self._clock.now())
            if not earlier:
                await tx.budgets.drop(tenant, budget)
        return bool((earlier or change).before)


def _refuse_over(spendings: Sequence[Spending], person: Person, cost: int) -> None:
    over = budgets.first_over(spendings, person, cost)
    if over:
        open_to = over.budget.open_to(person)
        kept = over.budget.cap - open_to
        raise BudgetSpent(
            over.budget.scope,
            over.budget.period,
            max(0, open_to - over.spent),
            cost,
            over.ends_at,
            reserved=bool(kept),
        )


async def _stored(tx: Unit, tenant: Tenant, budget: Budget) -> str:
    """The budget that is in the place of another now, as one would type it."""
    place = (budget.scope, budget.period)
    stored = await tx.budgets.all(tenant)
    return next((_typed(one) for one in stored if (one.scope, one.period) == place), "")


def _typed(budget: Budget) -> str:
    reserve = f" reserve:{budget.reserve / MICROS:g}" if budget.reserve else ""
    role = f" role:{budget.reserve_role}" if budget.reserve_role else ""
    return f"{budget.cap / MICROS:g} USD per {budget.period}{reserve}{role}"
