"""Links of a backend lead out to the internet, or to where the operator allowed, or nowhere."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.guard import Guard, GuardedTransport, Origin, is_public, look_up
from bot.errors import Transient

HOME = Origin.of("https://gateway.example/v1")
PUBLIC = "93.184.216.34"


async def public(host: str, port: int) -> Sequence[str]:
    return [PUBLIC]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",  # noqa: S104 - not bound to, refused
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:a00:1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "not an address",
        "",
    ],
)
def test_private_and_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_addresses_on_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_no_private_address_hides_inside_ipv6(address: object) -> None:
    assert not is_public(str(address))
    assert not is_public(f"::ffff:{address}")
    assert not is_public(f"64:ff9b::{address}")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://cdn.example/x",
        "gopher://cdn.example/x",
        "data:video/mp4;base64,AAAA",
        "http://cdn.example/x",
        "https://user:word@cdn.example/x",
        "https:///x",
        "https://cdn.example:22/x",
        "https://cdn.example:6/x",
        "https://cdn.example:99999/x",
        "//cdn.example/x",
        "/x",
    ],
)
async def test_urls_that_are_wrong_by_themselves_are_not_opened(url: str) -> None:
    with pytest.raises(Transient, match="not opened"):
        await Guard(HOME, resolve=public).addresses(httpx.URL(url))


async def test_plain_http_is_allowed_where_the_backend_itself_uses_it() -> None:
    guard = Guard(Origin.of("http://10.0.0.5:8000/v1"), resolve=public)
    assert await guard.addresses(httpx.URL("http://cdn.example/x")) == [PUBLIC]
    assert await guard.addresses(httpx.URL("https://cdn.example:8443/x")) == [PUBLIC]


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def both(host: str, port: int) -> Sequence[str]:
        return [PUBLIC, "10.0.0.1"]

    with pytest.raises(Transient, match="not a public address"):
        await Guard(HOME, resolve=both).addresses(httpx.URL("https://cdn.example/x"))


async def test_a_name_without_an_address_may_have_one_later() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(Transient, match="not found"):
        await Guard(HOME, resolve=unknown).addresses(httpx.URL("https://cdn.example/x"))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
async def test_the_real_look_up_sees_through_names_of_this_machine(host: str) -> None:
    with pytest.raises(Transient, match="not a public address"):
        await Guard(HOME, resolve=look_up).addresses(httpx.URL(f"https://{host}/x"))


class Recorder(httpx.AsyncBaseTransport):
    """Stands where connections are opened."""

    def __init__(self, *dead: str) -> None:
        self.requests: list[httpx.Request] = []
        self._dead = dead

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host in self._dead:
            raise httpx.ConnectError("no route")
        return httpx.Response(200)


def _watched(transport: GuardedTransport, recorder: Recorder) -> GuardedTransport:
    transport._fresh = recorder
    return transport


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that changes its meaning after the check leads nowhere new."""
    answers = [[PUBLIC], ["127.0.0.1"]]

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    recorder = Recorder()
    guard = Guard(HOME, resolve=rebinding)
    async with _watched(GuardedTransport(guard, httpx.Limits()), recorder) as transport:
        request = httpx.Request("GET", "https://evil.example:8443/clip.mp4?a=b")
        await transport.handle_async_request(request)
    [sent] = recorder.requests
    assert str(sent.url) == f"https://{PUBLIC}:8443/clip.mp4?a=b"
    assert sent.headers["host"] == "evil.example:8443"
    assert sent.extensions["sni_hostname"] == "evil.example"
    assert answers == [["127.0.0.1"]]


async def test_the_next_address_is_tried_when_one_is_dead() -> None:
    async def two(host: str, port: int) -> Sequence[str]:
        return ["2606:2800:220:1::1", PUBLIC]

    recorder = Recorder("2606:2800:220:1::1")
    guard = Guard(HOME, resolve=two)
    async with _watched(GuardedTransport(guard, httpx.Limits()), recorder) as transport:
        await transport.handle_async_request(httpx.Request("GET", "https://cdn.example/x"))
    assert [one.url.host for one in recorder.requests] == ["2606:2800:220:1::1", PUBLIC]
