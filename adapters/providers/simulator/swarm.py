"""What moves in the air: many small lights, flakes or drops."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from adapters.providers.simulator.pixels import curve, seeded
from adapters.providers.simulator.planes import Planes, Sprite, even
from adapters.providers.simulator.themes import RGB, Air, Theme, mix

_LEVELS = 6
"""Steps of brightness while a particle twinkles."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one sort behaves. Speeds are picture heights per second, sizes 1/720 of the short side.

    `band` is the part of the height it lives in; `rate` how often a second it twinkles.
    """

    count: int
    size: tuple[float, float]
    drift: tuple[float, float]
    fall: tuple[float, float]
    sway: float
    rate: float
    band: tuple[float, float]
    strength: float
    shape: str = "glow"


_KINDS = {
    Air.DUST: _Kind(40, (3, 7), (0.02, 0.06), (-0.01, 0.01), 0.01, 0.25, (0.2, 1.0), 0.45),
    Air.EMBERS: _Kind(64, (3, 8), (-0.02, 0.03), (-0.12, -0.04), 0.02, 0.8, (0.1, 1.05), 0.8),
    Air.FIREFLIES: _Kind(54, (4, 9), (-0.02, 0.02), (-0.01, 0.01), 0.03, 0.4, (0.5, 0.98), 0.95),
    Air.GLITTER: _Kind(90, (9, 26), (0.0, 0.0), (0.0, 0.0), 0.004, 0.9, (0.6, 0.98), 0.8, "dash"),
    Air.RAIN: _Kind(110, (16, 30), (-0.12, -0.1), (1.1, 1.5), 0.0, 0.0, (-0.05, 1.05), 0.4, "drop"),
    Air.SNOW: _Kind(90, (3, 9), (-0.02, 0.02), (0.05, 0.16), 0.02, 0.15, (-0.03, 1.03), 0.9, "dot"),
}


@dataclass(frozen=True, slots=True)
class _Particle:
    x: float
    y: float
    drift: float
    fall: float
    phase: float
    sprites: tuple[Sprite, ...]


class Swarm:
    """All particles of a scene; the same `seed` gives the same dance."""

    def __init__(self, theme: Theme, size: tuple[int, int], seed: str) -> None:
        self._kind = _KINDS[theme.air]
        self._size = size
        rng = seeded(f"{seed} air")
        sprites = _sprites(self._kind, _colour(theme), min(size) / 720, rng)
        self._particles = [self._born(rng, sprites) for _ in range(self._kind.count)]

    def _born(self, rng: random.Random, sprites: list[tuple[Sprite, ...]]) -> _Particle:
        kind = self._kind
        return _Particle(
            x=rng.random(),
            y=rng.random(),
            drift=rng.uniform(*kind.drift),
            fall=rng.uniform(*kind.fall),
            phase=rng.uniform(0, math.tau),
            sprites=rng.choice(sprites),
        )

    def draw_on(self, canvas: Planes, seconds: float) -> None:
        """Put every particle where it is at that time."""
        for one in self._particles:
            level = 0.5 + 0.5 * math.sin(math.tau * self._kind.rate * seconds + one.phase)
            sprite = one.sprites[min(_LEVELS - 1, int(level * _LEVELS))]
            sprite.draw_on(canvas, self._place(one, seconds))

    def _place(self, one: _Particle, seconds: float) -> tuple[int, int]:
        width, height = self._size
        top, bottom = self._kind.band
        sway = self._kind.sway * math.sin(seconds * 1.3 + one.phase)
        x = (one.x + (one.drift * seconds + sway) * height / width) % 1
        y = (one.y + one.fall * seconds) % 1
        # A little wider than the picture, so that nothing pops up at its edge.
        return even((x * 1.1 - 0.05) * width), even((top + (bottom - top) * y) * height)


def _colour(theme: Theme) -> RGB:
    if theme.air is Air.FIREFLIES:
        return 236, 250, 150
    if theme.air is Air.EMBERS:
        return mix(theme.sun, (255, 150, 60), 0.5)
    return mix(theme.sun, (255, 255, 255), 0.5)


def _sprites(
    kind: _Kind, colour: RGB, scale: float, rng: random.Random
) -> list[tuple[Sprite, ...]]:
    """Three sizes, each in all steps of brightness."""
    low, high = kind.size
    shapes = [_shape(kind.shape, scale * rng.uniform(low, high)) for _ in range(3)]
    return [tuple(_lit(shape, colour, kind, step) for step in range(_LEVELS)) for shape in shapes]


def _lit(shape: Image.Image, colour: RGB, kind: _Kind, step: int) -> Sprite:
    part = kind.strength * (0.25 + 0.75 * step / (_LEVELS - 1) if kind.rate else 1.0)
    return Sprite.plain(colour, curve(shape, lambda v: v * part))


def _shape(name: str, size: float) -> Image.Image:
    """A grey picture with even sides, about `size` pixels long."""
    long = max(4, even(size))
    if name == "drop":
        return _line(long, slant=0.08)
    if name == "dash":
        flat = Image.new("L", (long * 4, 16))
        ImageDraw.Draw(flat).ellipse((0, 3, long * 4 - 1, 12), fill=255)
        return flat.reduce(4)
    big = Image.new("L", (long * 4, long * 4))
    inset = long * (1.2 if name == "glow" else 0.4)
    ImageDraw.Draw(big).ellipse((inset, inset, long * 4 - inset, long * 4 - inset), fill=255)
    blur = long * (0.45 if name == "glow" else 0.15)
    return big.filter(ImageFilter.GaussianBlur(blur)).reduce(4)


def _line(long: int, slant: float) -> Image.Image:
    wide = max(4, even(long * slant + 3))
    big = Image.new("L", (wide * 4, long * 4))
    ends = (wide * 4 - 4, 0, wide * 4 - 4 - long * slant * 4, long * 4)
    ImageDraw.Draw(big).line(ends, fill=255, width=5)
    return big.reduce(4)
