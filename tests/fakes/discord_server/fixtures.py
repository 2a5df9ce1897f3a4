"""A running Discord for one test."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.discord_server.redirect import redirected
from tests.fakes.discord_server.server import DiscordServer


@asynccontextmanager
async def running_discord(tmp_path: Path) -> AsyncGenerator[DiscordServer]:
    """A server that discord.py is pointed at."""
    folder = tmp_path / "discord"
    folder.mkdir()
    server = DiscordServer(folder)
    await server.start()
    try:
        with redirected(server.url, server.gateway.url):
            yield server
    finally:
        await server.aclose()


@pytest.fixture
async def discord_server(tmp_path: Path) -> AsyncIterator[DiscordServer]:
    """The same; at the end, nothing wrong may have been sent."""
    async with running_discord(tmp_path) as server:
        yield server
    assert server.violations == []
