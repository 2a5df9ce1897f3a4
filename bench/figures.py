"""What a bench found out, and how it is printed."""

from __future__ import annotations

import math
import os
import platform
import sqlite3
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value with its unit. `least` and `most` are goals, where there are some."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether it is where it should be; None without a goal."""
        if self.least is None and self.most is None:
            return None
        above = self.least is None or self.value >= self.least
        return above and (self.most is None or self.value <= self.most)

    @property
    def goal(self) -> str:
        """The goal in words."""
        least = "" if self.least is None else f"≥ {self.least:g}"
        most = "" if self.most is None else f"≤ {self.most:g}"
        return f"{least}{most}"


class Bench(Protocol):
    """One bench: works in an empty `folder`, with a small load when `quick`."""

    def __call__(self, folder: Path, *, quick: bool) -> Awaitable[Sequence[Figure]]:
        """Measure. Raises `AssertionError` when the bot lost something on the way."""
        ...


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a `share` of all are at or below; one of `values`."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(name: str, values: Sequence[float], most: float | None = None) -> tuple[Figure, Figure]:
    """Half and 99 of 100 of the times `values` (ms); `most` is the goal of the latter."""
    return (
        Figure(f"{name}, p50", quantile(values, 0.5), "ms"),
        Figure(f"{name}, p99", quantile(values, 0.99), "ms", most=most),
    )


def rounded(value: float) -> str:
    """Three digits that mean something."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


_MET = {True: "met", False: "missed", None: ""}
_HEAD = ("bench", "figure", "value", "unit", "goal", "")


def rows(bench: str, found: Iterable[Figure]) -> list[tuple[str, ...]]:
    """Lines of the table."""
    return [
        (bench, one.name, rounded(one.value), one.unit, one.goal, _MET[one.met]) for one in found
    ]


def table(lines: Sequence[Sequence[str]]) -> str:
    """All lines as a table in Markdown, with its columns one below the other."""
    wide = [max(len(cell) for cell in column) for column in zip(_HEAD, *lines, strict=True)]
    rule = ["-" * width for width in wide]
    return "\n".join(_line(cells, wide) for cells in (_HEAD, rule, *lines))


def _line(cells: Sequence[str], wide: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, wide, strict=True))
    return f"| {' | '.join(padded)} |"


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    load = ", ".join(f"{minutes:.1f}" for minutes in os.getloadavg())
    return (
        f"{os.cpu_count()} × {_processor()}; Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {platform.system()} {platform.release()}; "
        f"load before: {load}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
