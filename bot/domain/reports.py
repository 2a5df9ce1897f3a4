"""What was made and what it cost, told by whom or what made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.quotas import Period, period_end, period_start
from bot.domain.usage import NONE, Usage

TOP = 20
"""Rows that are told one by one."""


class By(StrEnum):
    """What the rows of a report are."""

    USER = "user"
    CHANNEL = "channel"
    MODEL = "model"
    PROVIDER = "provider"


class When(StrEnum):
    """Calendar days, weeks and months of the workspace's own zone."""

    DAY = "day"
    YESTERDAY = "yesterday"
    WEEK = "week"
    LAST_WEEK = "last-week"
    MONTH = "month"
    LAST_MONTH = "last-month"


_PERIODS = {
    When.DAY: Period.DAY,
    When.YESTERDAY: Period.DAY,
    When.WEEK: Period.WEEK,
    When.LAST_WEEK: Period.WEEK,
    When.MONTH: Period.MONTH,
    When.LAST_MONTH: Period.MONTH,
}
_PAST = frozenset({When.YESTERDAY, When.LAST_WEEK, When.LAST_MONTH})


def bounds(span: When, now: int, zone: ZoneInfo) -> tuple[int, int]:
    """From when until before when (ms) a span is."""
    period = _PERIODS[span]
    start = period_start(period, now, zone)
    if span in _PAST:
        return period_start(period, start - 1, zone), start
    return start, period_end(period, now, zone)


@dataclass(frozen=True, slots=True)
class Report:
    """Rows of name and usage, the dearest first.

    Names are ids of people and channels, and names of models and providers.
    """

    by: By
    span: When
    rows: tuple[tuple[str, Usage], ...]

    @property
    def total(self) -> Usage:
        """Of all rows."""
        return _all(self.rows)

    @property
    def others(self) -> tuple[int, Usage]:
        """How many come after the first `TOP` rows, and what they made together."""
        rest = self.rows[TOP:]
        return len(rest), _all(rest)


def report_of(by: By, span: When, found: Sequence[tuple[str, Usage]]) -> Report:
    """A report on all that was found; who has nothing left to count has no row."""
    used = [(name, usage) for name, usage in found if usage != NONE]
    used.sort(key=lambda row: (-row[1].micros, -row[1].credits, -row[1].videos, row[0]))
    return Report(by, span, tuple(used))


def _all(rows: Sequence[tuple[str, Usage]]) -> Usage:
    return sum((usage for _, usage in rows), NONE)
