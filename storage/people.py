"""What people chose for themselves."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import Own
from bot.domain.refs import Person
from storage.dialects import in_place
from storage.mapping import workspace_columns
from storage.tables import own_choices

_THEIRS = [own_choices.c[name] == bindparam(name) for name in ("platform", "tenant", "person")]
_CHOSEN = select(own_choices.c.name, own_choices.c.value).where(*_THEIRS)
_DROP = delete(own_choices).where(*_THEIRS, own_choices.c.name == bindparam("name"))
_SET = in_place(own_choices, "value")


class SqlPeople:
    """`PersonRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def chosen(self, person: Person) -> Mapping[Own, str]:
        """Everything that somebody chose."""
        rows = await self._connection.execute(_CHOSEN, _whose(person))
        known = set(Own)
        return {Own(name): value for name, value in rows if name in known}

    async def choose(self, person: Person, own: Own, value: str | None) -> None:
        """Choose it in place of what was chosen before; None: nothing is chosen any more."""
        row = _whose(person) | {"name": own.value}
        if value is None:
            await self._connection.execute(_DROP, row)
        else:
            await self._connection.execute(
                _SET[self._connection.dialect.name], row | {"value": value}
            )


def _whose(person: Person) -> dict[str, str]:
    return {**workspace_columns(person.tenant), "person": person.id}
