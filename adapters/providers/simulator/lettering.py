"""Words in the picture: the caption, and the tag that says it is simulated.

No font is bundled. DejaVu (and a CJK font, when there is one) is taken from the system; Pillow's
own small font is the last resort and knows little more than ASCII.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from adapters.providers.simulator.pixels import stretched
from adapters.providers.simulator.planes import even

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

TAG = "SIMULATED RENDER"
_FONTS = ("DejaVuSans.ttf", "wqy-microhei.ttc", "NotoSansCJK-Regular.ttc", "Arial.ttf")
_LINES = 3
_TAKEN = 300
"""Characters of a prompt that are looked at."""
_NEVER = "\U0010fffe"
"""A code point that no font has."""


def caption(text: str, size: tuple[int, int]) -> Image.Image | None:
    """A strip (RGBA, full width, even sides) for the lower edge; None when nothing can be read."""
    width, _ = size
    points = _points(size)
    font, readable = _readable(text, points)
    lines = _wrapped(readable, font, width - 4 * points)
    if not lines:
        return None
    strip = Image.new("RGBA", (width, even(points * (1.35 * len(lines) + 2.6))))
    _darken(strip)
    draw = ImageDraw.Draw(strip)
    for number, line in enumerate(lines):
        place = (1.4 * points, (1.3 + 1.35 * number) * points)
        draw.text((place[0] + 1, place[1] + 2), line, font=font, fill=(0, 0, 0, 255))
        draw.text(place, line, font=font, fill=(255, 255, 255, 255))
    return strip


def tag(size: tuple[int, int]) -> Image.Image:
    """The small label (RGBA, even sides) for the upper left corner."""
    points = max(8, round(_points(size) * 0.62))
    font = _font(points, _first_font())
    wide = font.getlength(TAG)
    label = Image.new("RGBA", (even(wide + 1.6 * points), even(1.9 * points)))
    draw = ImageDraw.Draw(label)
    box = (0, 0, label.width - 1, label.height - 1)
    draw.rounded_rectangle(box, radius=label.height / 2, fill=(0, 0, 0, 120))
    middle = (label.width / 2, label.height / 2)
    draw.text(middle, TAG, font=font, fill=(255, 255, 255, 235), anchor=_middle(font))
    return label


def _middle(font: Font) -> str | None:
    return "mm" if isinstance(font, ImageFont.FreeTypeFont) else None


def _points(size: tuple[int, int]) -> int:
    return max(9, round(min(size) / 26))


def _darken(strip: Image.Image) -> None:
    """From clear to half dark, so that white words can be read over anything."""
    column = Image.new("L", (1, strip.height))
    for row in range(strip.height):
        column.putpixel((0, row), round(165 * min(1.0, 1.6 * row / strip.height)))
    strip.putalpha(stretched(column, strip.size))


def _readable(text: str, points: int) -> tuple[Font, str]:
    """The font that knows most of the text, and the text without what it does not know."""
    clean = unicodedata.normalize("NFC", " ".join(text[:_TAKEN].split()))
    best_font, best = _font(points, ""), _known(clean, "")
    for name in _FONTS:
        if _exists(name) and len(known := _known(clean, name)) > len(best):
            best_font, best = _font(points, name), known
    return best_font, best


def _known(text: str, name: str) -> str:
    kept = [char if _has(name, char) else _folded(char, name) for char in text]
    return " ".join("".join(kept).split())


def _folded(char: str, name: str) -> str:
    """The plain letter under an accent, if at least that is known."""
    plain = unicodedata.normalize("NFKD", char)[:1]
    return plain if plain != char and _has(name, plain) else ""


@cache
def _has(name: str, char: str) -> bool:
    """Whether the font draws anything but its box for unknown characters."""
    if char.isspace():
        return True
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"}:
        return False
    return _drawn(name, char) != _drawn(name, _NEVER)


def _drawn(name: str, char: str) -> bytes:
    spot = Image.new("L", (40, 40))
    ImageDraw.Draw(spot).text((8, 8), char, font=_font(16, name), fill=255)
    return spot.tobytes()


@cache
def _exists(name: str) -> bool:
    try:
        ImageFont.truetype(name, 16)
    except OSError:
        return False
    return True


def _first_font() -> str:
    return next((name for name in _FONTS if _exists(name)), "")


@cache
def _font(points: int, name: str) -> Font:
    """The named font; Pillow's own for no name."""
    return ImageFont.truetype(name, points) if name else ImageFont.load_default(points)


def _wrapped(text: str, font: Font, width: float) -> list[str]:
    """At most three lines; what does not fit is cut with an ellipsis."""
    lines: list[str] = []
    rest = _pieces(text, font, width)
    while rest and len(lines) < _LINES:
        count = len(rest)
        while count > 1 and font.getlength(" ".join(rest[:count])) > width:
            count -= 1
        lines.append(" ".join(rest[:count]))
        rest = rest[count:]
    if rest:
        lines[-1] = _cut(lines[-1], font, width)
    return lines


def _pieces(text: str, font: Font, width: float) -> list[str]:
    """The words; one that is wider than a line (or a script without spaces) in parts."""
    pieces: list[str] = []
    for word in text.split():
        while font.getlength(word) > width:
            count = max(1, int(len(word) * width / font.getlength(word)) - 1)
            pieces.append(word[:count])
            word = word[count:]  # noqa: PLW2901 - the rest of the word is the next thing to look at
        pieces.append(word)
    return pieces


def _cut(line: str, font: Font, width: float) -> str:
    while line and font.getlength(f"{line}...") > width:
        line = line[:-1]
    return f"{line.rstrip()}..."
