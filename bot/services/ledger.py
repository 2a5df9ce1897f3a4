"""Who has how many credits, and how they get new ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain import ledger
from bot.domain.audit import Change, Deed
from bot.domain.jobs import Job
from bot.domain.ledger import Owner, Transfer
from bot.domain.quotas import Period, for_channel, period_start
from bot.domain.refs import Channel, Person
from bot.errors import InvalidInput, NotEnoughCredits, TooFewCredits
from bot.ports import Clock, Store, Unit
from bot.services.audit import check, noted

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

    async def grant(self, deed: Deed, owner: Owner, amount: int) -> int:
        """New credits from an admin, once for each interaction. Returns what the owner has now."""
        check(deed)
        check_amount(amount)
        admin, now = deed.person, self._clock.now()
        ref = f"{admin.tenant.key}/{deed.interaction}"
        why = f"admin:grant:{deed.reason}" if deed.reason else "admin:grant"
        async with self._store.transaction() as tx:
            await self.open(tx, owner)
            before = await tx.ledger.balance(ledger.credits_of(owner))
            if not await tx.ledger.post(ledger.grant(ref, owner, amount, admin.key, why, now)):
                return before
            change = Change(subject(owner), credits_(before), credits_(before + amount))
            await noted(tx, deed, change, now)
        return before + amount

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


def credits_(number: int) -> str:
    """A balance, as the audit has it."""
    return f"{number} credits"


def subject(owner: Owner) -> str:
    """Whose credits they are, as the audit names its subjects."""
    match owner:
        case Person():
            return owner.id
        case Channel():
            return for_channel(owner.id)
        case _:
            return ledger.credits_of(owner).name
