"""What a chat notes for itself: small texts by name."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from storage.dialects import in_place
from storage.engine import Database
from storage.tables import notes

_WRITE = in_place(notes, "text")
_READ = select(notes.c.text).where(
    notes.c.chat == bindparam("chat"), notes.c.name == bindparam("name")
)


class SqlNotes:
    """`Notes` of one chat, in the same database as the jobs."""

    def __init__(self, database: Database, chat: str) -> None:
        self._database = database
        self._chat = chat

    async def read(self, name: str) -> str | None:
        """What was written last under a name."""
        async with self._database.reading() as connection:
            return await connection.scalar(_READ, {"chat": self._chat, "name": name})

    async def write(self, name: str, text: str) -> None:
        """Keep a text in place of the one before."""
        row = {"chat": self._chat, "name": name, "text": text}
        async with self._database.writing() as connection:
            await connection.execute(_WRITE[connection.dialect.name], row)
