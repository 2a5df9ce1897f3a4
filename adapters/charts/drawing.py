"""Bars below each other: a name on the left, the bar, its figure at the end.

Lengths are px of a picture 600 px wide, which is drawn twice as large for sharp letters. A phone
shows it at about half of the 600, so nothing is written smaller than 18.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D

from adapters.charts.lettering import BOLD, PLAIN, fitting, font, spelled, wrapped
from bot import wording
from bot.domain.charts import Bar, BarChart, largest, lengths

WIDTH, SCALE, PER_INCH = 600, 2, 100
MARGIN, GAP = 24, 12
ROW, THICK, THINNEST = 44, 28, 2
"""From one bar to the next; of a bar; of one that is nearly nothing."""
TITLE, TEXT, SMALL = 28, 22, 18
"""Heights of letters."""
LEADING = 1.35
MOST_NAME, LEAST_NAME, LEAST_BAR = 220, 60, 160
"""Of the column of names, which makes room for bars where figures are long."""
MOST_TITLE, MOST_NOTE = 3, 5
"""Lines."""

PAPER, INK, PALE_INK = "#ffffff", "#1f2328", "#57606a"
FIRST, SECOND, TRACK = "#b8431f", "#5d87b3", "#eef1f4"


@dataclass(frozen=True, slots=True)
class Style:
    """How words look."""

    px: int
    path: Path = PLAIN
    colour: str = INK


HEAD, NAME = Style(TITLE, BOLD), Style(TEXT)
ASIDE = Style(SMALL, colour=PALE_INK)


class Sheet:
    """An empty picture of some height, with its zero in the upper left corner."""

    def __init__(self, height: float) -> None:
        self._figure = Figure(
            (WIDTH / PER_INCH, height / PER_INCH), dpi=PER_INCH * SCALE, facecolor=PAPER
        )
        self._canvas = FigureCanvasAgg(self._figure)
        self._measures = Affine2D().scale(SCALE, -SCALE).translate(0, height * SCALE)

    def width(self, style: Style, text: str) -> float:
        """How wide a text is."""
        renderer = self._canvas.get_renderer()
        wanted = font(style.path, style.px, PER_INCH)
        return renderer.get_text_width_height_descent(text, wanted, ismath=False)[0] / SCALE

    def write(
        self, at: tuple[float, float], text: str, style: Style, *, right: bool = False
    ) -> None:
        """Words whose middle line starts at a point, or ends there."""
        self._figure.text(  # pyright: ignore[reportUnknownMemberType] - its keywords have no types
            *at,
            text,
            transform=self._measures,
            fontproperties=font(style.path, style.px, PER_INCH),
            color=style.colour,
            ha="right" if right else "left",
            va="center_baseline",
            parse_math=False,
        )

    def fill(self, at: tuple[float, float], wide: float, high: float, colour: str) -> None:
        """A box, from its upper left corner."""
        box = Rectangle(at, wide, high, transform=self._measures, color=colour, linewidth=0)
        self._figure.add_artist(box)

    def png(self) -> bytes:
        """The picture, without a word about who drew it."""
        target = BytesIO()
        unnamed = {"Software": None}
        self._canvas.print_png(target, metadata=unnamed)  # pyright: ignore[reportUnknownMemberType] - has no types
        return target.getvalue()


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
        return MARGIN + _high(self.title, HEAD) + _high(self.unit, ASIDE) + GAP

    @property
    def bottom(self) -> float:
        """Where they end."""
        return self.top + ROW * max(1, len(self.bars))

    @property
    def height(self) -> float:
        """Of all."""
        note = GAP + _high(self.note, ASIDE) if self.note else 0
        return self.bottom + note + MARGIN


def draw(chart: BarChart) -> bytes:
    """The PNG of a chart."""
    # What the machine's own settings say of colours and fonts is not ours.
    with mpl.rc_context():  # pyright: ignore[reportUnknownMemberType] - a bare PathLike in it
        mpl.rcdefaults()
        plan = _plan(chart, Sheet(MARGIN))
        sheet = Sheet(plan.height)
        _head(plan, sheet)
        _bars(plan, sheet)
        _lines(plan.note, ASIDE, plan.bottom + GAP, sheet)
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
    """A text on as many lines as it needs, at most `most`; none when it says nothing."""
    return wrapped(spelled(text), WIDTH - 2 * MARGIN, most, partial(sheet.width, style))


def _head(plan: Plan, sheet: Sheet) -> None:
    _lines(plan.title, HEAD, MARGIN, sheet)
    _lines(plan.unit, ASIDE, MARGIN + _high(plan.title, HEAD), sheet)


def _bars(plan: Plan, sheet: Sheet) -> None:
    if not plan.bars:
        sheet.write((MARGIN, plan.top + ROW / 2), wording.CHART_EMPTY, NAME)
    rows = zip(plan.names, plan.figures, lengths(plan.bars), strict=True)
    for number, (name, figure, parts) in enumerate(rows):
        middle = plan.top + ROW * number + ROW / 2
        sheet.write((plan.left - GAP, middle), name, NAME, right=True)
        sheet.fill((plan.left, middle - THICK / 2), plan.right - plan.left, THICK, TRACK)
        _bar(parts, (plan.left, middle - THICK / 2), plan.right - plan.left, sheet)
        sheet.write((WIDTH - MARGIN, middle), figure, NAME, right=True)


def _bar(
    parts: tuple[float, float], corner: tuple[float, float], room: float, sheet: Sheet
) -> None:
    left, top = corner
    for part, colour in zip(parts, (FIRST, SECOND), strict=True):
        wide = max(THINNEST, part * room) if part else 0
        sheet.fill((left, top), wide, THICK, colour)
        left += wide


def _lines(lines: list[str], style: Style, top: float, sheet: Sheet) -> None:
    for number, line in enumerate(lines):
        sheet.write((MARGIN, top + style.px * LEADING * (number + 0.5)), line, style)


def _high(lines: list[str], style: Style) -> float:
    return len(lines) * style.px * LEADING
