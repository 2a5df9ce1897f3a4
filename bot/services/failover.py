"""Jobs that their account cannot make go to the next one that can, as long as none took them."""

from __future__ import annotations

import logging

from bot.domain import ledger
from bot.domain.circuits import Circuit
from bot.domain.jobs import Failure, Job, JobState, Offer
from bot.domain.refs import Person
from bot.domain.usage import Usage
from bot.errors import BudgetSpent, TooLate, UnknownThing
from bot.ports import Unit
from bot.services.blocks import refuse_blocked
from bot.services.chains import LEAVES, well
from bot.services.circuits import Circuits, waiting_at
from bot.services.moves import card_key
from bot.services.orders import Desk
from bot.services.quotas import Asked
from bot.services.videos import seen_by

INTERVAL = 10_000
"""Ms between two looks for jobs that wait before a dead account."""
_S = JobState

log = logging.getLogger(__name__)


class Failover:
    """By itself for the same credits or fewer; for more only with the person's yes.

    `patience`: ms that an account may be out of reach before what waits there moves.
    """

    def __init__(self, desk: Desk, circuits: Circuits, patience: int) -> None:
        self._desk = desk
        self._store = desk.store
        self._clock = desk.clock
        self._circuits = circuits
        self._patience = patience

    async def run(self) -> int:
        """Move what waits before dead accounts, where it can go elsewhere; returns how many."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            found = await tx.circuits.open()
        dead = [circuit for circuit in found if circuit.is_dead(now, self._patience)]
        return sum([await self._leave(circuit) for circuit in dead])

    async def _leave(self, circuit: Circuit) -> int:
        async with self._store.reading() as tx:
            waiting = await waiting_at(tx, circuit.gate)
            concerned = [job for job in waiting if _concerns(circuit, job)]
            movable = [job for job in concerned if await self._target(tx, job)]
        if concerned:
            async with self._store.transaction() as tx:
                tenants = [job.person.tenant for job in concerned]
                await self._circuits.tell_admins(tx, circuit, tenants)
        return sum([await self._move(job, circuit) for job in movable])

    async def _move(self, job: Job, circuit: Circuit) -> bool:
        async with self._store.transaction() as tx:
            if (await tx.circuits.get(circuit.gate, circuit.model)).trouble is None:
                # It came back meanwhile.
                return False
            offer = await self._target(tx, job)
            moved = await self._write(tx, job, offer) if offer else None
        return self._desk.moves.tell(moved) is not None

    async def elsewhere(self, tx: Unit, job: Job, failure: Failure) -> Job | None:
        """The job at its next account, instead of an end by `failure`; None where it has to end.

        Only for a create that was surely not taken. Call `Moves.tell` after it.
        """
        if failure not in LEAVES or job.cancel_asked:
            return None
        offer = await self._target(tx, job)
        moved = await self._write(tx, job, offer) if offer else None
        if moved:
            await tx.attempts.close(job.id, job.attempt, str(failure), self._clock.now())
        return moved

    async def agree(self, person: Person, typed: str, most: int) -> Job | None:
        """Move a waiting job for up to `most` credits; None for one that does not wait.

        Raises a `Refused` where a limit is against it or nobody makes it for that; then it stays.
        """
        async with self._store.transaction() as tx:
            job = await seen_by(tx, self._desk.workspaces, person, typed)
            if job.state is not _S.WAITING:
                return None
            if job.person.id != person.id:
                raise UnknownThing("job:pay for", typed)
            await refuse_blocked(tx, person)
            offer = await self._agreed(tx, job, most)
            await self._admit(tx, person, job, offer)
            moved = await self._write(tx, job, offer)
        if moved is None:
            raise TooLate("move", job.state)
        return self._desk.moves.tell(moved)

    async def _agreed(self, tx: Unit, job: Job, most: int) -> Offer:
        found = await well(tx, job, self._others(job, most))
        if not found:
            raise TooLate("move", job.state)
        return found[0]

    def _others(self, job: Job, most: int) -> list[Offer]:
        """Whoever comes after a job's account and makes it for up to `most` credits."""
        others = self._desk.horizon.shop.others(job)
        return [offer for offer in others if offer.price <= most]

    async def _admit(self, tx: Unit, person: Person, job: Job, offer: Offer) -> None:
        """Raise a `Refused` where what a job costs more would go over a limit."""
        zone = (await self._desk.workspaces.of(tx, person.tenant)).zone
        more = Usage(credits=max(0, offer.price - job.offer.price))
        await self._desk.quotas.admit(tx, Asked(person, job.place, job.spec.model, more), zone)
        await self._desk.budgets.admit_instead(tx, person, job, offer)

    async def _target(self, tx: Unit, job: Job) -> Offer | None:
        """Where a job can go without asking anybody."""
        for offer in await well(tx, job, self._others(job, job.offer.price)):
            try:
                await self._desk.budgets.admit_instead(tx, job.person, job, offer)
            except BudgetSpent:
                continue
            return offer
        return None

    async def _write(self, tx: Unit, job: Job, offer: Offer) -> Job | None:
        """Terms, hold and card in one: what was held comes back, and the new price is held."""
        now = self._clock.now()
        due = max(now, job.not_before or 0)
        moved = await tx.jobs.reoffer(job, offer, now, f"failover:{offer.gate}", due)
        if moved is None:
            return None
        log.info("job %s moves from %s to %s", job.id, job.offer.gate, offer.gate)
        if job.offer.price:
            await tx.ledger.post(
                ledger.release(job.hold, job.person, job.offer.price, "moved", now, job.payer)
            )
        await self._desk.credits.hold(tx, moved)
        await tx.outbox.touch(card_key(job.id), job.id, job.place, now)
        await self._desk.budgets.watch(tx, moved)
        return moved


def _concerns(circuit: Circuit, job: Job) -> bool:
    """Whether a circuit, of an account or of one model of it, is in the way of a job."""
    return circuit.model in {"", job.offer.upstream_model}
