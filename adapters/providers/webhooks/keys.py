"""What signatures are checked with: a secret that both sides know, or a page of public keys."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from adapters.providers.http import Access, Http, Limits, NoAnswer, NotSent
from bot.errors import Transient
from bot.ports import Clock

DAY = 24 * 60 * 60 * 1000
"""Ms for which a page is taken to be as it was."""
AGAIN = 60 * 1000
"""Ms from one look at a page to the next one, whoever writes meanwhile."""
_LIMITS = Limits(
    connect_ms=5000, silence_ms=5000, answer_ms=5000, answer_bytes=64 * 1024, redirects=2
)
"""A sender waits for our answer: fal 15 s."""

log = logging.getLogger(__name__)


class Keys(Protocol):
    """What the messages of one sender are checked with."""

    async def known(self) -> Sequence[str]:
        """All that are trusted; none where they could not be had, so that nothing can be said."""
        ...

    async def newer(self) -> Sequence[str]:
        """For a message that none of the known ones fits: others; none where there are none."""
        ...


class Secret:
    """One secret, as the operator set it."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def known(self) -> Sequence[str]:
        """The secret."""
        return (self._secret,)

    async def newer(self) -> Sequence[str]:
        """There is no other."""
        return ()


class KeyPage:
    """Public keys on a page, looked at once a day, and once a minute for an unknown one.

    `keys_on` finds them in its bytes. What was found is kept while the page cannot be had. Give it
    back with `aclose`. Raises `ConfigError` when `url` cannot be one.
    """

    def __init__(self, url: str, keys_on: Callable[[bytes], Sequence[str]], clock: Clock) -> None:
        self._http = Http(Access(url), _LIMITS)
        self._keys_on = keys_on
        self._clock = clock
        self._keys: Sequence[str] = ()
        self._read_at: int | None = None
        self._asked_at: int | None = None
        self._looking = asyncio.Lock()

    async def known(self) -> Sequence[str]:
        """Those of the last day, or the last that could be had."""
        if self._read_at is None or self._clock.now() - self._read_at >= DAY:
            await self._look()
        return self._keys

    async def newer(self) -> Sequence[str]:
        """What the page has now, where it has changed and may be looked at."""
        before = self._keys
        await self._look()
        return self._keys if self._keys != before else ()

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()

    async def _look(self) -> None:
        async with self._looking:
            now = self._clock.now()
            if self._asked_at is not None and now - self._asked_at < AGAIN:
                return
            self._asked_at = now
            if found := await self._found():
                self._keys, self._read_at = found, now

    async def _found(self) -> Sequence[str]:
        try:
            answer = await self._http.ask("GET", self._http.base)
        except (NotSent, NoAnswer, Transient) as error:
            log.warning("keys at %s: %s", self._http.base, error)
            return ()
        found = self._keys_on(answer.body) if answer.good and answer.whole else ()
        if not found:
            log.warning("keys at %s: none there (%d)", self._http.base, answer.status)
        return found
