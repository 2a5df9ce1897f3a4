"""A family of videos: a still of each, an arrow from each to what was made of it.

Lengths are px of the layout that `bot.domain.trees` makes.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from adapters.charts.lettering import BOLD, fitting, spelled
from adapters.charts.sheet import (
    ASIDE,
    FIRST,
    GAP,
    HEAD,
    INK,
    MARGIN,
    PALE_INK,
    PAPER,
    SMALL,
    TRACK,
    Point,
    Sheet,
    Style,
    high,
    own_settings,
)
from bot import wording
from bot.domain.trees import (
    HIGH,
    WIDE,
    WORDS,
    FamilyChart,
    Framed,
    Layout,
    Spot,
    laid,
    scale_of,
)

LEAST = 360
"""What a title needs beside a family of one."""
MOST_TITLE, MOST_NOTE = 3, 4
"""Lines."""
EDGE, THICK, TIP = 3, 2, 8
"""Of the frame around the first video; of an arrow; of its head."""
BADGE, AROUND = 24, 6
"""How high a word upon a frame is with its ground, and the room left and right of it."""

EMPTY, LINE = "#c9d1d9", "#8c959f"
"""A frame that is not for whoever looks; an arrow."""
WHO, CODE = Style(SMALL), Style(SMALL, colour=PALE_INK)
ON_DARK, MORE = Style(SMALL, BOLD, PAPER), Style(SMALL, BOLD, PALE_INK)

log = logging.getLogger(__name__)


def draw(chart: FamilyChart) -> bytes:
    """The PNG of a family."""
    layout = laid(chart.frames)
    with own_settings():
        room = max(LEAST, layout.wide)
        blank = Sheet(room, MARGIN, 1)
        title = blank.broken(chart.title, room, MOST_TITLE, HEAD)
        note = blank.broken(chart.note, room, MOST_NOTE, ASIDE)
        top = MARGIN + high(title, HEAD) + GAP
        bottom = top + layout.high
        wide, tall = room + 2 * MARGIN, bottom + high(note, ASIDE) + MARGIN
        sheet = Sheet(wide, tall, scale_of(wide, tall))
        sheet.lines(title, HEAD, MARGIN)
        _family(chart.frames, layout, Spot(MARGIN + (room - layout.wide) / 2, top), sheet)
        sheet.lines(note, ASIDE, bottom)
        return sheet.png()


def _family(frames: tuple[Framed, ...], layout: Layout, corner: Spot, sheet: Sheet) -> None:
    for frame in frames[1:]:
        line = [spot.moved(corner.left, corner.top) for spot in layout.arrows[frame.id]]
        _arrow(frame, [(spot.left, spot.top) for spot in line], sheet)
    for frame in frames:
        spot = layout.spots[frame.id].moved(corner.left, corner.top)
        _framed(frame, (spot.left, spot.top), sheet)


def _arrow(frame: Framed, corners: list[Point], sheet: Sheet) -> None:
    """To a video; broken, and with a number, where others between them are not drawn."""
    across, down = corners[-1]
    sheet.stroke([*corners[:-1], (across, down - TIP)], THICK, LINE, dashed=frame.skipped > 0)
    sheet.shape([(across - TIP, down - TIP), (across + TIP, down - TIP), (across, down)], LINE)
    if frame.skipped:
        more = wording.tree_skipped(frame.skipped)
        sheet.write((across + GAP, down - SMALL), more, MORE)


def _framed(frame: Framed, at: Point, sheet: Sheet) -> None:
    """A video with its words. The ground of a frame shows where its still does not reach."""
    if frame.parent is None:
        left, top = at
        sheet.fill((left - EDGE, top - EDGE), WIDE + 2 * EDGE, HIGH + 2 * EDGE, FIRST)
    sheet.fill(at, WIDE, HIGH, EMPTY if frame.hidden else TRACK)
    if frame.hidden:
        return
    if frame.still:
        _paste(frame.still, at, sheet)
    elif frame.state:
        _middle(frame.state, (at[0], at[1] + HIGH / 2), ASIDE, sheet)
    _badges(frame, at, sheet)
    _middle(frame.name, (at[0], at[1] + HIGH + WORDS * 0.3), WHO, sheet)
    _middle(wording.short_id(frame.id), (at[0], at[1] + HIGH + WORDS * 0.75), CODE, sheet)


def _paste(still: Path, at: Point, sheet: Sheet) -> None:
    try:
        sheet.paste(still, at, WIDE, HIGH)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a file, its frame stays empty
        log.info("the still %s cannot be shown: %s", still.name, error)


def _badges(frame: Framed, at: Point, sheet: Sheet) -> None:
    """What is special about a video, at the corners of its frame."""
    left, top = at
    if frame.parent is None:
        _badge(wording.TREE_FIRST, (left, top), FIRST, sheet)
    if frame.simulated:
        _badge(wording.TREE_SIMULATED, (left, top + HIGH - BADGE), INK, sheet)


def _badge(word: str, at: Point, ground: str, sheet: Sheet) -> None:
    wide = sheet.width(ON_DARK, word) + 2 * AROUND
    sheet.fill(at, wide, BADGE, ground)
    sheet.write((at[0] + AROUND, at[1] + BADGE / 2), word, ON_DARK)


def _middle(text: str, at: Point, style: Style, sheet: Sheet) -> None:
    """Words in the middle of a frame's width, as many as it takes."""
    line = fitting(spelled(text), WIDE, partial(sheet.width, style))
    sheet.write((at[0] + WIDE / 2, at[1]), line, style, "center")
