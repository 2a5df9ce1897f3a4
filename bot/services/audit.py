"""The audit: who did what as an admin, written together with what it changed.

Every service that changes something as an admin takes a `Deed` in place of the admin, and does
two things with it::

    check(deed)
    async with self._store.transaction() as tx:
        change = Change(person.id, "5 videos per day", "9 videos per day")
        if not await noted(tx, deed, change, now):
            ...  # the change itself

Its handler makes the deed with `bot.commands.values.deed_of`. A deed that is refused raises a
`Refused`, as anything else does; `bot.commands.dispatch` writes the record of that.
"""

from __future__ import annotations

from bot.domain import audit
from bot.domain.audit import Change, Deed, Record
from bot.domain.refs import Person
from bot.errors import NotAllowed, Refused
from bot.ports import Clock, Store, Unit


def check(deed: Deed) -> None:
    """Raise `NotAllowed` when it is not an admin's."""
    check_admin(deed.person)


def check_admin(person: Person) -> None:
    """Raise `NotAllowed` for everybody else."""
    if not person.admin:
        raise NotAllowed("admin")


async def noted(tx: Unit, deed: Deed, change: Change, now: int) -> Change | None:
    """Write the record of a deed, in the transaction that does it.

    A request that comes twice is one deed. The second time nothing is written, and nothing is to
    be done: what comes back is the change as it was the first time.
    """
    earlier = await tx.audit.add(audit.done(deed, change, now))
    return earlier.change if earlier else None


class Audit:
    """Shows the records of a workspace, and keeps what was refused."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def refused(self, deed: Deed, wish: Change, no: Refused) -> None:
        """Write the record of a deed that came to nothing."""
        record = audit.refused(deed, wish, type(no).__name__, self._clock.now())
        async with self._store.transaction() as tx:
            await tx.audit.add(record)

    async def newest(
        self, admin: Person, limit: int, of: Person | None = None
    ) -> tuple[Record, ...]:
        """The newest records, the newest first; with `of`, those by somebody or about them."""
        check_admin(admin)
        async with self._store.reading() as tx:
            return await tx.audit.newest(admin.tenant, limit, of.id if of else None)
