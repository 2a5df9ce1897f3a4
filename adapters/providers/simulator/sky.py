"""The backdrop that does not move: sky, sun, glow, stars."""

from __future__ import annotations

import random
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from adapters.providers.simulator.pixels import curve, gradient, seeded, stretched
from adapters.providers.simulator.terrain import HORIZON
from adapters.providers.simulator.themes import Theme, mix


def backdrop(theme: Theme, size: tuple[int, int], seed: str) -> Image.Image:
    """The whole sky as an RGB picture of `size`."""
    width, height = size
    top, middle, horizon = theme.sky
    stops = ((0.0, top), (HORIZON * 0.55, middle), (HORIZON, horizon), (1.0, horizon))
    sky = gradient(size, stops)
    rng = seeded(f"{seed} sky")
    if theme.stars:
        _draw_stars(sky, rng)
    x = width * rng.choice((rng.uniform(0.2, 0.38), rng.uniform(0.62, 0.8)))
    y = height * HORIZON * (1 - theme.sun_height)
    _draw_sun(sky, theme, (x, y))
    return _dithered(sky, rng)


def _draw_stars(sky: Image.Image, rng: random.Random) -> None:
    draw = ImageDraw.Draw(sky)
    width, height = sky.size
    for _ in range(width * height // 5000):
        x, y = rng.uniform(0, width), rng.uniform(0, height * HORIZON) * rng.uniform(0.3, 1)
        light = rng.randrange(110, 250)
        radius = rng.choice((0.4, 0.6, 0.6, 1.1)) * min(width, height) / 720
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(light, light, 255))


def _draw_sun(sky: Image.Image, theme: Theme, at: tuple[float, float]) -> None:
    short = min(sky.size)
    radius = short * theme.sun_size
    reach = round(radius * 3 + short * 0.35)
    glow = curve(stretched(_glow(), (2 * reach, 2 * reach)), lambda v: v * 0.75)
    corner = (round(at[0]) - reach, round(at[1]) - reach)
    sky.paste(mix(theme.sun, theme.sky[2], 0.25), corner, glow)
    disc = _disc(round(radius))
    sky.paste(theme.sun, (round(at[0] - radius), round(at[1] - radius)), disc)


@cache
def _glow() -> Image.Image:
    """White in the middle, fading to nothing well before the edge of the square.

    Pillow's gradient still has some light at the edges, which would show as a square.
    """
    grey = ImageChops.invert(Image.radial_gradient("L"))
    return curve(grey, lambda v: max(0.0, (v - 75) / 180) ** 2 * 255)


def _disc(radius: int) -> Image.Image:
    big = Image.new("L", (8 * radius, 8 * radius))
    ImageDraw.Draw(big).ellipse((0, 0, 8 * radius - 1, 8 * radius - 1), fill=255)
    return big.reduce(4).filter(ImageFilter.GaussianBlur(max(0.6, radius / 40)))


def _dithered(sky: Image.Image, rng: random.Random) -> Image.Image:
    """A little fixed grain, for 8 bits would show steps in a smooth sky.

    (Pillow's own noise cannot be seeded.)
    """
    tile = curve(Image.frombytes("L", (256, 256), rng.randbytes(256 * 256)), lambda v: v / 128)
    grain = Image.new("L", sky.size)
    for x in range(0, sky.width, 256):
        for y in range(0, sky.height, 256):
            grain.paste(tile, (x, y))
    return ImageChops.add(sky, Image.merge("RGB", (grain, grain, grain)), offset=-1)
