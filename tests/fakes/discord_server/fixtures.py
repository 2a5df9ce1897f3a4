"""A running Discord for one test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.discord_server.redirect import redirected
from tests.fakes.discord_server.server import DiscordServer


@pytest.fixture
async def discord_server(tmp_path: Path) -> AsyncIterator[DiscordServer]:
    """A server that discord.py is pointed at; at the end, nothing wrong may have been sent."""
    folder = tmp_path / "discord"
    folder.mkdir()
    server = DiscordServer(folder)
    await server.start()
    try:
        with redirected(server.url, server.gateway.url):
            yield server
    finally:
        await server.aclose()
    assert server.violations == []
