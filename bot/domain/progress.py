"""How long it will take, from what it took before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace

ENOUGH = 5
"""Past jobs needed before our own history is trusted over the catalogue."""
BELIEVED = 10_000
"""Ms for which a percentage stands as it was reported: a guess might have to be taken back."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """Ms from submit to finished: half are ready by `median`, nine of ten by `late`."""

    median: int
    late: int


def expect(past: Sequence[int], typical: int) -> Expectation:
    """From durations (ms) of `past` jobs of the kind, else from the catalogue's `typical`."""
    if len(past) < ENOUGH:
        return Expectation(typical, typical * 2)
    ordered = sorted(past)
    return Expectation(quantile(ordered, 0.5), quantile(ordered, 0.9))


def quantile(ordered: Sequence[int], share: float) -> int:
    """Value below which `share` of the sorted values lie, linear between neighbours."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return round(ordered[low] + (ordered[high] - ordered[low]) * (place - low))


def ready_at(submitted_at: int, now: int, hope: Expectation) -> int:
    """When to say it will be ready (ms): the median, then the late time, then a little later."""
    for duration in (hope.median, hope.late):
        if submitted_at + duration > now:
            return submitted_at + duration
    return now + max(5_000, (now - submitted_at) // 10)


def shown_percent(
    reported: int | None,
    submitted_at: int,
    now: int,
    hope: Expectation,
    *,
    queued: bool = False,
    asked_at: int | None = None,
) -> int:
    """The backend's own percentage, else the share of the expected time; never 100 before done.

    What is still `queued` there has not begun: a guess would have to be taken back. A percentage
    of some time ago (`asked_at`, ms) has grown since then, as the expected time has it.
    """
    if reported is not None and reported > 0:
        asked = now if asked_at is None else asked_at
        ready_at = submitted_at + hope.median
        return min(99, max(reported, _grown(reported, asked + BELIEVED, now, ready_at)))
    if queued:
        return 0
    return min(95, 100 * max(0, now - submitted_at) // max(1, hope.median))


def _grown(percent: int, since: int, now: int, ready_at: int) -> int:
    """What `percent` is by now, on its way to 95 at `ready_at`."""
    if ready_at <= since:
        return percent
    return min(95, percent + max(0, 95 - percent) * max(0, now - since) // (ready_at - since))


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a gate lets jobs through: `slots` at once, `spacing` ms apart, from `opens_at`."""

    slots: int
    spacing: int
    opens_at: int


class Forecast:
    """When those in line may start, if each job takes as long as its kind did before."""

    def __init__(self, pace: Pace, ends: Iterable[int], now: int) -> None:
        """`ends` are when the jobs upstream should be ready (ms)."""
        # Without a slot nobody knows; one is the nearest thing to it.
        slots = max(1, pace.slots)
        # Of more runs than slots, the first to end free none.
        busy = sorted(ends)[-slots:]
        self._free_at = [now] * (slots - len(busy)) + busy
        heapify(self._free_at)
        self._opens_at = max(now, pace.opens_at)
        self._spacing = pace.spacing
        self.starts: list[int] = []

    def add(self, duration: int) -> None:
        """One more at the end of the line, who takes `duration` ms."""
        start = max(self._free_at[0], self._opens_at)
        heapreplace(self._free_at, start + duration)
        self._opens_at = start + self._spacing
        self.starts.append(start)
