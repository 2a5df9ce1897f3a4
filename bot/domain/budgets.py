"""Real money per period: a hard cap, a part of it kept back for the urgent, and when to warn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.domain.quotas import Period
from bot.domain.refs import Person
from bot.domain.usage import WORKSPACE, channel_in, provider_in

THRESHOLDS = (50, 75, 90, 100)
"""Percent of a cap at which admins are told, once in a period each."""


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `cap` (USD·10⁻⁶) per calendar `period` for a scope, as `domain.usage` names it.

    The last `reserve` of it is for people with `reserve_role` alone; for admins where that is None.
    """

    scope: str
    period: Period
    cap: int
    reserve: int = 0
    reserve_role: str | None = None

    def open_to(self, person: Person) -> int:
        """How much of the cap somebody may use."""
        return self.cap if self.urgent(person) else self.cap - self.reserve

    def urgent(self, person: Person) -> bool:
        """Whether the work of somebody is urgent."""
        return person.admin if self.reserve_role is None else self.reserve_role in person.roles


@dataclass(frozen=True, slots=True)
class Spending:
    """A budget in the period that began at `started_at` and ends at `ends_at` (ms)."""

    budget: Budget
    spent: int
    started_at: int
    ends_at: int

    @property
    def reached(self) -> tuple[int, ...]:
        """The thresholds that were reached; none of a budget of nothing."""
        cap = self.budget.cap
        return tuple(t for t in THRESHOLDS if cap and self.spent * 100 >= t * cap)

    @property
    def left(self) -> int:
        """What is left of the cap; never below zero."""
        return max(0, self.budget.cap - self.spent)


def concerned(budgets: Iterable[Budget], channel: str, provider: str) -> Iterator[Budget]:
    """The budgets that an order in `channel` at `provider` counts toward."""
    for budget in budgets:
        in_channel = channel_in(budget.scope) == channel
        at_provider = provider_in(budget.scope) == provider
        if budget.scope == WORKSPACE or in_channel or at_provider:
            yield budget


def may_hurry(budgets: Iterable[Budget], person: Person) -> bool:
    """Whether somebody's work may go first: an admin's, or what a reserve is kept for."""
    return person.admin or any(budget.urgent(person) for budget in budgets if budget.reserve)


def first_over(spendings: Iterable[Spending], person: Person, asked: int) -> Spending | None:
    """The first budget that would not bear `asked` more (USD·10⁻⁶) for a person.

    What costs nothing never fails.
    """
    for spending in spendings:
        if asked and spending.spent + asked > spending.budget.open_to(person):
            return spending
    return None
