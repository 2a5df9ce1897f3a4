"""The doctor names what is wrong with an account of a video backend, and orders nothing."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.providers.doctor import AccountCheckup, Patient, examine
from adapters.providers.guard import Resolve, look_up, ssl_context
from adapters.providers.tasks.registry import WIRES
from bot import wording
from bot.backends import examine_providers
from bot.domain.catalogue import Model, parse
from bot.domain.findings import Finding
from bot.domain.gates import Limits, Style
from bot.errors import ConfigError
from bot.services.doctor import looked_at
from bot.settings import load
from tests.fakes.backends import DIALECTS, backend, profile_for
from tests.fakes.certificates import own_certificate
from tests.fakes.clock import START, FakeClock
from tests.fakes.gateway import KEY, NO_ANSWER, Gateway, Received, Reply, Script
from tests.fakes.hostile import Eager

GATE = "mine/default"


def sold(**changes: object) -> Model:
    entry = {
        "provider": "mine",
        "name": "kite",
        "upstream": "kite-1",
        "seconds": [4],
        "default_seconds": 4,
        "default_size": "1280x720",
        "prices": {"1280x720": 10},
        "typical_ms": 1000,
        "source": "a test",
        "as_of": date(2026, 11, 1),
    }
    return parse({"model": [{**entry, **changes}]}).models[0]


def honest(received: Received) -> Reply:
    """A server that knows its routes, one model, and the time."""
    now = {"date": formatdate(START / 1000, usegmt=True)}
    if received.path == "/v1/models":
        return Reply(body={"data": [{"id": "kite-1"}]}, headers=now)
    if received.path.startswith("/v1/videos/"):
        error = {"message": "There is no such video.", "code": "video_not_found"}
        return Reply(404, {"error": error}, headers=now)
    return Reply(404, {"detail": "Not Found"}, headers=now)


async def look(
    server: Script,
    *,
    resolve: Resolve = look_up,
    now: int = START,
    **changes: Any,  # noqa: ANN401 - fields of `Patient`
) -> dict[str, Finding]:
    """What the doctor finds at a server; nothing was ordered there, and no key is told."""
    async with Gateway(otherwise=server) as gateway:
        account = Patient(GATE, "custom", gateway.url, KEY, (sold(),))
        account = replace(account, **changes)
        findings = [one async for one in examine(account, FakeClock(now), resolve=resolve)]
    assert {one.method for one in gateway.received} <= {"GET"}
    assert KEY not in "\n".join(map(wording.finding_line, findings))
    return {one.name: one for one in findings}


def wrong(findings: dict[str, Finding]) -> list[str]:
    return [name for name, one in findings.items() if not one.fine]


async def test_a_good_account_is_well() -> None:
    findings = await look(honest)
    assert wrong(findings) == []
    assert findings[f"{GATE} key"].words == "accepted"
    assert findings[f"{GATE} models"].words == "1 model known there"
    assert "the oldest of 2026-11-01" in findings[f"{GATE} prices"].words
    assert findings[f"{GATE} line"].words.endswith(" ms")
    assert findings[f"{GATE} can"].words.startswith("orders, first frames, remix")
    assert wrong(await look(honest, key="")) == []


def says(status: int, message: str, code: str = "") -> Reply:
    return Reply(status, {"error": {"message": message, "code": code or None}})


PAGE = Reply(200, b"<html><title>Welcome</title></html>", headers={"content-type": "text/html"})
AILMENTS: Mapping[str, tuple[Reply, str, str]] = {
    "wrong key": (
        says(401, "Incorrect API key provided", "invalid_api_key"),
        "does not take the key",
        "Copy the key again",
    ),
    "not verified": (
        says(403, "Your organization must be verified to use this model."),
        "must be verified",
        "Verify it",
    ),
    "region": (
        says(403, "Country, region, or territory not supported", "unsupported_country_region"),
        "region of this machine",
        "supported region",
    ),
    "no credits": (
        says(429, "You exceeded your current quota", "insufficient_quota"),
        "no credits left",
        "Add credits",
    ),
    "payment": (Reply(402, {"detail": "Payment required"}), "no credits left", "Add credits"),
    "closed": (
        says(410, "The Videos API has been shut down."),
        "makes no videos any more",
        "another provider",
    ),
    "a page": (PAGE, "a web page", "/v1"),
    "a page that is missing": (Reply(404, b"<html>404</html>"), "a web page", "/v1"),
    "a login page": (Reply(403, b"<html>Sign in</html>"), "a web page", "/v1"),
    "nothing is there": (Reply(404, {"detail": "Not Found"}), "neither videos", "probe URL"),
    "broken": (says(502, "bad gateway"), "trouble of its own", "later"),
    "silence": (NO_ANSWER, "nobody answers", "firewall"),
}


@pytest.mark.parametrize("name", AILMENTS)
async def test_what_is_wrong_is_named_with_its_fix(name: str) -> None:
    reply, words, fix = AILMENTS[name]
    findings = await look(reply)
    assert wrong(findings) == [GATE]
    assert words in findings[GATE].words
    assert fix in findings[GATE].fix
    assert f"{GATE} key" not in findings


async def test_the_limits_that_an_account_is_declared_to_take_are_told() -> None:
    declared = Limits(4, 500, 60, 1_000, Style.WINDOW)
    findings = await look(honest, limits=declared)
    assert findings[f"{GATE} limits"].words == (
        "4 renders at once, 60 orders a minute (window), 1,000 orders a day, "
        "500 ms between two orders"
    )
    findings = await look(honest, limits=Limits())
    assert findings[f"{GATE} limits"].words == "none declared"


async def test_a_missing_key_is_told_from_a_wrong_one() -> None:
    findings = await look(says(401, "Missing bearer authentication in header"), key="")
    assert "none is set" in findings[GATE].words
    assert "SORA_PROVIDER_KEY" in findings[GATE].fix


async def test_a_name_without_an_address_is_a_typing_error() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    findings = await look(honest, resolve=unknown)
    assert findings[GATE].words == "its host has no address"


async def test_what_speaks_no_tls_is_not_taken_for_silence() -> None:
    async with Eager(Reply(400).head(), lingers=False) as plain:
        findings = await look(honest, url=plain.url.replace("http:", "https:"))
    assert findings[GATE].words.startswith("its certificate is not accepted")


async def test_the_service_that_closed_is_not_even_asked() -> None:
    later = round(datetime(2026, 11, 27, tzinfo=UTC).timestamp() * 1000)
    url = "https://api.openai.com/v1"
    findings = await look(honest, url=url, profile="openai", now=later)
    assert wrong(findings) == [GATE]
    assert "makes no videos any more" in findings[GATE].words


@pytest.mark.parametrize("ms, way", [(120_000, "ahead of"), (-3_600_000, "behind")])
async def test_a_clock_that_is_wrong_is_told(ms: int, way: str) -> None:
    def elsewhere(received: Received) -> Reply:
        there = formatdate((START - ms) / 1000, usegmt=True)
        return replace(honest(received), headers={"date": there})

    findings = await look(elsewhere)
    assert wrong(findings) == [f"{GATE} clock"]
    assert f"{abs(ms) // 1000:,} s {way}" in findings[f"{GATE} clock"].words
    assert "NTP" in findings[f"{GATE} clock"].fix


# --- models ---------------------------------------------------------------------------------


async def test_models_that_are_gone_or_unknown_are_named() -> None:
    old = sold(name="old", retire_on=date(2026, 1, 1), replaced_by="kite")
    findings = await look(honest, models=(sold(), old, sold(name="heron", upstream="heron-9")))
    assert wrong(findings) == [f"{GATE} old", f"{GATE} heron"]
    assert "order kite instead" in findings[f"{GATE} old"].fix
    assert "heron-9" in findings[f"{GATE} heron"].words


async def test_an_account_that_sells_nothing_is_told() -> None:
    findings = await look(honest, models=())
    assert wrong(findings) == [f"{GATE} models"]
    assert "SORA_CATALOGUE_FILE" in findings[f"{GATE} models"].fix


# --- webhooks -------------------------------------------------------------------------------


async def test_a_door_needs_an_address_that_others_reach() -> None:
    findings = await look(honest, hook="/webhooks/videos/mine/default")
    assert findings[f"{GATE} webhook"].words == "SORA_PUBLIC_URL is not set"
    findings = await look(honest, hook="/webhooks/x", public_url="http://sora.example")
    assert findings[f"{GATE} webhook"].words == "SORA_PUBLIC_URL is not https"


async def test_a_door_that_nobody_opens_is_told_without_its_secret() -> None:
    hook = "/webhooks/videos/mine/default/a-long-secret"
    findings = await look(honest, hook=hook, public_url="https://127.0.0.1:9")
    assert "does not answer" in findings[f"{GATE} webhook"].words
    assert "a-long-secret" not in str(findings)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """The certificate of a server that this machine trusts for the length of a test."""
    context, file = own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    ssl_context.cache_clear()
    yield context
    ssl_context.cache_clear()


@pytest.mark.parametrize("status", [401, 405])
async def test_a_door_that_lets_strangers_not_in_is_well(
    trusted: ssl.SSLContext, status: int
) -> None:
    hook = "/webhooks/videos/mine/default"
    async with Gateway(certificate=trusted) as door:
        door.on("GET", hook, Reply(status))
        findings = await look(honest, hook=hook, public_url=door.origin)
    assert findings[f"{GATE} webhook"].fine
    assert KEY not in str(door.received)


@pytest.mark.parametrize("status", [200, 302, 404, 502])
async def test_who_else_stands_at_our_address_is_no_door(
    trusted: ssl.SSLContext, status: int
) -> None:
    async with Gateway(Reply(status), certificate=trusted) as door:
        findings = await look(honest, hook="/webhooks/videos/x/y", public_url=door.origin)
    assert findings[f"{GATE} webhook"].words.endswith(f"HTTP {status}")
    assert "/webhooks" in findings[f"{GATE} webhook"].fix


async def test_a_certificate_that_nobody_vouches_for_is_told(tmp_path: Path) -> None:
    context, _ = own_certificate(tmp_path)
    async with Gateway(honest, certificate=context) as gateway:
        findings = await look(honest, url=gateway.url)
    assert findings[GATE].words.startswith("its certificate is not accepted")
    assert gateway.received == []


# --- every dialect --------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_backend_that_is_well_is_found_well(dialect: str) -> None:
    key = "key:of-the-studio"
    async with backend(dialect, key=key) as back:
        url = str(back.client._http.base)
        profile = dialect if dialect in WIRES else profile_for(dialect).name
        asked = Patient(GATE, profile, url, key, (sold(upstream="sora-2"),))
        findings = {one.name: one async for one in examine(asked, SystemClock())}
        assert GATE not in findings
        assert findings[f"{GATE} key"].words == "accepted"
        bad = replace(asked, key="another-key")
        findings = {one.name: one async for one in examine(bad, SystemClock())}
        assert findings[GATE].words.startswith("it does not take the key")
        assert back.posts == 0


async def test_a_look_is_left_in_good_order_when_a_server_says_nothing_for_too_long() -> None:
    def half(received: Received) -> Reply:
        return Reply(hang=True) if received.path == "/v1/models" else honest(received)

    async with Gateway(otherwise=half) as gateway:
        account = Patient(GATE, "custom", gateway.url, KEY, (sold(),))
        found = await looked_at(AccountCheckup(account, FakeClock()), 0.5)
    assert [one.words for one in found if not one.fine] == ["no answer in time (0 s)"]
    assert "key: accepted" in found[-1].words


# --- the settings ---------------------------------------------------------------------------


async def test_the_settings_lead_to_the_same_look() -> None:
    async with Gateway(otherwise=honest) as gateway:
        settings = load(provider="openai", provider_url=gateway.url, provider_key=KEY)
        findings = {one.name: one async for one in examine_providers(settings)}
        assert findings["openai/default key"].words == "accepted"
        assert "retired since 2026-09-24" in findings["openai/default sora-2"].words
        with pytest.raises(ConfigError, match="openai/default"):
            [one async for one in examine_providers(settings, "fal/default")]


async def test_the_built_in_simulator_needs_nothing() -> None:
    [finding] = [one async for one in examine_providers(load())]
    assert finding.fine
