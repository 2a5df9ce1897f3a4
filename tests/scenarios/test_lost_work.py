"""Work without a video: what it costs at each backend, and that no person pays for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.providers.simulator.faults import Fault, Kind
from bot.domain.jobs import JobState
from tests.fakes.backends import DIALECTS
from tests.fakes.core import ALLOWANCE, ANA, PRICE
from tests.fakes.provider_story import Stage, stage
from tests.fakes.provider_table import PAGE

S = JobState
_HEAD = "| Backend | moderated | failed | cancelled |"


def _table() -> dict[str, tuple[str, ...]]:
    """What the page says that each backend takes for moderated, failed and cancelled work."""
    _, _, below = PAGE.read_text("utf-8").partition(_HEAD)
    rows = [line.split("|")[1:5] for line in below.split("\n\n")[0].splitlines()[2:]]
    return {name.strip(" `"): tuple(cell.strip() for cell in cells) for name, *cells in rows}


TABLE = _table()


async def moderated(on: Stage) -> None:
    on.plan(Fault(Kind.MODERATED))
    assert await on.core.state(await on.order()) is S.MODERATED


async def failed(on: Stage) -> None:
    on.plan(Fault(Kind.FAILED))
    assert await on.core.state(await on.order()) is S.FAILED


async def cancelled(on: Stage) -> None:
    on.plan(Fault(Kind.NEVER_ENDS))
    job = (await on.core.create()).jobs[0]
    await on.core.wait(30_000)
    assert await on.core.state(job.id) in {S.QUEUED, S.RENDERING}
    await on.core.videos.cancel(ANA, job.id)
    assert await on.rest(job.id) is S.CANCELLED


WAYS = (moderated, failed, cancelled)


@pytest.mark.parametrize("way", range(len(WAYS)), ids=[way.__name__ for way in WAYS])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_came_to_nothing_costs_the_workspace_what_the_page_says_and_nobody_else(
    dialect: str, way: int, tmp_path: Path
) -> None:
    async with stage(dialect, tmp_path) as on:
        await WAYS[way](on)
        assert await on.core.purse() == (ALLOWANCE, 0)
        assert not await on.core.faults()
        said = TABLE[dialect][way]
        assert await on.core.lost() == {"nothing": 0, "its price": PRICE}[said]


def test_the_page_says_it_of_every_backend() -> None:
    assert list(TABLE) == list(DIALECTS)
