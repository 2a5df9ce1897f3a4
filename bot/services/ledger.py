"""Who has how many credits, and how they get new ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain import ledger
from bot.domain.quotas import Period, period_start
from bot.domain.refs import Person, Tenant
from bot.errors import InvalidInput, NotAllowed, NotEnoughCredits
from bot.ports import Clock, Store, Unit

MAX_GRANT = 10_000_000
"""Credits that one grant may hand out; a typo should not make a millionaire."""


@dataclass(frozen=True, slots=True)
class AllowancePlan:
    """Credits that everyone gets at the start of each calendar `period`; 0 is none."""

    credits: int
    period: Period
    zone: ZoneInfo


class Credits:
    """Grants, allowances and holds."""

    def __init__(self, store: Store, clock: Clock, plan: AllowancePlan) -> None:
        self._store = store
        self._clock = clock
        self._plan = plan

    async def grant(
        self, admin: Person, person: Person, amount: int, reason: str, interaction: str
    ) -> int:
        """New credits from an admin, once for each interaction. Returns what the person has now."""
        if not admin.admin:
            raise NotAllowed("admin")
        if not 0 < amount <= MAX_GRANT:
            raise InvalidInput("amount", str(amount), f"1–{MAX_GRANT}")
        ref = f"{admin.tenant.key}/{interaction}"
        why = f"admin:grant:{reason}" if reason else "admin:grant"
        async with self._store.transaction() as tx:
            await self.open(tx, person)
            await tx.ledger.post(
                ledger.grant(ref, person, amount, admin.key, why, self._clock.now())
            )
            return await tx.ledger.balance(ledger.credits_of(person))

    async def hold(self, tx: Unit, job_id: str, person: Person, price: int) -> None:
        """Set a price aside; a newcomer gets this period's allowance first.

        Raises `NotEnoughCredits`. A price of nothing holds nothing.
        """
        if not price:
            return
        wanted = ledger.hold(job_id, person, price, self._clock.now())
        try:
            await tx.ledger.post(wanted)
        except NotEnoughCredits:
            if not await self.open(tx, person):
                raise
            await tx.ledger.post(wanted)

    async def open(self, tx: Unit, person: Person) -> bool:
        """Give a newcomer this period's allowance; False for somebody who has an account."""
        if await tx.ledger.has_account(ledger.credits_of(person)):
            return False
        return await self._allow(tx, person)

    async def renew(self) -> int:
        """Give everyone the allowance of this period, once. Returns how many got it now."""
        if not self._plan.credits:
            return 0
        async with self._store.reading() as tx:
            names = await tx.ledger.accounts("person/")
        renewed = 0
        for name in names:
            async with self._store.transaction() as tx:
                renewed += await self._allow(tx, _owner(name))
        return renewed

    async def _allow(self, tx: Unit, person: Person) -> bool:
        """This period's allowance; the ref makes a second one impossible."""
        plan, now = self._plan, self._clock.now()
        if not plan.credits:
            return False
        start = datetime.fromtimestamp(period_start(plan.period, now, plan.zone) / 1000, plan.zone)
        ref = f"allowance/{start:%Y-%m-%d}/{person.key}"
        reason = f"allowance:{plan.period}"
        return await tx.ledger.post(ledger.grant(ref, person, plan.credits, "bot", reason, now))


def _owner(account: str) -> Person:
    _, platform, tenant, person = account.split("/", 3)
    return Person(Tenant(platform, tenant), person)
