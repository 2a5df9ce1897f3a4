"""Pausing, draining, stopping and resuming what a workspace makes.

An order, and the step that sends one, ask for a switch in their own transaction: what an admin
was told is in force from the moment of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import wording
from bot.domain import switches
from bot.domain.audit import Change, Deed
from bot.domain.jobs import HELD, UPSTREAM, Job, JobState, Offer
from bot.domain.refs import Tenant
from bot.domain.switches import HOLDS, REFUSES, Mode, Switch
from bot.errors import Closed, InvalidInput
from bot.ports import Clock, JobFilter, Store, Unit
from bot.services.audit import check, noted
from bot.services.moves import Ending, Moves, card_key, gate_key
from bot.services.shop import Shop

EVERY = 100_000
"""Live jobs of a workspace: as many as there are."""
S = JobState
_NOT_SENT = frozenset({S.ACCEPTED, S.WAITING})


@dataclass(frozen=True, slots=True)
class Thrown:
    """A switch that was set, and how many live jobs it found: not yet sent, and on their way."""

    switch: Switch
    waiting: int
    running: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """What goes on: whether a switch `was` set for `scope`, and what is `left` elsewhere.

    `tried`: gates of accounts in trouble that the next order tries again.
    """

    scope: str
    was: bool
    waiting: int
    left: tuple[Switch, ...]
    tried: tuple[str, ...] = ()


async def refuse_closed(tx: Unit, tenant: Tenant, offer: Offer, model: str) -> None:
    """Raise `Closed` where an admin wants no orders now."""
    found = switches.ruling(await tx.switches.of(tenant), REFUSES, offer.provider, model)
    if found:
        raise Closed(found.mode, found.scope, found.reason)


async def held_back(tx: Unit, job: Job) -> Switch | None:
    """What keeps a job from being sent now."""
    found = await tx.switches.of(job.person.tenant)
    return switches.ruling(found, HOLDS, job.offer.provider, job.spec.model)


class Switches:
    """The switches of a workspace."""

    def __init__(self, store: Store, clock: Clock, moves: Moves, shop: Shop) -> None:
        self._store = store
        self._clock = clock
        self._moves = moves
        self._shop = shop

    async def throw(self, deed: Deed, typed: str, mode: Mode) -> Thrown:
        """Pause, drain or stop what was typed, with the reason of the deed.

        Raises `InvalidInput` when there is nothing of that name.
        """
        check(deed)
        tenant, now = deed.person.tenant, self._clock.now()
        async with self._store.transaction() as tx:
            before = await tx.switches.of(tenant)
            scope = self._scope(typed, before)
            switch = Switch(scope, mode, deed.reason, deed.person.id, now)
            jobs = await _within(tx, tenant, scope)
            changed: list[Job | None] = []
            if not await noted(tx, deed, Change(scope, _mode(before, scope), mode), now):
                await tx.switches.put(tenant, switch)
                changed = [await self._hold(tx, job, mode, now) for job in jobs]
        for job in changed:
            self._moves.tell(job)
        waiting = sum(job.state in _NOT_SENT for job in jobs)
        return Thrown(switch, waiting, len(jobs) - waiting)

    async def resume(self, deed: Deed, typed: str) -> Resumed:
        """Let what was typed go on; what waits for it is taken up at once."""
        check(deed)
        tenant, now = deed.person.tenant, self._clock.now()
        async with self._store.transaction() as tx:
            before = await tx.switches.of(tenant)
            scope = self._scope(typed, before)
            jobs = [job for job in await _within(tx, tenant, scope) if job.state is S.WAITING]
            change = Change(scope, _mode(before, scope))
            earlier = await noted(tx, deed, change, now)
            tried: tuple[str, ...] = ()
            if not earlier:
                await self._let_go(tx, tenant, scope, jobs)
                tried = await _try_again(tx, scope, now)
        # One of each line is enough to move it, and the announcer with it.
        for job in {gate_key(job): job for job in jobs if (job.due_at or 0) <= now}.values():
            self._moves.tell(job)
        left = tuple(one for one in before if one.scope != scope)
        return Resumed(scope, bool((earlier or change).before), len(jobs), left, tried)

    async def _let_go(self, tx: Unit, tenant: Tenant, scope: str, jobs: list[Job]) -> None:
        await tx.switches.drop(tenant, scope)
        for job in jobs:
            await _tell_card(tx, job, self._clock.now())

    def _scope(self, typed: str, known: tuple[Switch, ...]) -> str:
        """Models and providers of the catalogue, and what is switched although it has left it."""
        there = [*self._shop.scopes(), *(switch.scope for switch in known)]
        scope = switches.scope_named(typed, there)
        if scope is None:
            names = dict.fromkeys(switches.named(one) for one in (switches.EVERYTHING, *there))
            raise InvalidInput("what", typed, wording.one_of(names))
        return scope

    async def _hold(self, tx: Unit, job: Job, mode: Mode, now: int) -> Job | None:
        """What a switch does to one live job; None when nothing about it changes."""
        if mode is Mode.STOP:
            return await self._stop(tx, job, now)
        if job.state is not S.WAITING:
            return None
        await _tell_card(tx, job, now)
        return job

    async def _stop(self, tx: Unit, job: Job, now: int) -> Job | None:
        if job.state in _NOT_SENT:
            return await self._moves.write_end(tx, job, Ending(S.CANCELLED, None), now)
        if job.state not in UPSTREAM or job.cancel_asked:
            return None
        # As with any wish to cancel: the worker stops it as soon as there is something to stop.
        due = now if job.state in {S.QUEUED, S.RENDERING} else job.due_at
        return await self._moves.write(
            tx, job, job.state, "stop:asked", now, cancel_asked=True, due_at=due
        )


async def _within(tx: Unit, tenant: Tenant, scope: str) -> tuple[Job, ...]:
    """Live jobs that a scope covers and that are not made yet."""
    live = await tx.jobs.list(JobFilter(tenant, states=HELD, limit=EVERY))
    return tuple(j for j in live if switches.covers(scope, j.offer.provider, j.spec.model))


async def _try_again(tx: Unit, scope: str, now: int) -> tuple[str, ...]:
    """Let the next order show whether accounts in trouble are well again; returns their gates."""
    tried = [
        circuit
        for circuit in await tx.circuits.open()
        if scope in {switches.EVERYTHING, switches.for_provider(circuit.provider)}
    ]
    for circuit in tried:
        await tx.circuits.put(circuit.soon(now))
    return tuple(dict.fromkeys(circuit.gate for circuit in tried))


async def _tell_card(tx: Unit, job: Job, now: int) -> None:
    await tx.outbox.touch(card_key(job.id), job.id, job.place, now)


def _mode(known: tuple[Switch, ...], scope: str) -> str:
    return next((switch.mode for switch in known if switch.scope == scope), "")
