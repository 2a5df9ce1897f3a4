"""Ridge lines: how high the ground is along a strip."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from adapters.providers.simulator.themes import Ground

Profile = Callable[[float], float]
"""Height (0 to 1) at a place (0 to 1) along the strip; the ends meet."""


def _waves_of(rng: random.Random, turns: tuple[int, ...]) -> list[tuple[int, float, float]]:
    """(turns per period, strength, phase) of a few sines."""
    return [
        (n + rng.randrange(3), 1 / (i + 1), rng.uniform(0, math.tau)) for i, n in enumerate(turns)
    ]


def hills(rng: random.Random, depth: int) -> Profile:
    """Three sines; a larger `depth` gives more and shorter waves."""
    sines = _waves_of(rng, (2 + depth, 5 + depth, 11 + depth))
    total = sum(strength for _, strength, _ in sines)

    def line(place: float) -> float:
        level = sum(s * math.sin(math.tau * n * place + phase) for n, s, phase in sines)
        return 0.5 + 0.5 * level / total

    return line


def _slopes(rng: random.Random, depth: int) -> Profile:
    """Low hills that leave room for trees on top."""
    line = hills(rng, depth)
    return lambda place: 0.38 * line(place)


def _peaks(rng: random.Random, depth: int) -> Profile:
    """Summits and valleys in turn, refined by halves, with the ends equal."""
    count = 4 + depth + rng.randrange(2)
    heights = [rng.uniform(*span) for _ in range(count) for span in ((0.0, 0.3), (0.6, 1.0))]
    rough = 0.12
    while len(heights) < 700:  # noqa: PLR2004 - finer than the step between drawn points
        nexts = [*heights[1:], heights[0]]
        pairs = list(zip(heights, nexts, strict=True))
        middles = [(a + b) / 2 + rng.uniform(-rough, rough) for a, b in pairs]
        heights = [value for pair in zip(heights, middles, strict=True) for value in pair]
        rough *= 0.55

    def line(place: float) -> float:
        at = place * len(heights)
        left, part = int(at), at % 1
        one, other = heights[left % len(heights)], heights[(left + 1) % len(heights)]
        return min(1.0, max(0.0, one + (other - one) * part))

    return line


def _dunes(rng: random.Random, depth: int) -> Profile:
    """Long slopes on one side and sharp crests."""
    count, phase = 2 + depth + rng.randrange(2), rng.random()
    ripple = hills(rng, depth)

    def line(place: float) -> float:
        turn = (place * count + phase) % 1
        slope = turn / 0.7 if turn < 0.7 else (1 - turn) / 0.3  # noqa: PLR2004 - the crest
        return 0.8 * (slope * slope * (3 - 2 * slope)) * (
            0.55 + 0.45 * ripple(place)
        ) + 0.2 * ripple(place)

    return line


def _swell(rng: random.Random, depth: int) -> Profile:
    """Round troughs and pointed crests."""
    count, phase = 12 - 2 * depth + rng.randrange(3), rng.uniform(0, math.tau)
    long = hills(rng, 0)

    def line(place: float) -> float:
        crest = 1 - abs(math.sin(math.pi * count * place + phase))
        return 0.55 * crest**1.5 + 0.45 * long(place)

    return line


PROFILES: dict[Ground, Callable[[random.Random, int], Profile]] = {
    Ground.HILLS: hills,
    Ground.TREES: _slopes,
    Ground.PEAKS: _peaks,
    Ground.DUNES: _dunes,
    Ground.WAVES: _swell,
}
