"""Ten thousand spends, restarts and a new month in between: each alert is told exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.domain.budgets import THRESHOLDS, Budget
from bot.domain.jobs import Job
from bot.domain.notices import BudgetAlert
from bot.domain.quotas import Period
from bot.domain.usage import WORKSPACE, of_channel, of_provider
from bot.domain.workspaces import Choice
from storage.store import SqlStore, open_store
from storage.tables import outbox
from tests.fakes.clock import FakeClock
from tests.fakes.core import ANA, STUDIO, Core, Options, World
from tests.fakes.deeds import deed
from tests.fakes.inline import one_thread
from tests.fakes.orders import JOB

LIVES = 4
"""Of the core, two in each month."""
COST = 100_000
"""USD·10⁻⁶ of each."""
ORDER = 10
"""Spends after which the budgets are looked at once, as after an order of that many."""
BATCH = 10
"""Orders in one transaction."""
MONTH = 31 * 24 * 3_600_000


def caps(spends: int) -> dict[str, int]:
    """Budgets that are spent in each month, one of them twice."""
    half = spends // 2 * COST
    return {
        WORKSPACE: half,
        of_channel(STUDIO.channel): half // 2,
        of_provider("simulator"): half - COST,
    }


@dataclass
class Till:
    """Stores jobs that cost something, as orders do, and lets the real budgets watch them."""

    folder: Path
    url: str
    clock: FakeClock
    spent: int = 0

    @asynccontextmanager
    async def life(self) -> AsyncGenerator[Core]:
        """One life of the core, at which nobody works."""
        store = await open_store(self.url)
        yield Core(World(self.folder, self.url, self.clock), store, Options())
        await store.aclose()

    async def spend(self, core: Core, number: int) -> None:
        """So many jobs, in transactions of several orders."""
        end = self.spent + number
        while self.spent < end:
            async with core.store.transaction() as tx:
                for _ in range(BATCH):
                    jobs = [self._next() for _ in range(ORDER)]
                    for job in jobs:
                        await tx.jobs.add(job)
                    await core.budgets.watch(tx, jobs[0])

    def _next(self) -> Job:
        self.spent += 1
        name, now = f"s{self.spent:09}", self.clock.now()
        offer = replace(JOB.offer, cost=COST)
        times = {"accepted_at": now, "updated_at": now}
        return replace(
            JOB, id=name, interaction=name, person=ANA, place=STUDIO, offer=offer, **times
        )


async def alerts(core: Core) -> Sequence[BudgetAlert]:
    """All that is on its way to the admins' channel, each as often as it would be sent."""
    assert isinstance(core.store, SqlStore)
    async with core.store.database.reading() as connection:
        wanted = select(outbox.c.key, outbox.c.revision).where(outbox.c.job_id.is_(None))
        sent = (await connection.execute(wanted)).all()
    async with core.store.reading() as tx:
        postings = [
            await tx.notices.get(row.key.removeprefix("notice/"))
            for row in sent
            for _ in range(row.revision)
        ]
    found = [one.notice for one in postings if one]
    return [notice for notice in found if isinstance(notice, BudgetAlert)]


async def set_up(core: Core, budgets: dict[str, int]) -> None:
    await core.workspaces.choose(deed(), Choice.ALERTS, "admins")
    for scope, cap in budgets.items():
        await core.budgets.set(deed(), Budget(scope, Period.MONTH, cap))


async def live_two_months(till: Till, spends: int) -> Sequence[BudgetAlert]:
    """Spend as much in each of several lives; returns all that was told."""
    told: Sequence[BudgetAlert] = ()
    for life in range(LIVES):
        if life == LIVES // 2:
            till.clock.advance(MONTH)
        async with till.life() as core:
            await till.spend(core, spends // LIVES)
            told = await alerts(core)
    return told


async def tells_once(till: Till, spends: int) -> None:
    """Every threshold of every budget in both months, by the order that reached it."""
    async with till.life() as core:
        await set_up(core, caps(spends))
    told = await live_two_months(till, spends)
    assert Counter((alert.scope, alert.percent) for alert in told) == {
        (scope, percent): 2 for scope in caps(spends) for percent in THRESHOLDS
    }
    assert len({(alert.scope, alert.percent, alert.ends_at) for alert in told}) == len(told)
    for alert in told:
        due = alert.percent * alert.cap / 100
        assert due <= alert.spent < due + ORDER * COST


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_ten_thousand_spends_tell_of_each_threshold_once_in_a_month(tmp_path: Path) -> None:
    with one_thread():
        till = Till(tmp_path, f"sqlite:///{tmp_path / 'bot.db'}", FakeClock())
        await tells_once(till, 10_000)


@pytest.mark.slow
@pytest.mark.timeout(60)
async def test_a_server_tells_of_each_threshold_once_in_a_month_too(
    tmp_path: Path, postgres_url: str
) -> None:
    await tells_once(Till(tmp_path, postgres_url, FakeClock()), 800)
