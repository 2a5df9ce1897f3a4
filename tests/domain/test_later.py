from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.later import (
    LONGEST_DELAY,
    NOW,
    Plan,
    Timing,
    Window,
    kept,
    next_time,
    plan,
    timing_of,
    window_of,
)
from bot.domain.order import Lane

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Window(22 * 60, 7 * 60)
HOUR = 3_600_000


def at(text: str, fold: int = 0) -> int:
    """``2026-11-27 22:30`` in Berlin, as ms."""
    moment = datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)
    return int(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    "text, timing",
    [
        ("now", NOW),
        (" Relaxed ", Timing(Lane.RELAXED)),
        ("urgent", Timing(Lane.URGENT)),
        ("offpeak", Timing(Lane.RELAXED, off_peak=True)),
        ("22:30", Timing(at=1350)),
        ("7:05", Timing(at=425)),
        ("+2h", Timing(delay=2 * HOUR)),
        ("+90 min", Timing(delay=90 * 60_000)),
        ("+7d", Timing(delay=LONGEST_DELAY)),
    ],
)
def test_a_start_is_a_lane_a_time_of_day_or_a_delay(text: str, timing: Timing) -> None:
    assert timing_of(text) == timing


@pytest.mark.parametrize("text", ["", "24:00", "9:60", "2h", "+0h", "+8d", "+169h", "soon", "٢:٣٠"])
def test_what_is_no_start_is_none(text: str) -> None:
    assert timing_of(text) is None


@given(st.text(max_size=12))
def test_whatever_is_typed_for_a_start_is_read_or_refused(text: str) -> None:
    timing = timing_of(text)
    assert timing is None or (timing.delay or 0) <= LONGEST_DELAY


def test_hours_are_written_with_any_dash_and_may_go_past_midnight() -> None:
    assert window_of("22:00-07:00") == window_of("22:00 – 7:00") == NIGHT
    assert str(NIGHT) == "22:00-07:00"
    for text in ("", "22:00", "22:00-22:00", "25:00-07:00", "a-b", "1:00-2:00-3:00"):
        assert window_of(text) is None


@pytest.mark.parametrize(
    "now, asked, starts",
    [
        ("2026-11-27 12:00", "22:30", "2026-11-27 22:30"),
        ("2026-11-27 23:00", "22:30", "2026-11-28 22:30"),
        ("2026-12-31 23:59", "00:00", "2027-01-01 00:00"),
        # The clock is put on from 2:00 to 3:00.
        ("2026-03-29 00:30", "02:30", "2026-03-29 03:30"),
        ("2026-03-28 12:00", "12:00", "2026-03-28 12:00"),
        ("2026-03-28 13:00", "12:00", "2026-03-29 12:00"),
    ],
)
def test_a_time_of_day_is_the_next_one_that_local_clocks_show(
    now: str, asked: str, starts: str
) -> None:
    timing = timing_of(asked)
    assert timing is not None
    assert plan(timing, at(now), BERLIN, NIGHT) == Plan(Lane.NORMAL, at(starts))


def test_a_time_that_clocks_show_twice_is_the_next_of_both() -> None:
    first, second = at("2026-10-25 02:45"), at("2026-10-25 02:45", fold=1)
    assert second - first == HOUR
    assert next_time(165, at("2026-10-25 02:40"), BERLIN) == first
    assert next_time(165, at("2026-10-25 02:50"), BERLIN) == second
    assert next_time(165, at("2026-10-25 02:50", fold=1), BERLIN) == at("2026-10-26 02:45")


def test_the_minute_that_the_clock_shows_already_is_now() -> None:
    now = at("2026-11-27 22:30") + 59_000
    assert next_time(1350, now, BERLIN) == now
    assert next_time(1350, now + 1_000, BERLIN) == at("2026-11-28 22:30")


@given(st.integers(at("2026-01-01"), at("2027-12-31")), st.integers(0, 1439))
def test_a_time_of_day_is_never_past_and_at_most_a_day_and_an_hour_away(
    now: int, minute: int
) -> None:
    assert now <= next_time(minute, now, BERLIN) <= now + 25 * HOUR


@given(st.integers(at("2026-01-01"), at("2027-12-31")))
def test_a_window_is_open_at_once_or_at_its_next_beginning(now: int) -> None:
    opens = NIGHT.opens(now, BERLIN)
    local = datetime.fromtimestamp(now / 1000, BERLIN)
    if local.hour >= 22 or local.hour < 7:
        assert opens == now
    else:
        shown = datetime.fromtimestamp(opens / 1000, BERLIN)
        assert (shown.hour, shown.minute) == (22, 0)
        assert opens - now <= 15 * HOUR


def test_relaxed_work_counts_as_normal_from_the_next_window_on() -> None:
    noon, night = at("2026-11-27 12:00"), at("2026-11-27 22:00")
    assert plan(Timing(Lane.RELAXED), noon, BERLIN, NIGHT) == Plan(Lane.RELAXED, None, night)
    assert plan(Timing(Lane.RELAXED), noon, BERLIN, None) == Plan(Lane.RELAXED)
    later = Timing(Lane.RELAXED, off_peak=True)
    assert plan(later, noon, BERLIN, NIGHT) == Plan(Lane.RELAXED, night, night)
    with pytest.raises(ValueError, match="no off-peak"):
        plan(later, noon, BERLIN, None)


def test_a_delay_counts_from_now() -> None:
    noon = at("2026-03-28 12:00")
    assert plan(Timing(delay=24 * HOUR), noon, BERLIN, None).not_before == at("2026-03-29 13:00")


def test_what_is_ordered_anew_stays_relaxed_but_repeats_no_time_and_no_hurry() -> None:
    assert kept(Lane.RELAXED) == Timing(Lane.RELAXED)
    assert kept(Lane.NORMAL) == kept(Lane.URGENT) == NOW
