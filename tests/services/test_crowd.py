"""Two hundred orders at one moment: exactly as many are accepted as the limit allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.ports import JobFilter
from tests.fakes.core import PRICE, TENANT, Core, World, running
from tests.fakes.crowd import Limit, Plan, order, order_from

NAMES = [f"click {number}" for number in range(200)]
LIMITS = [
    pytest.param(Limit(7, quota=False), id="credits"),
    pytest.param(Limit(7, quota=True), id="quota"),
]


async def holds_exactly(core: Core, limit: Limit, accepted: set[str]) -> None:
    """Every hold has its job, and every job its hold."""
    async with core.store.reading() as tx:
        jobs = await tx.jobs.list(JobFilter(TENANT, limit=1000))
    assert {job.id for job in jobs} == accepted
    for job_id in accepted:
        assert await core.kinds(job_id) == ["hold"]
    held = len(accepted) * PRICE
    assert await core.purse() == (limit.options().allowance - held, held)
    assert await core.faults() == ()


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_crowd_in_one_process_gets_what_the_limit_allows(
    tmp_path: Path, limit: Limit
) -> None:
    async with running(World(tmp_path), limit.options()) as core:
        jobs = await order(core, NAMES)
        accepted = {job for job in jobs if job}
        assert len(accepted) == len(jobs) - jobs.count(None) == limit.videos
        await holds_exactly(core, limit, accepted)


def plans(url: str, folder: Path, limit: Limit, *names: list[str]) -> list[Plan]:
    return [
        Plan(url, str(folder), limit, some, first_id)
        for first_id, some in zip((1, 1000), names, strict=True)
    ]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("limit", LIMITS)
async def test_two_processes_together_get_what_the_limit_allows(
    tmp_path: Path, postgres_url: str, limit: Limit
) -> None:
    halves = plans(postgres_url, tmp_path, limit, NAMES[::2], NAMES[1::2])
    jobs = await order_from(*halves)
    accepted = {job for job in jobs if job}
    assert len(jobs) == len(NAMES)
    assert len(accepted) == len(jobs) - jobs.count(None) == limit.videos
    async with running(World(tmp_path, postgres_url), limit.options()) as core:
        await holds_exactly(core, limit, accepted)


@pytest.mark.timeout(60)
async def test_a_request_that_reaches_two_processes_is_one_order(
    tmp_path: Path, postgres_url: str
) -> None:
    limit, names = Limit(100, quota=False), NAMES[:50]
    jobs = await order_from(*plans(postgres_url, tmp_path, limit, names, names[::-1]))
    here, there = jobs[:50], jobs[50:]
    assert here == there[::-1]
    accepted = {job for job in jobs if job}
    assert len(accepted) == len(names)
    async with running(World(tmp_path, postgres_url), limit.options()) as core:
        await holds_exactly(core, limit, accepted)
