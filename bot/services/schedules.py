"""Credits that admins let come by themselves."""

from __future__ import annotations

from bot.domain.audit import Change, Deed
from bot.domain.ledger import Owner
from bot.domain.refs import Person
from bot.domain.schedules import Schedule
from bot.errors import InvalidInput
from bot.ports import Clock, Store
from bot.services.audit import check, check_admin, noted
from bot.services.ledger import Credits, check_amount


class Schedules:
    """What is set holds at once, also for the present period."""

    def __init__(self, store: Store, clock: Clock, credits_: Credits) -> None:
        self._store = store
        self._clock = clock
        self._credits = credits_

    async def put(self, deed: Deed, schedule: Schedule, owner: Owner | None) -> None:
        """Set one in place of the one for the same subject; `owner` is None for everyone.

        A single owner gets the grant of this period now, if it has not come; everyone does within
        minutes.
        """
        check(deed)
        check_amount(schedule.amount)
        if schedule.cap is not None and schedule.cap < 1:
            raise InvalidInput("cap", str(schedule.cap), "1 or more")
        tenant, now = deed.person.tenant, self._clock.now()
        async with self._store.transaction() as tx:
            before = {one.subject: one for one in await tx.schedules.of(tenant)}
            change = Change(schedule.subject, typed(before.get(schedule.subject)), typed(schedule))
            if await noted(tx, deed, change, now):
                return
            await tx.schedules.put(tenant, schedule)
            if owner:
                await self._credits.allow(tx, owner)

    async def drop(self, deed: Deed, subject: str) -> bool:
        """End the one for a subject; False when there was none."""
        check(deed)
        tenant = deed.person.tenant
        async with self._store.transaction() as tx:
            before = {one.subject: one for one in await tx.schedules.of(tenant)}
            change = Change(subject, typed(before.get(subject)), "none")
            earlier = await noted(tx, deed, change, self._clock.now())
            if not earlier:
                await tx.schedules.drop(tenant, subject)
        return bool((earlier or change).before)

    async def all(self, admin: Person) -> tuple[Schedule, ...]:
        """What is set in the workspace, and what the settings give everyone, if it holds."""
        check_admin(admin)
        async with self._store.reading() as tx:
            return await self._credits.schedules(tx, admin.tenant)


def typed(schedule: Schedule | None) -> str:
    """A schedule as one would type it; "" for none."""
    if schedule is None:
        return ""
    cap = f" cap:{schedule.cap}" if schedule.cap is not None else ""
    expires = " expires" if schedule.expires else ""
    return f"{schedule.amount} per {schedule.period}{cap}{expires}"
