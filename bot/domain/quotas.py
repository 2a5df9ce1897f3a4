"""Limits per period: how much of what, over which window, and when it starts anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.refs import Person
from bot.domain.usage import (
    ANY_MODEL,
    NONE,
    SLOT,
    WORKSPACE,
    Usage,
    of_channel,
    of_person,
    slot_of,
)
from bot.errors import Limit, QuotaExceeded

EVERYONE = "everyone"
"""Subject of a rule that holds for each person whom no other one is for."""
_ROLE = "role:"
_CHANNEL = "channel:"


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
    """At most `limit` `unit` per `period` for `subject`, of `model` or of all together ("").

    A subject is a person's id, ``role:<id>`` or everyone, each of whom has the limit for
    themselves; or ``channel:<id>`` or ``workspace``, where all share it.
    """

    subject: str
    unit: Unit
    period: Period
    limit: int
    window: Window = Window.CALENDAR
    model: str = ANY_MODEL


@dataclass(frozen=True, slots=True)
class Extra:
    """`amount` more for a person than their rule of that unit, period and model has, `until` (ms).

    `ref` is used once.
    """

    ref: str
    person: str
    unit: Unit
    period: Period
    model: str
    amount: int
    until: int

    def fits(self, rule: Rule) -> bool:
        """Whether it adds to a rule; limits that people share have no extras."""
        same = (self.unit, self.period, self.model) == (rule.unit, rule.period, rule.model)
        return same and not is_shared(rule)


@dataclass(frozen=True, slots=True)
class Given:
    """So much more for somebody, above a limit of `rule`, until then (ms)."""

    rule: Rule
    amount: int
    until: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule as it stands for somebody now; `resets_at` in ms (rolling: when the oldest leaves).

    `held` is the part of `usage` that belongs to jobs which still run.
    """

    rule: Rule
    usage: Usage
    resets_at: int
    held: Usage = NONE
    extra: int = 0

    @property
    def limit(self) -> int:
        """The rule's limit with what was granted above it."""
        return self.rule.limit + self.extra

    @property
    def used(self) -> int:
        """What counted in the rule's own unit."""
        return amount(self.usage, self.rule.unit)

    @property
    def left(self) -> int:
        """What may still be used; never below zero."""
        return max(0, self.limit - self.used)


def amount(usage: Usage, unit: Unit) -> int:
    """How much that is in `unit`."""
    return {Unit.VIDEOS: usage.videos, Unit.SECONDS: usage.seconds, Unit.CREDITS: usage.credits}[
        unit
    ]


def overlaid(defaults: tuple[Rule, ...], stored: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Every rule in force: a stored one takes the place of the default it matches."""
    rules = {_place(rule): rule for rule in defaults + stored}
    return tuple(rules.values())


def replaces(rule: Rule, other: Rule) -> bool:
    """Whether two rules cannot stand beside each other."""
    return _place(rule) == _place(other)


def _place(rule: Rule) -> tuple[str, Unit, Period, str]:
    return (rule.subject, rule.unit, rule.period, rule.model)


def for_role(role_id: str) -> str:
    """Subject of a rule for all who have a role: ``role:<id>``."""
    return f"{_ROLE}{role_id}"


def role_in(subject: str) -> str | None:
    """The role that a rule's subject names, by id; None when it names none."""
    return subject.removeprefix(_ROLE) if subject.startswith(_ROLE) else None


def for_channel(channel: str) -> str:
    """Subject of a rule for all that is made in a channel: ``channel:<id>``."""
    return f"{_CHANNEL}{channel}"


def channel_in(subject: str) -> str | None:
    """The channel that a rule's subject names, by id; None when it names none."""
    return subject.removeprefix(_CHANNEL) if subject.startswith(_CHANNEL) else None


def is_shared(rule: Rule) -> bool:
    """Whether all share the limit, instead of each having it for themselves."""
    return rule.subject == WORKSPACE or channel_in(rule.subject) is not None


def scope_of(rule: Rule, person: Person) -> str:
    """Whose usage counts toward a rule, when `person` orders something; as `usage` names it."""
    if rule.subject == WORKSPACE:
        return WORKSPACE
    channel = channel_in(rule.subject)
    return of_person(person.id) if channel is None else of_channel(channel)


def applicable(
    rules: tuple[Rule, ...], person: Person, channel: str | None = None
) -> tuple[Rule, ...]:
    """For each unit, period and model: a person's own rule, else their roles', else everyone's.

    Of several roles' rules the most generous holds. Beside these, what all share: the rules of
    the workspace, and those of the `channel` where something is ordered.
    """
    rules = overlaid((), rules)
    chosen: dict[tuple[Unit, Period, str], list[Rule]] = {}
    for rule in rules:
        if _nearness(rule, person):
            chosen.setdefault((rule.unit, rule.period, rule.model), []).append(rule)
    own = tuple(
        max(found, key=lambda rule: (_nearness(rule, person), rule.limit, rule.subject))
        for found in chosen.values()
    )
    places = {WORKSPACE} if channel is None else {WORKSPACE, for_channel(channel)}
    return own + tuple(rule for rule in rules if rule.subject in places)


def of_model(rules: Iterable[Rule], model: str) -> tuple[Rule, ...]:
    """The rules that an order of `model` counts toward."""
    return tuple(rule for rule in rules if rule.model in {ANY_MODEL, model})


def _nearness(rule: Rule, person: Person) -> int:
    """How closely a rule is made for somebody; 0 for a rule that is not for them."""
    if is_shared(rule):
        return 0
    if rule.subject == EVERYONE:
        return 1
    if rule.subject == person.id:
        return 3
    return 2 if role_in(rule.subject) in person.roles else 0


def started(rule: Rule, now: int, zone: ZoneInfo) -> int:
    """When the window of `rule` that holds `now` began (ms).

    A rolling one moves from slot to slot of what is counted, never past a use that still counts.
    """
    if rule.window is Window.ROLLING:
        return slot_of(now - _days_ms(_ROLLING_DAYS[rule.period]))
    return period_start(rule.period, now, zone)


def resets(rule: Rule, now: int, zone: ZoneInfo, oldest: int | None) -> int:
    """When the window starts anew (ms). Rolling: when `oldest`, its first slot, falls out."""
    if rule.window is Window.ROLLING:
        left_by = now if oldest is None else oldest + SLOT
        return left_by + _days_ms(_ROLLING_DAYS[rule.period])
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


def grant_ends(rule: Rule, now: int, zone: ZoneInfo) -> int:
    """Until when something granted above a limit can be used (ms)."""
    return resets(rule, now, zone, None)


def first_over(standings: tuple[Standing, ...], asked: Usage) -> Standing | None:
    """The first rule that `asked` on top of what is used would break."""
    for standing in standings:
        if standing.used + amount(asked, standing.rule.unit) > standing.limit:
            return standing
    return None


def check(standings: tuple[Standing, ...], asked: Usage) -> None:
    """Raise `QuotaExceeded` for the first rule that `asked` on top of what is used would break."""
    over = first_over(standings, asked)
    if over:
        rule = over.rule
        raise QuotaExceeded(
            Limit(rule.subject, rule.unit, rule.period, over.limit, rule.model),
            over.used,
            amount(asked, rule.unit),
            over.resets_at,
            amount(over.held, rule.unit),
        )
