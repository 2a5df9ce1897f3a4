"""Who may come in, and what is handed out at the door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Scope

from adapters.blobs import DiskBlobs
from adapters.web import guard
from adapters.web.guard import COOKIE, LOOPBACK, Guard, Rules
from adapters.web.routes import routes
from adapters.web.server import Binding
from bot.domain.refs import Tenant
from bot.domain.tickets import Ticket
from bot.errors import ConfigError
from tests.fakes.clock import FakeClock

TOKEN = "a token of enough length"
CLIP = bytes(range(256)) * 40
HOUR = 3_600_000
VIDEO = Ticket("j1", Tenant("web", "demo"))


async def page(request: Request) -> Response:
    return PlainTextResponse(f"the page {request.url.query}")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def blobs(tmp_path: Path, clock: FakeClock) -> DiskBlobs:
    return DiskBlobs(tmp_path, lambda: None, b"secret", clock)


class Readiness:
    def __init__(self) -> None:
        self.ready = True

    async def __call__(self) -> bool:
        return self.ready


@pytest.fixture
def ready() -> Readiness:
    return Readiness()


class Door:
    """Lets everybody see the one video that there is."""

    async def __call__(self, ticket: Ticket) -> bool:
        return ticket == VIDEO


def application(blobs: DiskBlobs, ready: Readiness, rules: Rules, clock: FakeClock) -> Guard:
    front = [Route("/", page, methods=["GET", "POST"]), Route("/jobs", page)]
    return Guard(Starlette(routes=[*routes(blobs, Door(), ready, rules, clock), *front]), rules)


def client(app: Guard, base: str = "http://localhost:8080") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base)


@pytest.fixture
async def local(
    blobs: DiskBlobs, ready: Readiness, clock: FakeClock
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the bot's own machine; no token is set."""
    async with client(application(blobs, ready, Rules("", LOOPBACK), clock)) as http:
        yield http


@pytest.fixture
async def remote(
    blobs: DiskBlobs, ready: Readiness, clock: FakeClock
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser elsewhere; a token is set."""
    app = application(blobs, ready, Rules(TOKEN, LOOPBACK), clock)
    async with client(app, "https://bot.example") as http:
        yield http


# --- on this machine ------------------------------------------------------------------------


async def test_on_this_machine_the_page_just_opens(local: httpx.AsyncClient) -> None:
    assert (await local.get("/")).text == "the page "


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9999", "[::1]:8080", "LOCALHOST"])
async def test_every_name_of_this_machine_is_answered(local: httpx.AsyncClient, host: str) -> None:
    assert (await local.get("/", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", "", "[", "127.0.0.2"]
)
async def test_a_name_that_somebody_pointed_here_is_not(
    local: httpx.AsyncClient, host: str
) -> None:
    assert (await local.get("/", headers={"Host": host})).status_code == 400


async def test_another_sites_page_cannot_send_anything(local: httpx.AsyncClient) -> None:
    foreign = await local.post("/", headers={"Origin": "https://evil.example"}, content=b"x")
    own = await local.post("/", headers={"Origin": "http://localhost:8080"}, content=b"x")
    no_page = await local.post("/", content=b"x")
    assert [foreign.status_code, own.status_code, no_page.status_code] == [403, 200, 200]


@pytest.mark.parametrize("origin", ["null", "http://localhost:8081", "http://localhost"])
async def test_nearly_the_same_origin_is_another_one(local: httpx.AsyncClient, origin: str) -> None:
    reply = await local.post("/", headers={"Origin": origin}, content=b"x")
    assert reply.status_code == 403


async def test_large_bodies_and_bodies_of_unknown_length_are_refused(
    local: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "MAX_BODY", 10)

    async def chunks() -> AsyncIterator[bytes]:
        yield b"x"

    assert (await local.post("/", content=b"x" * 11)).status_code == 413
    assert (await local.post("/", content=chunks())).status_code == 413
    assert (await local.post("/", content=b"x" * 10)).status_code == 200


async def test_every_answer_tells_the_browser_to_be_careful(local: httpx.AsyncClient) -> None:
    for path in ("/", "/healthz", "/nowhere", "/media/x.mp4"):
        headers = (await local.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


# --- web sockets ----------------------------------------------------------------------------


async def knock(rules: Rules, headers: dict[str, str]) -> list[Message]:
    """What a web socket with these headers is told first."""
    sent: list[Message] = []

    async def accept(scope: Scope, receive: object, send: object) -> None:
        sent.append({"type": "websocket.accept"})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {
        "type": "websocket",
        "path": "/_nicegui_ws/socket.io/",
        "query_string": b"",
        "headers": raw,
        "scheme": "ws",
    }
    await Guard(accept, rules)(scope, receive, send)
    return sent


async def test_a_web_socket_opens_for_our_own_page_only() -> None:
    rules = Rules("", LOOPBACK)
    own = await knock(rules, {"Host": "localhost:8080", "Origin": "http://localhost:8080"})
    foreign = await knock(rules, {"Host": "localhost:8080", "Origin": "https://evil.example"})
    renamed = await knock(rules, {"Host": "evil.example", "Origin": "http://evil.example"})
    assert own == [{"type": "websocket.accept"}]
    assert [answer[0]["type"] for answer in (foreign, renamed)] == ["websocket.close"] * 2


async def test_a_web_socket_needs_the_cookie_where_there_is_a_token() -> None:
    rules = Rules(TOKEN, LOOPBACK)
    without = await knock(rules, {"Host": "bot.example"})
    with_it = await knock(rules, {"Host": "bot.example", "Cookie": f"{COOKIE}={rules.pass_word}"})
    assert without[0]["type"] == "websocket.close"
    assert with_it == [{"type": "websocket.accept"}]


# --- elsewhere ------------------------------------------------------------------------------


async def test_without_the_token_there_is_only_the_login(remote: httpx.AsyncClient) -> None:
    reply = await remote.get("/jobs")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/login")
    assert "Token" in (await remote.get("/login")).text
    assert (await remote.post("/", content=b"x")).status_code == 401


async def test_the_token_in_the_address_becomes_a_cookie_and_leaves_the_address(
    remote: httpx.AsyncClient,
) -> None:
    reply = await remote.get("/jobs", params={"as": "ben", "token": TOKEN})
    assert (reply.status_code, reply.headers["Location"]) == (303, "/jobs?as=ben")
    cookie = reply.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Secure"))
    assert TOKEN not in cookie
    assert (await remote.get("/jobs?as=ben")).text == "the page as=ben"


async def test_the_token_leaves_the_address_also_of_those_who_are_in(
    remote: httpx.AsyncClient,
) -> None:
    await remote.get("/", params={"token": TOKEN})
    reply = await remote.get("/jobs", params={"token": TOKEN})
    assert (reply.status_code, reply.headers["Location"]) == (303, "/jobs")


async def test_over_plain_http_the_cookie_still_works(
    blobs: DiskBlobs, ready: Readiness, clock: FakeClock
) -> None:
    app = application(blobs, ready, Rules(TOKEN, LOOPBACK), clock)
    async with client(app, "http://192.168.1.5:8080") as http:
        assert "Secure" not in (await http.get("/", params={"token": TOKEN})).headers["Set-Cookie"]
        assert (await http.get("/")).status_code == 200


async def test_the_address_after_the_token_stays_on_this_server(
    remote: httpx.AsyncClient,
) -> None:
    reply = await remote.get("https://bot.example//evil.example/x", params={"token": TOKEN})
    assert reply.headers["Location"] == "/evil.example/x"


async def test_the_token_can_be_typed(remote: httpx.AsyncClient) -> None:
    reply = await remote.post("/login", data={"token": f" {TOKEN} "})
    assert (reply.status_code, reply.headers["Location"]) == (303, "/")
    assert (await remote.get("/")).status_code == 200


@pytest.mark.parametrize("form", [{"token": "wrong"}, {"token": ""}, {}, {"token": "tök€n"}])
async def test_a_wrong_token_opens_nothing_and_costs_time(
    blobs: DiskBlobs, ready: Readiness, form: dict[str, str]
) -> None:
    class PatientClock(FakeClock):
        slept = 0

        async def sleep(self, ms: int) -> None:
            self.slept += ms

    clock = PatientClock()
    async with client(application(blobs, ready, Rules(TOKEN, LOOPBACK), clock)) as http:
        reply = await http.post("/login", data=form)
        assert reply.status_code == 401
        assert 'class="wrong" role="alert"' in reply.text
        assert clock.slept > 0
        assert (await http.get("/")).status_code == 303


@pytest.mark.parametrize("cookie", ["", "wrong", TOKEN, '"', "ü"])
async def test_a_made_up_cookie_opens_nothing(remote: httpx.AsyncClient, cookie: str) -> None:
    headers = {b"Cookie": f"{COOKIE}={cookie}".encode()}
    assert (await remote.get("/", headers=headers)).status_code == 303


async def test_another_token_makes_old_cookies_worthless() -> None:
    assert Rules(TOKEN, LOOPBACK).pass_word != Rules(TOKEN + "!", LOOPBACK).pass_word


async def test_without_a_token_no_token_is_right() -> None:
    assert not Rules("", LOOPBACK).is_token("")


@pytest.mark.parametrize(
    "binding",
    [
        Binding(host="0.0.0.0"),  # noqa: S104 - the case in question
        Binding(host="192.168.1.5", token="too short"),
        Binding(public_url="https://bot.example"),
        Binding(host="::"),
    ],
)
def test_where_others_can_reach_it_the_server_does_not_start_without_a_token(
    binding: Binding,
) -> None:
    with pytest.raises(ConfigError, match="needs a token of at least 16 characters"):
        binding.rules()


@pytest.mark.parametrize(
    "binding",
    [
        Binding(),
        Binding(host="::1"),
        Binding(public_url="http://localhost:9000"),
        Binding(host="0.0.0.0", token=TOKEN),  # noqa: S104 - the case in question
        Binding(public_url="https://bot.example", token=TOKEN),
    ],
)
def test_on_loopback_or_with_a_token_it_does(binding: Binding) -> None:
    assert binding.rules().token == binding.token


# --- health and files -----------------------------------------------------------------------


async def test_health_is_answered_to_everyone_and_tells_nothing_else(
    remote: httpx.AsyncClient, ready: Readiness
) -> None:
    assert (await remote.get("/healthz")).json() == {"alive": True}
    assert (await remote.get("/readyz")).json() == {"ready": True}
    ready.ready = False
    reply = await remote.get("/readyz")
    assert (reply.status_code, reply.json()) == (503, {"ready": False})


@pytest.fixture
async def link(blobs: DiskBlobs, clock: FakeClock) -> str:
    source = blobs.scratch() / "clip"
    source.write_bytes(CLIP)
    return blobs.link((await blobs.put(source, ".mp4")).name, VIDEO, clock.now() + HOUR)


async def test_a_signed_link_needs_no_token_and_ends_in_time(
    remote: httpx.AsyncClient, link: str, clock: FakeClock
) -> None:
    reply = await remote.get(link)
    assert (reply.content, reply.headers["Content-Type"]) == (CLIP, "video/mp4")
    assert reply.headers["Accept-Ranges"] == "bytes"
    clock.advance(HOUR)
    assert (await remote.get(link)).status_code == 404


async def test_a_player_may_ask_for_a_part(local: httpx.AsyncClient, link: str) -> None:
    reply = await local.get(link, headers={"Range": "bytes=100-199"})
    assert (reply.status_code, reply.content) == (206, CLIP[100:200])
    assert reply.headers["Content-Range"] == f"bytes 100-199/{len(CLIP)}"
    beyond = await local.get(link, headers={"Range": "bytes=999999-"})
    assert beyond.status_code == 416


async def test_a_forged_link_gets_nothing(local: httpx.AsyncClient, link: str) -> None:
    forged_links = [link[:-1], link.replace("exp=", "exp=9"), link.partition("?")[0]]
    for forged in (*forged_links, link.replace("j1", "j2"), link.replace("%2Fweb%2Fdemo", "")):
        assert (await local.get(forged)).status_code == 404


@pytest.mark.parametrize(
    "suffix, kind", [(".jpg", "image/jpeg"), (".png", "image/png"), (".webp", "image/webp")]
)
async def test_pictures_come_as_pictures(
    local: httpx.AsyncClient, blobs: DiskBlobs, clock: FakeClock, suffix: str, kind: str
) -> None:
    source = blobs.scratch() / "picture"
    source.write_bytes(b"picture")
    blob = await blobs.put(source, suffix)
    reply = await local.get(blobs.link(blob.name, VIDEO, clock.now() + HOUR))
    assert reply.headers["Content-Type"] == kind


async def test_what_could_run_in_a_browser_is_only_ever_downloaded(
    local: httpx.AsyncClient, blobs: DiskBlobs, clock: FakeClock
) -> None:
    source = blobs.scratch() / "page"
    source.write_bytes(b"<script>alert(1)</script>")
    blob = await blobs.put(source, ".html")
    reply = await local.get(blobs.link(blob.name, VIDEO, clock.now() + HOUR))
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Content-Disposition"] == "attachment"
