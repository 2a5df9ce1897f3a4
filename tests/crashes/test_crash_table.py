"""A crash anywhere, and another one anywhere after it, whatever backends and chats do meanwhile."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.jobs import JobState
from tests.crashes.lives import CALLS, Life, Past
from tests.crashes.stories import (
    BACKENDS,
    CANCEL_AT_ANY_GATE,
    CREATE,
    EXTENSIONS,
    FAULTS,
    MOODS,
    REMOVALS,
    STORIES,
    TAKE_BACK,
    Case,
    Fault,
    Mood,
    Story,
)
from tests.crashes.table import Gates, Report, plan_of, pressed, rows, tried
from tests.fakes.memory_store.tables import JOBS, View

PAGE = Path(__file__).parents[2] / "docs/job-life.md"
# Thousands of scenarios each; a busy machine takes a while.
pytestmark = pytest.mark.timeout(90)
LOST = next(fault for fault in FAULTS if fault.name == "answer lost")
FAILED = next(fault for fault in FAULTS if fault.end is JobState.FAILED)
UNCERTAIN = ("none", "answer lost", "fault inside")
"""Faults for which it matters how what was taken can be found again."""
PAIRS = (
    *(
        Case(CREATE, backend, fault)
        for backend in BACKENDS
        for fault in FAULTS
        if backend not in {"lists some", "finds"} or fault.name in UNCERTAIN
    ),
    *(Case(CREATE, mood=mood) for mood in MOODS[1:]),
)
"""A create with no crash, one or two."""
MIXED = tuple(
    tuple(Case(CREATE, fault=fault, mood=mood) for mood in MOODS[1:]) for fault in FAULTS[1:]
)
"""A fault of the backend and one of the chat, with no crash or one; in groups by the first."""
TELLING = {
    *("none", "answer lost", "fault inside", "busy", "failed", "file torn"),
    *("card's answer lost", "result's answer lost", "busy for results", "channel gone"),
}
"""What goes another way for jobs of other kinds than the plainest create."""
OTHERS = tuple(
    cases
    for story in STORIES[1:]
    for cases in (
        tuple(Case(story, fault=fault) for fault in FAULTS if fault.name in TELLING),
        tuple(Case(story, "lists nothing", mood=mood) for mood in MOODS if mood.name in TELLING),
    )
)
"""Everything else that people do, with faults and no crash or one: two groups for each story."""
EXTENDED = tuple(
    Case(story, fault=fault, settled=True)
    for story in EXTENSIONS
    for fault in FAULTS
    if fault.name in {"none", "answer lost", "file torn"}
)
"""A video that goes on, with faults and no crash or one, once it was made."""
AT_LEAST = 50_000
"""Rows of `PAIRS`."""


async def test_the_table_is_as_large_as_it_is_said_to_be() -> None:
    assert sum([await rows(case) for case in PAIRS]) >= AT_LEAST


def named(cases: Case | tuple[Case, ...]) -> str:
    return str(cases) if isinstance(cases, Case) else str(cases[0])


def told(story: Story) -> Case:
    """A story as it goes where nothing comes between: a retry needs something that failed."""
    return Case(story, fault=FAILED if story.name == "retry" else FAULTS[0])


async def of_all(cases: tuple[Case, ...]) -> Report:
    report = Report()
    for case in cases:
        report += await tried(case, 1)
    return report


@pytest.mark.usefixtures("flawless")
@pytest.mark.parametrize("case", PAIRS, ids=named)
async def test_a_create_outlives_any_two_crashes(case: Case) -> None:
    report = await tried(case, 2)
    assert not report.faults
    assert report.scenarios > 150


@pytest.mark.parametrize("backend", BACKENDS)
async def test_what_is_counted_as_tried_is_every_place_after_every_place(backend: str) -> None:
    case = Case(CREATE, backend, LOST)
    assert (await tried(case, 2)).scenarios == await rows(case)


@pytest.mark.usefixtures("flawless")
@pytest.mark.parametrize("downtime", [0, -2_000, 3_600_000])
async def test_a_clock_that_is_set_between_two_lives_doubles_nothing(downtime: int) -> None:
    for case in (Case(CREATE), Case(CREATE, fault=LOST), Case(CREATE, "lists nothing")):
        report = await tried(case, 1, replace(plan_of(case), downtime=downtime))
        assert not report.faults


@pytest.mark.usefixtures("flawless")
@pytest.mark.parametrize("cases", MIXED, ids=named)
async def test_a_create_outlives_a_crash_while_backend_and_chat_fail(
    cases: tuple[Case, ...],
) -> None:
    report = await of_all(cases)
    assert not report.faults
    assert report.scenarios > 25 * len(cases)


@pytest.mark.usefixtures("flawless")
@pytest.mark.parametrize("cases", OTHERS, ids=named)
async def test_whatever_people_do_outlives_a_crash(cases: tuple[Case, ...]) -> None:
    report = await of_all(cases)
    assert not report.faults
    assert report.scenarios > 10 * len(cases)


@pytest.mark.usefixtures("flawless")
@pytest.mark.parametrize("case", EXTENDED, ids=named)
async def test_a_video_that_goes_on_outlives_a_crash(case: Case) -> None:
    report = await tried(case, 1)
    assert not report.faults
    assert report.scenarios > 30


@pytest.mark.usefixtures("flawless")
@pytest.mark.parametrize("story", STORIES[1:], ids=lambda story: story.name)
async def test_whatever_people_do_outlives_any_two_crashes(story: Story) -> None:
    """What follows an end begins there: two crashes on the way to it are those of a create."""
    case = replace(told(story), settled=story.follows)
    report = await tried(case, 2)
    assert not report.faults
    assert report.scenarios > 30


@pytest.mark.usefixtures("flawless")
@pytest.mark.parametrize("backend", ["lists all", "lists nothing"])
async def test_a_cancel_in_the_middle_of_anything_outlives_a_crash(backend: str) -> None:
    report = await pressed(Case(CANCEL_AT_ANY_GATE, backend), 1)
    assert not report.faults
    assert report.scenarios > 1_000


@pytest.mark.usefixtures("flawless")
@pytest.mark.parametrize("mood", REMOVALS, ids=lambda mood: mood.name)
async def test_a_removal_in_the_middle_of_anything_outlives_a_crash(mood: Mood) -> None:
    report = await pressed(Case(TAKE_BACK, mood=mood), 1)
    assert not report.faults
    assert report.scenarios > 1_000


# --- does it leave nothing out? -----------------------------------------------------------


async def test_the_bot_dies_in_every_state_and_around_every_call() -> None:
    states: set[JobState] = set()
    around: set[str] = set()
    for case in (*PAIRS, *EXTENDED, *(case for cases in OTHERS for case in cases)):
        gates = Gates()
        await Life(await case.begin(), plan_of(case), gates).run()
        around |= gates.heard
        for past, _, _ in gates:
            states |= {job.state for job in View(past.stored).of(JOBS).values()}
    assert states == set(JobState)
    assert around == CALLS | {"commit"}


async def test_everybody_does_what_their_story_tells() -> None:
    refused: set[str] = set()
    for story in (*STORIES, *EXTENSIONS):
        case = told(story)
        left = await Life(await case.begin(), plan_of(case)).run()
        refused |= {name for name, accepted in left.answers.items() if not accepted}
    assert refused == {"one more"}, "only the quota is against anything"


def test_the_page_tells_of_every_place_where_a_crash_may_come() -> None:
    section = PAGE.read_text("utf-8").partition("## Where a crash may come")[2]
    told = re.findall(r"^\| `(\w+)` \|", section.partition("\n## ")[0], re.MULTILINE)
    assert sorted(told) == sorted({*CALLS, "commit"})


# --- is it a crash? -----------------------------------------------------------------------


@pytest.mark.parametrize("fault", [FAULTS[0], FAULTS[2]], ids=lambda fault: fault.name)
async def test_a_copy_taken_at_a_gate_is_what_a_death_there_leaves(fault: Fault) -> None:
    case = Case(CREATE, fault=fault)
    copies: list[Past] = []

    def copy_at(life: Life, _: str) -> None:
        copies.append(life.moment().copy())

    await Life(await case.begin(), plan_of(case), copy_at).run()
    assert len(copies) > 40
    for number, copy in enumerate(copies, 1):
        dead = Life(await case.begin(), replace(plan_of(case), fatal=number))
        left = await dead.run()
        assert dead.dead
        assert left == copy
