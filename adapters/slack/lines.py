"""Socket Mode: several connections on one app, so that one is there while another is renewed."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Any, cast

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import FAULTS, REVOKED, chat_error, word_of
from bot import wording
from bot.errors import ChatBusy, ConfigError

FIRST = 15.0
"""Seconds that a start waits for the first line; after that it goes on without one."""
PING = 10.0
"""Seconds between two signs of life; the library renews a line after four without an answer."""
DEAF = 75.0
"""Seconds without a line after which the watchdog opens one itself."""
LOOK = 15.0
"""Seconds between two looks of the watchdog."""
FAREWELL = 2.0
"""Seconds that Slack has to say goodbye when we hang up."""
LATE = 2.5
"""Seconds after which Slack does not wait for an answer any more."""
_MOMENT = 0.02
"""Seconds between two looks for a line."""
_BAD = REVOKED | {"missing_scope", "not_allowed_token_type"}

log = logging.getLogger(__name__)


class Lines:
    """All connections of one app."""

    def __init__(
        self, app: AsyncApp, client: AsyncWebClient, app_token: str, count: int, ping: float = PING
    ) -> None:
        self._app = app
        self._client = client
        self._token = app_token
        self._count = count
        self._ping = ping
        self._handlers: list[AsyncSocketModeHandler] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._greeted = asyncio.Event()
        self._heard = monotonic()

    async def start(self) -> None:
        """Connect; raises `ConfigError` when Slack does not take the token."""
        await self._check()
        for _ in range(self._count):
            handler = AsyncSocketModeHandler(
                self._app, self._token, web_client=self._client, ping_interval=self._ping
            )
            # The library's own session is bounded in time, which ends lines after five minutes.
            handler.client.on_message_listeners.append(self._on_message)
            _keep_calm(handler, self._ping)
            _take_at_once(handler)
            self._answer_on_any(handler)
            self._handlers.append(handler)
            self._tasks.append(asyncio.create_task(_connected(handler), name="slack line"))
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST):
                await self._greeted.wait()
        self._tasks.append(asyncio.create_task(self._watch(), name="slack watchdog"))

    @property
    def up(self) -> int:
        """How many connections there are."""
        return sum(_is_up(handler) for handler in self._handlers)

    async def aclose(self) -> None:
        """Hang up; what was heard is not waited for."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*map(_hung_up, self._handlers))
        self._handlers.clear()
        self._tasks.clear()

    def _answer_on_any(self, handler: AsyncSocketModeHandler) -> None:
        """Let an answer whose line is gone go out on another, or on the next that opens."""
        client: Any = handler.client
        send = client.send_message

        async def answer(text: str) -> None:
            try:
                await send(text)
            except ConnectionError:
                await self._send(text)

        client.send_message = answer

    async def _send(self, text: str) -> None:
        async with asyncio.timeout(LATE):
            while True:
                for handler in filter(_is_up, self._handlers):
                    client: Any = handler.client
                    with suppress(ConnectionError):
                        await client.current_session.send_str(text)
                        return
                await asyncio.sleep(_MOMENT)

    async def _check(self) -> None:
        """The library would try a wrong token for ever."""
        try:
            await cast("Any", self._client).apps_connections_open(app_token=self._token)
        except FAULTS as error:
            if word_of(error) in _BAD:
                raise ConfigError((wording.slack_app_token_refused(word_of(error)),)) from error
            log.warning("Slack opens no line yet: %s", word_of(error) or type(error).__name__)

    async def _on_message(self, message: aiohttp.WSMessage) -> None:
        self._heard = monotonic()
        if not self._greeted.is_set() and '"hello"' in str(message.data)[:200]:
            hello: Any = json.loads(message.data)
            log.info("Slack said hello, %s", hello.get("connection_info"))
            self._greeted.set()

    async def _watch(self) -> None:
        """The library keeps its lines up; this is for the day that it does not."""
        while True:
            await asyncio.sleep(LOOK)
            if self.up:
                self._heard = monotonic()
            elif monotonic() - self._heard > DEAF:
                log.error("no line to Slack for %d s: opening one anew", DEAF)
                self._heard = monotonic()
                for handler in self._handlers:
                    client: Any = handler.client
                    with suppress(*FAULTS):
                        await client.connect_to_new_endpoint(force=True)


def _keep_calm(handler: AsyncSocketModeHandler, gap: float) -> None:
    """Ask for an address `gap` seconds after the last one at the earliest, or when Slack says.

    The library asks at once when Slack ends a line, also when Slack has too many of them, and
    stumbles over answers that are no JSON.
    """
    client: Any = handler.client
    free_at = 0.0

    async def address() -> str:
        nonlocal free_at
        await asyncio.sleep(free_at - monotonic())
        free_at = monotonic() + gap
        try:
            told = await client.web_client.apps_connections_open(app_token=client.app_token)
        except FAULTS as error:
            found = chat_error(error)
            if isinstance(found, ChatBusy):
                free_at = monotonic() + found.retry_after_ms / 1000
            raise
        return str(told["url"])

    client.issue_new_wss_url = address


def _take_at_once(handler: AsyncSocketModeHandler) -> None:
    """Work on each message as it comes.

    The library hands it to another task first, which lets everybody else go before; and it keeps
    no hold of the work, so that Python may drop it half done.
    """
    client: Any = handler.client
    working: set[asyncio.Task[None]] = set()

    async def work(text: str) -> None:
        message = _read(text)
        if message is None:
            log.warning("Slack said what is no message: %.200r", text)
        else:
            await client.run_message_listeners(message, text)

    async def take(text: str) -> None:
        task = asyncio.create_task(work(text))
        working.add(task)
        task.add_done_callback(working.discard)

    client.enqueue_message = take


def _read(text: str) -> dict[str, Any] | None:
    try:
        found: Any = json.loads(text)
    except (RecursionError, ValueError):
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


async def _hung_up(handler: AsyncSocketModeHandler) -> None:
    """Closing asks the other side, which may be gone; then the rest is closed without it."""
    client: Any = handler.client
    # So that nothing opens another one meanwhile.
    client.closed = True
    with suppress(*FAULTS):
        async with asyncio.timeout(FAREWELL):
            await client.disconnect()
    with suppress(*FAULTS):
        await _call(handler.close_async)


async def _connected(handler: AsyncSocketModeHandler) -> None:
    await _call(handler.connect_async)


async def _call(method: Callable[[], object]) -> None:
    """Bolt's own methods have no types."""
    await cast("Awaitable[None]", method())


def _is_up(handler: AsyncSocketModeHandler) -> bool:
    client: Any = handler.client
    session = client.current_session
    return session is not None and not session.closed and not client.stale
