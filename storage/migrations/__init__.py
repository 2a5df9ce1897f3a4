"""How stored data becomes what this version expects: at start, inside one transaction."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

HEAD = "0022"
"""The newest revision in `versions/`."""


def _nothing(_: Connection) -> None:
    """No reason against it."""


async def migrate(engine: AsyncEngine, before: Callable[[Connection], None] = _nothing) -> None:
    """Bring the tables up to date; does nothing, at no cost, when they are.

    `before` may raise what speaks against it. Raises `ConfigError` when a newer version of the bot
    has been here.
    """
    async with engine.begin() as connection:
        revision = await connection.run_sync(_current)
        if revision != HEAD:
            await connection.run_sync(before)
            # Loading the tools takes longer than all else at a start that needs none.
            from storage.migrations import tools  # noqa: PLC0415 - see above

            await connection.run_sync(tools.upgrade, revision)


async def current(engine: AsyncEngine) -> str | None:
    """The revision of the stored tables; None where there are none."""
    async with engine.connect() as connection:
        return await connection.run_sync(_current)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))
