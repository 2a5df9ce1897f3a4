"""What admins see of the jobs of their workspace: all of them, also private ones."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.circuits import Circuit
from bot.domain.jobs import LIVE, UNCOUNTED, Job, JobState
from bot.domain.refs import Person
from bot.ports import JobFilter, Store
from bot.services.audit import check_admin


class Which(StrEnum):
    """Which jobs an admin looks at."""

    LIVE = "live"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    FAILED = "failed"
    ALL = "all"


STATES: Mapping[Which, frozenset[JobState] | None] = {
    Which.LIVE: LIVE,
    Which.UNKNOWN: frozenset({JobState.SUBMIT_UNKNOWN}),
    Which.WAITING: frozenset({JobState.ACCEPTED, JobState.WAITING}),
    Which.FAILED: UNCOUNTED,
    Which.ALL: None,
}


class Overview:
    """Looks, and changes nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def jobs(
        self, admin: Person, which: Which, limit: int, of: Person | None = None
    ) -> tuple[Job, ...]:
        """The newest jobs in those states, of everybody or `of` one person."""
        check_admin(admin)
        person_id = of.id if of else None
        async with self._store.reading() as tx:
            wanted = JobFilter(admin.tenant, person_id, STATES[which], limit=limit)
            return await tx.jobs.list(wanted)

    async def troubles(self, admin: Person) -> tuple[Circuit, ...]:
        """Accounts of backends, and models of them, to which nothing is sent now."""
        check_admin(admin)
        async with self._store.reading() as tx:
            return await tx.circuits.open()
