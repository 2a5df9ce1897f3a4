"""Wishes that a video is taken down."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.refs import Person, Tenant
from bot.domain.takedowns import Takedown, TakedownState
from tests.fakes.memory_store.tables import JOBS, TAKEDOWNS, View, refuse


class MemoryTakedowns:
    """`TakedownRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, takedown: Takedown) -> Takedown:
        if takedown.job_id not in self._view.of(JOBS):
            raise refuse("takedowns_job_id_exists")
        about = (takedown.job_id, takedown.person)
        for one, _ in self._view.of(TAKEDOWNS).values():
            if (one.job_id, one.person) == about:
                return one
        plain = replace(takedown, author=_named(takedown.author), person=_named(takedown.person))
        self._view.change(TAKEDOWNS)[takedown.id] = (plain, 0)
        return takedown

    async def get(self, tenant: Tenant, takedown_id: str) -> Takedown | None:
        found, _ = self._view.of(TAKEDOWNS).get(takedown_id, (None, 0))
        return found if found and tenant in {found.person.tenant, found.author.tenant} else None

    async def open(self, tenant: Tenant, limit: int) -> tuple[Takedown, ...]:
        return tuple(one for one in self._open() if one.author.tenant == tenant)[:limit]

    async def about(self, job_id: str) -> tuple[Takedown, ...]:
        return tuple(one for one in self._open() if one.job_id == job_id)

    async def decide(
        self, takedown: Takedown, state: TakedownState, by: Person, answer: str, at: int
    ) -> bool:
        found, _ = self._view.of(TAKEDOWNS).get(takedown.id, (None, 0))
        if found is None or found.state is not TakedownState.OPEN:
            return False
        decided = replace(found, state=state, decided_by=_named(by), answer=answer)
        self._view.change(TAKEDOWNS)[takedown.id] = (decided, at)
        return True

    async def strikes(self, author: Person, since: int) -> tuple[int, ...]:
        times = {
            (one.job_id, at)
            for one, at in self._view.of(TAKEDOWNS).values()
            if one.author == author and one.state is TakedownState.DOWN and at >= since
        }
        return tuple(sorted(at for _, at in times))

    def _open(self) -> list[Takedown]:
        """The oldest first."""
        found = [one for one, _ in self._view.of(TAKEDOWNS).values()]
        waiting = [one for one in found if one.state is TakedownState.OPEN]
        return sorted(waiting, key=lambda one: (one.asked_at, one.id))


def _named(person: Person) -> Person:
    return Person(person.tenant, person.id, person.name)
