"""What tests of the server itself run: the unmodified bolt app, in both modes."""

import contextlib
from collections.abc import AsyncGenerator, Awaitable
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack_server.payloads import Object, is_object
from tests.fakes.slack_server.server import SlackServer

# AsyncApp and AsyncWebClient: their types are partly unknown, which strict checks do not forgive.
App = Any
Client = Any


@dataclass
class Refused:
    """What the SDK knows of a call that failed."""

    error: str
    status: int
    headers: dict[str, str]
    body: Object


async def refused(call: Awaitable[object]) -> Refused:
    """How Slack refused a call. Raises AssertionError when it did not."""
    try:
        await call
    except SlackApiError as failure:
        # The SDK gives its errors an answer without a type.
        answer = cast("Any", failure).response
        body: Object = answer.data if is_object(answer.data) else {}
        return Refused(body.get("error", ""), answer.status_code, dict(answer.headers), body)
    raise AssertionError("it was not refused")


@contextlib.asynccontextmanager
async def client_of(server: SlackServer) -> AsyncGenerator[Client]:
    """A client whose connections are closed at the end."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield AsyncWebClient(server.bot_token, base_url=server.api_url, session=session)


@contextlib.asynccontextmanager
async def an_app(server: SlackServer) -> AsyncGenerator[App]:
    """A bolt app that acks when its listener is done."""
    async with client_of(server) as client:
        yield AsyncApp(
            client=client,
            signing_secret=server.signing_secret,
            process_before_response=True,
        )


@contextlib.asynccontextmanager
async def by_sockets(
    app: App, server: SlackServer, count: int = 1
) -> AsyncGenerator[list[AsyncSocketModeHandler]]:
    """The app with so many sockets, ready for envelopes, until the end of the block."""
    handlers = [
        AsyncSocketModeHandler(app, server.app_token, ping_interval=0.3) for _ in range(count)
    ]
    try:
        for handler in handlers:
            await handler.connect_async()
        await server.until(lambda: len(server.sockets.lines) == count)
        yield handlers
    finally:
        for handler in handlers:
            await handler.close_async()


@contextlib.asynccontextmanager
async def by_http(app: App, server: SlackServer) -> AsyncGenerator[str]:
    """The app behind its own HTTP server, which Slack delivers to: the address."""
    runner = web.AppRunner(app.web_app(path="/slack/events"), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        await server.deliver_to(url)
        yield url
    finally:
        await runner.cleanup()
