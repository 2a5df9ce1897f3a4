"""A running Slack for one test."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.slack_server.server import SlackServer


@asynccontextmanager
async def running_slack(tmp_path: Path) -> AsyncGenerator[SlackServer]:
    """A server, until the end of the block."""
    folder = tmp_path / "slack"
    folder.mkdir()
    server = SlackServer(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.aclose()


@pytest.fixture
async def slack_server(tmp_path: Path) -> AsyncIterator[SlackServer]:
    """The same; at the end, nothing wrong may have been sent."""
    async with running_slack(tmp_path) as server:
        yield server
    assert server.violations == []
