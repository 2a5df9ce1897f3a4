"""The real process, killed again and again at any moment, with several jobs under way."""

from __future__ import annotations

import asyncio
import random
import shutil

import pytest

from tests.faults.books import read_books
from tests.faults.lives import KITE, RAIN, Lab, Plan, settings, side_by_side, until

pytestmark = [pytest.mark.kill, pytest.mark.timeout(240)]
SEEDS = 6
DEATHS = 4
LONGEST = 1.0
"""Seconds; three jobs take somewhat longer when nobody dies."""
ORDERS = {
    "first": KITE,
    "its twin": KITE,
    "another": RAIN,
}


async def test_three_jobs_survive_deaths_at_random_moments(lab: Lab) -> None:
    async def story(seed: int) -> None:
        moments = random.Random(seed)  # noqa: S311 - the same moments in each run
        async with lab.installation(f"seed-{seed}") as (home, backend):
            shutil.rmtree(home.data)  # making its tables is a moment too
            plan = Plan(settings(backend.url), orders=ORDERS)
            for _ in range(DEATHS):
                async with lab.lives.a_life(home, plan) as life:
                    await until(life.born)
                    await asyncio.sleep(moments.uniform(0, LONGEST))
                    life.kill()
                if life.was_ready:
                    (await read_books(home)).adds_up()
            last = await lab.lives.lived_to_rest(home, plan)
            stats = await backend.stats()
        books = await read_books(home)
        ordered = [job_id for ids in last.answers.values() for job_id in ids]
        assert sorted(job.id for job in books.jobs) == sorted(ordered)
        books.is_whole()
        for job in books.jobs:
            books.is_delivered(job)
        books.was_ordered_once(stats)

    await side_by_side(*map(story, range(SEEDS)))
