"""Small steps on pictures that several parts of the scene need."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

from PIL import Image

from adapters.providers.simulator.themes import RGB, mix


def seeded(text: str) -> random.Random:
    """Chance that is the same each time for the same text."""
    return random.Random(text)  # noqa: S311 - it draws pictures, it guards nothing


def curve(grey: Image.Image, level: Callable[[int], float]) -> Image.Image:
    """A grey picture with each brightness (0 to 255) replaced by `level` of it."""
    table = [min(255, max(0, int(level(value)))) for value in range(256)]
    return grey.point(table)


def stretched(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture at another size, smooth."""
    return picture.resize(size, Image.Resampling.BICUBIC)


def gradient(size: tuple[int, int], stops: tuple[tuple[float, RGB], ...]) -> Image.Image:
    """Colours from top to bottom; `stops` are places (0 to 1) and colours, in order."""
    width, height = size
    column = Image.new("RGB", (1, height))
    for row in range(height):
        column.putpixel((0, row), _colour_at(stops, row / max(1, height - 1)))
    return stretched(column, (width, height))


def _colour_at(stops: tuple[tuple[float, RGB], ...], place: float) -> RGB:
    for (start, one), (end, other) in pairwise(stops):
        if place <= end:
            return mix(one, other, (place - start) / (end - start))
    return stops[-1][1]
