"""A channel with somebody in it, and a bot of bolt's: for tests of the server itself."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes.slack_server.channels import Channel
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.sample import App, Client, an_app, by_sockets, client_of
from tests.fakes.slack_server.server import SlackServer


@pytest.fixture
def channel(slack_server: SlackServer) -> Channel:
    return slack_server.channel("videos")


@pytest.fixture
def ana(slack_server: SlackServer, channel: Channel) -> Person:
    return slack_server.member("Ana", channel)


@pytest.fixture
async def client(slack_server: SlackServer) -> AsyncIterator[Client]:
    async with client_of(slack_server) as made:
        yield made


@pytest.fixture
async def app(slack_server: SlackServer) -> AsyncIterator[App]:
    """Listeners are added by each test, before anything is sent."""
    async with an_app(slack_server) as made, by_sockets(made, slack_server):
        yield made
