"""The real process, killed at every commit of an order: one video, one charge, nothing lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

import pytest

from adapters.providers.simulator.faults import Fault, Kind
from tests.faults.books import read_books
from tests.faults.lives import ORDER, Lab, Life, Plan, settings, side_by_side

pytestmark = [pytest.mark.kill, pytest.mark.timeout(240)]
Moment = Literal["before", "after"]
Death = list[str]
"""What was in the commit at which a process died; empty when it lived on."""
MOMENTS: tuple[Moment, ...] = ("before", "after")

OF_A_CREATE = (
    "accepted",
    "gate:open",
    "posts-card",
    "submit:taken",
    "poll:finished",
    "file:verified",
    "posts-result",
    "delivery:posted",
)
"""What a create surely commits on its way, however its steps fall in between each other."""
OF_A_REFUSAL = ("accepted", "gate:open", "posts-card", "end:moderated")
REFUSED = Fault(Kind.REFUSED, times=0)


async def commits_of(lab: Lab, *faults: Fault) -> int:
    """How many commits an order takes when nobody dies."""
    async with lab.installation("undisturbed") as (home, backend):
        await backend.plan(*faults)
        life = await lab.lives.lived_to_rest(home, Plan(settings(backend.url)))
    return len(life.commits)


async def killed_everywhere(
    commits: int, stations: tuple[str, ...], story: Callable[[int | str], Awaitable[Death]]
) -> int:
    """Tell the story with a death at each commit; returns how many died.

    Steps overlap, so numbers may miss a station that the undisturbed life had: those by name.
    """
    deaths = await side_by_side(*[story(number) for number in range(1, commits + 1)])
    missed = set(stations) - {name for death in deaths for name in death}
    deaths += await side_by_side(*[story(name) for name in missed])
    assert set(stations) <= {name for death in deaths for name in death}
    return sum(map(bool, deaths))


def death_of(life: Life) -> Death:
    """How a life ended that was to kill itself, unless it had fewer commits than others."""
    assert life.killed == bool(life.fatal), life.told
    return life.fatal


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_bot_killed_at_any_commit_of_a_create_makes_one_video_and_charges_once(
    lab: Lab, moment: Moment
) -> None:
    async def story(commit: int | str) -> Death:
        async with lab.installation(f"killed-{commit}") as (home, backend):
            plan = Plan(settings(backend.url))
            first = await lab.lives.lived(home, plan.killed(commit, moment))
            (await read_books(home)).adds_up()
            second = await lab.lives.lived_to_rest(home, plan)
            stats = await backend.stats()
        books = await read_books(home)
        was_told = first.answers.get(ORDER, second.answers[ORDER])
        assert [job.id for job in books.jobs] == second.answers[ORDER] == was_told
        books.is_whole()
        books.is_delivered(books.jobs[0])
        books.was_ordered_once(stats)
        return death_of(first)

    deaths = await killed_everywhere(await commits_of(lab), OF_A_CREATE, story)
    assert deaths >= len(OF_A_CREATE)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_bot_killed_at_any_commit_of_a_refusal_gives_the_credits_back_once(
    lab: Lab, moment: Moment
) -> None:
    async def story(commit: int | str) -> Death:
        async with lab.installation(f"killed-{commit}") as (home, backend):
            await backend.plan(REFUSED)
            plan = Plan(settings(backend.url))
            first = await lab.lives.lived(home, plan.killed(commit, moment))
            (await read_books(home)).adds_up()
            await lab.lives.lived_to_rest(home, plan)
            assert (await backend.stats())["accepted"] == 0
        books = await read_books(home)
        books.is_whole()
        books.is_given_back(books.jobs[0])
        assert "refused" in books.card(books.jobs[0])
        return death_of(first)

    await killed_everywhere(await commits_of(lab, REFUSED), OF_A_REFUSAL, story)


async def test_a_bot_killed_again_while_it_recovers_still_makes_one_video(lab: Lab) -> None:
    async def story(commit: int | str, again: int) -> Death:
        async with lab.installation(f"killed-{commit}-{again}") as (home, backend):
            plan = Plan(settings(backend.url))
            await lab.lives.lived(home, plan.killed(commit, "after"))
            recovering = Plan(settings(backend.url), from_start=True)
            second = await lab.lives.lived(home, recovering.killed(again, "after"))
            (await read_books(home)).adds_up()
            await lab.lives.lived_to_rest(home, plan)
            stats = await backend.stats()
        books = await read_books(home)
        books.is_whole()
        books.is_delivered(books.jobs[0])
        books.was_ordered_once(stats)
        return death_of(second)

    first = ("gate:open", "submit:taken", "file:verified", "posts-result")
    pairs = [(commit, again) for commit in first for again in (1, 2, 3)]
    deaths = await side_by_side(*[story(*pair) for pair in pairs])
    assert all(deaths)
