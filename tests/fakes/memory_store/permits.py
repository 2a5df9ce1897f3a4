"""Who may change whose video."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.domain.people import Own
from bot.domain.permits import Ask, AskState
from bot.domain.refs import Person, Tenant
from tests.fakes.memory_store.tables import ASKS, JOBS, OWN_CHOICES, PERMITS, View, refuse


class MemoryPeople:
    """`PersonRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def chosen(self, person: Person) -> Mapping[Own, str]:
        whose = (person.tenant, person.id)
        rows = self._view.of(OWN_CHOICES).items()
        return {own: value for (tenant, who, own), value in rows if (tenant, who) == whose}

    async def choose(self, person: Person, own: Own, value: str | None) -> None:
        chosen = self._view.change(OWN_CHOICES)
        if value is None:
            chosen.pop((person.tenant, person.id, own), None)
        else:
            chosen[person.tenant, person.id, own] = value


class MemoryPermits:
    """`PermitRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def give(self, job_id: str, person: Person, at: int, *, always: bool) -> None:
        if job_id not in self._view.of(JOBS):
            raise refuse("permits_job_id_exists")
        key = (job_id, person.tenant, person.id)
        before = self._view.of(PERMITS).get(key, False)
        self._view.change(PERMITS)[key] = always or before

    async def has(self, job_id: str, person: Person) -> bool:
        return (job_id, person.tenant, person.id) in self._view.of(PERMITS)

    async def use(self, job_id: str, person: Person) -> None:
        key = (job_id, person.tenant, person.id)
        if self._view.of(PERMITS).get(key) is False:
            del self._view.change(PERMITS)[key]

    async def forget(self, job_id: str) -> None:
        for key in tuple(self._view.of(PERMITS)):
            if key[0] == job_id:
                del self._view.change(PERMITS)[key]


class MemoryAsks:
    """`AskRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, ask: Ask) -> Ask | None:
        if ask.job_id not in self._view.of(JOBS):
            raise refuse("asks_job_id_exists")
        tenant, interaction = ask.person.tenant, ask.order.interaction
        for one in self._found(lambda one: one.person.tenant == tenant):
            if one.order.interaction == interaction:
                return one
        about = (ask.job_id, ask.person)
        if self._found(lambda one: (one.job_id, one.person) == about and _is_open(one)):
            return None
        self._view.change(ASKS)[ask.id] = replace(
            ask,
            person=replace(ask.person, admin=False, bot=False),
            author=Person(ask.author.tenant, ask.author.id, ask.author.name),
        )
        return ask

    async def get(self, tenant: Tenant, ask_id: str) -> Ask | None:
        found = self._view.of(ASKS).get(ask_id)
        return found if found and tenant in {found.person.tenant, found.author.tenant} else None

    async def settle(
        self, ask: Ask, state: AskState, at: int, *, reason: str = "", problem: str = ""
    ) -> bool:
        found = self._view.of(ASKS).get(ask.id)
        if found is None or not _is_open(found):
            return False
        settled = replace(found, state=state, reason=reason, problem=problem)
        self._view.change(ASKS)[ask.id] = settled
        return True

    async def waiting(self, author: Person, limit: int) -> tuple[Ask, ...]:
        return self._found(lambda one: one.author == author and _is_open(one))[:limit]

    async def by(self, person: Person, limit: int) -> tuple[Ask, ...]:
        return self._found(lambda one: one.person == person)[::-1][:limit]

    async def between(self, home: Tenant, other: Tenant) -> tuple[Ask, ...]:
        ends = (home, other)
        return self._found(
            lambda one: (one.author.tenant, one.person.tenant) == ends and _is_open(one)
        )

    async def overdue(self, before: int, limit: int) -> tuple[Ask, ...]:
        return self._found(lambda one: one.asked_at <= before and _is_open(one))[:limit]

    async def tidy(self, before: int) -> None:
        for one in self._found(lambda one: one.asked_at < before and not _is_open(one)):
            del self._view.change(ASKS)[one.id]

    def _found(self, fits: Callable[[Ask], bool]) -> tuple[Ask, ...]:
        """The oldest first."""
        found = [one for one in self._view.of(ASKS).values() if fits(one)]
        return tuple(sorted(found, key=lambda one: (one.asked_at, one.id)))


def _is_open(ask: Ask) -> bool:
    return ask.state is AskState.OPEN
