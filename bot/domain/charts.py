"""What a chart shows, before anybody draws it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

MOST_BARS = 20
"""Bars that are read at a glance on a phone; the smaller ones become one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `second` goes on where `value` ends, in another colour: credits lost after spent.

    `label` may be anybody's words. Raises `ValueError` for what has no length: less than 0, NaN.
    """

    label: str
    value: float
    second: float = 0

    def __post_init__(self) -> None:
        if not all(math.isfinite(part) and part >= 0 for part in (self.value, self.second)):
            raise ValueError(f"a bar of {self.value} and {self.second}")

    @property
    def total(self) -> float:
        """Both parts."""
        return _sum((self.value, self.second))


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars below each other in the order given. `unit` is of all figures ("credits").

    `note` stands below: the time that is counted, say, and what the second part is.
    """

    title: str
    unit: str
    bars: tuple[Bar, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ContactSheet:
    """Stills (local JPEGs) in rows of two, numbered from 1; None is an empty frame.

    `tall`: they are higher than wide.
    """

    stills: tuple[Path | None, ...]
    tall: bool


def largest(bars: tuple[Bar, ...], others: Callable[[int], str]) -> tuple[Bar, ...]:
    """At most `MOST_BARS` in the order they came in; what is left is one more at the end.

    `others` names that one, by the number of bars in it.
    """
    if len(bars) <= MOST_BARS:
        return bars
    ranked = sorted(range(len(bars)), key=lambda at: -bars[at].total)
    kept, left = sorted(ranked[:MOST_BARS]), [bars[at] for at in ranked[MOST_BARS:]]
    rest = Bar(others(len(left)), _sum(b.value for b in left), _sum(b.second for b in left))
    return (*(bars[at] for at in kept), rest)


def lengths(bars: tuple[Bar, ...]) -> tuple[tuple[float, float], ...]:
    """Both parts of each bar, where the longest bar is 1 long; all are 0 when there is nothing."""
    most = max((max(bar.value, bar.second) for bar in bars), default=0)
    if not most:
        return tuple((0.0, 0.0) for _ in bars)
    # First to at most 1 each: the sum of huge parts is no number.
    parts = [(bar.value / most, bar.second / most) for bar in bars]
    longest = max(value + second for value, second in parts)
    return tuple((value / longest, second / longest) for value, second in parts)


def _sum(parts: Iterable[float]) -> float:
    return min(sum(parts), sys.float_info.max)
