"""A quiet pad with plucked notes: four seconds that can be repeated without a seam."""

from __future__ import annotations

import array
import math
import random
import sys
import wave
from pathlib import Path

from adapters.providers.simulator.pixels import seeded

RATE = 24_000
SECONDS = 4
_LENGTH = RATE * SECONDS
_SCALE = (0, 2, 4, 7, 9, 12, 14)
_MINOR = (0, 3, 5, 7, 10, 12, 15)


def write_loop(path: Path, seed: str, *, minor: bool) -> None:
    """Write the loop as a mono 16-bit WAV."""
    rng = seeded(f"sound {seed}")
    root = 110 * 2 ** (rng.randrange(-3, 4) / 12)
    samples = _pad(root, (0, 7, 12, 15 if minor else 16))
    for note, start in _tune(rng, _MINOR if minor else _SCALE):
        _add(samples, _pluck(root * 4 * 2 ** (note / 12)), start)
    data = array.array("h", (max(-32767, min(32767, round(v * 32767))) for v in samples))
    if sys.byteorder == "big":
        data.byteswap()
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, len(data), "NONE", "not compressed"))
        out.writeframes(data.tobytes())


def _pad(root: float, steps: tuple[int, ...]) -> list[float]:
    """A chord of sines with whole turns in two seconds, breathing slowly."""
    half = _LENGTH // 2
    one = [0.0] * half
    for step in steps:
        turns = round(root * 2 ** (step / 12) * SECONDS / 2)
        table = [0.07 * math.sin(math.tau * n / half) for n in range(half)]
        place = 0
        for n in range(half):
            one[n] += table[place]
            place += turns
            if place >= half:
                place -= half
    breath = [0.75 - 0.25 * math.cos(math.tau * n / half) for n in range(half)]
    return [a * b for a, b in zip(one, breath, strict=True)] * 2


def _tune(rng: random.Random, scale: tuple[int, ...]) -> list[tuple[int, int]]:
    """Notes (half tones above the root) and the sample at which each starts, on eighths."""
    beats = [beat for beat in range(8) if beat == 0 or rng.random() < 0.65]  # noqa: PLR2004 - odds
    return [(rng.choice(scale), beat * _LENGTH // 8) for beat in beats]


def _pluck(pitch: float) -> list[float]:
    """A note that dies away within 0.7 s."""
    count = int(RATE * 0.7)
    turn = math.tau * pitch / RATE
    return [
        0.16 * math.exp(-5.5 * n / RATE) * min(1.0, n / 90) * math.sin(turn * n)
        for n in range(count)
    ]


def _add(samples: list[float], note: list[float], start: int) -> None:
    """Mix a note in; its end wraps around to the beginning of the loop."""
    for n, value in enumerate(note, start):
        samples[n % _LENGTH] += value
