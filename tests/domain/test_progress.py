from hypothesis import given
from hypothesis import strategies as st

from bot.domain import progress
from bot.domain.progress import Expectation, Forecast, Pace

NOW = 1_000_000
HOPE = Expectation(100_000, 200_000)


def test_without_history_the_catalogue_is_believed() -> None:
    assert progress.expect([1, 2, 3], 60_000) == Expectation(60_000, 120_000)


def test_with_history_half_are_ready_by_the_median() -> None:
    assert progress.expect([50, 10, 30, 20, 40], 60_000) == Expectation(30, 46)


def test_ready_means_the_median_then_the_late_time_then_soon() -> None:
    assert progress.ready_at(NOW, NOW, HOPE) == NOW + 100_000
    assert progress.ready_at(NOW - 150_000, NOW, HOPE) == NOW + 50_000
    assert progress.ready_at(NOW - 400_000, NOW, HOPE) == NOW + 40_000


def test_the_backends_own_percentage_is_shown_but_never_a_hundred() -> None:
    assert progress.shown_percent(40, NOW, NOW, HOPE) == 40
    assert progress.shown_percent(100, NOW, NOW, HOPE) == 99


def test_a_silent_backend_gets_a_percentage_from_the_time() -> None:
    assert progress.shown_percent(None, NOW - 50_000, NOW, HOPE) == 50
    assert progress.shown_percent(0, NOW - 999_999, NOW, HOPE) == 95


def test_what_is_queued_at_the_backend_has_not_begun() -> None:
    assert progress.shown_percent(None, NOW - 50_000, NOW, HOPE, queued=True) == 0
    assert progress.shown_percent(7, NOW - 50_000, NOW, HOPE, queued=True) == 7


def starts(pace: Pace, ends: list[int], *durations: int) -> list[int]:
    forecast = Forecast(pace, ends, NOW)
    for duration in durations:
        forecast.add(duration)
    return [at - NOW for at in forecast.starts]


def test_the_line_moves_as_slots_become_free() -> None:
    assert starts(Pace(2, 0, NOW), [], 100, 100, 100, 100) == [0, 0, 100, 100]
    assert starts(Pace(2, 0, NOW), [NOW + 30], 100, 100, 100) == [0, 30, 100]
    assert starts(Pace(2, 0, NOW), [NOW + 30, NOW + 50], 10, 100, 100) == [30, 40, 50]


def test_of_more_renders_than_slots_the_first_to_end_let_nobody_in() -> None:
    assert starts(Pace(1, 0, NOW), [NOW + 30, NOW + 50], 100) == [50]


def test_a_gate_that_is_shut_or_keeps_its_distance_makes_the_line_wait() -> None:
    assert starts(Pace(4, 0, NOW + 70), [], 100, 100) == [70, 70]
    assert starts(Pace(4, 20, NOW), [], 100, 100, 100) == [0, 20, 40]


def test_without_a_slot_the_guess_is_that_there_is_one() -> None:
    assert starts(Pace(0, 0, NOW), [], 100, 100) == [0, 100]


def test_a_percentage_of_some_time_ago_has_grown_since() -> None:
    assert progress.shown_percent(40, NOW - 60_000, NOW, HOPE, asked_at=NOW) == 40
    assert progress.shown_percent(40, NOW - 60_000, NOW, HOPE, asked_at=NOW - 10_000) == 40
    assert progress.shown_percent(40, NOW - 60_000, NOW, HOPE, asked_at=NOW - 30_000) == 58
    assert progress.shown_percent(40, NOW - 900_000, NOW, HOPE, asked_at=NOW - 850_000) == 95
    assert progress.shown_percent(40, NOW - 900_000, NOW, HOPE, asked_at=NOW - 9_000) == 40
    assert progress.shown_percent(97, NOW - 60_000, NOW, HOPE, asked_at=NOW - 20_000) == 97


@given(st.lists(st.integers(0, 10**7), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_within_its_values(values: list[int], share: float) -> None:
    ordered = sorted(values)
    assert ordered[0] <= progress.quantile(ordered, share) <= ordered[-1]
