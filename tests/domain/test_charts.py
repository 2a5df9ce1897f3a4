"""What a chart shows, before anybody draws it."""

from __future__ import annotations

import math
import sys

import pytest

from bot.domain.charts import MOST_BARS, Bar, largest, lengths

MOST = sys.float_info.max


def others(number: int) -> str:
    return f"{number} more"


@pytest.mark.parametrize("value,second", [(-1, 0), (0, -1), (math.nan, 0), (math.inf, 0)])
def test_what_has_no_length_is_no_bar(value: float, second: float) -> None:
    with pytest.raises(ValueError, match="a bar of"):
        Bar("Ana", value, second)


def test_as_many_bars_as_a_phone_shows_stay_as_they_are() -> None:
    bars = tuple(Bar(str(number), number) for number in range(MOST_BARS))
    assert largest(bars, others) == bars


def test_of_more_bars_the_largest_keep_their_order_and_the_rest_is_one_bar() -> None:
    bars = (Bar("first", 1, 1), *(Bar(str(n), 10, n) for n in range(MOST_BARS)), Bar("last", 3))
    shown = largest(bars, others)
    assert shown == (*bars[1:-1], Bar("2 more", 4, 1))


def test_of_equal_bars_the_first_ones_stay() -> None:
    bars = tuple(Bar(str(number), 5) for number in range(MOST_BARS + 1))
    assert largest(bars, others) == (*bars[:-1], Bar("1 more", 5))


def test_the_longest_bar_is_one_long_with_both_its_parts() -> None:
    assert lengths((Bar("a", 30, 10), Bar("b", 20))) == ((0.75, 0.25), (0.5, 0.0))


@pytest.mark.parametrize("bars", [(), (Bar("a", 0), Bar("b", 0, 0))])
def test_where_there_is_nothing_all_bars_are_empty(bars: tuple[Bar, ...]) -> None:
    assert lengths(bars) == tuple((0.0, 0.0) for _ in bars)


def test_the_largest_numbers_there_are_still_have_lengths_and_a_sum() -> None:
    bars = tuple(Bar(str(number), MOST, MOST) for number in range(MOST_BARS + 5))
    shown = largest(bars, others)
    assert (shown[-1].value, shown[-1].second, shown[-1].total) == (MOST, MOST, MOST)
    assert set(lengths(shown)) == {(0.5, 0.5)}
