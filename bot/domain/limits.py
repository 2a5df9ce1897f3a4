"""Who may submit now: one gate for each account at a provider, one line before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Gate:
    """One provider account. Submits are at least `spacing` ms apart and none before `opens_at`.

    `slots` is how many renders may be upstream at once.
    """

    key: str
    opens_at: int = 0
    spacing: int = 0
    slots: int = 4

    def after_grant(self, now: int) -> Gate:
        """The gate once a submit went through it."""
        return replace(self, opens_at=max(self.opens_at, now + self.spacing))

    def paused(self, until: int) -> Gate:
        """The gate after the backend asked everyone to wait; never opens earlier than before."""
        return replace(self, opens_at=max(self.opens_at, until))


@dataclass(frozen=True, slots=True)
class Waiter:
    """A waiting job as the line sees it. `due_at` is its own earliest time."""

    job_id: str
    version: int
    person: str
    accepted_at: int
    due_at: int


@dataclass(frozen=True, slots=True)
class Caps:
    """Renders at once per person and per workspace; None is no limit."""

    person: int | None = None
    workspace: int | None = None


def in_order(waiting: Iterable[Waiter]) -> list[Waiter]:
    """The line: first come, first served."""
    return sorted(waiting, key=lambda waiter: (waiter.accepted_at, waiter.job_id))


def place_in_line(waiting: Iterable[Waiter], job_id: str) -> int | None:
    """1 for the next one, None for a job that does not wait."""
    ids = [waiter.job_id for waiter in in_order(waiting)]
    return ids.index(job_id) + 1 if job_id in ids else None


def next_in_line(
    waiting: Iterable[Waiter], running: Sequence[str], slots: int, caps: Caps, now: int
) -> Waiter | None:
    """The job that may submit now, given the persons of the jobs that `running` upstream.

    A person at their own cap is passed over, not waited for; so is a job that is not due.
    """
    if len(running) >= min(slots, slots if caps.workspace is None else caps.workspace):
        return None
    busy = Counter(running)
    for waiter in in_order(waiting):
        capped = caps.person is not None and busy[waiter.person] >= caps.person
        if waiter.due_at <= now and not capped:
            return waiter
    return None
