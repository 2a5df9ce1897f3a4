"""Three hundred orders at once, against backends that limit creates in all the ways that are known.

The bot's own line, gate, worker and database run on a clock that jumps from one moment to the next
at which something happens. Nothing but its own timers wakes it: the search for lost ones is off.
Beside it, in the same run, the usual guides.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from bench import figures, naive
from bench.figures import Figure
from bench.limits_picture import Found, draw
from bench.throttled import Throttled, live
from bench.throttles import Habit, Hint, Limit, Rule, Throttle, durations, ideal
from bot.domain.gates import Style
from bot.services.line import Allowed

JOBS = 300
RATE = 10
_MINUTE = 60_000
_BEGINS = 29_833_333 * _MINUTE
"""A full minute in September 2026 (ms)."""
_STYLES = {Rule.SLIDING: Style.WINDOW, Rule.FIXED: Style.CLOCK, Rule.SPACED: Style.SPACED}


@dataclass(frozen=True, slots=True)
class Cell:
    """A backend and what the bot was told of it. `most` is the goal, of the ideal time."""

    group: str
    name: str
    habit: Habit
    declared: Allowed
    most: float
    refusals: int | None = None
    """429s at most; None: any number."""


def _habit(rule: Rule, slots: int | None = None, *, counts: bool = False, hint: Hint) -> Habit:
    limit = Limit(0, RATE) if slots is None else Limit(0, RATE, slots)
    return Habit(rule, (limit,), counts, hint)


def _changing(hint: Hint) -> Habit:
    steps = (Limit(0, 10), Limit(10 * _MINUTE, 4), Limit(40 * _MINUTE, 20))
    return Habit(Rule.SLIDING, steps, counts_refused=False, hint=hint)


def _slots_changing() -> Habit:
    steps = (Limit(0, RATE, 5), Limit(30 * _MINUTE, RATE, 3), Limit(90 * _MINUTE, RATE, 8))
    return Habit(Rule.SLIDING, steps, counts_refused=False, hint=Hint.NONE)


def cells() -> list[Cell]:
    """All of the table, in its order."""
    return [*_slot_bound(), *_declared(), *_half_declared(), *_hinted(), *_unhinted()]


def _slot_bound() -> list[Cell]:
    group, most = "slots bind", 1.03
    five = _habit(Rule.SLIDING, 5, hint=Hint.NONE)
    queue = replace(five, queues=True)
    told = Allowed(slots=5, per_minute=RATE, style=Style.WINDOW)
    return [
        Cell(group, "5 slots, declared", five, told, most),
        Cell(group, "5 slots, nothing known", five, Allowed(), most),
        Cell(group, "5 → 3 → 8 slots, nothing known", _slots_changing(), Allowed(), most),
        Cell(group, "5 slots, takes all and lets it wait", queue, Allowed(), most),
    ]


def _declared() -> list[Cell]:
    group = "limits and style declared"
    found: list[Cell] = []
    for rule in Rule:
        for slots in (None, 35):
            habit = _habit(rule, slots, counts=True, hint=Hint.RIGHT)
            told = Allowed(slots, 0, RATE, None, _STYLES[rule])
            name = f"{rule}, {'any' if slots is None else slots} slots"
            found.append(Cell(group, name, habit, told, 1.03, 0))
    return found


def _half_declared() -> list[Cell]:
    group, told = "limits declared, style not", Allowed(per_minute=RATE)
    return [
        Cell(group, f"{rule}, style unknown", habit, told, 1.06, 6)
        for rule in Rule
        for habit in [_habit(rule, counts=rule is Rule.SPACED, hint=Hint.RIGHT)]
    ]


def _hinted() -> list[Cell]:
    group = "only Retry-After"
    wide = _habit(Rule.SLIDING, 35, counts=False, hint=Hint.RIGHT)
    return [
        *(
            Cell(group, f"{rule}, refusals count", habit, Allowed(), 1.12)
            for rule in Rule
            for habit in [_habit(rule, counts=True, hint=Hint.RIGHT)]
        ),
        Cell(group, "sliding, 35 slots", wide, Allowed(), 1.12),
    ]


def _unhinted() -> list[Cell]:
    group, most = "no hint, or a wrong one", 1.30
    return [
        *(
            Cell(group, f"{rule}, no hint", habit, Allowed(), most)
            for rule in Rule
            for habit in [_habit(rule, counts=True, hint=Hint.NONE)]
        ),
        Cell(group, "sliding, says 1 s", _habit(Rule.SLIDING, hint=Hint.SHORT), Allowed(), most),
        Cell(group, "sliding, says 10 min", _habit(Rule.SLIDING, hint=Hint.LONG), Allowed(), most),
        Cell(group, "spaced, says 10 min", _habit(Rule.SPACED, hint=Hint.LONG), Allowed(), most),
        Cell(group, "10 → 4 → 20 a minute, no hint", _changing(Hint.NONE), Allowed(), most),
    ]


# --- one cell -------------------------------------------------------------------------------


def measure(cell: Cell, number: int = JOBS) -> list[Found]:
    """The bot and the guides on one cell; for a process of its own."""
    logging.disable(logging.ERROR)
    seed = sum(cell.name.encode())
    renders = durations(number, _chance(seed))
    # Where in a minute of the clock a run begins is a matter of luck.
    start = _BEGINS + _chance(seed).randrange(_MINUTE)
    habit = _later(cell.habit, start)
    best = ideal(habit, renders, start) - start
    with tempfile.TemporaryDirectory() as folder:
        throttled = Throttled(Throttle(habit), renders, _chance(seed))
        drained = asyncio.run(live(Path(folder), throttled, cell.declared, start))
    rivals = {
        "1, 2, 4, 8, 16 s": naive.drain(habit, renders, naive.guide, _chance(seed), start),
        "jitter for each job": naive.drain(habit, renders, naive.jitter, _chance(seed), start),
        "token bucket": naive.drain(
            habit, renders, naive.jitter, _chance(seed), start, bucket=naive.Bucket(RATE, start)
        ),
    }
    return [
        Found(cell.name, policy, one.last / best, one.refusals, one.lost)
        for policy, one in {"sora-bot": drained, **rivals}.items()
    ]


def _later(habit: Habit, start: int) -> Habit:
    """Changes of limits count from the start of the run."""
    moved = [replace(limit, since=limit.since and limit.since + start) for limit in habit.limits]
    return replace(habit, limits=tuple(moved))


def _chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - repeats a run, keeps no secret


# --- all cells ------------------------------------------------------------------------------


def table(wanted: Sequence[Cell], found: Sequence[Sequence[Found]]) -> str:
    """One line for each cell: time over the ideal, 429s and lost jobs of each policy."""
    head = ["limits", "backend", *(one.policy for one in found[0]), "goal", ""]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for cell, row in zip(wanted, found, strict=True):
        goal = f"≤ {cell.most:.2f}" + ("" if cell.refusals is None else f", ≤ {cell.refusals}")
        met = "met" if reached(cell, row[0]) else "**missed**"
        lines.append(f"| {' | '.join([cell.group, cell.name, *map(_said, row), goal, met])} |")
    return "\n".join(lines)


def reached(cell: Cell, ours: Found) -> bool:
    """Whether the bot did what it should."""
    few = cell.refusals is None or ours.refusals <= cell.refusals
    return ours.ratio <= cell.most and few and not ours.lost


def _said(one: Found) -> str:
    lost = f", {one.lost} never" if one.lost else ""
    time = "—" if one.lost == JOBS else f"{one.ratio:.3f}"
    return f"{time} ({one.refusals:,}{lost})"


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """The worst of each group of cells, as figures."""
    del folder
    wanted = [cell for cell in cells() if not quick or cell.name.endswith("declared")]
    with ProcessPoolExecutor() as pool:
        loop, number = asyncio.get_running_loop(), 20 if quick else JOBS
        found = await asyncio.gather(
            *(loop.run_in_executor(pool, measure, cell, number) for cell in wanted)
        )
    worst: dict[str, tuple[float, float]] = {}
    for cell, row in zip(wanted, found, strict=True):
        assert not row[0].lost
        worst[cell.group] = max(worst.get(cell.group, (0.0, 0.0)), (row[0].ratio, cell.most))
    return [
        Figure(f"worst drain over ideal, {group}", ratio, "times", most=most)
        for group, (ratio, most) in worst.items()
    ]


def main() -> None:
    """The whole table; with ``--picture FILE`` also drawn."""
    parser = argparse.ArgumentParser(prog="python -m bench.limits", description=__doc__)
    parser.add_argument("--picture", type=Path, help="where to draw the table (PNG)")
    given = parser.parse_args()
    wanted = cells()
    print(figures.machine(), flush=True)
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(measure, wanted))
    print(f"{JOBS} jobs at once, renders of 120 to 300 s. Time over the ideal, and in brackets")
    print("429s, and jobs that failed or were not done after 12 hours.\n")
    print(table(wanted, found))
    if given.picture:
        draw(found, given.picture)


if __name__ == "__main__":
    main()
