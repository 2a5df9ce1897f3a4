"""Who has how many credits, and how they get new ones."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import ledger, schedules
from bot.domain.audit import Change, Deed
from bot.domain.jobs import Job
from bot.domain.ledger import Entry, Owner, Transfer, owner_of
from bot.domain.quotas import EVERYONE, Period, channel_in, for_channel
from bot.domain.refs import Channel, Person, Tenant
from bot.domain.schedules import Schedule
from bot.errors import InvalidInput, NotEnoughCredits, TooFewCredits
from bot.ports import Clock, Store, Unit
from bot.services.audit import check, noted
from bot.services.workspaces import Workspaces

MAX_GRANT = 10_000_000
"""Credits that one grant may hand out; a typo should not make a millionaire."""


@dataclass(frozen=True, slots=True)
class AllowancePlan:
    """Credits that everyone gets at the start of each calendar `period`; 0 is none.

    It holds where admins have not set a schedule for everyone.
    """

    credits: int
    period: Period


class Credits:
    """Grants, allowances and holds."""

    def __init__(
        self, store: Store, clock: Clock, plan: AllowancePlan, workspaces: Workspaces
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        usual = Schedule(EVERYONE, plan.credits, plan.period)
        self._usual = (usual,) if plan.credits else ()

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
        wanted = ledger.hold(job.hold, job.person, job.offer.price, now, job.payer)
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
        return await self.allow(tx, owner)

    async def renew(self) -> int:
        """Give everyone what this period brings, once. Returns how many got it now."""
        async with self._store.reading() as tx:
            scheduled = await tx.schedules.everywhere()
            names = await tx.ledger.accounts("person/") if scheduled or self._usual else ()
        rooms = [
            Channel(tenant, room)
            for tenant, schedule in scheduled
            if (room := channel_in(schedule.subject)) is not None
        ]
        return sum([await self._renewed(owner) for owner in (*map(owner_of, names), *rooms)])

    async def _renewed(self, owner: Owner | None) -> bool:
        """Most have had theirs already: those are only looked at."""
        if owner is None:
            return False
        async with self._store.reading() as tx:
            if await self._due(tx, owner) is None:
                return False
        async with self._store.transaction() as tx:
            return await self.allow(tx, owner)

    async def schedules(self, tx: Unit, tenant: Tenant) -> tuple[Schedule, ...]:
        """All that holds in a workspace; what the settings say gives way to what admins do."""
        stored = await tx.schedules.of(tenant)
        replaced = any(schedule.subject == EVERYONE for schedule in stored)
        return stored if replaced else self._usual + stored

    async def allow(self, tx: Unit, owner: Owner) -> bool:
        """Give somebody what the present period brings; never twice, whatever the clock does.

        What is left of the grant before goes first, where that was to expire.
        """
        due = await self._due(tx, owner)
        if due is None:
            return False
        account, now = ledger.credits_of(owner), self._clock.now()
        ref = f"{due.day}/{owner.key if isinstance(owner, Person) else account.name}"
        drawn = await tx.ledger.drawn(account, due.last) if due.last else 0
        lost = schedules.leftover(due.last, drawn, await tx.ledger.balance(account))
        if lost:
            await tx.ledger.post(ledger.expire(ref, owner, lost, now))
        amount = schedules.payable(due.schedule, await tx.ledger.balance(account))
        if not amount:
            # There is no room for it yet; it may still come within the period.
            return False
        why = schedules.reason(due.schedule)
        return await tx.ledger.post(
            ledger.grant(f"allowance/{ref}", owner, amount, "bot", why, now)
        )

    async def _due(self, tx: Unit, owner: Owner) -> _Due | None:
        """What is to come to somebody in the present period; None when nothing is."""
        schedule = schedules.applicable(await self.schedules(tx, owner.tenant), owner)
        if schedule is None:
            return None
        zone = (await self._workspaces.of(tx, owner.tenant)).zone
        last = await tx.ledger.latest(ledger.credits_of(owner), schedules.ALLOWANCES)
        day = schedules.first_day(schedule, self._clock.now(), zone)
        return _Due(schedule, day, last) if schedules.is_due(last, day) else None


@dataclass(frozen=True, slots=True)
class _Due:
    """A grant to come, named by the first `day` of its period, and the `last` one."""

    schedule: Schedule
    day: str
    last: Entry | None


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
