from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.bootstrap import migrate
from bot.settings import load
from tests.faults.lives import KITE, Lab, Nursery, nursery, upstream


@pytest.fixture(scope="session")
def lives() -> Iterator[Nursery]:
    """Where bots begin."""
    with nursery() as begun:
        yield begun


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip that every order asks for, rendered once."""
    state = tmp_path_factory.mktemp("films")
    asyncio.run(_render(state))
    return state / "clips"


async def _render(state: Path) -> None:
    async with upstream(state) as backend, httpx.AsyncClient(trust_env=False) as http:
        await http.post(f"{backend.url}/videos", json=KITE | {"size": "1280x720"})
        await backend.until(lambda stats: stats["jobs"]["completed"] == 1)


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
