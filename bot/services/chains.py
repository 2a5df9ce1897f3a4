"""Who makes a video where several can: the first in line that takes orders, for no more credits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain import switches
from bot.domain.circuits import WHOLE, Circuit, Trouble
from bot.domain.jobs import Failure, Job, Offer
from bot.domain.refs import Tenant
from bot.domain.switches import HOLDS, REFUSES
from bot.ports import Unit
from bot.services.shop import Shop

LEAVES = frozenset(
    {Failure.BILLING, Failure.CREDENTIALS, Failure.MODEL_RETIRED, Failure.TOO_MANY_TRIES}
)
"""Ends of a job that another account might have made."""
_ANY_MODE = HOLDS | REFUSES
Wrong = Mapping[tuple[str, str], Circuit]
"""The circuits that are open, by gate and model."""


async def first_able(
    tx: Unit, tenant: Tenant, offers: Sequence[Offer], model: str, *, most: int, now: int
) -> Offer | None:
    """Whose terms an order gets, of all who make it: the first that takes orders.

    It costs no more than the first of all, or than `most`. Where admins hold that back, or nobody
    takes orders, it is the first of all, and waits. None when nobody has the model any more.
    """
    wrong, first = await _open_circuits(tx), offers[0]
    if not wrong:
        return first
    set_ = await tx.switches.of(tenant)
    if switches.ruling(set_, _ANY_MODE, first.provider, model):
        return first
    fair = [offer for offer in offers if offer.price <= max(first.price, most)]
    for offer in fair:
        free = offer is first or not switches.ruling(set_, _ANY_MODE, offer.provider, model)
        if free and all(circuit.lets(now) for circuit in _of(wrong, offer)):
            return offer
    return next((offer for offer in fair if not _is_retired(wrong, offer, now)), None)


async def well(tx: Unit, job: Job, offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Those of `offers` for a job whose accounts are well, and that no admin holds back.

    None for a job that an admin holds back where it is: it waits for them.
    """
    if not offers:
        return ()
    wrong = await _open_circuits(tx)
    set_ = await tx.switches.of(job.person.tenant)
    if switches.ruling(set_, HOLDS, job.offer.provider, job.spec.model):
        return ()
    return tuple(
        offer
        for offer in offers
        if not _of(wrong, offer)
        and not switches.ruling(set_, _ANY_MODE, offer.provider, job.spec.model)
    )


async def dearer(tx: Unit, shop: Shop, job: Job) -> Offer | None:
    """The terms that a job could go on with if its person says yes; None where none is needed."""
    free = await well(tx, job, shop.others(job))
    if any(offer.price <= job.offer.price for offer in free):
        return None
    return free[0] if free else None


async def _open_circuits(tx: Unit) -> Wrong:
    return {(circuit.gate, circuit.model): circuit for circuit in await tx.circuits.open()}


def _of(wrong: Wrong, offer: Offer) -> list[Circuit]:
    """What is wrong with an account, or with the model there."""
    keys = ((offer.gate, WHOLE), (offer.gate, offer.upstream_model))
    return [wrong[key] for key in keys if key in wrong]


def _is_retired(wrong: Wrong, offer: Offer, now: int) -> bool:
    return any(c.trouble is Trouble.RETIRED and not c.lets(now) for c in _of(wrong, offer))
