"""The table: every place where a life may end, and every place where the next one may.

A life knows nothing but what outlived the one before. So a case is lived once, and at each gate a
copy is kept of what a crash there would leave; each copy is lived on from, with its own gates kept,
and each of those again. Gates between which nothing changed leave the same: one life tells of all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tests.crashes.laws import broken, unfinished
from tests.crashes.lives import BEFORE_COMMIT, Life, Past, Plan
from tests.crashes.stories import Case
from tests.fakes.memory_store.tables import Stored


@dataclass
class Gates:
    """What a crash at each gate of a life would leave, with the number of gates that leave it.

    Nothing is kept where `keeps` is False: then it only sees that all is well.
    """

    keeps: bool = True
    left: list[tuple[Past, str]] = field(default_factory=list[tuple[Past, str]])
    times: Counter[int] = field(default_factory=Counter[int])
    faults: list[str] = field(default_factory=list[str])
    heard: set[str] = field(default_factory=set[str])
    """Calls that were watched."""
    _stored: Stored | None = None
    _mark: tuple[object, ...] = ()
    _seen: tuple[object, ...] = ()

    def __call__(self, life: Life, what: str) -> None:
        now = life.moment()
        self.heard.add(what.split()[1])
        if now.stored is not self._stored or _mark(now) != self._mark:
            self._look(now, what)
            self._stored, self._mark = now.stored, _mark(now)
            if self.keeps:
                self.left.append((now.copy(), what))
        self.times[len(self.left) - 1] += 1

    def _look(self, now: Past, what: str) -> None:
        """No law for any moment is about what stands in the chat, or about the clock."""
        seen = (now.backend.changes, now.files.changes)
        if now.stored is not self._stored or seen != self._seen:
            self._seen = seen
            self.faults += [f"at {what!r}: {words}" for words in broken(now, self._stored)]

    def __iter__(self) -> Iterator[tuple[Past, str, int]]:
        for number, (past, what) in enumerate(self.left):
            yield past, f"{what} ({number})", self.times[number]


def _mark(past: Past) -> tuple[object, ...]:
    """Differs whenever something changed, but for what is stored, which is another object then."""
    changes = (past.backend.changes, past.screen.changes, past.files.changes)
    return (*changes, past.now, past.ids, past.answers)


@dataclass
class Report:
    """What came of cases: `scenarios` with no crash, one or two; `lives` it took to try them."""

    scenarios: int = 0
    lives: int = 0
    faults: list[str] = field(default_factory=list[str])

    def __add__(self, other: Report) -> Report:
        return Report(
            self.scenarios + other.scenarios, self.lives + other.lives, self.faults + other.faults
        )


def born_again(past: Past, plan: Plan) -> Past:
    """What the next life finds."""
    return replace(past.copy(), now=past.now + plan.downtime)


def plan_of(case: Case) -> Plan:
    """How a case is lived, with all its protections."""
    return Plan(case.story.acts, case.story.options)


async def tried(case: Case, crashes: int, plan: Plan | None = None) -> Report:
    """A case with up to so many crashes, each of them everywhere."""
    return await _Trial(case, plan or plan_of(case)).go(await case.begin(), crashes)


async def pressed(case: Case, crashes: int, plan: Plan | None = None) -> Report:
    """The same, with the second act at every gate of the first life, while the bot works."""
    plan, report = plan or plan_of(case), Report()
    for gate in await gates_of(case):
        report += await tried(case, crashes, replace(plan, press=gate))
    return report


async def gates_of(case: Case) -> tuple[int, ...]:
    """Gates of a life without a crash, but for those where who presses has to wait for the next."""
    heard: list[str] = []
    await Life(await case.begin(), plan_of(case), lambda _, what: heard.append(what)).run()
    return tuple(n for n, what in enumerate(heard, 1) if what != BEFORE_COMMIT)


async def rows(case: Case) -> int:
    """Scenarios of a case with up to two crashes, counted without living the last of them."""
    plan, gates = plan_of(case), Gates()
    await Life(await case.begin(), plan, gates).run()
    number = 1
    for left, _, times in gates:
        later = Life(born_again(left, plan), plan)
        await later.run()
        number += times * (1 + later.gates)
    return number


@dataclass(frozen=True)
class _Trial:
    case: Case
    plan: Plan
    died: tuple[str, ...] = ()
    times: int = 1

    async def go(self, past: Past, crashes: int) -> Report:
        """This life, and all that may follow it."""
        gates = Gates(keeps=bool(crashes))
        end = await Life(past, self.plan, gates).run()
        found = [*gates.faults, *unfinished(end, self.plan.acts, self.case.expected)]
        report = Report(self.times, 1, [f"{self.case} | died {self.died}: {one}" for one in found])
        for left, what, times in gates:
            report += await self._after(what, times).go(born_again(left, self.plan), crashes - 1)
        return report

    def _after(self, what: str, times: int) -> _Trial:
        plan = replace(self.plan, press=None)
        return _Trial(self.case, plan, (*self.died, what), self.times * times)
