"""Blocking: who may look but order nothing. Asked in the transaction that accepts an order."""

from __future__ import annotations

from bot import wording
from bot.domain.audit import Change, Deed
from bot.domain.blocks import Block
from bot.domain.jobs import HELD
from bot.domain.refs import Person
from bot.errors import Blocked, InvalidInput
from bot.ports import Clock, JobFilter, Store, Unit
from bot.services.audit import check, noted

BLOCKED = "blocked"
"""A block in the audit."""
COUNTED = 1_000
"""Jobs of one person that are counted at most."""


async def refuse_blocked(tx: Unit, person: Person) -> None:
    """Raise `Blocked` for somebody who may spend nothing."""
    block = await tx.blocks.of(person)
    if block:
        raise Blocked(person.name or person.id, block.reason)


class Blocks:
    """Blocks of a workspace."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def block(self, deed: Deed, person: Person) -> int:
        """Let somebody order nothing from now on, for the reason of the deed.

        Returns how many jobs they still have: those stay. Raises `InvalidInput` for oneself.
        """
        check(deed)
        if person == deed.person:
            raise InvalidInput("person", wording.called(person), wording.SOMEBODY_ELSE)
        now = self._clock.now()
        block = Block(person.id, deed.reason, deed.person.id, now)
        async with self._store.transaction() as tx:
            before = BLOCKED if await tx.blocks.of(person) else ""
            if not await noted(tx, deed, Change(person.id, before, BLOCKED), now):
                await tx.blocks.put(person.tenant, block)
            mine = JobFilter(person.tenant, person.id, HELD, limit=COUNTED)
            return len(await tx.jobs.list(mine))

    async def unblock(self, deed: Deed, person: Person) -> bool:
        """Let somebody order again; False when they could."""
        check(deed)
        async with self._store.transaction() as tx:
            change = Change(person.id, BLOCKED if await tx.blocks.of(person) else "")
            earlier = await noted(tx, deed, change, self._clock.now())
            if not earlier:
                await tx.blocks.drop(person)
        return bool((earlier or change).before)
