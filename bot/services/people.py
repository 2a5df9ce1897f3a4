"""What people choose for themselves."""

from __future__ import annotations

from bot.domain.people import OFF, Own
from bot.domain.permits import holds
from bot.domain.refs import Person
from bot.domain.releases import Remixers
from bot.ports import Store
from bot.services.workspaces import Workspaces


class People:
    """One choice at a time, kept for good."""

    def __init__(self, store: Store, workspaces: Workspaces) -> None:
        self._store = store
        self._workspaces = workspaces

    async def remixers(self, person: Person) -> Remixers:
        """Who may change a person's videos, where they chose nothing for one."""
        async with self._store.reading() as tx:
            own = (await tx.people.chosen(person)).get(Own.REMIXERS)
            whole = await self._workspaces.of(tx, person.tenant)
        return holds(Remixers(own) if own else None, whole.house.remixers)

    async def hears(self, person: Person) -> bool:
        """Whether somebody hears of each remix of their videos."""
        async with self._store.reading() as tx:
            return (await tx.people.chosen(person)).get(Own.NOTIFY) != OFF

    async def choose(self, person: Person, own: Own, value: str | None) -> None:
        """Choose something; None goes back to what holds for the workspace."""
        async with self._store.transaction() as tx:
            await tx.people.choose(person, own, value)
