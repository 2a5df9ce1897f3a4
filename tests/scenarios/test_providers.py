"""The same story with every backend that the bot can speak with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.backends import DIALECTS
from tests.fakes.provider_story import STEPS, stage
from tests.fakes.provider_table import read_table

TABLE = read_table()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_backend_does_what_the_table_says(
    dialect: str, step: str, tmp_path: Path
) -> None:
    async with stage(dialect, tmp_path) as on:
        assert await STEPS[step](on) == TABLE[dialect][step]


def test_the_table_has_every_backend_and_every_step() -> None:
    assert list(TABLE) == list(DIALECTS)
    assert all(list(told) == list(STEPS) for told in TABLE.values())
