"""Bars below each other: a name on the left, the bar, its figure at the end.

Lengths are px of a picture 600 px wide, which is drawn twice as large for sharp letters. A phone
shows it at about half of the 600, so nothing is written smaller than 18.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from adapters.charts.lettering import fitting, spelled
from adapters.charts.sheet import (
    ASIDE,
    FIRST,
    GAP,
    HEAD,
    MARGIN,
    NAME,
    SECOND,
    TRACK,
    Sheet,
    Style,
    high,
    own_settings,
)
from bot import wording
from bot.domain.charts import Bar, BarChart, largest, lengths

WIDTH, SCALE = 600, 2
ROW, THICK, THINNEST = 44, 28, 2
"""From one bar to the next; of a bar; of one that is nearly nothing."""
MOST_NAME, LEAST_NAME, LEAST_BAR = 220, 60, 160
"""Of the column of names, which makes room for bars where figures are long."""
MOST_TITLE, MOST_NOTE = 3, 5
"""Lines."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands where: the lines of title and note, and the bars with their columns."""

    title: list[str]
    unit: list[str]
    note: list[str]
    bars: tuple[Bar, ...]
    names: list[str]
    figures: list[str]
    left: float
    right: float

    @property
    def top(self) -> float:
        """Where the bars begin."""
        return MARGIN + high(self.title, HEAD) + high(self.unit, ASIDE) + GAP

    @property
    def bottom(self) -> float:
        """Where they end."""
        return self.top + ROW * max(1, len(self.bars))

    @property
    def height(self) -> float:
        """Of all."""
        note = GAP + high(self.note, ASIDE) if self.note else 0
        return self.bottom + note + MARGIN


def draw(chart: BarChart) -> bytes:
    """The PNG of a chart."""
    with own_settings():
        plan = _plan(chart, Sheet(WIDTH, MARGIN, SCALE))
        sheet = Sheet(WIDTH, plan.height, SCALE)
        _head(plan, sheet)
        _bars(plan, sheet)
        sheet.lines(plan.note, ASIDE, plan.bottom + GAP)
        return sheet.png()


def _plan(chart: BarChart, sheet: Sheet) -> Plan:
    bars = largest(chart.bars, wording.others)
    wide = partial(sheet.width, NAME)
    figures = [wording.bar_figures(bar.value, bar.second) for bar in bars]
    right = WIDTH - MARGIN - max(map(wide, figures), default=0) - GAP
    room = min(MOST_NAME, max(LEAST_NAME, right - LEAST_BAR - GAP - MARGIN))
    names = [fitting(spelled(bar.label), room, wide) for bar in bars]
    return Plan(
        _broken(chart.title, MOST_TITLE, HEAD, sheet),
        _broken(chart.unit, 1, ASIDE, sheet),
        _broken(chart.note, MOST_NOTE, ASIDE, sheet),
        bars,
        names,
        figures,
        MARGIN + max(map(wide, names), default=0) + GAP,
        right,
    )


def _broken(text: str, most: int, style: Style, sheet: Sheet) -> list[str]:
    return sheet.broken(text, WIDTH - 2 * MARGIN, most, style)


def _head(plan: Plan, sheet: Sheet) -> None:
    sheet.lines(plan.title, HEAD, MARGIN)
    sheet.lines(plan.unit, ASIDE, MARGIN + high(plan.title, HEAD))


def _bars(plan: Plan, sheet: Sheet) -> None:
    if not plan.bars:
        sheet.write((MARGIN, plan.top + ROW / 2), wording.CHART_EMPTY, NAME)
    rows = zip(plan.names, plan.figures, lengths(plan.bars), strict=True)
    for number, (name, figure, parts) in enumerate(rows):
        middle = plan.top + ROW * number + ROW / 2
        sheet.write((plan.left - GAP, middle), name, NAME, "right")
        sheet.fill((plan.left, middle - THICK / 2), plan.right - plan.left, THICK, TRACK)
        _bar(parts, (plan.left, middle - THICK / 2), plan.right - plan.left, sheet)
        sheet.write((WIDTH - MARGIN, middle), figure, NAME, "right")


def _bar(
    parts: tuple[float, float], corner: tuple[float, float], room: float, sheet: Sheet
) -> None:
    left, top = corner
    for part, colour in zip(parts, (FIRST, SECOND), strict=True):
        wide = max(THINNEST, part * room) if part else 0
        sheet.fill((left, top), wide, THICK, colour)
        left += wide
