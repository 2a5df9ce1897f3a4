"""One conversation with a backend over HTTP: bounded answers, own redirects, the key kept home.

It knows nothing of any contract; clients turn its answers into jobs and errors.
"""

from __future__ import annotations

import asyncio
import logging
import time
import zlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from adapters.providers.guard import Guard, GuardedTransport, Origin, Resolve, location_of, look_up
from bot.errors import ConfigError, Transient
from bot.ports import Leads, alone

AGENT = "sora-bot"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Failures that come before the first byte of a request has left."""
_LONGEST_KEY = 4096
_ABOUT_TO_WRITE = "send_request_headers.started"
"""How httpcore calls the moment before the first byte."""
_PIECE = 64 * 1024
"""Bytes of a body that are written at once."""

log = logging.getLogger(__name__)


class NotSent(Exception):
    """The request surely never left."""


class NoAnswer(Exception):
    """The request was perhaps received; no status came back."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait and how much to take.

    `answer_ms` bounds a whole exchange, `silence_ms` the pause between two pieces of it.
    """

    connect_ms: int = 10_000
    silence_ms: int = 60_000
    answer_ms: int = 120_000
    answer_bytes: int = 12 * 1024**2
    download_ms: int = 15 * 60_000
    download_bytes: int = 512 * 1024**2
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Access:
    """Where a backend is and how to be let in: `key` goes into `header` after `prefix`.

    The key is shown to the backend itself and to `key_origins`. Links may lead to `trusted`
    origins and to these even where their addresses are private.
    """

    base_url: str
    key: str = field(default="", repr=False)
    header: str = "Authorization"
    prefix: str = "Bearer "
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    key_origins: frozenset[Origin] = frozenset()
    trusted: frozenset[Origin] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was read as far as it came; `whole` when it came to its end."""

    status: int
    headers: httpx.Headers
    body: bytes
    whole: bool = True

    @property
    def good(self) -> bool:
        """2xx."""
        return self.status // 100 == 2  # noqa: PLR2004 - the class of success

    @property
    def request_id(self) -> str:
        """How the backend calls this request in its own logs; worth showing to its support."""
        return self.headers.get("x-request-id", "-")[:80]


class Http:
    """Asks one backend. Give it back with `aclose`.

    What changes something there is sent only while this bot `leads`: that is asked right before the
    first byte and before each piece of the body, so one that was paused in between sends no whole
    request.
    """

    def __init__(
        self, access: Access, limits: Limits, resolve: Resolve = look_up, leads: Leads = alone
    ) -> None:
        self._leads = leads
        self._home = _home(access)
        self.base = httpx.URL(access.base_url.rstrip("/"))
        self.limits = limits
        self._key_origins = access.key_origins | {self._home}
        self._key = {access.header: access.prefix + access.key} if access.key else {}
        guard = Guard(self._home, access.trusted | access.key_origins, resolve)
        # An idle connection is dropped before common servers (5 s) do it first.
        pool = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=4)
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(guard, pool),
            timeout=httpx.Timeout(limits.silence_ms / 1000, connect=limits.connect_ms / 1000),
            headers={"user-agent": AGENT, "accept-encoding": "identity", **access.headers},
            follow_redirects=False,
        )

    def url(self, path: str) -> httpx.URL:
        """A path under the base URL; it must be percent-encoded."""
        return httpx.URL(f"{self.base}{path}")

    def link(self, text: str) -> httpx.URL:
        """A link that the backend gave, which may be relative to its base.

        Raises `Transient` when it is no URL; whether it may be opened is seen when it is.
        """
        try:
            return self.base.join(text)
        except (httpx.InvalidURL, ValueError) as error:
            raise Transient("the backend gave a link that is none") from error

    def is_home(self, url: httpx.URL) -> bool:
        """Whether the URL belongs to the backend itself."""
        return Origin.of(url) == self._home

    async def ask(  # noqa: PLR0913 - the parts of a request; all but two have a default
        self,
        method: str,
        url: httpx.URL,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
        files: list[tuple[str, Any]] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request and its answer, which may have been cut (`Answer.whole`).

        Only GET follows redirects. Raises `NotSent` or `NoAnswer`.
        """
        draft = _Draft(self.limits.answer_bytes)
        began = time.monotonic()
        own = {"accept": "*/*", **(headers or {})}
        request = self._client.build_request(
            method, url, params=params, json=json, files=files, content=content, headers=own
        )
        if method != "GET":
            self._watch(request)
        try:
            async with asyncio.timeout(self.limits.answer_ms / 1000):
                async with self._sent(request) as response:
                    await draft.read(response)
        except _UNSENT as error:
            raise NotSent(_why(error)) from error
        except (httpx.HTTPError, TimeoutError) as error:
            if draft.head is None:
                raise NoAnswer(_why(error)) from error
        answer = draft.answer()
        spent = round((time.monotonic() - began) * 1000)
        log.debug("%s %s: %d, %d ms", method, url.path, answer.status, spent)
        return answer

    @asynccontextmanager
    async def open(
        self, url: httpx.URL, headers: Mapping[str, str]
    ) -> AsyncGenerator[httpx.Response]:
        """GET a URL, following redirects; the body is still to be read, as `raw` bytes.

        Raises `Transient` for whatever breaks, inside the block too.
        """
        request = self._client.build_request("GET", url, headers={"accept": "*/*", **headers})
        try:
            async with self._sent(request) as response:
                yield response
        except httpx.HTTPError as error:
            raise Transient(_why(error)) from error

    @asynccontextmanager
    async def _sent(self, request: httpx.Request) -> AsyncGenerator[httpx.Response]:
        for _ in range(self.limits.redirects + 1):
            self._show_key(request)
            response = await self._client.send(request, stream=True)
            following = self._next(request, response)
            if following is None:
                try:
                    yield response
                finally:
                    await response.aclose()
                return
            await response.aclose()
            request = following
        raise Transient("the backend redirects without an end")

    def _watch(self, request: httpx.Request) -> None:
        """Let it not go out once another bot may be at work."""

        async def trace(name: str, _: object) -> None:
            if name.endswith(_ABOUT_TO_WRITE) and not self._leads():
                raise NotSent("another bot is at work")

        request.extensions["trace"] = trace
        if isinstance(request.stream, httpx.AsyncByteStream):  # as all bodies are that we make
            request.stream = _Pieces(request.stream, self._leads)

    def _show_key(self, request: httpx.Request) -> None:
        """Put the key in where it belongs, and take it out everywhere else."""
        for name in self._key:
            request.headers.pop(name, None)
        if Origin.of(request.url) in self._key_origins:
            request.headers.update(self._key)

    def _next(self, request: httpx.Request, response: httpx.Response) -> httpx.Request | None:
        target = location_of(response)
        if request.method != "GET" or response.status_code not in _REDIRECTS or not target:
            return None
        try:
            url = request.url.join(target)
        except (httpx.InvalidURL, ValueError) as error:
            raise Transient("the backend redirects to no URL") from error
        headers = {k: v for k, v in request.headers.items() if k.lower() != "host"}
        return self._client.build_request("GET", url, headers=headers)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


class _Pieces(httpx.AsyncByteStream):
    """A body that ends in the middle once `leads` says no: half a request has no effect."""

    def __init__(self, body: httpx.AsyncByteStream, leads: Leads) -> None:
        self._body = body
        self._leads = leads

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        async for part in self._body:
            for start in range(0, len(part), _PIECE):
                if not self._leads():
                    raise NoAnswer("another bot is at work")
                yield part[start : start + _PIECE]


class _Draft:
    """An answer while it comes in."""

    def __init__(self, most: int) -> None:
        self.head: httpx.Response | None = None
        self._most = most
        self._body = bytearray()
        self._whole = False

    async def read(self, response: httpx.Response) -> None:
        self.head = response
        async for piece in response.aiter_raw():
            self._body += piece
            if len(self._body) > self._most:
                del self._body[self._most :]
                return
        self._whole = True

    def answer(self) -> Answer:
        if self.head is None:
            raise NoAnswer("nothing came")
        encoding = self.head.headers.get("content-encoding", "")
        body = _unpacked(bytes(self._body), encoding, self._most)
        return Answer(self.head.status_code, self.head.headers, body, self._whole)


def _unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """A body that came compressed although nobody asked for it; never more than `most` bytes."""
    windows = {"gzip": 31, "x-gzip": 31, "deflate": 15}
    window = windows.get(encoding.strip().lower())
    if window is None:
        return body
    try:
        return zlib.decompressobj(window).decompress(body, most)
    except zlib.error:
        return body


def _home(access: Access) -> Origin:
    """The backend's origin; raises `ConfigError` when URL or key cannot work."""
    try:
        url = httpx.URL(access.base_url)
        usable = Origin.of(url).usable and not (url.userinfo or url.query)
    except httpx.InvalidURL:
        usable = False
    if not usable:
        raise ConfigError(
            ("the provider's base URL is not one such as https://gateway.example/v1",)
        )
    key = access.key
    if not (key.isascii() and key.isprintable() and key == key.strip()) or len(key) > _LONGEST_KEY:
        raise ConfigError(("the provider's key has characters that cannot be sent",))
    return Origin.of(access.base_url)


def _why(error: Exception) -> str:
    kind = type(error).__name__
    words = {
        "ConnectError": "the backend cannot be reached",
        "ConnectTimeout": "the backend cannot be reached in time",
        "PoolTimeout": "too many requests to the backend at once",
        "ReadTimeout": "the backend does not answer in time",
        "TimeoutError": "the backend does not answer in time",
    }
    return words.get(kind, f"the connection to the backend broke ({kind})")
