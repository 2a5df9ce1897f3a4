"""These tests are about one database alone: the embedded one, unless a name says otherwise."""

from pathlib import Path

import pytest

from tests.fakes.blank import blank_at
from tests.fakes.stores import store

__all__ = ["store"]


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{blank_at(tmp_path / 'bot.db')}"
