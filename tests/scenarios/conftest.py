"""Fixtures of the scenarios."""

from pathlib import Path

import pytest

from tests.fakes.discord_bot import Town
from tests.fakes.discord_server.fixtures import discord_server
from tests.fakes.discord_server.server import DiscordServer
from tests.fakes.slack_bot import Office
from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.server import SlackServer

__all__ = ["discord_server", "slack_server"]


@pytest.fixture
def town(discord_server: DiscordServer, tmp_path: Path) -> Town:
    """A server of people on Discord."""
    return Town(discord_server, tmp_path)


@pytest.fixture(params=["sockets", "http"])
def office(request: pytest.FixtureRequest, slack_server: SlackServer, tmp_path: Path) -> Office:
    """A workspace of people on Slack, which reaches the bot in either way."""
    return Office(slack_server, tmp_path, by_http=request.param == "http")
