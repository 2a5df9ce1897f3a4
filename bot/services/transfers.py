"""Credits that somebody moves: admins between all of a workspace, people out of their own."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import ledger
from bot.domain.audit import Change, Deed
from bot.domain.jobs import Job
from bot.domain.ledger import Entry, Kind, Owner, Pot, Transfer
from bot.domain.refs import Channel, Person, Tenant
from bot.errors import InvalidInput, TooLate, UnknownThing
from bot.ports import Clock, Store, Unit
from bot.services.audit import check, check_admin, noted
from bot.services.blocks import refuse_blocked
from bot.services.ledger import Credits, check_amount, credits_, move, subject
from bot.services.moves import card_key, touch_banner
from bot.services.purses import paid_by
from bot.services.threads import FINISHED
from bot.services.videos import Videos

HISTORY = 15
"""Newest lines of a statement that are shown."""
_PER_LINE = 6
"""Entries of a workspace looked through for each shown one: most moves have a side to show."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What both sides have to spend after a transfer."""

    source: int
    target: int


@dataclass(frozen=True, slots=True)
class Refunded:
    """What went back to whom; `again` when it had done so before."""

    job: Job
    to: Person | Channel
    amount: int
    again: bool


class Transfers:
    """Each is done once for each interaction; none takes an account below zero."""

    def __init__(self, store: Store, clock: Clock, credits_: Credits, videos: Videos) -> None:
        self._store = store
        self._clock = clock
        self._credits = credits_
        self._videos = videos

    async def take(self, deed: Deed, owner: Owner, amount: int) -> int:
        """Credits back from somebody; what is left there. Raises `TooFewCredits`."""
        _check(deed, owner)
        check_amount(amount)
        actor, why, now = deed.person.key, _why("admin:take", deed), self._clock.now()
        async with self._store.transaction() as tx:
            await self._credits.open(tx, owner)
            before = await tx.ledger.balance(ledger.credits_of(owner))
            ref = f"{deed.person.tenant.key}/{deed.interaction}"
            if not await move(tx, ledger.take(ref, owner, amount, actor, why, now)):
                return before
            change = Change(subject(owner), credits_(before), credits_(before - amount))
            await noted(tx, deed, change, now)
        return before - amount

    async def transfer(self, deed: Deed, source: Owner, target: Owner, amount: int) -> Moved:
        """Credits of one to another, by an admin. Raises `TooFewCredits`."""
        _check(deed, source, target)
        now = self._clock.now()
        wanted = _between(deed, "admin:transfer", (source, target), amount, now)
        async with self._store.transaction() as tx:
            new, moved = await self._move(tx, wanted, source, target)
            if new:
                left = moved.source
                after = f"{credits_(left)}, {amount} to {subject(target)}"
                change = Change(subject(source), credits_(left + amount), after)
                await noted(tx, deed, change, now)
        return moved

    async def give(self, deed: Deed, target: Person, amount: int) -> Moved:
        """Credits of one's own to somebody else. Raises `TooFewCredits`, or `Blocked`."""
        giver = deed.person
        _check_here(giver.tenant, target)
        if target.bot:
            raise InvalidInput("person", f"@{target.name or target.id}", "somebody who is no bot")
        wanted = _between(deed, "person:give", (giver, target), amount, self._clock.now())
        async with self._store.transaction() as tx:
            await refuse_blocked(tx, giver)
            _, moved = await self._move(tx, wanted, giver, target)
        return moved

    async def _move(
        self, tx: Unit, wanted: Transfer, source: Owner, target: Owner
    ) -> tuple[bool, Moved]:
        """Whether it is new, and what both have then."""
        for owner in (source, target):
            await self._credits.open(tx, owner)
        new = await move(tx, wanted)
        left, got = await tx.ledger.balance(wanted.source), await tx.ledger.balance(wanted.target)
        return new, Moved(left, got)

    async def refund(self, deed: Deed, typed: str) -> Refunded:
        """The price of a finished video back to whoever paid for it, once for each job.

        Raises `TooLate` for what did not finish, `InvalidInput` for what cost nothing.
        """
        _check(deed)
        admin, now = deed.person, self._clock.now()
        job = (await self._videos.find(admin, typed)).job
        if job.state not in FINISHED:
            raise TooLate("refund", job.state)
        owner, why = ledger.payer(job.person, job.payer), _why("admin:refund", deed)
        async with self._store.transaction() as tx:
            amount = await _spent_on(tx, job)
            new = await tx.ledger.post(ledger.refund(job.id, owner, amount, admin.key, why, now))
            if new:
                change = Change(subject(owner), "", f"#{job.id}: {credits_(amount)} back")
                await noted(tx, deed, change, now)
                await tx.outbox.touch(card_key(job.id), job.id, job.place, now)
                await touch_banner(tx, job, now)
            return Refunded(job, await paid_by(tx, job) or job.person, amount, again=not new)

    async def history(self, admin: Person, owner: Owner | None) -> tuple[Entry, ...]:
        """The newest lines of somebody's statement, or of all that people and channels have."""
        check_admin(admin)
        if owner:
            _check_here(admin.tenant, owner)
        async with self._store.reading() as tx:
            if owner:
                return await tx.ledger.statement(ledger.credits_of(owner), HISTORY)
            newest = await tx.ledger.journal(admin.tenant, HISTORY * _PER_LINE)
        return tuple(e for e in newest if ledger.owner_of(e.account))[:HISTORY]


async def _spent_on(tx: Unit, job: Job) -> int:
    spent = [e for e in await tx.ledger.of_job(job.id) if e.kind is Kind.SETTLE and e.amount > 0]
    if not spent:
        raise InvalidInput("video", f"#{job.id}", "one that cost credits")
    return spent[0].amount


def _between(deed: Deed, what: str, sides: tuple[Owner, Owner], amount: int, now: int) -> Transfer:
    """A transfer from the first of `sides` to the other; raises `InvalidInput`."""
    check_amount(amount)
    here, there = map(ledger.credits_of, sides)
    if here == there:
        raise InvalidInput("target", _called(sides[1]), "somebody else")
    who = deed.person
    ref = f"transfer/{who.tenant.key}/{deed.interaction}"
    return Transfer(ref, Kind.TRANSFER, here, there, amount, who.key, _why(what, deed), now)


def _called(owner: Owner) -> str:
    return owner.sponsor if isinstance(owner, Pot) else owner.name or owner.id


def _why(what: str, deed: Deed) -> str:
    """The reason of a transfer, as `Transfer` has it."""
    return f"{what}:{deed.reason}" if deed.reason else what


def _check(deed: Deed, *owners: Owner) -> None:
    check(deed)
    for owner in owners:
        _check_here(deed.person.tenant, owner)


def _check_here(tenant: Tenant, owner: Owner) -> None:
    """Nothing crosses workspaces."""
    if owner.tenant != tenant:
        raise UnknownThing("person", ledger.credits_of(owner).name)
