from itertools import pairwise
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import polling
from bot.domain.polling import LONGEST, SAFETY_NET, SHORTEST, Plan

NOW = 1_790_000_000_000
DAY = 24 * 60 * 60_000
SPREAD = [120_000 + 900 * number for number in range(200)]
"""Two to five minutes, all alike."""

pasts = st.lists(st.integers(1, DAY), max_size=polling.MOST)
typicals = st.integers(1, DAY)
ages = st.integers(0, 2 * DAY)


@given(pasts, typicals, ages)
def test_there_is_always_a_next_question_and_it_lies_ahead(
    past: list[int], typical: int, age: int
) -> None:
    assert polling.plan(past, typical).after(age) >= age + SHORTEST


@given(pasts, typicals, st.lists(ages, min_size=2))
def test_whoever_is_older_is_never_asked_about_earlier(
    past: list[int], typical: int, some: list[int]
) -> None:
    made = polling.plan(past, typical)
    asked = [made.after(age) for age in sorted(some)]
    assert asked == sorted(asked)


@given(pasts, typicals)
def test_the_same_past_in_any_order_makes_the_same_plan(past: list[int], typical: int) -> None:
    made = polling.plan(past, typical)
    assert list(polling.plan(past[::-1], typical).ages) == list(made.ages)
    assert all(one < other for one, other in pairwise(made.ages))


@given(pasts, typicals, st.integers(-DAY, DAY), st.none() | st.integers(-DAY, DAY))
def test_a_question_is_never_due_in_the_past_whatever_a_clock_or_a_backend_says(
    past: list[int], typical: int, age: int, hinted: int | None
) -> None:
    made = polling.plan(past, typical)
    assert polling.next_poll(made, NOW - age, NOW, hinted) >= NOW + SHORTEST
    assert polling.next_check(made, NOW - age, NOW) >= NOW + SHORTEST


@given(pasts, typicals)
def test_a_plan_follows_every_job_to_the_last_duration_it_knows(
    past: list[int], typical: int
) -> None:
    made = polling.plan([*past, *SPREAD[:10]], typical)
    assert made.learned
    assert made.ages[-1] >= max([*past, *SPREAD[:10]])


def test_too_few_jobs_are_asked_about_at_a_steady_pace_from_an_age_on() -> None:
    made = polling.plan([150_000] * 9, 120_000)
    assert not made.learned
    assert made.after(0) == 60_000
    assert made.after(60_000) == 72_000


def test_where_many_end_questions_are_close_and_where_none_do_they_are_far() -> None:
    both = [70_000 + 100 * number for number in range(100)]
    both += [240_000 + 100 * number for number in range(100)]
    made = polling.plan(both, 120_000)
    assert made.after(0) > 60_000
    between = [age for age in made.ages if 90_000 < age < 235_000]
    within = [age for age in made.ages if 240_000 <= age < 252_000]
    assert len(between) < 145 / 10
    assert len(within) >= 3


def test_no_schedule_at_a_fixed_pace_is_cheaper_than_the_plan() -> None:
    planned = _price(polling.plan(SPREAD, 120_000))
    fixed = [_price(Plan(range(gap, 400_000, gap), _hope())) for gap in range(4000, 30_000, 500)]
    late = [
        _price(Plan(range(120_000 + gap, 400_000, gap), _hope()))
        for gap in range(4000, 30_000, 500)
    ]
    assert planned < min(fixed) * 0.9
    # The best there is for whoever knows that nothing else can happen.
    assert planned < min(late) * 1.15


def _hope() -> polling.Expectation:
    return polling.plan(SPREAD, 1).hope


def _price(plan: Plan) -> float:
    """Of one job of the spread, in ms of delay."""
    paid = 0
    for duration in SPREAD:
        age, questions = plan.after(0), 1
        while age < duration:
            age, questions = plan.after(age), questions + 1
        paid += questions * polling.QUESTION_COST + age - duration
    return paid / len(SPREAD)


def test_beyond_all_we_know_the_pauses_grow_up_to_a_minute() -> None:
    made = polling.plan(SPREAD, 120_000)
    beyond = made.ages[-1] + 60_000
    assert made.after(beyond) == beyond + beyond // 10
    assert made.after(DAY) == DAY + LONGEST


def test_a_backend_that_says_when_to_ask_again_is_obeyed_within_reason() -> None:
    made = polling.plan(SPREAD, 120_000)
    assert polling.next_poll(made, NOW, NOW, 5_000) == NOW + 5_000
    assert polling.next_poll(made, NOW, NOW, 10**9) == NOW + 15_000
    assert polling.next_poll(made, NOW, NOW, 0) == NOW + 1_000


def test_where_a_webhook_is_expected_only_late_jobs_are_asked_about() -> None:
    made = polling.plan(SPREAD, 120_000)
    late = made.hope.late
    assert late > 270_000
    assert polling.next_check(made, NOW, NOW + 1_000) == NOW + late
    assert polling.next_check(made, NOW, NOW + late) == NOW + late + SAFETY_NET


def test_a_job_ended_somewhere_between_two_questions() -> None:
    assert polling.finished_between(NOW - 10_000, NOW) == NOW - 5_000
    assert polling.finished_between(NOW + 10_000, NOW) == NOW


def test_plans_made_of_what_was_seen_do_not_ask_later_and_later() -> None:
    truth = [120_000 + 900 * (number * 73 % 200) for number in range(200)]
    past, first = truth, polling.plan(truth, 1)
    for _ in range(30):
        past = [_seen(polling.plan(past, 1), duration) for duration in truth]
    assert abs(polling.plan(past, 1).hope.median - first.hope.median) < 5_000
    assert _price(polling.plan(past, 1)) < _price(first) * 1.05


def _seen(plan: Plan, duration: int) -> int:
    """What the row says of how long it took."""
    before, age = 0, plan.after(0)
    while age < duration:
        before, age = age, plan.after(age)
    return polling.finished_between(before, age)


def test_a_plan_is_made_in_no_time_however_long_jobs_take() -> None:
    longest = [DAY - number for number in range(polling.MOST)]
    took: list[float] = []
    for _ in range(5):
        begun = perf_counter()
        polling.plan(longest, 1)
        took.append(perf_counter() - begun)
    # Far more than it needs: a busy machine is no fault of ours.
    assert min(took) < 0.05
