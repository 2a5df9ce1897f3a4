from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import migrate
from bot.settings import load
from tests.faults.lives import KITE, RAIN, Lab, Nursery, nursery, upstream


@pytest.fixture(scope="session")
def lives() -> Iterator[Nursery]:
    """Where bots begin."""
    with nursery() as begun:
        yield begun


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clips that nearly all orders ask for, rendered once."""
    state = tmp_path_factory.mktemp("films")
    asyncio.run(_render(state))
    return state / "clips"


async def _render(state: Path) -> None:
    async with upstream(state) as backend:
        for words in (KITE, RAIN):
            await backend.http.post("/v1/videos", json=words | {"size": "1280x720"})
        await backend.until(lambda stats: stats["jobs"]["completed"] == 2)


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with its tables, made once."""
    data = tmp_path_factory.mktemp("blank")
    asyncio.run(migrate(load(data_dir=data)))
    return data


@pytest.fixture
def lab(lives: Nursery, films: Path, blank: Path, tmp_path: Path) -> Lab:
    """Installations to break."""
    return Lab(lives, films, blank, tmp_path)
