"""Which time a report is about, and that its parts make its whole."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.reports import TOP, By, When, bounds, report_of
from bot.domain.usage import NONE, Usage

BERLIN = ZoneInfo("Europe/Berlin")


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() * 1000)


@pytest.mark.parametrize(
    "span, since, until",
    [
        (When.DAY, "2026-11-02", "2026-11-03"),
        (When.YESTERDAY, "2026-11-01", "2026-11-02"),
        (When.WEEK, "2026-11-02", "2026-11-09"),
        (When.LAST_WEEK, "2026-10-26", "2026-11-02"),
        (When.MONTH, "2026-11-01", "2026-12-01"),
        (When.LAST_MONTH, "2026-10-01", "2026-11-01"),
    ],
)
def test_a_span_goes_from_one_local_midnight_to_another(span: When, since: str, until: str) -> None:
    now = ms("2026-11-02T09:30")
    assert bounds(span, now, BERLIN) == (ms(since), ms(until))


def test_the_day_of_the_long_night_is_25_hours_long() -> None:
    since, until = bounds(When.YESTERDAY, ms("2026-10-26T00:00"), BERLIN)
    assert until - since == 25 * 3_600_000


def test_the_first_twenty_and_the_others_make_the_total() -> None:
    found = [(f"p{number:02}", Usage(1, 8, number, 10 * number)) for number in range(30)]
    report = report_of(By.USER, When.MONTH, found)
    number, others = report.others
    assert number == 30 - TOP
    assert [name for name, _ in report.rows[:2]] == ["p29", "p28"]
    top = sum((used for _, used in report.rows[:TOP]), NONE)
    assert top + others == report.total == Usage(30, 240, 435, 4350)


def test_who_has_nothing_left_to_count_has_no_row() -> None:
    report = report_of(By.USER, When.MONTH, [("ana", NONE), ("ben", Usage(micros=5))])
    assert [name for name, _ in report.rows] == ["ben"]
    assert report.others == (0, NONE)
