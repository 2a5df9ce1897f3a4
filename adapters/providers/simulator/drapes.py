"""What drifts in the sky behind the ground: clouds and northern lights."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw, ImageFilter

from adapters.providers.simulator.pixels import seeded, stretched
from adapters.providers.simulator.planes import Mask, Planes, even
from adapters.providers.simulator.ridges import hills
from adapters.providers.simulator.terrain import HORIZON, Layer, looped
from adapters.providers.simulator.themes import RGB, Theme, mix


def cloud_layer(theme: Theme, size: tuple[int, int], seed: str) -> Layer:
    """Soft clouds that drift slowly."""
    width, height = size
    rng = seeded(f"{seed} clouds")
    period, high = width * 2, even(height * HORIZON)
    small = Image.new("L", (period // 4, high // 4))
    for _ in range(round(9 * theme.clouds)):
        _draw_cloud(small, rng)
    soft = small.filter(ImageFilter.GaussianBlur(small.height / 60))
    grey = stretched(soft, (period, high))
    colour = mix((255, 255, 255), theme.sky[2], 0.45)
    return Layer(
        Planes.plain(colour, (width, high)),
        Mask.of(looped(grey, width)),
        top=0,
        period=period,
        pace=width * 0.006,
    )


def _draw_cloud(canvas: Image.Image, rng: random.Random) -> None:
    """Round tops over a flat foot, the largest in the middle."""
    draw = ImageDraw.Draw(canvas)
    wide = canvas.height * rng.uniform(0.22, 0.5)
    x, foot = rng.uniform(0, canvas.width), canvas.height * rng.uniform(0.15, 0.62)
    strength = rng.randrange(120, 200)
    for _ in range(26):
        dx = max(-1.0, min(1.0, rng.gauss(0, 0.45)))
        radius = wide * (0.26 - 0.17 * abs(dx)) * rng.uniform(0.7, 1.1)
        for turn in (-canvas.width, 0, canvas.width):
            middle, top = x + dx * wide + turn, foot - radius * 1.5
            box = (middle - radius * 1.25, top, middle + radius * 1.25, foot + radius * 0.2)
            draw.ellipse(box, fill=strength)


def aurora_layers(size: tuple[int, int], seed: str) -> list[Layer]:
    """Two curtains of light that pass each other."""
    colours = ((86, 240, 170), (150, 110, 235))
    return [_curtain(size, colour, n, seed) for n, colour in enumerate(colours)]


def _curtain(size: tuple[int, int], colour: RGB, number: int, seed: str) -> Layer:
    width, height = size
    rng = seeded(f"{seed} aurora {number}")
    period, high = width * 2, even(height * HORIZON)
    small = Image.new("L", (period // 4, high // 4))
    fold, shine = hills(rng, number), hills(rng, 8)
    for x in range(small.width):
        place = x / small.width
        foot = small.height * (0.45 + 0.4 * fold(place) - 0.1 * number)
        strength = 30 + 190 * shine(place) ** 2 * (1.0 - 0.35 * number)
        _draw_ray(small, x, foot, small.height * (0.35 + 0.3 * shine(place)), strength)
    grey = stretched(small.filter(ImageFilter.GaussianBlur(2)), (period, high))
    pace = width * (0.02 + 0.016 * number)
    return Layer(Planes.plain(colour, (width, high)), Mask.of(looped(grey, width)), 0, period, pace)


def _draw_ray(canvas: Image.Image, x: int, foot: float, tall: float, strength: float) -> None:
    """Brightest a little above the foot, fading upward."""
    for y in range(max(0, int(foot - tall)), min(canvas.height, int(foot))):
        part = (foot - y) / tall
        canvas.putpixel((x, y), int(strength * min(1.0, part * 8) * (1 - part)))
