"""Thousands of lives: only faults of ours in them are news, and the modules are no garbage."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """A life costs a quarter less when nobody looks through all modules for garbage."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    logging.disable(before)


@pytest.fixture
def flawless(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing broke in the bot that it had to catch."""
    yield
    assert not [record.getMessage() for record in caplog.get_records("call")]
