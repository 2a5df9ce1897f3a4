from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.core import Core, World, running
from tests.fakes.stores import store_url

__all__ = ["store_url"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
async def core(world: World) -> AsyncIterator[Core]:
    async with running(world) as core:
        yield core
        assert await core.faults() == ()
