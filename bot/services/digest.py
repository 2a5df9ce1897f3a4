"""The best of each week, for the channel that admins chose."""

from __future__ import annotations

from datetime import datetime

from bot.domain import retry
from bot.domain.library import week_told
from bot.domain.notices import BestOfWeek
from bot.domain.refs import Place, Tenant
from bot.domain.workspaces import Choice
from bot.ports import Clock, Store
from bot.services.notices import Notices
from bot.services.workspaces import Workspaces

INTERVAL = 10 * retry.MINUTE
"""Ms between two looks at the calendar."""


class Digest:
    """Looks now and then whether a week is to be told of; each is told once, also after a crash."""

    def __init__(
        self, store: Store, clock: Clock, workspaces: Workspaces, notices: Notices
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._notices = notices

    async def run(self) -> int:
        """Put what is due on its way; returns in how many workspaces."""
        async with self._store.reading() as tx:
            chosen = await tx.workspaces.having(Choice.GALLERY)
        return sum([await self._tell(tenant, channel) for tenant, channel in chosen])

    async def _tell(self, tenant: Tenant, channel: str) -> bool:
        async with self._store.transaction() as tx:
            zone = (await self._workspaces.of(tx, tenant)).zone
            week = week_told(self._clock.now(), zone)
            if week is None or not await tx.library.top(tenant, *week, 1):
                return False
            # Named by its day alone: a week is told of once, whatever zone is chosen meanwhile.
            monday = datetime.fromtimestamp(week[0] / 1000, zone).date()
            name = f"best/{tenant.key}/{monday}"
            return await self._notices.post(
                tx, tenant, name, BestOfWeek(*week), Place(tenant, channel)
            )
