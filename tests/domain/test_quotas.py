from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.quotas import (
    EVERYONE,
    Extra,
    Period,
    Rule,
    Standing,
    Unit,
    Window,
    amount,
    applicable,
    check,
    for_channel,
    for_role,
    of_model,
    overlaid,
    period_end,
    period_start,
    resets,
    role_in,
    scope_of,
    started,
)
from bot.domain.refs import Person, Tenant
from bot.domain.usage import SLOT, WORKSPACE, Usage, of_channel, of_person, slot_of
from bot.errors import QuotaExceeded

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 86_400_000
HOUR = 3_600_000


def _person(person_id: str, *roles: str) -> Person:
    return Person(Tenant("discord", "9"), person_id, roles=roles)


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
    now = ms(2026, 11, 21) + 5
    assert started(rule, now, BERLIN) == now - 5 - 7 * DAY
    oldest = slot_of(now - DAY)
    leaves = resets(rule, now, BERLIN, oldest)
    assert leaves == oldest + SLOT + 7 * DAY
    assert started(rule, leaves - 1, BERLIN) <= oldest < started(rule, leaves, BERLIN)
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
        assert set(applicable(rules, _person("ana"))) == {own, weekly}
        assert set(applicable(rules, _person("cleo"))) == {general, weekly}


def test_what_all_share_stands_beside_what_each_has() -> None:
    general = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)
    whole = Rule(WORKSPACE, Unit.VIDEOS, Period.DAY, 100)
    film = Rule(for_channel("C1"), Unit.VIDEOS, Period.DAY, 20)
    rules = (general, whole, film)
    ana = _person("ana")
    assert set(applicable(rules, ana, "C1")) == {general, whole, film}
    assert set(applicable(rules, ana, "C2")) == {general, whole}
    assert [scope_of(rule, ana) for rule in rules] == [
        of_person("ana"),
        WORKSPACE,
        of_channel("C1"),
    ]


def test_a_rule_of_a_model_holds_beside_that_of_all_and_for_it_alone() -> None:
    general = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)
    pro = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 1, model="sora-2-pro")
    own = Rule("ana", Unit.VIDEOS, Period.DAY, 9, model="sora-2-pro")
    assert set(applicable((general, pro, own), _person("ana"))) == {general, own}
    assert of_model((general, pro), "sora-2") == (general,)
    assert of_model((general, pro), "sora-2-pro") == (general, pro)


def test_an_extra_lifts_the_limit_that_it_names_alone() -> None:
    rule = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)
    extra = Extra("x", "ana", Unit.VIDEOS, Period.DAY, "", 3, 99)
    assert extra.fits(rule)
    assert not extra.fits(replace(rule, period=Period.WEEK))
    assert not extra.fits(replace(rule, model="sora-2"))
    assert not extra.fits(replace(rule, subject=WORKSPACE))
    standing = Standing(rule, Usage(videos=5), 99, extra=3)
    assert (standing.limit, standing.left) == (8, 3)
    check((standing,), Usage(videos=3))
    with pytest.raises(QuotaExceeded):
        check((standing,), Usage(videos=4))


def test_of_several_roles_the_most_generous_rule_holds_even_above_everyones() -> None:
    general = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)
    plus = Rule(for_role("77"), Unit.VIDEOS, Period.DAY, 9)
    guest = Rule(for_role("5"), Unit.VIDEOS, Period.DAY, 1)
    rules = (guest, plus, general)
    assert applicable(rules, _person("ana", "5", "77")) == (plus,)
    assert applicable(rules, _person("ana", "5")) == (guest,)
    assert applicable(rules, _person("ana", "6")) == (general,)


def test_a_persons_own_rule_stands_above_those_of_their_roles() -> None:
    own = Rule("ana", Unit.VIDEOS, Period.DAY, 1)
    plus = Rule(for_role("77"), Unit.VIDEOS, Period.DAY, 9)
    assert applicable((own, plus), _person("ana", "77")) == (own,)


def test_the_id_of_a_role_is_no_persons_id() -> None:
    assert applicable((Rule(for_role("77"), Unit.VIDEOS, Period.DAY, 9),), _person("77")) == ()
    assert role_in(for_role("77")) == "77"
    assert role_in("77") is None


_subjects = st.sampled_from([EVERYONE, "ana", "ben", "role:1", "role:2", "role:3"])
_rules = st.lists(
    st.builds(
        Rule,
        subject=_subjects,
        unit=st.sampled_from(Unit),
        period=st.sampled_from(Period),
        limit=st.integers(0, 9),
        window=st.sampled_from(Window),
    ),
    unique_by=lambda rule: (rule.subject, rule.unit, rule.period),
)


@given(_rules, st.sets(st.sampled_from(["1", "2", "3", "4"])), st.randoms())
def test_one_rule_holds_for_each_kind_whatever_their_order(
    rules: list[Rule], roles: set[str], random: Random
) -> None:
    ana = _person("ana", *roles)
    chosen = applicable(tuple(rules), ana)
    assert len({(rule.unit, rule.period) for rule in chosen}) == len(chosen)
    random.shuffle(rules)
    assert set(applicable(tuple(rules), ana)) == set(chosen)


@given(_rules, st.sets(st.sampled_from(["1", "2", "3", "4"])))
def test_no_nearer_rule_and_no_more_generous_role_is_passed_over(
    rules: list[Rule], roles: set[str]
) -> None:
    chosen = {
        (rule.unit, rule.period): rule for rule in applicable(tuple(rules), _person("ana", *roles))
    }
    for rule in rules:
        holds = chosen.get((rule.unit, rule.period))
        if rule.subject == "ana":
            assert holds == rule
        elif role_in(rule.subject) in roles:
            assert holds
            assert holds.subject == "ana" or (
                holds.limit >= rule.limit and role_in(holds.subject) in roles
            )
        elif rule.subject == EVERYONE:
            assert holds
        else:
            assert holds != rule


def test_a_stored_rule_replaces_the_default_of_the_settings() -> None:
    default = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)
    stored = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 9)
    assert applicable((default, stored), _person("ana")) == (stored,)
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
    assert [amount(Usage(1, 2, 3, 4), unit) for unit in Unit] == [1, 2, 3]
