"""What backends take for the work, in real money beside the credits."""

import pytest

from bot.domain import ledger
from bot.domain.jobs import Failure, JobState
from bot.domain.ledger import Kind
from bot.services.moves import Ending
from bot.services.panel import Panel
from bot.services.reports import Reports
from bot.services.transfers import Transfers
from tests.fakes.charts import FakeCharts
from tests.fakes.core import ANA, MARA, TENANT, Core, World

EXPECTED = 800_000
"""USD·10⁻⁶ that the catalogue expects of the videos here."""


async def costs(core: Core) -> tuple[int, int]:
    """(owed to the backend, what jobs cost), always each other's opposite."""
    async with core.store.reading() as tx:
        owed = await tx.ledger.balance(ledger.owed_to(TENANT, "simulator"))
        return owed, await tx.ledger.balance(ledger.costs_at(TENANT, "simulator"))


async def rendered(core: Core, micros: int | None = None) -> str:
    core.world.provider.instant = True
    core.world.provider.cost_micros = micros
    job = (await core.create(ANA)).jobs[0]
    await core.wait(2_000)
    assert await core.state(job.id) is JobState.DONE
    return job.id


async def test_a_stored_video_costs_what_the_catalogue_expects(core: Core) -> None:
    await rendered(core)
    assert await costs(core) == (-EXPECTED, EXPECTED)
    assert await core.faults() == ()


async def test_a_stored_video_costs_what_the_backend_said(core: Core) -> None:
    await rendered(core, 123_456)
    await rendered(core)
    assert await costs(core) == (-123_456 - EXPECTED, 123_456 + EXPECTED)


@pytest.mark.parametrize(
    "charged, cost, booked", [(True, 5, 5), (True, None, EXPECTED), (False, 5, 0)]
)
async def test_a_failure_costs_only_what_the_backend_keeps(
    core: Core,
    charged: bool,  # noqa: FBT001 - a case
    cost: int | None,
    booked: int,
) -> None:
    job = (await core.create(ANA)).jobs[0]
    await core.work()
    ending = Ending(JobState.FAILED, Failure.RENDER_FAILED, "", charged, cost)
    assert await core.moves.end(await core.job(job.id), ending)
    assert await costs(core) == (-booked, booked)
    assert await core.purse(ANA) == (2000, 0)
    assert await core.faults() == ()


async def test_only_admins_see_real_money_and_none_of_it_as_credits(
    core: Core, world: World
) -> None:
    del world
    job = await rendered(core)
    reports = Reports(core.store, core.clock, core.workspaces)
    panel = Panel(core.store, core.quotas, reports, FakeCharts(), ())
    assert not [e for e in await panel.ledger(ANA, 100) if ledger.is_money(e.account)]
    seen = [e for e in await panel.ledger(MARA, 100) if e.kind is Kind.COST]
    assert [(e.amount, e.job_id) for e in seen] == [(EXPECTED, job), (-EXPECTED, job)]
    transfers = Transfers(core.store, core.clock, core.credits, core.videos)
    shown = await transfers.history(MARA, None)
    assert not [e for e in shown if ledger.is_money(e.account)]
