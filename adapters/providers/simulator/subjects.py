"""A few things that a prompt may name, drawn by hand: a kite, a balloon, a boat, a plane, a rocket.

They make a demonstration feel understood; anything else is simply not shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

from adapters.providers.simulator.planes import Planes, Sprite, even
from adapters.providers.simulator.themes import RGB, mix, words_of

_OVER = 4
"""Drawn this many times larger and averaged."""
_WHITE = (250, 248, 240)
_COLOURS: dict[str, RGB] = {
    "red": (214, 52, 48),
    "orange": (240, 132, 40),
    "yellow": (248, 206, 64),
    "golden": (240, 190, 80),
    "green": (52, 160, 88),
    "blue": (52, 110, 214),
    "purple": (140, 76, 190),
    "pink": (240, 120, 170),
    "black": (40, 40, 48),
    "white": _WHITE,
    "silver": (196, 204, 214),
}

Pen = ImageDraw.ImageDraw
Drawer = Callable[[Pen, float, RGB], None]
"""Draws a thing of that colour into a square with that side."""


@dataclass(frozen=True, slots=True)
class _Thing:
    """How a thing looks and moves.

    `place` is where it hovers (parts of the picture), `roam` how far it wanders, `size` a part of
    the short side, `depth` the ground layer that is drawn right after it.
    """

    words: frozenset[str]
    draw: Drawer
    colour: RGB
    size: float
    place: tuple[float, float]
    roam: tuple[float, float]
    depth: int = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing in a scene; `depth` is the ground layer that is drawn right after it."""

    sprites: tuple[Sprite, ...]
    place: tuple[float, float]
    roam: tuple[float, float]
    depth: int

    def draw_on(self, canvas: Planes, seconds: float) -> None:
        """Put it where it hovers at that time, leaning into the wind."""
        width, height = canvas.size
        lean = math.sin(seconds * 0.9)
        sprite = self.sprites[round((lean + 1) / 2 * (len(self.sprites) - 1))]
        side, _ = sprite.planes.size
        x = width * (self.place[0] + self.roam[0] * math.sin(seconds * 0.43 + 0.4))
        y = height * (self.place[1] + self.roam[1] * math.sin(seconds * 1.1))
        sprite.draw_on(canvas, (even(x - side / 2), even(y - side / 2)))


def subject_of(prompt: str, size: tuple[int, int], far: RGB) -> Subject | None:
    """The first thing that the prompt names; `far` is the haze that softens it."""
    words = words_of(prompt)
    for number, word in enumerate(words):
        for thing in _THINGS:
            if word in thing.words:
                colour = _COLOURS.get(words[number - 1] if number else "", thing.colour)
                return _made(thing, mix(colour, far, 0.12), size)
    return None


def _made(thing: _Thing, colour: RGB, size: tuple[int, int]) -> Subject:
    side = even(min(size) * thing.size)
    big = Image.new("RGBA", (side * _OVER, side * _OVER))
    thing.draw(ImageDraw.Draw(big), side * _OVER, colour)
    turns = (-7, -5, -3, -1, 1, 3, 5, 7)
    smooth = big.reduce(2)
    turned = (smooth.rotate(turn, Image.Resampling.BICUBIC).reduce(_OVER // 2) for turn in turns)
    return Subject(tuple(map(Sprite.of, turned)), thing.place, thing.roam, thing.depth)


def _shape(pen: Pen, side: float, points: list[tuple[float, float]], colour: RGB) -> None:
    pen.polygon([(x * side, y * side) for x, y in points], fill=colour)


def _line(pen: Pen, side: float, points: list[tuple[float, float]], colour: RGB) -> None:
    wide = max(1, round(side / 90))
    pen.line([(x * side, y * side) for x, y in points], fill=colour, width=wide, joint="curve")


def _dark(colour: RGB) -> RGB:
    return mix(colour, (0, 0, 0), 0.28)


def _light(colour: RGB) -> RGB:
    return mix(colour, _WHITE, 0.3)


def _kite(pen: Pen, side: float, colour: RGB) -> None:
    top, left, right, low = (0.56, 0.06), (0.32, 0.27), (0.74, 0.3), (0.46, 0.66)
    middle = (0.53, 0.28)
    for one, other, shade in (
        (top, left, _light(colour)),
        (top, right, colour),
        (left, low, colour),
        (right, low, _dark(colour)),
    ):
        _shape(pen, side, [middle, one, other], shade)
    tail = [(0.46 + 0.05 * math.sin(n / 2), 0.66 + n * 0.03) for n in range(11)]
    _line(pen, side, tail, _dark(colour))
    for n in (3, 6, 9):
        x, y = tail[n]
        bow = [(x - 0.035, y - 0.02), (x + 0.035, y + 0.02), (x + 0.035, y - 0.02)]
        _shape(pen, side, [*bow, (x - 0.035, y + 0.02)], _light(colour))


def _balloon(pen: Pen, side: float, colour: RGB) -> None:
    stripes = (colour, _WHITE, colour, _WHITE, colour)
    for n, shade in enumerate(stripes):
        inset = 0.2 + n * 0.065
        box = (inset * side, 0.06 * side, (1 - inset) * side, 0.66 * side)
        pen.ellipse(box, fill=shade if n % 2 == 0 else mix(shade, colour, 0.15))
    _shape(pen, side, [(0.29, 0.56), (0.71, 0.56), (0.57, 0.76), (0.43, 0.76)], _dark(colour))
    _line(pen, side, [(0.44, 0.76), (0.455, 0.84)], (70, 50, 40))
    _line(pen, side, [(0.56, 0.76), (0.545, 0.84)], (70, 50, 40))
    basket = (0.44 * side, 0.84 * side, 0.56 * side, 0.93 * side)
    pen.rounded_rectangle(basket, radius=side * 0.015, fill=(120, 82, 52))


def _boat(pen: Pen, side: float, colour: RGB) -> None:
    hull = [(0.16, 0.72), (0.86, 0.72), (0.76, 0.86), (0.28, 0.86)]
    _shape(pen, side, hull, (104, 62, 44))
    _line(pen, side, [(0.5, 0.72), (0.5, 0.1)], (70, 50, 40))
    _shape(pen, side, [(0.52, 0.1), (0.86, 0.66), (0.52, 0.66)], colour)
    _shape(pen, side, [(0.48, 0.18), (0.24, 0.66), (0.48, 0.66)], _dark(colour))


def _plane(pen: Pen, side: float, colour: RGB) -> None:
    _shape(pen, side, [(0.95, 0.3), (0.08, 0.36), (0.36, 0.5)], _light(colour))
    _shape(pen, side, [(0.95, 0.3), (0.36, 0.5), (0.42, 0.7)], _dark(colour))
    _shape(pen, side, [(0.95, 0.3), (0.47, 0.56), (0.62, 0.66)], colour)


def _rocket(pen: Pen, side: float, colour: RGB) -> None:
    _shape(pen, side, [(0.36, 0.5), (0.22, 0.78), (0.4, 0.7)], _dark(colour))
    _shape(pen, side, [(0.64, 0.5), (0.78, 0.78), (0.6, 0.7)], _dark(colour))
    pen.ellipse((0.35 * side, 0.04 * side, 0.65 * side, 0.8 * side), fill=_WHITE)
    pen.rectangle((0.35 * side, 0.66 * side, 0.65 * side, 0.8 * side), fill=(0, 0, 0, 0))
    _shape(pen, side, [(0.42, 0.66), (0.58, 0.66), (0.5, 0.97)], (255, 176, 64))
    _shape(pen, side, [(0.46, 0.66), (0.54, 0.66), (0.5, 0.86)], (255, 240, 180))
    pen.ellipse((0.42 * side, 0.26 * side, 0.58 * side, 0.42 * side), fill=colour)


_THINGS = (
    _Thing(frozenset(("kite", "kites")), _kite, (214, 52, 48), 0.3, (0.6, 0.3), (0.1, 0.04)),
    _Thing(
        frozenset(("balloon", "balloons")),
        _balloon,
        (220, 76, 60),
        0.34,
        (0.42, 0.32),
        (0.08, 0.03),
    ),
    _Thing(
        frozenset(("boat", "sailboat", "ship", "yacht", "sailing")),
        _boat,
        _WHITE,
        0.24,
        (0.48, 0.655),
        (0.12, 0.008),
    ),
    _Thing(
        frozenset(("plane", "airplane", "aeroplane", "glider")),
        _plane,
        _WHITE,
        0.26,
        (0.45, 0.28),
        (0.22, 0.06),
    ),
    _Thing(
        frozenset(("rocket", "spaceship", "spacecraft")),
        _rocket,
        (214, 60, 60),
        0.34,
        (0.5, 0.32),
        (0.05, 0.05),
    ),
)
