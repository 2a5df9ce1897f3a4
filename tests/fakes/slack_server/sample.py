"""What tests of the server itself run: the unmodified bolt app, in both modes."""

import contextlib
import html
import re
from collections.abc import AsyncGenerator, Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack_server.payloads import Object, is_object
from tests.fakes.slack_server.people import Person
from tests.fakes.slack_server.server import SlackServer

# AsyncApp and AsyncWebClient: their types are partly unknown, which strict checks do not forgive.
App = Any
Client = Any
LINK = re.compile(r'href="([^"]*/oauth/v2/authorize[^"]*)"')


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
async def an_app_for_all(server: SlackServer, folder: Path) -> AsyncGenerator[App]:
    """A bolt app that any workspace can install; it keeps their tokens in the folder."""
    tokens = FileInstallationStore(base_dir=str(folder), client_id=server.oauth.client_id)
    states = FileOAuthStateStore(expiration_seconds=60, base_dir=str(folder))
    async with client_of(server) as client:
        client.token = None
        yield AsyncApp(
            client=client,
            signing_secret=server.signing_secret,
            process_before_response=True,
            oauth_settings=AsyncOAuthSettings(
                client_id=server.oauth.client_id,
                client_secret=server.oauth.client_secret,
                scopes=sorted(server.world.offers.scopes),
                authorization_url=server.authorize_url,
                installation_store=tokens,
                state_store=states,
            ),
        )


async def agree(app_url: str, server: SlackServer, person: Person) -> int:
    """Go to the page of the app that is there to install it, and agree: the status at the end."""
    async with aiohttp.ClientSession() as browser:
        async with browser.get(app_url + "/slack/install") as page:
            link = html.unescape(LINK.findall(await page.text())[0])
            # They are for https only; browsers make an exception for this machine.
            cookies = {name: one.value for name, one in page.cookies.items()}
        answer = server.oauth.allow(link, person).partition("?")[2]
        back = f"{app_url}/slack/oauth_redirect?{answer}"
        async with browser.get(back, cookies=cookies) as page:
            return page.status


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
