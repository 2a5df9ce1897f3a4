"""Puts news on its way to the channel that admins chose, or to one person."""

from __future__ import annotations

import logging

from bot.domain import retry
from bot.domain.notices import Notice, Posting
from bot.domain.refs import Place, Tenant
from bot.ports import Clock, Store, Unit
from bot.services.workspaces import Workspaces

LATE = 7 * 24 * 60 * retry.MINUTE
"""Age (ms) up to which news is still told once there is a channel for it."""

log = logging.getLogger(__name__)


def notice_key(notice_id: str) -> str:
    """Nonce of a notice's message."""
    return f"notice/{notice_id}"


async def tell(tx: Unit, notice_id: str, notice: Notice, to: Place, due_at: int) -> bool:
    """Tell whoever is at `to`, from `due_at` (ms) on, once for each id; False: told before."""
    if not await tx.notices.add(Posting(notice_id, to.tenant, notice, due_at)):
        return False
    await tx.outbox.touch(notice_key(notice_id), None, to, due_at)
    return True


class Notices:
    """Works within the transaction that the news is about."""

    def __init__(self, store: Store, workspaces: Workspaces, clock: Clock) -> None:
        self._store = store
        self._workspaces = workspaces
        self._clock = clock

    async def post(
        self, tx: Unit, tenant: Tenant, notice_id: str, notice: Notice, to: Place | None = None
    ) -> bool:
        """Tell admins, or whoever is at `to`, once for each id; False when it was told before.

        Without a channel for admins it waits for one, and the log has it meanwhile.
        """
        now = self._clock.now()
        if not await tx.notices.add(Posting(notice_id, tenant, notice, now)):
            return False
        place = to or await self._channel(tx, tenant)
        if place is None:
            log.warning("%s has no channel for alerts, so nobody is told: %s", tenant.key, notice)
        else:
            await tx.outbox.touch(notice_key(notice_id), None, place, now)
        return True

    async def changed(self, tx: Unit, notice_id: str) -> None:
        """There is something new about a notice that was posted: its message is edited."""
        seen = await tx.outbox.get(notice_key(notice_id))
        if seen:
            await tx.outbox.touch(seen.key, None, seen.place, self._clock.now())

    async def catch_up(self, tenant: Tenant) -> int:
        """There is a channel now: send what waited for one. Returns how much."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            place = await self._channel(tx, tenant)
            if place is None:
                return 0
            waiting = await tx.notices.unsent(tenant, now - LATE)
            for notice_id in waiting:
                await tx.outbox.touch(notice_key(notice_id), None, place, now)
        return len(waiting)

    async def _channel(self, tx: Unit, tenant: Tenant) -> Place | None:
        channel = (await self._workspaces.of(tx, tenant)).alerts
        return Place(tenant, channel) if channel else None
