"""A core with the real services, and somebody to type at it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.services.line import Allowed
from tests.fakes.core import Core, Options, World, running
from tests.fakes.typist import Typist


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncGenerator[Typist]:
    """A workspace without a free slot: what is ordered waits, so that nothing moves by itself."""
    async with running(World(tmp_path), Options(allowed=Allowed(slots=0))) as core:
        yield Typist(core)


@pytest.fixture
async def busy_chat(tmp_path: Path) -> AsyncGenerator[Typist]:
    """A workspace in which jobs run when a test lets them work."""
    async with running(World(tmp_path)) as core:
        yield Typist(core)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One whose backend needs no time."""
    world = World(tmp_path)
    world.provider.instant = True
    return world


@pytest.fixture
async def core(world: World) -> AsyncGenerator[Core]:
    """One life in it."""
    async with running(world) as core:
        yield core


@pytest.fixture
def typist(core: Core) -> Typist:
    """Somebody who types at it."""
    return Typist(core)
