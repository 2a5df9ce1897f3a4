"""Words in a picture: in letters that the font has, and no wider than there is room."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from functools import cache
from pathlib import Path

from matplotlib import get_data_path
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

UNKNOWN = "▯"
"""Stands for all that the font has no letters for."""
MOST_LETTERS = 500
"""Letters of a text that are looked at; no more than that fits anywhere."""
_ELLIPSIS = "…"
# The fonts that come with matplotlib, so that every machine draws the same picture.
_FOLDER = Path(get_data_path()) / "fonts" / "ttf"
PLAIN, BOLD = _FOLDER / "DejaVuSans.ttf", _FOLDER / "DejaVuSans-Bold.ttf"

Width = Callable[[str], float]
"""How wide a text is drawn (px)."""


def font(path: Path, px: float, per_inch: float) -> FontProperties:
    """A font in the height of `px`, of which an inch has `per_inch`."""
    return FontProperties(fname=path, size=px * 72 / per_inch)


def spelled(text: str) -> str:
    """The text on one line, with a sign in place of what has no letters here (emoji, CJK)."""
    known = _letters()
    composed = unicodedata.normalize("NFC", " ".join(text[:MOST_LETTERS].split()))
    seen = (letter for letter in composed if _is_seen(letter))
    drawn = "".join(letter if ord(letter) in known else UNKNOWN for letter in seen)
    return re.sub(f"{UNKNOWN}+", UNKNOWN, drawn)


def fitting(text: str, room: float, width: Width) -> str:
    """The text, or as much of its beginning as `room` (px) takes, and a sign of the rest."""
    if width(text) <= room:
        return text
    too_long = bisect_right(range(len(text)), room, key=lambda end: width(text[:end] + _ELLIPSIS))
    return text[: max(0, too_long - 1)].rstrip() + _ELLIPSIS


def wrapped(text: str, room: float, most: int, width: Width) -> list[str]:
    """The text on at most `most` lines; the last one tells when there was more."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (width(longer) <= room or len(lines) == most):
            lines[-1] = longer
        else:
            lines.append(word)
    return [fitting(line, room, width) for line in lines]


def _is_seen(letter: str) -> bool:
    """Not a control, nor a mark that would be drawn over its neighbours."""
    return letter.isprintable() and not unicodedata.combining(letter)


@cache
def _letters() -> frozenset[int]:
    """What both fonts can draw."""
    plain, bold = (set(FT2Font(str(path)).get_charmap()) for path in (PLAIN, BOLD))
    return frozenset(plain & bold)
