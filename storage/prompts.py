"""Prompts that people saved."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.prompts import Prompt
from bot.domain.refs import Person
from storage.dialects import in_place
from storage.mapping import Columns, workspace_columns
from storage.tables import prompts

_THEIRS = [prompts.c[name] == bindparam(name) for name in ("platform", "tenant", "person")]
_PUT = in_place(prompts, "text", "at")
_GET = select(prompts).where(*_THEIRS, prompts.c.name == bindparam("name"))
_ALL = select(prompts).where(*_THEIRS).order_by(prompts.c.name)
_DROP = delete(prompts).where(*_THEIRS, prompts.c.name == bindparam("name"))


class SqlPrompts:
    """`PromptRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, person: Person, prompt: Prompt) -> None:
        """Save a prompt in place of the one of that name."""
        row = _whose(person) | {"name": prompt.name, "text": prompt.text, "at": prompt.at}
        await self._connection.execute(_PUT[self._connection.dialect.name], row)

    async def get(self, person: Person, name: str) -> Prompt | None:
        """The person's prompt of that name."""
        row = (await self._connection.execute(_GET, _whose(person) | {"name": name})).first()
        return Prompt(row.name, row.text, row.at) if row else None

    async def all(self, person: Person) -> tuple[Prompt, ...]:
        """All that a person saved, by name."""
        rows = await self._connection.execute(_ALL, _whose(person))
        return tuple(Prompt(row.name, row.text, row.at) for row in rows)

    async def drop(self, person: Person, name: str) -> bool:
        """Forget a prompt; False when there is none of that name."""
        dropped = await self._connection.execute(_DROP, _whose(person) | {"name": name})
        return bool(dropped.rowcount)


def _whose(person: Person) -> Columns:
    return {**workspace_columns(person.tenant), "person": person.id}
