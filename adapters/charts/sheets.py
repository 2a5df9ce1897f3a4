"""Stills of several videos on one sheet, with a number on each to name it by.

Lengths are px of a picture 600 px wide.
"""

from __future__ import annotations

import logging
from pathlib import Path

from adapters.charts.lettering import BOLD
from adapters.charts.sheet import INK, PAPER, TEXT, TRACK, Point, Sheet, Style, own_settings
from bot.domain.charts import ContactSheet
from bot.domain.trees import scale_of

WIDTH, MARGIN = 600, 12
"""Of the picture; around and between stills."""
COLUMNS = 2
LONG, SHORT = 16, 9
BADGE = 40
NUMBER = Style(TEXT, BOLD, PAPER)

log = logging.getLogger(__name__)


def draw(sheet: ContactSheet) -> bytes:
    """The PNG of a contact sheet."""
    wide, high = cell(tall=sheet.tall)
    rows = -(-len(sheet.stills) // COLUMNS)
    height = MARGIN + rows * (high + MARGIN)
    with own_settings():
        paper = Sheet(WIDTH, height, scale_of(WIDTH, height))
        for at, still in enumerate(sheet.stills):
            _numbered(still, at + 1, corner(at, wide, high), (wide, high), paper)
        return paper.png()


def cell(*, tall: bool) -> tuple[float, float]:
    """How wide and high a still is."""
    wide = (WIDTH - MARGIN * (COLUMNS + 1)) / COLUMNS
    return wide, wide * LONG / SHORT if tall else wide * SHORT / LONG


def corner(at: int, wide: float, high: float) -> Point:
    """The upper left corner of a still: row by row."""
    row, column = divmod(at, COLUMNS)
    return MARGIN + column * (wide + MARGIN), MARGIN + row * (high + MARGIN)


def _numbered(
    still: Path | None, number: int, at: Point, size: tuple[float, float], paper: Sheet
) -> None:
    paper.fill(at, *size, TRACK)
    if still:
        try:
            paper.paste(still, at, *size)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, its frame stays empty
            log.info("the still %s cannot be shown: %s", still.name, error)
    paper.fill(at, BADGE, BADGE, INK)
    paper.write((at[0] + BADGE / 2, at[1] + BADGE / 2), str(number), NUMBER, "center")
