"""Stores for contract tests: the same tests run on each database that is listed here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.store import SqlStore, open_store
from tests.fakes.blank import blank_at


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{blank_at(tmp_path / 'bot.db')}"
    # Only now, for tests on SQLite need no server.
    return request.getfixturevalue("postgres_url")


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[SqlStore]:
    """A store with its tables."""
    opened = await open_store(store_url)
    yield opened
    await opened.aclose()
