"""Backends that limit creates in all the ways that are known, on a clock of one's own (ms)."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

MINUTE = 60_000
ENDLESS = 10**9
"""Slots where there is no limit."""


class Rule(StrEnum):
    """How requests per minute are counted."""

    SLIDING = "sliding"
    FIXED = "fixed"
    SPACED = "spaced"


class Hint(StrEnum):
    """What a refusal for the rate says about when to come back."""

    RIGHT = "right"
    """Whole seconds, rounded up, as Retry-After is."""
    NONE = "none"
    SHORT = "short"
    """Always one second."""
    LONG = "long"
    """Always ten minutes."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a backend takes from a moment on: creates a minute, renders at once."""

    since: int
    rate: int
    slots: int = ENDLESS


@dataclass(frozen=True, slots=True)
class Habit:
    """One kind of backend. `limits` follow each other in time.

    `counts_refused` — a refused create counts as one; `queues` — it takes what is over its slots
    and lets it wait, and refuses nothing.
    """

    rule: Rule
    limits: tuple[Limit, ...]
    counts_refused: bool = False
    hint: Hint = Hint.RIGHT
    queues: bool = False
    phase: int = 0
    """When its fixed windows begin (ms)."""

    def at(self, now: int) -> Limit:
        """What is in force then."""
        return [limit for limit in self.limits if limit.since <= now][-1]


@dataclass(frozen=True, slots=True)
class Refused:
    """A 429; `hint` in ms."""

    hint: int | None
    for_slots: bool


@dataclass
class Throttle:
    """A backend of some habit. `now` never goes back from call to call."""

    habit: Habit
    ends: list[int] = field(default_factory=list[int])
    counted: list[int] = field(default_factory=list[int])
    refusals: int = 0

    def create(self, now: int, duration: int) -> int | Refused:
        """When the render ends (ms), or a refusal."""
        limit = self.habit.at(now)
        if self.habit.queues:
            return self._take(now, self._starts(now, limit.slots) + duration)
        if self.running(now) >= limit.slots:
            return self._refuse(now, None, for_slots=True)
        opens = self.opens(now, limit)
        if opens > now:
            return self._refuse(now, opens - now, for_slots=False)
        return self._take(now, now + duration)

    def running(self, now: int) -> int:
        """Renders that have not ended."""
        return len(self.ends) - bisect_right(self.ends, now)

    def opens(self, now: int, limit: Limit) -> int:
        """When the rate lets one more through: now or later."""
        match self.habit.rule:
            case Rule.SPACED:
                return self.counted[-1] + MINUTE // limit.rate if self.counted else now
            case Rule.SLIDING:
                return self._free(limit.rate) if len(self.counted) >= limit.rate else now
            case Rule.FIXED:
                begins = now - (now - self.habit.phase) % MINUTE
                full = sum(moment >= begins for moment in self.counted[-limit.rate :]) >= limit.rate
                return begins + MINUTE if full else now

    def _free(self, rate: int) -> int:
        return self.counted[-rate] + MINUTE

    def _starts(self, now: int, slots: int) -> int:
        later = self.ends[bisect_right(self.ends, now) :]
        return now if len(later) < slots else later[-slots]

    def _take(self, now: int, end: int) -> int:
        self.counted.append(now)
        insort(self.ends, end)
        return end

    def _refuse(self, now: int, wait: int | None, *, for_slots: bool) -> Refused:
        self.refusals += 1
        if self.habit.counts_refused:
            self.counted.append(now)
        return Refused(None if wait is None else self._hinted(wait), for_slots)

    def _hinted(self, wait: int) -> int | None:
        match self.habit.hint:
            case Hint.RIGHT:
                return -(-wait // 1000) * 1000
            case Hint.NONE:
                return None
            case Hint.SHORT:
                return 1000
            case Hint.LONG:
                return 10 * MINUTE


def ideal(habit: Habit, durations: Sequence[int], start: int = 0) -> int:
    """When the last of the renders ends (ms), if each is created at the first moment that is taken.

    No latency, no refusal, and all ends are known at once.
    """
    backend, now, last = Throttle(habit), start, start
    for duration in durations:
        while True:
            limit = habit.at(now)
            opens = 0 if habit.queues else backend.opens(now, limit)
            if not habit.queues and backend.running(now) >= limit.slots:
                opens = max(opens, backend.ends[bisect_right(backend.ends, now)])
            if opens <= now:
                break
            changes = [one.since for one in habit.limits if now < one.since < opens]
            now = changes[0] if changes else opens
        end = backend.create(now, duration)
        assert not isinstance(end, Refused), "the ideal is refused nothing"
        last = max(last, end)
    return last


def durations(number: int, chance: Random) -> list[int]:
    """Renders of 120 to 300 s."""
    return [chance.randrange(120_000, 300_001) for _ in range(number)]
