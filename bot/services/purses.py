"""Who pays for an order besides whoever asks for it: sponsors of remixes, and channels."""

from __future__ import annotations

from bot.domain import ledger
from bot.domain.jobs import Job
from bot.domain.ledger import Pot
from bot.domain.refs import Channel, Person, Place, Tenant
from bot.ports import Unit

PUT = "sponsor:put:"
"""Reason of what goes into a pot; the sponsor's name follows, for cards."""


async def choose(tx: Unit, place: Place, root: str | None, price: int) -> str | None:
    """The account that pays for a whole order of `price`; None: whoever asks for it.

    For a remix, the oldest pot of its family that covers it; then the purse of the channel, but
    for nothing that is private.
    """
    if not price:
        return None
    if root:
        for name, balance in await tx.ledger.purses(ledger.pots_of(place.tenant, root)):
            if balance >= price:
                return name
    purse = ledger.credits_of(Channel(place.tenant, place.channel))
    covered = not place.private and await tx.ledger.balance(purse) >= price
    return purse.name if covered else None


async def sponsors_of(tx: Unit, tenant: Tenant, root: str) -> tuple[tuple[Person, int], ...]:
    """Who pays for remixes of a family, and with how many credits still; the first one first."""
    pots = await tx.ledger.purses(ledger.pots_of(tenant, root))
    owners = [(ledger.owner_of(name), balance) for name, balance in pots if balance > 0]
    return tuple([(await _sponsor(tx, pot), left) for pot, left in owners if isinstance(pot, Pot)])


async def paid_by(tx: Unit, job: Job) -> Channel | Person | None:
    """The channel or the sponsor that pays for a job; None when its person does."""
    owner = ledger.payer(job.person, job.payer)
    if not isinstance(owner, Pot):
        return owner if isinstance(owner, Channel) else None
    return await _sponsor(tx, owner)


async def _sponsor(tx: Unit, pot: Pot) -> Person:
    """Under the name that they had when they began."""
    first = await tx.ledger.first(ledger.credits_of(pot))
    name = first.reason.removeprefix(PUT) if first else ""
    return Person(pot.tenant, pot.sponsor, name)
