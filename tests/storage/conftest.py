"""These tests are about the embedded database alone."""

from pathlib import Path

import pytest

from tests.fakes.stores import store

__all__ = ["store"]


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bot.db'}"
