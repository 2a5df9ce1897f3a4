"""What the usual guides do about 429s, on the backends of `throttles` and a clock of its own."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from bench.throttles import MINUTE, Habit, Refused, Throttle

LATENCY = (50, 500)
"""Ms from a request to its answer; it arrives half way."""
LONGEST = 12 * 60 * MINUTE
"""Ms after which nobody waits any more for what is still to be done."""
_GUIDE = 5
"""Tries after the first."""
_CAP = MINUTE


@dataclass(frozen=True, slots=True)
class Drained:
    """What became of a crowd of jobs: when the last video was ready (ms), and at what price."""

    last: int
    done: int
    lost: int
    refusals: int


Again = Callable[[int, Refused, Random], int | None]
"""Ms to wait after try number n was refused; None: give up."""


def guide(tries: int, no: Refused, chance: Random) -> int | None:
    """1, 2, 4, 8 and 16 s, then an error."""
    del no, chance
    return None if tries > _GUIDE else 1000 * 2 ** (tries - 1)


def jitter(tries: int, no: Refused, chance: Random) -> int | None:
    """Anything up to the doubled wait, a minute at most, but no less than it was told; for ever."""
    longest = min(_CAP, 1000 * 2 ** min(tries - 1, 10))
    return max(no.hint or 0, chance.randrange(1, longest + 1))


@dataclass
class Bucket:
    """A token bucket in front since `at`: `rate` a minute, all of them at once if need be."""

    rate: int
    at: int
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.rate

    def wait(self, now: int) -> int:
        """Take a token; ms until it is there."""
        self.tokens = min(self.rate, self.tokens + (now - self.at) * self.rate / MINUTE) - 1
        self.at = now
        return 0 if self.tokens >= 0 else round(-self.tokens * MINUTE / self.rate)


def drain(
    habit: Habit,
    renders: Sequence[int],
    again: Again,
    chance: Random,
    start: int = 0,
    *,
    bucket: Bucket | None = None,
) -> Drained:
    """All jobs at `start`, each on its own."""
    backend, order = Throttle(habit), count()
    # When, which job, which try, and whether it has its token.
    due = [(start, next(order), job, 1, bucket is None) for job in range(len(renders))]
    last, done, lost = start, 0, 0
    while due and due[0][0] - start < LONGEST:
        at, _, job, tries, free = heapq.heappop(due)
        if not free and bucket and (wait := bucket.wait(at)):
            heapq.heappush(due, (at + wait, next(order), job, tries, True))
            continue
        met = backend.create(at, renders[job])
        if isinstance(met, int):
            last, done = max(last, met), done + 1
        elif (wait := again(tries, met, chance)) is None:
            lost += 1
        else:
            at += chance.randrange(*LATENCY) + wait
            heapq.heappush(due, (at, next(order), job, tries + 1, bucket is None))
    return Drained(last - start, done, lost + len(due), backend.refusals)
