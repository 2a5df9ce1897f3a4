"""An empty picture to draw and write on, and how its words look.

Lengths are px of a layout, which is drawn larger for sharp letters; see `Sheet`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import BboxImage, imread
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from adapters.charts.lettering import BOLD, PLAIN, font, spelled, wrapped

PER_INCH = 100
MARGIN, GAP = 24, 12
TITLE, TEXT, SMALL = 28, 22, 18
"""Heights of letters."""
LEADING = 1.35

PAPER, INK, PALE_INK = "#ffffff", "#1f2328", "#57606a"
FIRST, SECOND, TRACK = "#b8431f", "#5d87b3", "#eef1f4"

_AS_A_BOX = Rectangle.zorder
"""Where nothing else is said, pictures lie below boxes, whatever comes first."""
Point = tuple[float, float]
Side = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Style:
    """How words look."""

    px: int
    path: Path = PLAIN
    colour: str = INK


HEAD, NAME = Style(TITLE, BOLD), Style(TEXT)
ASIDE = Style(SMALL, colour=PALE_INK)


class Sheet:
    """An empty picture of some size, with its zero in the upper left corner.

    One px of the layout becomes `scale` px of the picture.
    """

    def __init__(self, wide: float, high: float, scale: float) -> None:
        self._scale = scale
        self._figure = Figure(
            (wide / PER_INCH, high / PER_INCH), dpi=PER_INCH * scale, facecolor=PAPER
        )
        self._canvas = FigureCanvasAgg(self._figure)
        self._measures = Affine2D().scale(scale, -scale).translate(0, high * scale)

    def width(self, style: Style, text: str) -> float:
        """How wide a text is."""
        renderer = self._canvas.get_renderer()
        wanted = font(style.path, style.px, PER_INCH)
        wide = renderer.get_text_width_height_descent(text, wanted, ismath=False)[0]
        return wide / self._scale

    def broken(self, text: str, room: float, most: int, style: Style) -> list[str]:
        """A text on as many lines as it needs, at most `most`; none when it says nothing."""
        return wrapped(spelled(text), room, most, partial(self.width, style))

    def write(self, at: Point, text: str, style: Style, side: Side = "left") -> None:
        """Words whose middle line starts at a point, ends there, or has it in the middle."""
        self._figure.text(  # pyright: ignore[reportUnknownMemberType] - its keywords have no types
            *at,
            text,
            transform=self._measures,
            fontproperties=font(style.path, style.px, PER_INCH),
            color=style.colour,
            ha=side,
            va="center_baseline",
            parse_math=False,
        )

    def lines(self, lines: Sequence[str], style: Style, top: float) -> None:
        """Lines below each other at the left margin."""
        for number, line in enumerate(lines):
            self.write((MARGIN, top + style.px * LEADING * (number + 0.5)), line, style)

    def fill(self, at: Point, wide: float, high: float, colour: str) -> None:
        """A box, from its upper left corner."""
        box = Rectangle(at, wide, high, transform=self._measures, color=colour, linewidth=0)
        self._figure.add_artist(box)

    def stroke(self, corners: Sequence[Point], thick: float, colour: str, *, dashed: bool) -> None:
        """A line from corner to corner."""
        across, down = zip(*corners, strict=True)
        line = Line2D(
            across,
            down,
            transform=self._measures,
            color=colour,
            linewidth=thick * 72 / PER_INCH,
            linestyle=(0, (2, 2)) if dashed else "-",
            solid_joinstyle="round",
        )
        self._figure.add_artist(line)

    def shape(self, corners: Sequence[Point], colour: str) -> None:
        """What lies between some corners."""
        shape = Polygon(corners, transform=self._measures, color=colour, linewidth=0)
        self._figure.add_artist(shape)

    def paste(self, path: Path, at: Point, wide: float, high: float) -> None:
        """A picture file, whole, in the middle of a box; raises whatever its reader raises."""
        pixels = imread(path)
        tall, across = pixels.shape[:2]
        shrunk = min(wide / across, high / tall)
        left, top = at[0] + (wide - across * shrunk) / 2, at[1] + (high - tall * shrunk) / 2
        corners = Bbox.from_bounds(left, top, across * shrunk, tall * shrunk)
        image = BboxImage(
            TransformedBbox(corners, self._measures), interpolation="antialiased", cmap="gray"
        )
        image.set_data(pixels)
        image.set_clim(0, 255)
        image.set_zorder(_AS_A_BOX)
        self._figure.add_artist(image)

    def png(self) -> bytes:
        """The picture, without a word about who drew it."""
        target = BytesIO()
        unnamed = {"Software": None}
        self._canvas.print_png(target, metadata=unnamed)  # pyright: ignore[reportUnknownMemberType] - has no types
        return target.getvalue()


@contextmanager
def own_settings() -> Generator[None]:
    """What the machine's own settings say of colours and fonts is not ours."""
    with mpl.rc_context():  # pyright: ignore[reportUnknownMemberType] - a bare PathLike in it
        mpl.rcdefaults()
        yield


def high(lines: Sequence[str], style: Style) -> float:
    """What some lines take below each other."""
    return len(lines) * style.px * LEADING
