"""Limits per period: how much of what, over which window, and when it starts anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.refs import Person
from bot.errors import QuotaExceeded

EVERYONE = "everyone"
"""Subject of a rule that holds for each person whom no other one is for."""
_ROLE = "role:"


class Unit(StrEnum):
    """What is counted."""

    VIDEOS = "videos"
    SECONDS = "seconds"
    CREDITS = "credits"


class Period(StrEnum):
    """Over which time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Window(StrEnum):
    """Calendar: from midnight, Monday or the 1st. Rolling: the last 24 h, 7 days, 30 days."""

    CALENDAR = "calendar"
    ROLLING = "rolling"


_ROLLING_DAYS = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30}


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `limit` `unit` per `period` for `subject`: a person's id, ``role:<id>``, everyone."""

    subject: str
    unit: Unit
    period: Period
    limit: int
    window: Window = Window.CALENDAR


@dataclass(frozen=True, slots=True)
class Usage:
    """What counted in a span of time; `held` of it belongs to jobs that still run."""

    videos: int = 0
    seconds: int = 0
    credits: int = 0
    held_videos: int = 0
    held_seconds: int = 0
    held_credits: int = 0

    def of(self, unit: Unit) -> int:
        """All that counted, in `unit`."""
        return {Unit.VIDEOS: self.videos, Unit.SECONDS: self.seconds, Unit.CREDITS: self.credits}[
            unit
        ]

    def held(self, unit: Unit) -> int:
        """The part that running jobs hold, in `unit`."""
        return {
            Unit.VIDEOS: self.held_videos,
            Unit.SECONDS: self.held_seconds,
            Unit.CREDITS: self.held_credits,
        }[unit]


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule as it stands for somebody now; `resets_at` in ms (rolling: when the oldest leaves)."""

    rule: Rule
    usage: Usage
    resets_at: int

    @property
    def used(self) -> int:
        """What counted in the rule's own unit."""
        return self.usage.of(self.rule.unit)

    @property
    def left(self) -> int:
        """What may still be used; never below zero."""
        return max(0, self.rule.limit - self.used)


def overlaid(defaults: tuple[Rule, ...], stored: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Every rule in force: a stored one takes the place of the default it matches."""
    rules = {(r.subject, r.unit, r.period): r for r in defaults + stored}
    return tuple(rules.values())


def for_role(role_id: str) -> str:
    """Subject of a rule for all who have a role: ``role:<id>``."""
    return f"{_ROLE}{role_id}"


def role_in(subject: str) -> str | None:
    """The role that a rule's subject names, by id; None when it names none."""
    return subject.removeprefix(_ROLE) if subject.startswith(_ROLE) else None


def applicable(rules: tuple[Rule, ...], person: Person) -> tuple[Rule, ...]:
    """For each unit and period, a person's own rule, else their roles', else everyone's.

    Of several roles' rules the most generous holds.
    """
    chosen: dict[tuple[Unit, Period], list[Rule]] = {}
    for rule in overlaid((), rules):
        if _nearness(rule, person):
            chosen.setdefault((rule.unit, rule.period), []).append(rule)
    return tuple(
        max(found, key=lambda rule: (_nearness(rule, person), rule.limit, rule.subject))
        for found in chosen.values()
    )


def _nearness(rule: Rule, person: Person) -> int:
    """How closely a rule is made for somebody; 0 for a rule that is not for them."""
    if rule.subject == EVERYONE:
        return 1
    if rule.subject == person.id:
        return 3
    return 2 if role_in(rule.subject) in person.roles else 0


def started(rule: Rule, now: int, zone: ZoneInfo) -> int:
    """When the window of `rule` that holds `now` began (ms)."""
    if rule.window is Window.ROLLING:
        return now - _days_ms(_ROLLING_DAYS[rule.period])
    return period_start(rule.period, now, zone)


def resets(rule: Rule, now: int, zone: ZoneInfo, oldest: int | None) -> int:
    """When the window starts anew (ms). Rolling: when `oldest`, the first use in it, falls out."""
    if rule.window is Window.ROLLING:
        return (oldest if oldest is not None else now) + _days_ms(_ROLLING_DAYS[rule.period])
    return period_end(rule.period, now, zone)


def period_start(period: Period, now: int, zone: ZoneInfo) -> int:
    """Local midnight of today, of this Monday or of this month's first day (ms)."""
    return _ms(_first_day(period, now, zone))


def period_end(period: Period, now: int, zone: ZoneInfo) -> int:
    """Local midnight at which the next period starts (ms); right across changes of the clock."""
    first = _first_day(period, now, zone)
    if period is Period.MONTH:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    else:
        following = first + timedelta(days=_ROLLING_DAYS[period])
    return _ms(following)


def _first_day(period: Period, now: int, zone: ZoneInfo) -> datetime:
    today = datetime.fromtimestamp(now / 1000, zone).replace(
        hour=0, minute=0, second=0, microsecond=0, fold=0
    )
    match period:
        case Period.DAY:
            return today
        case Period.WEEK:
            return today - timedelta(days=today.weekday())
        case Period.MONTH:
            return today.replace(day=1)


def _ms(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)


def _days_ms(days: int) -> int:
    return days * 86_400_000


def check(standings: tuple[Standing, ...], asked: Usage) -> None:
    """Raise `QuotaExceeded` for the first rule that `asked` on top of what is used would break."""
    for standing in standings:
        rule = standing.rule
        if standing.used + asked.of(rule.unit) > rule.limit:
            raise QuotaExceeded(
                rule.unit,
                rule.period,
                rule.limit,
                standing.used,
                asked.of(rule.unit),
                standing.resets_at,
            )
