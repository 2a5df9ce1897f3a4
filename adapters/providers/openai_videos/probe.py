"""Asks a server who it is and what it can do, without an order: it costs nothing.

Only GET, and one DELETE of a job that nobody made.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx

from adapters.providers.guard import Resolve, look_up
from adapters.providers.http import Access, Answer, Http, Limits, NoAnswer, NotSent
from adapters.providers.openai_videos.recognize import Heard, recognized, refuses
from bot.domain.probes import Door, Probe
from bot.errors import Transient

LIMITS = Limits(
    connect_ms=5000, silence_ms=10_000, answer_ms=20_000, answer_bytes=8 * 1024**2, redirects=3
)
_DOORS = (("Authorization", "Bearer "), ("api-key", ""))
"""Headers for a key, and what stands before it."""
_ROOTS = ("/v1", "/openai/v1")
"""What may be missing at the end of a base URL."""
_PATIENCE = 120.0
"""Seconds for all questions together."""
_ABOUT = ("/openapi.json", "/health")
"""Where servers describe themselves, beside their base."""


async def probe(
    url: str, key: str = "", *, limits: Limits = LIMITS, resolve: Resolve = look_up
) -> Probe:
    """What is at a base URL, or at the ones that its owner may have meant.

    Raises `Transient` where nobody answers, `ConfigError` for a URL or key that cannot work.
    """
    try:
        async with asyncio.timeout(_PATIENCE):
            return await _found(url.rstrip("/"), key, limits, resolve)
    except TimeoutError as error:
        raise Transient("its answers take too long") from error


async def _found(base: str, key: str, limits: Limits, resolve: Resolve) -> Probe:
    """The first root at which somebody speaks the contract, or else the base itself."""
    first = await _probed(Look(base, key, limits, resolve))
    if first.speaks:
        return first
    for root in _ROOTS:
        found = await _probed(Look(base + root, key, limits, resolve))
        if found.speaks:
            return found
    return first


class Look:
    """Questions to one base URL."""

    def __init__(self, url: str, key: str, limits: Limits, resolve: Resolve) -> None:
        self.url = url
        self.key = key
        self._limits = limits
        self._resolve = resolve
        self.nobody = f"video_{secrets.token_hex(16)}"
        """An id that no server has given."""

    @asynccontextmanager
    async def talk(self, header: str = "", prefix: str = "") -> AsyncGenerator[Http]:
        """A conversation, with the key in a header if one is named."""
        access = Access(self.url, self.key if header else "", header or "Authorization", prefix)
        http = Http(access, self._limits, self._resolve)
        try:
            yield http
        finally:
            await http.aclose()


async def _probed(look: Look) -> Probe:
    async with look.talk() as http:
        bare = await _first(http, look.nobody)
    if not refuses(bare):
        return await _heard(look, Door.OPEN, *_DOORS[0])
    if not look.key:
        return await _heard(look, Door.SHUT)
    for header, prefix in _DOORS:
        async with look.talk(header, prefix) as http:
            if not refuses(await _first(http, look.nobody)):
                return await _heard(look, Door.FITS, header, prefix)
    return await _heard(look, Door.WRONG)


async def _first(http: Http, name: str) -> Answer:
    """The question that must be answered; raises `Transient`."""
    try:
        return await http.ask("GET", http.url(f"/videos/{name}"))
    except (NotSent, NoAnswer) as error:
        raise Transient(str(error)) from error


async def _heard(look: Look, door: Door, header: str = "", prefix: str = "") -> Probe:
    """The answers to all questions, with the key in that header."""
    job = f"/videos/{look.nobody}"
    async with look.talk(header, prefix) as http:

        async def asked(path: str, method: str = "GET") -> Answer | None:
            return await _asked(http, method, http.url(path))

        about, health = [await _asked(http, "GET", http.base.join(path)) for path in _ABOUT]
        return recognized(
            Heard(
                url=look.url,
                host=http.base.host,
                door=door,
                header=header,
                nonsense=await asked(f"/{look.nobody}/nothing"),
                fetch=await asked(job),
                content=await asked(f"{job}/content"),
                listing=await asked("/videos?limit=1"),
                delete=await asked(job, "DELETE"),
                remix=await asked(f"{job}/remix"),
                models=await asked("/models"),
                about=about,
                health=health,
                secret=look.key,
            )
        )


async def _asked(http: Http, method: str, url: httpx.URL) -> Answer | None:
    try:
        return await http.ask(method, url)
    except (NotSent, NoAnswer, Transient):
        return None
