from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.quotas import (
    EVERYONE,
    Period,
    Rule,
    Standing,
    Unit,
    Usage,
    Window,
    applicable,
    check,
    overlaid,
    period_end,
    period_start,
    resets,
    started,
)
from bot.errors import QuotaExceeded

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 86_400_000
HOUR = 3_600_000


def ms(*parts: int, zone: ZoneInfo = BERLIN) -> int:
    return int(datetime(*parts, tzinfo=zone).timestamp() * 1000)


def test_a_day_begins_at_local_midnight() -> None:
    now = ms(2026, 11, 21, 0, 30)
    assert period_start(Period.DAY, now, BERLIN) == ms(2026, 11, 21)
    assert period_end(Period.DAY, now, BERLIN) == ms(2026, 11, 22)


def test_a_week_begins_on_monday() -> None:
    assert period_start(Period.WEEK, ms(2026, 11, 22, 23), BERLIN) == ms(2026, 11, 16)
    assert period_end(Period.WEEK, ms(2026, 11, 22, 23), BERLIN) == ms(2026, 11, 23)


def test_a_month_ends_with_its_last_day() -> None:
    assert period_end(Period.MONTH, ms(2026, 1, 31, 12), BERLIN) == ms(2026, 2, 1)
    assert period_end(Period.MONTH, ms(2028, 2, 29, 12), BERLIN) == ms(2028, 3, 1)
    assert period_end(Period.MONTH, ms(2026, 12, 31, 23), BERLIN) == ms(2027, 1, 1)


def test_the_day_the_clocks_change_has_23_or_25_hours() -> None:
    spring = ms(2026, 3, 29, 12)
    assert period_end(Period.DAY, spring, BERLIN) - period_start(Period.DAY, spring, BERLIN) == (
        23 * HOUR
    )
    autumn = ms(2026, 10, 25, 12)
    assert period_end(Period.DAY, autumn, BERLIN) - period_start(Period.DAY, autumn, BERLIN) == (
        25 * HOUR
    )


@given(
    st.sampled_from(Period),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware by the strategy
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "UTC"]),
)
def test_every_moment_lies_in_its_period_and_periods_meet(
    period: Period, moment: datetime, zone_name: str
) -> None:
    zone = ZoneInfo(zone_name)
    now = int(moment.timestamp() * 1000)
    start, end = period_start(period, now, zone), period_end(period, now, zone)
    assert start <= now < end
    assert period_start(period, end, zone) == end
    assert period_start(period, end - 1, zone) == start


def test_a_rolling_window_ends_now_and_resets_when_its_oldest_use_leaves() -> None:
    rule = Rule(EVERYONE, Unit.VIDEOS, Period.WEEK, 5, Window.ROLLING)
    now = ms(2026, 11, 21)
    assert started(rule, now, BERLIN) == now - 7 * DAY
    assert resets(rule, now, BERLIN, now - DAY) == now + 6 * DAY
    assert resets(rule, now, BERLIN, None) == now + 7 * DAY


def test_a_calendar_window_resets_at_its_end_whatever_was_used() -> None:
    rule = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)
    now = ms(2026, 11, 21, 9)
    assert started(rule, now, BERLIN) == ms(2026, 11, 21)
    assert resets(rule, now, BERLIN, now - HOUR) == ms(2026, 11, 22)


def test_a_persons_own_rule_replaces_everyones() -> None:
    general = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)
    own = Rule("ana", Unit.VIDEOS, Period.DAY, 50)
    other = Rule("ben", Unit.VIDEOS, Period.DAY, 1)
    weekly = Rule(EVERYONE, Unit.SECONDS, Period.WEEK, 600)
    for rules in [(general, own, other, weekly), (weekly, other, own, general)]:
        assert set(applicable(rules, "ana")) == {own, weekly}
        assert set(applicable(rules, "cleo")) == {general, weekly}


def test_a_stored_rule_replaces_the_default_of_the_settings() -> None:
    default = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)
    stored = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 9)
    assert applicable((default, stored), "ana") == (stored,)
    assert overlaid((default,), (stored,)) == (stored,)


def test_what_fits_exactly_is_allowed_and_one_more_is_not() -> None:
    rule = Rule(EVERYONE, Unit.SECONDS, Period.DAY, 20)
    standing = Standing(rule, Usage(videos=1, seconds=12, credits=120), resets_at=99)
    assert standing.left == 8
    check((standing,), Usage(1, 8, 80))
    with pytest.raises(QuotaExceeded) as refusal:
        check((standing,), Usage(1, 9, 90))
    assert (refusal.value.used, refusal.value.asked, refusal.value.resets_at) == (12, 9, 99)


def test_each_unit_is_counted_in_its_own_column() -> None:
    usage = Usage(1, 2, 3, 4, 5, 6)
    assert [usage.of(unit) for unit in Unit] == [1, 2, 3]
    assert [usage.held(unit) for unit in Unit] == [4, 5, 6]
