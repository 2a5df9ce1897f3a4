"""Thousands of lives: what each of them logs is nobody's news, and the modules are no garbage."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """A life costs a quarter less when nobody looks through all modules for garbage."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    logging.disable(before)
