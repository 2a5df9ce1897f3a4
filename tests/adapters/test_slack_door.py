"""What strangers and broken proxies send to the door for Slack: always an answer, never a 500."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from adapters.slack.door import MOST_BYTES, WINDOW, is_slacks
from adapters.slack.manifest import EVENTS_PATH, INSTALL_PATH
from adapters.slack.platform import SlackChat
from tests.fakes.core import Options as CoreOptions
from tests.fakes.slack_bot import Office
from tests.fakes.slack_server.fixtures import slack_server
from tests.fakes.slack_server.http_mode import FORM, JSON, signed
from tests.fakes.slack_server.server import SlackServer

__all__ = ["slack_server"]

CHALLENGE = json.dumps({"type": "url_verification", "challenge": "echo", "token": "old"})
STAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"


@pytest.fixture
async def chat(slack_server: SlackServer, tmp_path: Path) -> AsyncIterator[SlackChat]:
    office = Office(slack_server, tmp_path, by_http=True)
    async with office.bot(CoreOptions()) as life:
        yield life.chat


@pytest.fixture
async def http(chat: SlackChat) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(chat.door)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield client


async def sent(
    http: httpx.AsyncClient, server: SlackServer, body: str, kind: str = JSON
) -> httpx.Response:
    """What Slack itself would be answered."""
    headers = {"Content-Type": kind, **signed(server.signing_secret, body)}
    return await http.post(EVENTS_PATH, content=body.encode(), headers=headers)


async def test_what_slack_signed_is_answered(
    http: httpx.AsyncClient, slack_server: SlackServer
) -> None:
    answer = await sent(http, slack_server, CHALLENGE)
    assert (answer.status_code, answer.json()) == (200, {"challenge": "echo"})


@pytest.mark.parametrize(
    "name, value",
    [
        (STAMP, None),
        (STAMP, b""),
        (STAMP, b"yesterday"),
        (STAMP, b"-1"),
        (STAMP, b"1e9"),
        (STAMP, b"9" * 5_000),
        (STAMP, "\N{SUPERSCRIPT TWO}".encode()),
        (STAMP, "\N{ARABIC-INDIC DIGIT ONE}".encode()),
        (SIGNATURE, None),
        (SIGNATURE, b""),
        (SIGNATURE, b"v0="),
        (SIGNATURE, b"v0=" + b"0" * 64),
        (SIGNATURE, b"\xff\xfe"),
        (SIGNATURE, "v0=\N{SNOWMAN}".encode()),
        (SIGNATURE, b"v0=" + b"0" * 7_000),
    ],
)
async def test_signatures_that_are_none_are_refused(
    http: httpx.AsyncClient, slack_server: SlackServer, name: str, value: bytes | None
) -> None:
    right = signed(slack_server.signing_secret, CHALLENGE)
    headers = {key.encode(): text.encode() for key, text in right.items() if key != name}
    headers |= {b"Content-Type": JSON.encode()}
    headers |= {} if value is None else {name.encode(): value}
    answer = await http.post(EVENTS_PATH, content=CHALLENGE, headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize("age", [WINDOW + 5, -WINDOW - 5])
async def test_a_signature_of_another_hour_is_refused(
    http: httpx.AsyncClient, slack_server: SlackServer, age: int
) -> None:
    headers = signed(slack_server.signing_secret, CHALLENGE, time.time() - age)
    assert (await http.post(EVENTS_PATH, content=CHALLENGE, headers=headers)).status_code == 401


async def test_a_signature_of_another_body_or_secret_is_refused(
    http: httpx.AsyncClient, slack_server: SlackServer
) -> None:
    ours = signed(slack_server.signing_secret, CHALLENGE)
    theirs = signed("guessed", CHALLENGE)
    assert (await http.post(EVENTS_PATH, content=CHALLENGE + " ", headers=ours)).status_code == 401
    assert (await http.post(EVENTS_PATH, content=CHALLENGE, headers=theirs)).status_code == 401


def test_without_a_secret_nothing_is_slacks() -> None:
    headers = {name.lower(): text for name, text in signed("", "x").items()}
    assert not is_slacks(b"", headers, b"x", time.time())


async def test_a_body_that_is_too_large_is_not_read_to_its_end(http: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 100_000
            yield b"x" * 100_000

    answer = await http.post(EVENTS_PATH, content=endless())
    assert answer.status_code == 413
    assert read <= MOST_BYTES + 200_000


@pytest.mark.parametrize(
    "body, kind",
    [
        ("{", JSON),
        ('{"type": ', JSON),
        ("[]", JSON),
        ("null", JSON),
        ("5", JSON),
        ('"text"', JSON),
        ("[" * 50_000, JSON),
        ('{"team": 5}', JSON),
        ('{"authorizations": 5}', JSON),
        ('{"authorizations": [5]}', JSON),
        ("payload=%7B", FORM),
        ("payload=", FORM),
        ("payload=[]", FORM),
        ("payload=null", FORM),
        (f"payload={quote('[1]')}", FORM),
    ],
)
async def test_nonsense_is_not_readable_even_when_it_is_signed(
    http: httpx.AsyncClient, slack_server: SlackServer, body: str, kind: str
) -> None:
    assert (await sent(http, slack_server, body, kind)).status_code == 400


async def test_bytes_that_are_no_text_are_not_readable(
    http: httpx.AsyncClient, slack_server: SlackServer
) -> None:
    body = b"\xff\xfe\xfd"
    stamp = str(int(time.time()))
    signature = _signature(slack_server.signing_secret, stamp, body)
    headers = {STAMP: stamp, SIGNATURE: signature, "Content-Type": JSON}
    assert (await http.post(EVENTS_PATH, content=body, headers=headers)).status_code == 400


@pytest.mark.parametrize(
    "body, kind",
    [
        ("", JSON),
        ("{}", JSON),
        ('{"type": "event_callback"}', JSON),
        ('{"type": "event_callback", "event": {}}', JSON),
        ('{"type": "of_tomorrow", "team_id": "T1"}', JSON),
        ("command=", FORM),
        ("hello=there", FORM),
        ("payload={}", FORM),
        (f"payload={quote(json.dumps({'type': 'of_tomorrow'}))}", FORM),
    ],
)
async def test_what_nobody_listens_to_is_not_found(
    http: httpx.AsyncClient, slack_server: SlackServer, body: str, kind: str
) -> None:
    assert 400 <= (await sent(http, slack_server, body, kind)).status_code < 500


async def test_events_of_tomorrow_are_taken_so_that_slack_need_not_repeat_them(
    http: httpx.AsyncClient, slack_server: SlackServer
) -> None:
    event = {"type": "event_callback", "team_id": slack_server.home.id, "event_id": "Ev1"}
    body = json.dumps(event | {"event": {"type": "of_tomorrow"}})
    assert (await sent(http, slack_server, body)).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods_find_nothing(http: httpx.AsyncClient, method: str) -> None:
    assert (await http.request(method, EVENTS_PATH)).status_code == 404


@pytest.mark.parametrize("path", [INSTALL_PATH, "/slack/", "/slack/events/more", "/slack/%2e%2e"])
async def test_other_addresses_find_nothing(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404


def _signature(secret: str, stamp: str, body: bytes) -> str:
    signing = b"v0:" + stamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signing, hashlib.sha256).hexdigest()
