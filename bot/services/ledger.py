"""Who has how many credits, and how they get new ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain import ledger
from bot.domain.jobs import Job
from bot.domain.ledger import Owner, Transfer
from bot.domain.quotas import Period, period_start
from bot.domain.refs import Person
from bot.errors import InvalidInput, NotAllowed, NotEnoughCredits, TooFewCredits
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
        self, admin: Person, owner: Owner, amount: int, reason: str, interaction: str
    ) -> int:
        """New credits from an admin, once for each interaction. Returns what the owner has now."""
        if not admin.admin:
            raise NotAllowed("admin")
        check_amount(amount)
        ref = f"{admin.tenant.key}/{interaction}"
        why = f"admin:grant:{reason}" if reason else "admin:grant"
        async with self._store.transaction() as tx:
            await self.open(tx, owner)
            await tx.ledger.post(
                ledger.grant(ref, owner, amount, admin.key, why, self._clock.now())
            )
            return await tx.ledger.balance(ledger.credits_of(owner))

    async def hold(self, tx: Unit, job: Job) -> None:
        """Set a job's price aside; a newcomer gets this period's allowance first.

        Raises `NotEnoughCredits`. A price of nothing holds nothing.
        """
        if not job.offer.price:
            return
        now = self._clock.now()
        wanted = ledger.hold(job.id, job.person, job.offer.price, now, job.payer)
        try:
            await tx.ledger.post(wanted)
        except NotEnoughCredits:
            if not await self.open(tx, ledger.payer(job.person, job.payer)):
                raise
            await tx.ledger.post(wanted)

    async def open(self, tx: Unit, owner: Owner) -> bool:
        """Give a newcomer this period's allowance; False for all others."""
        if not isinstance(owner, Person) or await tx.ledger.has_account(ledger.credits_of(owner)):
            return False
        return await self._allow(tx, owner)

    async def renew(self) -> int:
        """Give everyone the allowance of this period, once. Returns how many got it now."""
        if not self._plan.credits:
            return 0
        async with self._store.reading() as tx:
            names = await tx.ledger.accounts("person/")
        renewed = 0
        for name in names:
            owner = ledger.owner_of(name)
            if isinstance(owner, Person):
                async with self._store.transaction() as tx:
                    renewed += await self._allow(tx, owner)
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


async def move(tx: Unit, transfer: Transfer) -> bool:
    """Post what somebody asked for; False when it was posted before. Raises `TooFewCredits`."""
    try:
        return await tx.ledger.post(transfer)
    except NotEnoughCredits as no:
        raise TooFewCredits(no.price, no.available) from no


def check_amount(amount: int, least: int = 1) -> None:
    """Raise `InvalidInput` for what nobody means."""
    if not least <= amount <= MAX_GRANT:
        raise InvalidInput("amount", f"{amount:,}", f"{least}–{MAX_GRANT:,}")
