"""Who is next: lanes, a round robin between the people inside a lane, and ageing.

A person's n-th waiting job ranks behind as many turns as they have renders on their way and jobs
before it; between equal turns, whoever was served longest ago, or came first, goes first. So one
who queues much waits behind their own jobs and not in front of those of others.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

_HOUR = 3_600_000
NORMAL_AGES = 4 * _HOUR
"""Ms after which a job that counts as normal counts as urgent."""
RELAXED_AGES = 8 * _HOUR
"""Ms after which a relaxed job counts as normal, if no off-peak window came before."""

Kind = tuple[str, int, int, int]
"""What jobs of one length have in common: model, width, height, seconds."""


class Lane(StrEnum):
    """How much a job is in a hurry; an earlier lane goes first."""

    URGENT = "urgent"
    NORMAL = "normal"
    RELAXED = "relaxed"


@dataclass(frozen=True, slots=True)
class Waiter:
    """A waiting job as the line sees it. `person` is a key, `due_at` its own earliest time.

    `since` is when it came into line: at accept, or at the start that its person chose. At
    `off_peak_at` a relaxed one begins to count as normal. `served_at` is when the person last
    gave back a slot, 0 for never. `held_back`: an admin wants it to be sent later. Times are ms.
    """

    job_id: str
    version: int
    person: str
    since: int
    due_at: int
    held_back: bool = False
    lane: Lane = Lane.NORMAL
    off_peak_at: int | None = None
    served_at: int = 0
    kind: Kind = ("", 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Run:
    """A job that takes a slot, and since when (ms)."""

    person: str
    since: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Caps:
    """Renders at once per person and per workspace; None is no limit."""

    person: int | None = None
    workspace: int | None = None


Rank = tuple[bool, int, int, int, int, str]
"""Sorts the line: held back, not before, level, turn, since or served, id."""
_Group = tuple[str, bool, int, int]


def level(waiter: Waiter, now: int) -> int:
    """0 goes first. Nobody stays behind for ever: who waited long counts as the lane before."""
    if waiter.lane is Lane.URGENT:
        return 0
    normal_at = waiter.since
    if waiter.lane is Lane.RELAXED:
        aged_at = normal_at + RELAXED_AGES
        normal_at = min(aged_at, max(normal_at, waiter.off_peak_at or aged_at))
        if now < normal_at:
            return 2
    return 1 if now < normal_at + NORMAL_AGES else 0


class Ranks:
    """Gives each waiting job its rank, in the order in which they came."""

    def __init__(self, running: Iterable[str], now: int) -> None:
        self._running = Counter(running)
        self._before: Counter[_Group] = Counter()
        self._now = now

    def of(self, waiter: Waiter) -> Rank:
        """The rank of a job behind all of the same person's that were asked about before."""
        later = waiter.due_at if waiter.due_at > self._now else 0
        lane = level(waiter, self._now)
        group = (waiter.person, waiter.held_back, later, lane)
        turn = self._running[waiter.person] + self._before[group]
        self._before[group] += 1
        claim = max(waiter.since, waiter.served_at)
        return (waiter.held_back, later, lane, turn, claim, waiter.job_id)


def in_order(waiting: Iterable[Waiter], running: Iterable[str], now: int) -> list[Waiter]:
    """The line, given the persons of the jobs upstream: one order of all, whoever asks.

    What is not due at `now` comes behind, and what is held back last.
    """
    return [waiter for _, waiter in _ranked(Ranks(running, now), waiting)]


def _ranked(ranks: Ranks, waiting: Iterable[Waiter]) -> list[tuple[Rank, Waiter]]:
    came = sorted(waiting, key=lambda waiter: (waiter.since, waiter.job_id))
    # No two ranks are equal, for ids are not: so waiters themselves are never compared.
    return sorted(((ranks.of(waiter), waiter) for waiter in came), key=lambda pair: pair[0])


def may_start(
    waiting: Iterable[Waiter], running: Sequence[str], slots: int, caps: Caps, now: int
) -> list[Waiter]:
    """The jobs that may submit now, in order, given the persons of the jobs already upstream.

    Whoever is at their own cap, or in a workspace that is at its cap, is passed over and not
    waited for; so is a job that is not due, or that an admin holds back.
    """
    persons, workspaces = Counter(running), Counter(map(_workspace, running))
    chosen: list[Waiter] = []
    for waiter in in_order(waiting, running, now):
        if len(running) + len(chosen) >= slots:
            break
        workspace = _workspace(waiter.person)
        capped = _full(persons[waiter.person], caps.person) or _full(
            workspaces[workspace], caps.workspace
        )
        if waiter.due_at <= now and not (capped or waiter.held_back):
            persons[waiter.person] += 1
            workspaces[workspace] += 1
            chosen.append(waiter)
    return chosen


def _workspace(person: str) -> str:
    """``web/demo`` of ``web/demo/ana``."""
    return person.rpartition("/")[0]


def _full(number: int, cap: int | None) -> bool:
    return cap is not None and number >= cap


class Standings:
    """A line as it stood at `now`, with everyone's place; jobs that come meanwhile can join it."""

    def __init__(self, waiting: Iterable[Waiter], running: Iterable[str], now: int) -> None:
        self._all_ranks = Ranks(running, now)
        ranked = _ranked(self._all_ranks, waiting)
        self._ranks = [rank for rank, _ in ranked]
        self._by_job: dict[str, tuple[Rank, Waiter]] = {
            waiter.job_id: (rank, waiter) for rank, waiter in ranked
        }

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._by_job

    def join(self, waiter: Waiter) -> None:
        """Let one more stand in line, behind what its person had there before."""
        rank = self._all_ranks.of(waiter)
        insort(self._ranks, rank)
        self._by_job[waiter.job_id] = (rank, waiter)

    def waiter(self, job_id: str) -> Waiter:
        """One of those in line; raises `KeyError` for any other job."""
        return self._by_job[job_id][1]

    def place(self, job_id: str) -> int:
        """1 is next; raises `KeyError` for a job that is not in line."""
        return bisect_left(self._ranks, self._by_job[job_id][0]) + 1

    def ready(self, job_id: str) -> bool:
        """Whether it needs nothing but its turn."""
        held_back, later, *_ = self._by_job[job_id][0]
        return not (held_back or later)

    def in_turn(self) -> list[Waiter]:
        """All that are ready, in order."""
        line = [self._by_job[rank[-1]][1] for rank in self._ranks]
        return [waiter for waiter in line if self.ready(waiter.job_id)]
