"""The real process, killed a hundred times at any moment while orders keep coming."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
from dataclasses import replace

import pytest

from tests.faults.books import read_books
from tests.faults.lives import KITE, QUICK, RAIN, Lab, Life, Plan, settings, side_by_side, until

pytestmark = [pytest.mark.kill, pytest.mark.timeout(240)]
ROUNDS = 5
STORIES = 3
DEATHS = 7
"""Of each story; all together there are more than a hundred."""
STARTING = 0.3
"""Share of lives that may end before they serve people."""
LONGEST = 0.7
"""Seconds; the jobs of one life take longer when nobody dies."""
ADVANCED_IN = 3.0
"""Seconds from the birth of a process to a step of each job that was due."""
FIRST = 3
"""Orders of the first life; each one after has one more."""
ORDERS = {f"order {number}": (KITE, RAIN)[number % 2] for number in range(FIRST + DEATHS)}
ROOM = replace(QUICK, slots=len(ORDERS))
"""A backend before which nobody has to wait, so that whatever is due can go on."""


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_whatever_moment_a_bot_dies_at_it_goes_on_soon_and_does_everything_once(
    lab: Lab, number: int
) -> None:
    async def story(seed: int) -> list[Life]:
        moments = random.Random(seed)  # noqa: S311 - the same moments in each run
        async with lab.installation(f"seed-{seed}", ROOM) as (home, backend):
            shutil.rmtree(home.data)  # making its tables is a moment too
            plan = Plan(settings(backend.url, renders_at_once=ROOM.slots), orders=ORDERS)
            deaths: list[Life] = []
            for asked in range(FIRST, FIRST + DEATHS):
                async with lab.lives.a_life(home, replace(plan, asked=asked)) as life:
                    # Some die while they start, most while they work.
                    await until(life.born if moments.random() < STARTING else life.is_ready)
                    await asyncio.sleep(moments.uniform(0, LONGEST))
                    life.kill()
                deaths.append(life)
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
        return [*deaths, last]

    seeds = range(number * STORIES, (number + 1) * STORIES)
    lives = [life for told in await side_by_side(*map(story, seeds)) for life in told]
    assert ROUNDS * sum(life.killed for life in lives) >= 100
    assert sum(len(life.due) for life in lives) > 0
    assert [late for life in lives for late in life.late(ADVANCED_IN * crowded())] == []


def crowded() -> float:
    """How many times longer everything takes because others use the machine too."""
    load, _, _ = os.getloadavg()
    return max(1.0, load / (os.cpu_count() or 1))
