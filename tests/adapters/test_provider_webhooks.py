"""What strangers, late ones and broken proxies send to the door for webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.providers.webhooks.door import MOST_BYTES, Door, Sender
from adapters.providers.webhooks.keys import Secret
from adapters.providers.webhooks.messages import WINDOW
from adapters.providers.webhooks.standard import is_signed
from adapters.web.guard import LOOPBACK, Guard, Rules
from bot.domain.webhooks import PATH, Scheme, fits
from tests.fakes.clock import START, FakeClock

KEY = b"a key that nobody else has"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
HERE = PATH + "openai/default"
NOW = START // 1000
READY = json.dumps({"type": "video.completed", "data": {"id": "video_1"}}).encode()


def headers(
    body: bytes = READY, name: str = "wh_1", stamp: int | str = NOW, key: bytes = KEY
) -> dict[str, str]:
    """As the standard has it, written down once more: nothing of the code under test."""
    digest = hmac.new(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signed = base64.b64encode(digest).decode()
    return {
        "webhook-id": name,
        "webhook-timestamp": str(stamp),
        "webhook-signature": f"v1,b2xk v1,{signed}",
    }


class Ear:
    """Hears of jobs; `faults` are what goes wrong with the next ones."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []
        self.faults: list[Exception] = []

    async def woken(self, provider: str, account: str, name: str) -> None:
        if self.faults:
            raise self.faults.pop()
        self.heard.append((provider, account, name))


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def http(ear: Ear, clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    senders = {
        ("openai", "default"): Sender(Scheme.STANDARD, Secret(SECRET)),
        ("openai", "other"): Sender(Scheme.STANDARD, Secret(SECRET[:-4] + "AAAA")),
    }
    # As it stands on the server: behind a page that asks everybody for a token.
    door = Guard(Door(senders, clock, ear.woken), Rules("t" * 16, LOOPBACK))
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield client


async def told(http: httpx.AsyncClient, body: bytes = READY, path: str = HERE, **how: str) -> int:
    return (await http.post(path, content=body, headers=headers(body) | how)).status_code


async def test_news_of_a_video_wakes_its_job(http: httpx.AsyncClient, ear: Ear) -> None:
    assert await told(http) == 200
    failed = json.dumps({"type": "video.failed", "data": {"id": "video_2"}}).encode()
    answer = await http.post(HERE, content=failed, headers=headers(failed, "wh_2"))
    assert answer.status_code == 200
    assert ear.heard == [("openai", "default", "video_1"), ("openai", "default", "video_2")]


def test_the_example_of_the_standard_is_understood() -> None:
    # From the specification: standardwebhooks.com.
    body = b'{"test": 2432232314}'
    signed = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert is_signed(secret, signed, body, 1614265330)
    assert not is_signed(secret, signed, body + b" ", 1614265330)


@pytest.mark.parametrize(
    "forged",
    [
        headers(key=b"another key"),
        headers(b"{}"),
        headers() | {"webhook-id": "wh_2"},
        headers() | {"webhook-timestamp": str(NOW + 1)},
        headers() | {"webhook-signature": "v1,"},
        headers() | {"webhook-signature": headers()["webhook-signature"].replace("v1", "v2")},
        headers() | {"webhook-signature": "v1,x " * 16 + headers()["webhook-signature"]},
        headers(stamp=NOW - WINDOW - 1),
        headers(stamp=NOW + WINDOW + 1),
        headers(stamp="soon"),
        headers(stamp="9" * 40),
        headers(name=""),
        {},
    ],
)
async def test_what_is_forged_or_late_is_not_heard(
    http: httpx.AsyncClient, ear: Ear, forged: dict[str, str]
) -> None:
    answer = await http.post(HERE, content=READY, headers=forged)
    assert (answer.status_code, ear.heard) == (401, [])


async def test_at_the_edge_of_the_window_it_still_counts(http: httpx.AsyncClient, ear: Ear) -> None:
    for name, stamp in (("wh_1", NOW - WINDOW), ("wh_2", NOW + WINDOW)):
        answer = await http.post(HERE, content=READY, headers=headers(READY, name, stamp))
        assert answer.status_code == 200
    assert len(ear.heard) == 2


@pytest.mark.parametrize("status", ["succeeded", "failed", "canceled", "aborted"])
async def test_a_prediction_of_replicate_that_ended_wakes_its_job(
    http: httpx.AsyncClient, ear: Ear, status: str
) -> None:
    assert await told(http, json.dumps({"id": "p_1", "status": status}).encode()) == 200
    assert ear.heard == [("openai", "default", "p_1")]


@pytest.mark.parametrize(
    "status, over", [("succeed", True), ("failed", True), ("processing", False), (None, False)]
)
async def test_a_task_of_kling_wakes_its_job_once_it_ended(
    http: httpx.AsyncClient,
    ear: Ear,
    status: str | None,
    over: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert await told(http, json.dumps({"task_id": "t_1", "task_status": status}).encode()) == 200
    assert ear.heard == ([("openai", "default", "t_1")] if over else [])


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
async def test_a_header_that_comes_twice_counts_for_neither(
    http: httpx.AsyncClient, ear: Ear, name: str
) -> None:
    pairs = [*headers().items(), (name.title(), headers()[name])]
    answer = await http.post(HERE, content=READY, headers=pairs)
    assert (answer.status_code, ear.heard) == (400, [])


async def test_the_same_message_twice_is_one(
    http: httpx.AsyncClient, ear: Ear, clock: FakeClock
) -> None:
    assert await told(http) == 200
    clock.advance(1000 * WINDOW)
    assert await told(http) == 200
    assert len(ear.heard) == 1


async def test_what_could_not_be_noted_is_taken_when_it_comes_again(
    http: httpx.AsyncClient, ear: Ear
) -> None:
    ear.faults.append(OSError("the disk is full"))
    assert await told(http) == 503
    assert await told(http) == 200
    assert len(ear.heard) == 1


async def test_an_account_cannot_speak_for_another(http: httpx.AsyncClient, ear: Ear) -> None:
    assert await told(http, path=PATH + "openai/other") == 401
    for path in (PATH + "fal/default", PATH + "openai", PATH, "/webhooks/", HERE + "/more"):
        assert await told(http, path=path) == 404
    assert ear.heard == []


async def test_a_huge_body_is_not_read(http: httpx.AsyncClient, ear: Ear) -> None:
    assert await told(http, b" " * (MOST_BYTES + 1)) == 413
    assert ear.heard == []


async def test_nobody_looks_at_the_door_from_a_browser(http: httpx.AsyncClient) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        answer = await http.request(method, HERE, content=READY)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", "{}".encode("utf-16"), b"[" * 60_000])
async def test_signed_nonsense_is_refused(http: httpx.AsyncClient, ear: Ear, body: bytes) -> None:
    assert await told(http, body) == 400
    assert ear.heard == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "response.completed", "data": {"id": "resp_1"}},
        {"type": ["video.completed"], "data": {"id": "video_1"}},
        {"type": "video.completed"},
        {"type": "video.completed", "data": {"id": 7}},
        {"type": "video.completed", "data": {"id": ""}},
        {"type": "video.completed", "data": {"id": "v" * 2000}},
        {"type": "video.completed", "data": {"id": "video_\x00"}},
        {"type": "video.completed", "data": {"id": "video_\ud800"}},
        {"id": "p_1", "status": "processing"},
        {"id": 7, "status": "succeeded"},
    ],
)
async def test_news_of_something_else_is_taken_and_left(
    http: httpx.AsyncClient, ear: Ear, message: dict[str, object]
) -> None:
    assert await told(http, json.dumps(message).encode()) == 200
    assert ear.heard == []


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%", "hush"])
def test_without_a_secret_nothing_is_signed(secret: str) -> None:
    assert not fits(Scheme.STANDARD, secret)
    assert not is_signed(secret, headers(key=b""), READY, NOW)
