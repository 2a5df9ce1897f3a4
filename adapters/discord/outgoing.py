"""Calls to Discord: within its limits, again where only the line broke, its errors sorted."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import aiohttp
import discord

from adapters.discord.places import TO_POST
from bot import wording
from bot.errors import ChatBusy, ChatError, ChatForbidden, ChatGone
from bot.ports import Clock

PER_SECOND = 40
"""Requests a second with the bot's token; Discord bans from 50 on, and the rest is for others."""
WAITS = (500, 2_000)
"""Ms before each try after one that the line or an unready server broke."""
BUSY = 5_000
"""Ms to wait when Discord is too busy to say how long."""
MOST_INVALID = 2_000
"""Refused requests in ten minutes after which we keep still; at 10,000 Discord bans the address."""
INVALID_WINDOW = 600_000

ARCHIVED = 50083
THREAD_EXISTS = 160004
_TOO_LARGE = frozenset({40005, 50045})
_NOT_IN_PRIVATE = frozenset({50007, 50278})
_TOO_FAST = {20016: 10_000, 20028: 10_000, 30046: 6_000}
"""Codes that ask for patience, with ms of it."""
_REFUSED_TEXT = frozenset({200000, 200001, 240000})
_NO_THREAD = frozenset({50024, 160005, 160006})
"""No thread can be opened there: wrong kind of channel, locked, or too many."""
_UNREADY = 503

log = logging.getLogger(__name__)
T = TypeVar("T")
FAULTS = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)
"""All that a request can raise."""
Fault = discord.HTTPException | discord.RateLimited | aiohttp.ClientError | OSError


class TooLarge(ChatError):
    """An upload is larger than the place takes."""


class ThreadArchived(ChatForbidden):
    """The thread sleeps; posting into it would wake it."""


class ThreadExists(ChatError):
    """The message has its thread already."""


class Budget:
    """Requests per second over all channels. The library only reacts to Discord's own limit."""

    def __init__(self, clock: Clock, per_second: int = PER_SECOND) -> None:
        self._clock = clock
        self._space = 1000 / per_second
        self._burst = 1000.0
        self._next = 0.0

    async def take(self) -> None:
        """Wait for a turn: a second's worth may go at once, then they are spaced."""
        now = self._clock.now()
        self._next = max(self._next, now - self._burst) + self._space
        await self._clock.sleep(round(self._next - now))


class Outgoing:
    """All calls with the bot's token go through here."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._budget = Budget(clock)
        self._invalid: list[int] = []

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do `work`, which must be safe to repeat; raises only `ChatError` classes."""
        self._mind_the_ban()

        async def paced() -> T:
            await self._budget.take()
            return await work()

        try:
            return await persistently(paced, WAITS, self._clock, _broke_on_the_way)
        except FAULTS as error:
            raise self._sorted(error) from error

    def _mind_the_ban(self) -> None:
        since = self._clock.now() - INVALID_WINDOW
        self._invalid = [at for at in self._invalid if at > since]
        if len(self._invalid) >= MOST_INVALID:
            log.error("Discord refused %d requests in ten minutes: waiting", len(self._invalid))
            raise ChatBusy(INVALID_WINDOW // 10)

    def _sorted(self, error: Fault) -> ChatError:
        if isinstance(error, discord.HTTPException) and error.status in {401, 403, 429}:
            self._invalid.append(self._clock.now())
        return chat_error(error)


async def persistently(
    work: Callable[[], Awaitable[T]],
    waits: Sequence[int],
    clock: Clock,
    passes: Callable[[Fault], bool],
) -> T:
    """Do `work`, once more after each of `waits` (ms) for a fault that `passes`.

    The last fault is raised, and at once any other one.
    """
    for wait in waits:
        try:
            return await work()
        except FAULTS as error:
            if not passes(error):
                raise
            log.info("again in %d ms: %s", wait, error)
        await clock.sleep(wait)
    return await work()


def line_broke(error: Fault) -> bool:
    """Whether nothing but the line is at fault."""
    return isinstance(error, (aiohttp.ClientError, ConnectionError, TimeoutError))


def _broke_on_the_way(error: Fault) -> bool:
    """Faults of the line, and an unready server: the library tries neither again."""
    unready = isinstance(error, discord.HTTPException) and error.status == _UNREADY
    return unready or line_broke(error)


def chat_error(error: Fault) -> ChatError:
    """What an error of the library means to the announcer."""
    match error:
        case discord.RateLimited():
            return ChatBusy(round(error.retry_after * 1000))
        case discord.HTTPException():
            return _by_code(error) or _by_status(error)
        case _:
            return ChatError(f"{type(error).__name__}: {error}")


def _by_code(error: discord.HTTPException) -> ChatError | None:
    """What Discord's own code says, where it says more than the status."""
    code, words = error.code, error.text
    if code in _TOO_FAST:
        return ChatBusy(_TOO_FAST[code])
    found: dict[int, ChatError] = {
        **dict.fromkeys(_TOO_LARGE, TooLarge(words)),
        **dict.fromkeys(_NOT_IN_PRIVATE, ChatForbidden(wording.DISCORD_CLOSED)),
        **dict.fromkeys(_REFUSED_TEXT, ChatForbidden(wording.DISCORD_FILTERED)),
        **dict.fromkeys(_NO_THREAD, ChatForbidden(words)),
        ARCHIVED: ThreadArchived(words),
        THREAD_EXISTS: ThreadExists(words),
    }
    return found.get(code)


def _by_status(error: discord.HTTPException) -> ChatError:
    match error.status:
        case 413:
            return TooLarge(str(error))
        case 429:
            return ChatBusy(_retry_after(error))
        case 403:
            return ChatForbidden(error.text or ", ".join(TO_POST))
        case 404:
            return ChatGone(error.text)
        case _:
            return ChatError(str(error))


def _retry_after(error: discord.HTTPException) -> int:
    """What Discord, or the gate before it, asks us to wait (ms)."""
    told = str(error.response.headers.get("Retry-After", ""))
    try:
        return max(0, round(float(told) * 1000))
    except ValueError:
        return BUSY
