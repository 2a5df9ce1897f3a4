"""The real process, killed again and again at any moment, with several jobs under way."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.faults.books import read_books
from tests.faults.commands import simulator
from tests.faults.lives import KITE, Home, Life, Nursery, Plan, settings, until

pytestmark = [pytest.mark.kill, pytest.mark.timeout(240)]
DEATHS = 4
LONGEST = 2.0
"""Seconds; about as long as three jobs take when nobody dies."""
ORDERS = {
    "first": KITE,
    "its twin": KITE,
    "another": {"prompt": "an old lighthouse in the rain", "seconds": "4"},
}


@pytest.mark.parametrize("seed", range(4))
async def test_three_jobs_survive_deaths_at_random_moments(
    lives: Nursery, tmp_path: Path, seed: int
) -> None:
    moments = random.Random(seed)  # noqa: S311 - the same moments in each run
    home = Home(tmp_path)
    async with simulator(home) as backend:
        plan = Plan(settings(backend.url), orders=ORDERS)
        lived: list[Life] = []
        for _ in range(DEATHS):
            async with lives.a_life(home, plan) as life:
                await until(lambda life=life: life.born())
                await asyncio.sleep(moments.uniform(0, LONGEST))
                life.kill()
            lived.append(life)
        assert any(life.killed for life in lived)
        last = await lives.lived_to_rest(home, plan)
        stats = await backend.stats()
    books = await read_books(home)
    ordered = [job_id for ids in last.answers.values() for job_id in ids]
    assert sorted(job.id for job in books.jobs) == sorted(ordered)
    books.is_whole()
    for job in books.jobs:
        books.is_delivered(job)
    assert stats["accepted"] == len(ORDERS)
