"""When to ask about a job again: learned from how long jobs of its kind took. Ages are ms.

A question costs `QUESTION_COST`, each ms for which a finished video waits unseen costs one. The
plan is the cheapest there is for the durations that are to be expected.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bot.domain.progress import Expectation, expect

ENOUGH = 10
"""Past jobs from which a plan is learned."""
MOST = 200
"""Past jobs that a plan is learned from, the newest."""
QUESTION_COST = 560
"""Ms of delay that are as bad as one more question."""
SHORTEST, LONGEST = 1_000, 60_000
"""Ms between two questions, whatever was learned."""
LONGEST_HINTED = 15_000
"""Ms between two questions where the backend says when to ask."""
SAFETY_NET = 60_000
"""Ms between two questions about a job whose webhook did not come."""
UNLEARNED_GAP = 12_000
"""Ms between two questions while too little is known."""
CELLS = 600
"""Steps in time that a plan has at most."""
SURPRISE = 0.05
"""Share of jobs that may take any time at all: the past is no promise."""
BEYOND = 1.4
"""What is still expected, of the longest duration that was seen."""
BLUR = 0.05
"""Share of its own duration by which a past job blurs at least."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When to ask: at `ages`, in order, then less and less often. `hope` is what is expected.

    `learned`: from enough past jobs, and not only from the catalogue.
    """

    ages: Sequence[int]
    hope: Expectation
    learned: bool = False

    def after(self, age: int) -> int:
        """The age at which to ask, given that the job was not finished at `age`; always later."""
        at = bisect_right(self.ages, age + SHORTEST // 2)
        if at < len(self.ages):
            return max(self.ages[at], age + SHORTEST)
        return age + _between(SHORTEST, age // 10, LONGEST)


def plan(past: Sequence[int], typical: int) -> Plan:
    """From durations (ms) of `past` jobs of the kind, else from the catalogue's `typical`."""
    hope = expect(past, typical)
    if len(past) < ENOUGH:
        return Plan(_every(_between(SHORTEST, hope.median // 10, UNLEARNED_GAP), hope), hope)
    step = max(SHORTEST, -(-int(max(past) * BEYOND) // CELLS))
    density = _density(past, step)
    ages = [(cell + 1) * step for cell in _cheapest(density, QUESTION_COST / step)]
    return Plan(ages, hope, learned=True)


def next_poll(plan: Plan, submitted_at: int, now: int, hinted: int | None = None) -> int:
    """When to ask again (ms): as the backend said, else as planned. Always after `now`."""
    if hinted is not None:
        return now + _between(SHORTEST, hinted, LONGEST_HINTED)
    # A backend's clock may be ahead of ours.
    age = max(0, now - submitted_at)
    return now + plan.after(age) - age


def next_check(plan: Plan, submitted_at: int, now: int) -> int:
    """When to ask (ms) about a job whose webhook should come: late, and then now and again."""
    late = submitted_at + plan.hope.late
    return late if late >= now + SHORTEST else now + SAFETY_NET


def finished_between(asked_at: int, now: int) -> int:
    """When a job ended (ms) that was not ready at `asked_at`, and is `now`: in the middle.

    Taken for ready only now, jobs would seem to take longer with each plan made of them, which
    then asks later and later.
    """
    return now - max(0, now - asked_at) // 2


def _between(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))


def _every(gap: int, hope: Expectation) -> Sequence[int]:
    """One question each `gap`, from the age on at which quick jobs are ready."""
    return range(max(gap, hope.median * 2 // 5), hope.late * 2, gap)


def _density(past: Sequence[int], step: int) -> list[float]:
    """Share of jobs that end in each cell of `step` ms.

    Each past job stands for the time between its neighbours: close where many ended, wide where
    few did.
    """
    ordered = sorted(past)
    cells = int(ordered[-1] * BEYOND) // step + 1
    reach = max(2, round(len(ordered) ** 0.5))
    slopes = [0.0] * (cells + 1)
    for place, duration in enumerate(ordered):
        blur = int(duration * BLUR) + step // 2
        low = min(ordered[max(0, place - reach)], duration - blur)
        high = max(ordered[min(len(ordered) - 1, place + reach)], duration + blur)
        begin, end = max(0, low // step), min(cells, high // step + 1)
        share = 1 / (len(ordered) * (end - begin))
        slopes[begin] += share
        slopes[end] -= share
    surprise = SURPRISE / cells
    return [surprise + (1 - SURPRISE) * share for share in accumulate(slopes[:-1])]


def _cheapest(density: Sequence[float], cost: float) -> list[int]:
    """The cells at whose ends to ask, the last one among them; `cost` of a question is in cells.

    From the end backwards, `total[i]` is what is still to be paid when the job is not ready at
    cell i. With `ended` and `moment` as sums of shares and of shares by time,

        total[i] = cost·(1 - ended[i]) + min over j > i of
                   j·(ended[j] - ended[i]) - (moment[j] - moment[i]) + total[j]

    where each j is a straight line over ended[i]. Going back, ended[i] only falls, so the lines
    below all others are met in the order in which they came in, and this takes one pass.
    """
    cells = len(density)
    ended = [0.0, *accumulate(density)]
    moment = [0.0, *accumulate(share * cell for cell, share in enumerate(density))]
    follows = [cells] * cells
    lines: deque[tuple[int, float]] = deque()
    total = 0.0
    for at in range(cells - 1, -1, -1):
        after = at + 1
        _add(lines, (after, after * ended[after] - moment[after] + total))
        height = ended[at]
        while len(lines) > 1 and _height(lines[1], height) <= _height(lines[0], height):
            lines.popleft()
        follows[at] = lines[0][0]
        total = cost * (1 - height) + moment[at] + _height(lines[0], height)
    return list(_steps(follows))


def _height(line: tuple[int, float], ended: float) -> float:
    return line[1] - line[0] * ended


def _add(lines: deque[tuple[int, float]], new: tuple[int, float]) -> None:
    """Put the new line in, and throw out those that are nowhere below all others any more."""
    while len(lines) > 1 and _is_hidden(lines[-2], lines[-1], new):
        lines.pop()
    lines.append(new)


def _is_hidden(
    left: tuple[int, float], middle: tuple[int, float], right: tuple[int, float]
) -> bool:
    """Whether the right line is below the middle one from where that gets below the left one."""
    falls, rises = left[1] - middle[1], middle[1] - right[1]
    return rises * (left[0] - middle[0]) >= falls * (middle[0] - right[0])


def _steps(follows: Sequence[int]) -> Iterator[int]:
    at = 0
    while at < len(follows):
        at = follows[at]
        yield at - 1
