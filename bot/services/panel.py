"""Read views for an operator's page: jobs, gallery, ledger, usage, health."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot import wording
from bot.domain import ledger
from bot.domain.jobs import LIVE, UPSTREAM, Job, JobState, may_see
from bot.domain.ledger import Entry
from bot.domain.library import Cursor, Exhibit, LibraryFilter
from bot.domain.messages import Attachment
from bot.domain.refs import Person
from bot.domain.reports import Report
from bot.domain.styles import Style
from bot.ports import Charts, JobFilter, Store
from bot.services.library import page_of
from bot.services.quotas import Quotas
from bot.services.reports import Reports, picture_of

Check = Callable[[], Awaitable[tuple[str, str, bool]]]
"""What is watched, how it is in words, and whether that is fine."""


class Panel:
    """Shows nothing of others that is private, except to admins."""

    def __init__(
        self,
        store: Store,
        quotas: Quotas,
        reports: Reports,
        charts: Charts,
        checks: Sequence[Check],
    ) -> None:
        self._store = store
        self._quotas = quotas
        self._reports = reports
        self._charts = charts
        self._checks = checks

    async def jobs(self, viewer: Person, limit: int) -> Sequence[Job]:
        """The workspace's jobs, newest first."""
        async with self._store.reading() as tx:
            found = await tx.jobs.list(JobFilter(viewer.tenant, limit=limit))
        return [job for job in found if may_see(viewer, job)]

    async def gallery(self, which: LibraryFilter) -> tuple[Sequence[Exhibit], Cursor | None]:
        """Finished videos by filter, and where the next page begins; None at the end."""
        async with self._store.reading() as tx:
            page = await page_of(tx, which)
            names = [one.job.id for one in page.found]
            liked = await tx.likes.among(names, which.asker)
            remixes = await tx.library.remixes(which.asker.tenant, names)
        shown = [
            Exhibit(one, one.job.id in liked, remixes.get(one.job.id, 0)) for one in page.found
        ]
        return shown, page.following

    async def ledger(self, viewer: Person, limit: int) -> Sequence[Entry]:
        """The viewer's own statement; an admin's is of the whole workspace."""
        async with self._store.reading() as tx:
            if viewer.admin:
                return await tx.ledger.journal(viewer.tenant, limit)
            return await tx.ledger.statement(ledger.credits_of(viewer), limit)

    async def usage(self, viewer: Person) -> Report:
        """What was made this month; of others only for admins."""
        return await self._reports.month(viewer)

    async def picture(self, usage: Report) -> Attachment | None:
        """The same as bars; None where nothing was made."""
        if not usage.rows:
            return None
        return await picture_of(self._charts, usage, [f"@{name}" for name, _ in usage.rows])

    async def wallet(self, viewer: Person) -> tuple[int, int]:
        """Credits to spend, and credits held by running jobs; a newcomer's account is opened."""
        allowance = await self._quotas.standing(viewer)
        return (allowance.available, allowance.held)

    async def styles(self, viewer: Person) -> Sequence[Style]:
        """Those of the viewer's workspace, by name."""
        async with self._store.reading() as tx:
            return await tx.styles.all(viewer.tenant)

    async def health(self) -> Sequence[tuple[str, str, bool]]:
        """The ledger, the line, and whatever bootstrap added."""
        return [await self._books(), await self._line(), *[await check() for check in self._checks]]

    async def _books(self) -> tuple[str, str, bool]:
        async with self._store.reading() as tx:
            faults = await tx.ledger.check()
        return (wording.HEALTH_LEDGER, wording.health_ledger(faults), not faults)

    async def _line(self) -> tuple[str, str, bool]:
        async with self._store.reading() as tx:
            live = await tx.jobs.in_state(LIVE, 1000)
        unknown = sum(job.state is JobState.SUBMIT_UNKNOWN for job in live)
        waiting = sum(job.state is JobState.WAITING for job in live)
        running = sum(job.state in UPSTREAM for job in live)
        return (wording.HEALTH_LINE, wording.health_line(waiting, running, unknown), not unknown)
