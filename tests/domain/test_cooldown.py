"""Who is refused much the same again and again gets a moment to think."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cooldown import IN_A_ROW, LOOKED_AT, WITHIN, are_alike, cool_until, is_stuck
from bot.domain.jobs import Failure, Job, JobState
from bot.domain.videos import MAX_COUNT
from tests.storage.examples import NOW, a_job

MINUTE = 60_000
PROMPTS = ("a hero fights in the rain", "a hero in the rain, he fights", "in rain the hero fights")


def refused(
    prompts: Sequence[str], failure: Failure = Failure.MODERATED, apart: int = MINUTE
) -> list[Job]:
    """One ended order for each prompt, `apart` ms from each other, the newest first."""
    jobs = [
        a_job(
            f"a{number:09}",
            state=JobState.MODERATED,
            failure=failure,
            finished_at=NOW + number * apart,
            spec=replace(a_job().spec, prompt=prompt),
        )
        for number, prompt in enumerate(prompts)
    ]
    return jobs[::-1]


def test_three_refusals_of_much_the_same_in_a_row_are_enough() -> None:
    assert is_stuck(refused(PROMPTS))
    assert not is_stuck(refused(PROMPTS[:2]))
    assert not is_stuck(())


def test_the_pause_counts_from_the_last_refusal() -> None:
    assert cool_until(refused(PROMPTS), 30_000) == NOW + 2 * MINUTE + 30_000
    assert cool_until(refused(PROMPTS[1:]), 30_000) == 0


def test_refusals_of_other_things_are_no_row() -> None:
    others = ("a hero fights in the rain", "two cats asleep", "a city of glass at night")
    assert not is_stuck(refused(others))


@pytest.mark.parametrize("failure", [one for one in Failure if one is not Failure.MODERATED])
def test_no_other_failure_counts(failure: Failure) -> None:
    jobs = refused(PROMPTS)
    assert not is_stuck(refused(PROMPTS, failure))
    assert not is_stuck([jobs[0], replace(jobs[1], failure=failure), jobs[2]])


def test_what_went_well_in_between_ends_the_row() -> None:
    jobs = refused([*PROMPTS, PROMPTS[0]])
    made = replace(jobs[1], state=JobState.DONE, failure=None)
    assert not is_stuck([jobs[0], made, *jobs[2:]])


def test_a_row_over_a_long_time_is_none() -> None:
    assert is_stuck(refused(PROMPTS, apart=WITHIN // 2))
    assert not is_stuck(refused(PROMPTS, apart=WITHIN // 2 + 1))


def test_the_videos_of_one_order_count_once() -> None:
    four = [replace(job, interaction="one order") for job in refused([PROMPTS[0]] * MAX_COUNT)]
    assert not is_stuck(four)
    assert is_stuck([*refused(PROMPTS[:2], apart=1), *four])
    assert LOOKED_AT > IN_A_ROW * MAX_COUNT


@given(st.text(min_size=1, max_size=200), st.integers(0, 3))
def test_a_prompt_is_like_itself_with_more_behind_it(prompt: str, more: int) -> None:
    assert are_alike(prompt, prompt)
    tidy = " ".join(prompt.lower().split())
    if len(tidy) > 4:
        assert are_alike(prompt, f"{prompt} {'and so on ' * more}")


@given(st.text(max_size=200), st.text(max_size=200))
def test_who_is_compared_with_whom_makes_no_difference(one: str, other: str) -> None:
    assert are_alike(one, other) == are_alike(other, one)


def test_words_without_spaces_between_them_are_compared_as_well() -> None:
    assert are_alike("雨の中で戦うヒーローの映像", "ヒーローの映像、雨の中で戦う")
    assert not are_alike("雨の中で戦うヒーローの映像", "夜のガラスの都市を歩く猫たち")
