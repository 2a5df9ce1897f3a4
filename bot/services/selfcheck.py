"""The bot proves its own books: when it starts, each hour, and when an admin asks."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256

from bot import wording
from bot.domain import retry
from bot.domain.checks import Fault
from bot.domain.notices import Faults
from bot.domain.refs import Tenant
from bot.ports import Clock, Readable, Store
from bot.services.notices import Notices

INTERVAL = 60 * retry.MINUTE
"""Ms between two proofs."""
TOLD = 10
"""Faults that one notice names."""
_DAY = 24 * 60 * retry.MINUTE

log = logging.getLogger(__name__)
Report = Callable[[Tenant, Sequence[Fault]], Awaitable[object]]
"""Tells the admins of a workspace what is wrong with it."""


async def to_nobody(_tenant: Tenant, _faults: Sequence[Fault]) -> None:
    """A report where the log is enough."""


def to_admins(store: Store, notices: Notices, clock: Clock) -> Report:
    """A report as news in the channel for admins, once a day for each set of faults."""

    async def report(tenant: Tenant, faults: Sequence[Fault]) -> bool:
        today = clock.now() // _DAY
        keys = "\n".join(sorted(fault.key for fault in faults))
        # So that what was told today is not told again after a restart.
        name = f"faults/{tenant.key}/{today}/{sha256(keys.encode()).hexdigest()[:16]}"
        words = [fault.words for fault in faults[:TOLD]]
        more = [wording.more_faults(len(faults) - TOLD)] if len(faults) > TOLD else []
        async with store.transaction() as tx:
            return await notices.post(tx, tenant, name, Faults((*words, *more)))

    return report


class SelfCheck:
    """Reads only. What is wrong is logged each time, and reported once a day."""

    def __init__(self, store: Readable, clock: Clock, report: Report = to_nobody) -> None:
        self._store = store
        self._clock = clock
        self._report = report
        self._told: dict[tuple[Tenant, str], int] = {}

    async def run(self) -> tuple[Fault, ...]:
        """All that does not add up, logged and reported."""
        began = self._clock.now()
        faults = await self.faults()
        for fault in faults:
            log.error("the books of %s: %s", fault.tenant.key, fault.words)
        if not faults:
            log.info("the books add up, looked at in %s ms", self._clock.now() - began)
        await self._tell(faults)
        return faults

    async def faults(self) -> tuple[Fault, ...]:
        """All that does not add up, of all workspaces."""
        async with self._store.reading() as tx:
            return await tx.checks.faults()

    async def _tell(self, faults: Sequence[Fault]) -> None:
        """Each thing once a day, and in one go for each workspace."""
        today = self._clock.now() // _DAY
        self._told = {key: day for key, day in self._told.items() if day == today}
        new = [fault for fault in faults if (fault.tenant, fault.key) not in self._told]
        for tenant in dict.fromkeys(fault.tenant for fault in new):
            of_them = [fault for fault in new if fault.tenant == tenant]
            await self._report(tenant, of_them)
            self._told |= {(tenant, fault.key): today for fault in of_them}
