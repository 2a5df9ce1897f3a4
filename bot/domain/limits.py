"""Who may submit now: the line before the gate of an account at a provider."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiter:
    """A waiting job as the line sees it. `person` is a key, `due_at` its own earliest time.

    `held_back`: an admin wants it to be sent later.
    """

    job_id: str
    version: int
    person: str
    accepted_at: int
    due_at: int
    held_back: bool = False


@dataclass(frozen=True, slots=True)
class Caps:
    """Renders at once per person and per workspace; None is no limit."""

    person: int | None = None
    workspace: int | None = None


def in_order(waiting: Iterable[Waiter]) -> list[Waiter]:
    """The line: first come, first served."""
    return sorted(waiting, key=lambda waiter: (waiter.accepted_at, waiter.job_id))


def may_start(
    waiting: Iterable[Waiter], running: Sequence[str], slots: int, caps: Caps, now: int
) -> list[Waiter]:
    """The jobs that may submit now, in order, given the persons of the jobs already upstream.

    Whoever is at their own cap, or in a workspace that is at its cap, is passed over and not
    waited for; so is a job that is not due, or that an admin holds back.
    """
    persons, workspaces = Counter(running), Counter(map(_workspace, running))
    chosen: list[Waiter] = []
    for waiter in in_order(waiting):
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
