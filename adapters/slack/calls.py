"""Calls to the Web API of one workspace: within its limits, each refusal sorted.

A limit is kept for each key: a method, or a method in one channel. What is refused for too many
calls pauses its own key only; everything else goes on.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import FAULTS, Revoked, chat_error
from bot.errors import ChatBusy
from bot.ports import Clock

MINUTE = 60_000
TIERS = {
    "chat.delete": 50,
    "chat.postEphemeral": 100,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.join": 50,
    "conversations.open": 50,
    "conversations.replies": 50,
    "files.completeUploadExternal": 100,
    "files.delete": 50,
    "files.getUploadURLExternal": 100,
    "files.info": 100,
    "usergroups.list": 20,
    "users.info": 100,
    "views.open": 100,
    "views.publish": 100,
    "views.update": 100,
}
"""Calls a minute that Slack grants a workspace; it promises at least so many."""
POSTS, POSTS_WITHIN = 3, 3_000
"""Messages that one channel takes in so many ms: one a second, with short bursts."""
LONGEST = 2_000
"""Ms that a call waits for its turn; for longer waits it is put back into the outbox."""
MOST_KEYS = 5_000

log = logging.getLogger(__name__)
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `count` calls in `per` ms."""

    count: int
    per: int


class Window:
    """The calls of one key that still count."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._calls: deque[int] = deque(maxlen=rule.count)
        self._paused_at = 0
        self._pause = 0

    def wait(self, now: int) -> int:
        """Ms until one more is allowed."""
        full = len(self._calls) == self._rule.count
        free = _left(self._calls[0], self._rule.per, now) if full else 0
        return max(free, _left(self._paused_at, self._pause, now))

    def take(self, now: int) -> None:
        """One more."""
        self._calls.append(now)

    def pause(self, wait: int, now: int) -> None:
        """Allow none for `wait` ms; a longer pause goes on."""
        if wait > _left(self._paused_at, self._pause, now):
            self._paused_at, self._pause = now, wait


def _left(since: int, ms: int, now: int) -> int:
    """What is left of a time; never more than all of it, though the clock was set back."""
    return min(ms, max(0, since + ms - now))


class Calls:
    """All calls with one token. `refused` once Slack took it no more."""

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._windows: dict[tuple[str, str], Window] = {}
        self.refused = False

    async def call(self, method: str, args: Json, *, form: bool = False) -> Json:
        """Slack's answer; raises only `ChatError` classes.

        `form` for methods that take no JSON. A call is never sent twice.
        """
        await self._turn(method, args)
        return await self.at_once(method, args, form=form)

    async def at_once(self, method: str, args: Json, *, form: bool = False) -> Json:
        """The same without waiting for a turn: for what lives three seconds."""
        body = {"data": dict(args)} if form else {"json": dict(args)}
        try:
            response: Any = await cast("Any", self._client).api_call(method, **body)
        except FAULTS as error:
            found = chat_error(error)
            if isinstance(found, Revoked):
                self.refused = True
            elif isinstance(found, ChatBusy):
                self._pause(method, args, found.retry_after_ms)
            raise found from error
        return cast("Json", response.data)

    async def _turn(self, method: str, args: Json) -> None:
        windows = [self._window(key) for key in keys_of(method, args)]
        while wait := max((window.wait(self._clock.now()) for window in windows), default=0):
            if wait > LONGEST:
                raise ChatBusy(wait)
            await self._clock.sleep(wait)
        for window in windows:
            window.take(self._clock.now())

    def _pause(self, method: str, args: Json, wait: int) -> None:
        log.warning("Slack wants %d ms of rest from %s", wait, method)
        # The narrowest key is meant: a channel's, where there is one.
        self._window(keys_of(method, args)[-1]).pause(wait, self._clock.now())

    def _window(self, key: tuple[str, str]) -> Window:
        if key not in self._windows:
            if len(self._windows) >= MOST_KEYS:
                self._windows.clear()
            self._windows[key] = Window(_rule(key))
        return self._windows[key]


def keys_of(method: str, args: Json) -> list[tuple[str, str]]:
    """The limits that a call counts for, the widest first."""
    if method == "chat.postMessage":
        return [(method, str(args.get("channel", "")))]
    return [(method, "")]


def _rule(key: tuple[str, str]) -> Rule:
    method, channel = key
    if channel:
        return Rule(POSTS, POSTS_WITHIN)
    return Rule(TIERS.get(method, 20), MINUTE)
