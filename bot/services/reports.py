"""Figures of what was made: for admins of all, for others of themselves."""

from __future__ import annotations

from collections.abc import Sequence

from bot import wording
from bot.domain.charts import Bar, BarChart
from bot.domain.messages import Attachment
from bot.domain.refs import Person, Tenant
from bot.domain.reports import By, Report, When, bounds, report_of
from bot.domain.usage import Usage, of_channel, of_person, of_provider
from bot.ports import Charts, Clock, Store, Unit
from bot.services.audit import check_admin
from bot.services.workspaces import Workspaces

_PREFIXES = {By.USER: of_person(""), By.CHANNEL: of_channel(""), By.PROVIDER: of_provider("")}


class Reports:
    """Counts as limits and budgets count, so that all of them say the same."""

    def __init__(self, store: Store, clock: Clock, workspaces: Workspaces) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces

    async def usage(self, admin: Person, by: By, span: When) -> Report:
        """What the workspace made in a span."""
        check_admin(admin)
        return await self._report(admin.tenant, by, span)

    async def month(self, viewer: Person) -> Report:
        """What people made this month; who is no admin sees only themselves in it."""
        whose = None if viewer.admin else viewer.id
        return await self._report(viewer.tenant, By.USER, When.MONTH, whose)

    async def _report(self, tenant: Tenant, by: By, span: When, only: str | None = None) -> Report:
        async with self._store.reading() as tx:
            zone = (await self._workspaces.of(tx, tenant)).zone
            since, until = bounds(span, self._clock.now(), zone)
            found = await self._found(tx, tenant, by, since, until)
        rows = [row for row in found if only is None or row[0] == only]
        return report_of(by, span, rows)

    async def _found(
        self, tx: Unit, tenant: Tenant, by: By, since: int, until: int
    ) -> list[tuple[str, Usage]]:
        if by is By.MODEL:
            return list(await tx.usage.models(tenant, since, until))
        prefix = _PREFIXES[by]
        found = await tx.usage.top(tenant, prefix, since, until)
        return [(scope.removeprefix(prefix), usage) for scope, usage in found]


async def picture_of(charts: Charts, found: Report, names: Sequence[str]) -> Attachment:
    """A report as bars; `names` are what people call its rows, in their order."""
    bars = [Bar(name, used.credits) for name, (_, used) in zip(names, found.rows, strict=True)]
    note = wording.span_words(found.span)
    chart = BarChart(wording.chart_title(found), wording.CREDITS, tuple(bars), note)
    name, alt = f"usage-by-{found.by}-{found.span}.png", wording.chart_alt(found)
    return Attachment(name, await charts.bars(chart), "image/png", alt)
