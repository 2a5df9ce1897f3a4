"""Keeps links that backends hand out from leading into our own network.

A backend may answer with a link to its file or with a redirect. Such a link is opened only when
every address of its host is public, and the connection goes to the very address that was checked,
so that a name cannot change its meaning in between.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache

import httpx

from bot.errors import Transient

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to all its IP addresses; raises `OSError`."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65535
_FIRST_FREE_PORT = 1024
"""Below it live the services of a machine; only the two web ports are opened there."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 inside IPv6 (RFC 6052): what counts is the address within."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Origin:
    """Who answers: scheme, host and port of a URL."""

    scheme: str
    host: str
    port: int

    @property
    def usable(self) -> bool:
        """Whether HTTP can be spoken there."""
        return self.scheme in _DEFAULT_PORTS and bool(self.host) and 0 < self.port <= _LAST_PORT

    @classmethod
    def of(cls, url: httpx.URL | str) -> Origin:
        """The origin of a URL; an unknown scheme has port 0. Raises `httpx.InvalidURL`."""
        url = httpx.URL(url)
        return cls(url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme, 0))


async def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses that the operating system knows for a host."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to a machine on the open internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return all(_is_plain_public(one) for one in _layers(ip))


def _layers(ip: _Address) -> list[_Address]:
    """The address itself, or the IPv4 addresses that hide inside it."""
    if isinstance(ip, ipaddress.IPv4Address):
        return [ip]
    if ip.ipv4_mapped:
        return [ip.ipv4_mapped]
    if ip in _NAT64:
        return [ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)]
    return [ip, *(ip.teredo or ()), *([ip.sixtofour] if ip.sixtofour else [])]


def _is_plain_public(ip: _Address) -> bool:
    site_local = isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or site_local)


class Guard:
    """Says which URLs may be opened, and at which addresses.

    `home` is the configured backend: it may live anywhere, and so may the `trusted` origins.
    Plain http is allowed only when the backend itself is reached that way.
    """

    def __init__(
        self, home: Origin, trusted: frozenset[Origin] = frozenset(), resolve: Resolve = look_up
    ) -> None:
        self._plain = home.scheme
        self._known = trusted | {home}
        self._resolve = resolve

    def knows(self, url: httpx.URL) -> bool:
        """Whether the operator named this origin, so that its address needs no check."""
        return Origin.of(url) in self._known

    def check(self, url: httpx.URL) -> None:
        """Refuse what can be told from the URL alone; raises `Transient`."""
        if url.scheme not in {"https", self._plain} or url.scheme not in _DEFAULT_PORTS:
            raise _refused(f"the scheme {url.scheme!r} is not allowed")
        if url.userinfo:
            raise _refused("it carries a user name")
        if not url.host:
            raise _refused("it names no host")
        port = Origin.of(url).port
        web_port = port in {80, 443} or _FIRST_FREE_PORT <= port <= _LAST_PORT
        if not (self.knows(url) or web_port):
            raise _refused(f"port {port} is not a web port")

    async def addresses(self, url: httpx.URL) -> list[str]:
        """The addresses at which a foreign URL may be opened; raises `Transient`."""
        self.check(url)
        try:
            found = await self._resolve(url.host, Origin.of(url).port)
        except (OSError, UnicodeError) as error:
            raise Transient(f"the address of {url.host} was not found") from error
        if not found or not all(is_public(address) for address in found):
            raise _refused(f"{url.host} is not a public address")
        return list(found)


def _refused(why: str) -> Transient:
    return Transient(f"a link of the backend was not opened: {why}")


class GuardedTransport(httpx.AsyncBaseTransport):
    """Opens connections by the guard's rules.

    A create, and anything foreign, gets a connection of its own: an old one may have died
    unnoticed, which cannot be told from a lost answer; and certificates are checked when a
    connection is opened, so no other host may ride on it.
    """

    def __init__(self, guard: Guard, limits: httpx.Limits) -> None:
        context = ssl_context()
        self._guard = guard
        self._kept = httpx.AsyncHTTPTransport(verify=context, limits=limits)
        alone = httpx.Limits(max_connections=limits.max_connections, max_keepalive_connections=0)
        self._fresh: httpx.AsyncBaseTransport = httpx.AsyncHTTPTransport(
            verify=context, limits=alone
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; raises `Transient` when its URL may not be opened."""
        return _tamed(await self._sent(request))

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        if self._guard.knows(request.url):
            self._guard.check(request.url)
            safe_to_repeat = request.method in {"GET", "DELETE"}
            way = self._kept if safe_to_repeat else self._fresh
            return await way.handle_async_request(request)
        addresses = await self._guard.addresses(request.url)
        for address in addresses[:-1]:
            try:
                return await self._fresh.handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._fresh.handle_async_request(_pinned(request, addresses[-1]))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._kept.aclose()
        await self._fresh.aclose()


@cache
def ssl_context() -> ssl.SSLContext:
    """What certificates are checked against (read once: it takes 20 ms)."""
    return httpx.create_ssl_context()


def _tamed(response: httpx.Response) -> httpx.Response:
    """The response without what httpx would act on by itself.

    It prepares the next request of any redirect, and stumbles over a bad target; it keeps cookies.
    The target is in `location_of`.
    """
    response.extensions["location"] = response.headers.pop("location", "")
    response.headers.pop("set-cookie", None)
    return response


def location_of(response: httpx.Response) -> str:
    """Where a response of `GuardedTransport` leads on to; "" when nowhere."""
    return str(response.extensions.get("location", ""))


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to a checked address; name and certificate stay those of the host."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
