"""Who may change whose video."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.people import Own
from bot.domain.refs import Person
from tests.fakes.memory_store.tables import OWN_CHOICES, View


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
