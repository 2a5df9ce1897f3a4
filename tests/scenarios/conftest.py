"""Fixtures of the scenarios."""

from pathlib import Path

import pytest

from tests.fakes.discord_bot import Town
from tests.fakes.discord_server.fixtures import discord_server
from tests.fakes.discord_server.server import DiscordServer

__all__ = ["discord_server"]


@pytest.fixture
def town(discord_server: DiscordServer, tmp_path: Path) -> Town:
    """A server of people on Discord."""
    return Town(discord_server, tmp_path)
