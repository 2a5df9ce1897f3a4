"""The ground: four layers that scroll at their own pace."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from adapters.providers.simulator.pixels import gradient, seeded
from adapters.providers.simulator.planes import Mask, Planes, even
from adapters.providers.simulator.ridges import PROFILES, Profile
from adapters.providers.simulator.themes import RGB, Ground, Theme, mix

LAYERS = 4
HORIZON = 0.6
"""Where the sky ends, as a part of the height."""
_STEP = 4
"""Pixels between two points of a ridge line."""
_PACE = (0.008, 0.017, 0.036, 0.07)
"""Widths of the picture per second."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A strip that scrolls and repeats after `period` pixels.

    `pace` is pixels per second, `bob` pixels; `lit` is a second shape on it (windows, snow).
    """

    fill: Planes
    mask: Mask
    top: int
    period: int
    pace: float
    bob: float = 0.0
    lit: tuple[Planes, Mask] | None = None

    def draw_on(self, canvas: Planes, seconds: float) -> None:
        """Put the strip where it is at that time."""
        width = canvas.size[0]
        left = even(self.pace * seconds) % self.period
        rise = even(self.bob * math.sin(seconds * 1.7 + self.pace)) if self.bob else 0
        canvas.draw(self.fill, self.mask.window(left, width), (0, self.top + rise))
        if self.lit:
            canvas.draw(self.lit[0], self.lit[1].window(left, width), (0, self.top + rise))


def ground_layers(theme: Theme, size: tuple[int, int], seed: str) -> list[Layer]:
    """The four strips, the farthest first. Shapes depend on `seed` and the ground alone."""
    return [_ground_layer(theme, size, depth, seed) for depth in range(LAYERS)]


def _ground_layer(theme: Theme, size: tuple[int, int], depth: int, seed: str) -> Layer:
    width, height = size
    rng = seeded(f"{seed} ground {depth}")
    base = height * (HORIZON + 0.02 + 0.105 * depth)
    rise = height * _RISE[theme.ground][depth]
    top, bottom = even(base - rise), _bottom(theme, height, depth)
    strip = (width * 2, max(2, bottom - top))
    shape = _shape(theme.ground, strip, rise, depth, rng)
    return Layer(
        fill=Planes.of(_fill(theme, (width, strip[1]), depth)),
        mask=Mask.of(looped(shape, width)),
        top=top,
        period=strip[0],
        pace=_PACE[depth] * width,
        bob=height * 0.006 * (depth + 1) if theme.ground is Ground.WAVES else 0.0,
        lit=_lit(_details(theme, shape, rise, depth, rng), (width, strip[1])),
    )


_RISE = {
    Ground.HILLS: (0.15, 0.13, 0.12, 0.1),
    Ground.PEAKS: (0.34, 0.22, 0.16, 0.1),
    Ground.TREES: (0.2, 0.2, 0.22, 0.26),
    Ground.DUNES: (0.09, 0.11, 0.13, 0.14),
    Ground.WAVES: (0.03, 0.045, 0.06, 0.08),
    Ground.SKYLINE: (0.34, 0.36, 0.34, 0.26),
}


def _bottom(theme: Theme, height: int, depth: int) -> int:
    """Just below where the next strip is solid; the last one reaches the edge."""
    if depth == LAYERS - 1:
        return height + 20
    extra = 0.03 if theme.ground is Ground.WAVES else 0.0
    return even(height * (HORIZON + 0.02 + 0.105 * (depth + 1) + extra)) + 4


def _fill(theme: Theme, size: tuple[int, int], depth: int) -> Image.Image:
    """Clear at the ridge, misty at the foot: distance in one gradient."""
    part = depth / (LAYERS - 1)
    colour = mix(theme.far, theme.near, part)
    crest = mix(colour, theme.sun, 0.12 * (1 - part) + 0.04)
    foot = mix(colour, theme.sky[2], 0.4 * (1 - part)) if part < 1 else mix(colour, (0, 0, 0), 0.45)
    return gradient(size, ((0.0, crest), (0.25, colour), (1.0, foot)))


# --- shapes -----------------------------------------------------------------------------------


def _shape(
    ground: Ground, strip: tuple[int, int], rise: float, depth: int, rng: random.Random
) -> Image.Image:
    """One period of a strip, drawn twice as large and averaged, so edges are smooth."""
    width, height = strip
    canvas = Image.new("L", (width * 2, height * 2))
    draw = ImageDraw.Draw(canvas)
    if ground is Ground.SKYLINE:
        _draw_towers(draw, (width * 2, height * 2), rise * 2, depth, rng)
    else:
        line = PROFILES[ground](rng, depth)
        _draw_ridge(draw, (width * 2, height * 2), rise * 2, line)
        if ground is Ground.TREES:
            _draw_trees(draw, (width * 2, height * 2), rise * 2, line, rng)
    return canvas.reduce(2)


def _draw_ridge(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], rise: float, line: Profile
) -> None:
    width, height = size
    points = [(x, rise * (1 - line(x / width))) for x in range(0, width + 1, _STEP)]
    draw.polygon([*points, (width, height), (0, height)], fill=255)


def _draw_trees(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], rise: float, line: Profile, rng: random.Random
) -> None:
    """Firs of three skirts each along the ridge; those at the seam are drawn on both ends."""
    width, _ = size
    place = 0.0
    while place < width:
        tall = rise * rng.uniform(0.32, 0.62)
        foot = rise * (1 - line(place / width)) + tall * 0.12
        for x in (place, place - width, place + width):
            _draw_fir(draw, x, foot, tall)
        place += tall * rng.uniform(0.16, 0.5)


def _draw_fir(draw: ImageDraw.ImageDraw, x: float, foot: float, tall: float) -> None:
    for skirt in range(3):
        low, high = foot - tall * 0.26 * skirt, foot - tall * (0.48 + 0.26 * skirt)
        half = tall * (0.2 - 0.05 * skirt)
        draw.polygon([(x - half, low), (x + half, low), (x, high)], fill=255)


def _draw_towers(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], rise: float, depth: int, rng: random.Random
) -> None:
    width, height = size
    place = 0.0
    while place < width:
        wide = height * rng.uniform(0.12, 0.3) * (0.75 + 0.2 * depth)
        top = rise * rng.uniform(0.08, 0.85)
        draw.rectangle((place, top, place + wide * 0.94, height), fill=255)
        if rng.random() < 0.3:  # noqa: PLR2004 - about every third tower has a mast
            middle = place + wide * 0.47
            draw.rectangle((middle - 2, top - rise * 0.12, middle + 2, top), fill=255)
        place += wide
    draw.rectangle((0, rise * 0.9, width, height), fill=255)


def _details(
    theme: Theme, shape: Image.Image, rise: float, depth: int, rng: random.Random
) -> tuple[RGB, Image.Image] | None:
    """Colour and shape of what lies on a layer: lit windows on towers, snow on far summits."""
    if theme.ground is Ground.SKYLINE:
        return mix(theme.sun, theme.sky[2], 0.35), _windows(shape, rng)
    if theme.ground is Ground.PEAKS and depth < 2:  # noqa: PLR2004 - the two far layers
        cap = mix(mix(theme.far, theme.sun, 0.75), theme.sky[2], 0.2 - 0.1 * depth)
        return cap, _snow(shape, rise, rng)
    return None


def _windows(shape: Image.Image, rng: random.Random) -> Image.Image:
    """Some small lights within the towers."""
    lit = Image.new("L", shape.size)
    draw = ImageDraw.Draw(lit)
    step = max(8, even(shape.width / 220))
    for x in range(step, shape.width - step, step):
        for y in range(step, shape.height - step, step):
            inside = all(shape.getpixel((x + dx, y - 2)) for dx in (-3, step))
            if inside and rng.random() < 0.22:  # noqa: PLR2004 - one window in five has light
                draw.rectangle((x, y, x + step // 2, y + step // 2 + 1), fill=rng.choice((90, 170)))
    return lit


def _snow(shape: Image.Image, rise: float, rng: random.Random) -> Image.Image:
    """What of the summits lies above a ragged line."""
    above = Image.new("L", shape.size)
    width, step = shape.width, max(4, round(rise / 22))
    edge = [(x, rise * rng.uniform(0.3, 0.46)) for x in range(0, width, step)]
    ImageDraw.Draw(above).polygon([(0, 0), *edge, (width, edge[0][1]), (width, 0)], fill=215)
    return ImageChops.multiply(shape, above)


def _lit(
    details: tuple[RGB, Image.Image] | None, size: tuple[int, int]
) -> tuple[Planes, Mask] | None:
    if details is None:
        return None
    colour, shape = details
    return Planes.plain(colour, size), Mask.of(looped(shape, size[0]))


def looped(period: Image.Image, width: int) -> Image.Image:
    """One period and the first screen again, so that any window can be cut out."""
    whole = Image.new("L", (period.width + width, period.height))
    whole.paste(period, (0, 0))
    whole.paste(period, (period.width, 0))
    return whole
