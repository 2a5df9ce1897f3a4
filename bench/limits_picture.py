"""The table of `bench.limits` as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_MOST = 3.0
"""Right end: whatever took longer lies there, with its number."""
_MARKS = {
    "sora-bot": ("o", "#0b6e4f"),
    "token bucket": ("s", "#8a6d3b"),
    "jitter for each job": ("^", "#5b6abf"),
    "1, 2, 4, 8, 16 s": ("X", "#b3261e"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What one policy made of one cell. `ratio` is to the ideal time."""

    cell: str
    policy: str
    ratio: float
    refusals: int
    lost: int


def draw(found: Sequence[Sequence[Found]], target: Path) -> None:
    """One line for each cell, one mark for each policy; what lost jobs is a cross at the right."""
    # The library's types are incomplete.
    figure: Any = Figure(figsize=(9, 0.34 * len(found) + 1.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()
    for policy, (mark, colour) in _MARKS.items():
        rows = [next(one for one in row if one.policy == policy) for row in found]
        places = [_MOST if one.lost else min(one.ratio, _MOST) for one in rows]
        axes.scatter(places, range(len(rows)), marker=mark, color=colour, s=42, label=policy)
        for number, one in enumerate(rows):
            if one.lost:
                words = f"{one.lost} never"
                shift = (6, 4) if policy.startswith("1") else (6, -9)
                axes.annotate(
                    words, (_MOST, number), shift, textcoords="offset points", fontsize=6.5,
                    color=colour,
                )  # fmt: skip
    axes.axvline(1, color="#888", linewidth=0.8)
    axes.set_yticks(range(len(found)), [row[0].cell for row in found], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0.95, _MOST + 0.25)
    axes.set_xlabel(
        "time until all videos are there, over the ideal (at the right: longer, or never)"
    )
    axes.grid(axis="y", linewidth=0.3)
    figure.legend(loc="outside upper center", ncols=4, frameon=False)
    figure.savefig(target, dpi=110)
