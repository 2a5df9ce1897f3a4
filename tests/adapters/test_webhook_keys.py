"""How a page of public keys is looked at: seldom, bounded, and what it had is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.providers.webhooks.door import Door, Sender
from adapters.providers.webhooks.fal import keys_on
from adapters.providers.webhooks.keys import AGAIN, DAY, KeyPage
from bot.domain.webhooks import Scheme
from bot.errors import ConfigError
from tests.fakes.clock import START, FakeClock
from tests.fakes.gateway import NO_ANSWER, Gateway, Reply
from tests.fakes.senders import Letter
from tests.fakes.senders import Sender as Fal

PATH = "/.well-known/jwks.json"
OLD = Fal(Scheme.FAL)
NEW = Fal(Scheme.FAL, seal=Ed25519PrivateKey.from_private_bytes(b"n" * 32))
ACCOUNT = ("simulator", "default")


class Ear:
    """Hears of jobs."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def woken(self, provider: str, account: str, name: str) -> None:
        assert (provider, account) == ACCOUNT
        self.heard.append(name)


async def posted(door: Door, letter: Letter) -> int:
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        answer = await http.post(letter.path, content=letter.body, headers=letter.headers)
    return answer.status_code


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway() as found:
        found.on("GET", PATH, Reply(body=OLD.page))
        yield found


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def page(gateway: Gateway, clock: FakeClock) -> AsyncIterator[KeyPage]:
    found = KeyPage(gateway.origin + PATH, keys_on, clock)
    yield found
    await found.aclose()


def keys_of(fal: Fal) -> tuple[str, ...]:
    return keys_on(json.dumps(fal.page).encode())


async def test_a_page_is_looked_at_once_a_day(
    page: KeyPage, gateway: Gateway, clock: FakeClock
) -> None:
    for _ in range(3):
        assert await page.known() == keys_of(OLD)
    clock.advance(DAY - 1)
    assert await page.known() == keys_of(OLD)
    assert len(gateway.received) == 1
    gateway.on("GET", PATH, Reply(body=NEW.page))
    clock.advance(1)
    assert await page.known() == keys_of(NEW)
    assert len(gateway.received) == 2


async def test_for_an_unknown_key_it_is_looked_at_again_once_a_minute(
    page: KeyPage, gateway: Gateway, clock: FakeClock
) -> None:
    await page.known()
    gateway.on("GET", PATH, Reply(body=NEW.page))
    assert await page.newer() == ()
    clock.advance(AGAIN)
    assert await page.newer() == keys_of(NEW)
    for _ in range(50):
        assert await page.newer() == ()
    assert len(gateway.received) == 2


async def test_many_at_once_look_at_it_together(page: KeyPage, gateway: Gateway) -> None:
    found = await asyncio.gather(*(page.known() for _ in range(20)))
    assert set(found) == {keys_of(OLD)}
    assert len(gateway.received) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(500),
        Reply(body=b"<html>"),
        Reply(body={"keys": []}),
        NO_ANSWER,
        Reply(reset=True),
        Reply(body=b" " * 100_000),
        Reply(body=OLD.page, cut=30),
        Reply(302, headers={"location": "http://10.0.0.7/keys"}),
        Reply(302, headers={"location": PATH}),
    ],
)
async def test_what_it_had_is_kept_while_it_cannot_be_had(
    page: KeyPage, gateway: Gateway, clock: FakeClock, trouble: Reply
) -> None:
    await page.known()
    gateway.on("GET", PATH, trouble)
    clock.advance(DAY)
    assert await page.known() == keys_of(OLD)
    gateway.on("GET", PATH, Reply(body=NEW.page))
    assert await page.known() == keys_of(OLD)
    clock.advance(AGAIN)
    assert await page.known() == keys_of(NEW)


def test_an_address_that_is_none_is_told_at_the_start() -> None:
    with pytest.raises(ConfigError):
        KeyPage("https://user:word@keys.example", keys_on, FakeClock())


async def test_news_is_told_again_until_the_page_can_be_had(
    page: KeyPage, gateway: Gateway, clock: FakeClock
) -> None:
    ear = Ear()
    door = Door({ACCOUNT: Sender(Scheme.FAL, page)}, clock, ear.woken)
    letter = OLD.letter(OLD.news("job-1"), START // 1000)
    gateway.on("GET", PATH, Reply(503))
    assert await posted(door, letter) == 503
    gateway.on("GET", PATH, Reply(body=OLD.page))
    clock.advance(AGAIN)
    assert await posted(door, letter) == 200
    assert ear.heard == ["job-1"]


async def test_a_sender_that_changes_its_key_is_heard_within_a_minute(
    page: KeyPage, gateway: Gateway, clock: FakeClock
) -> None:
    ear = Ear()
    door = Door({ACCOUNT: Sender(Scheme.FAL, page)}, clock, ear.woken)
    letters = [
        one.letter(one.news(name), START // 1000, name) for one, name in ((OLD, "a"), (NEW, "b"))
    ]
    assert [await posted(door, letter) for letter in letters] == [200, 401]
    gateway.on("GET", PATH, Reply(body=NEW.page))
    clock.advance(AGAIN)
    assert [await posted(door, letter) for letter in letters] == [200, 200]
    assert ear.heard == ["a", "b"]
