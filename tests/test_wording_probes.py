"""Words and files that come of a look at a server."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from bot import wording
from bot.domain import backends, catalogue
from bot.domain.probes import OPERATIONS, Door, ErrorShape, Probe, Reason, Sign

TODAY = date(2026, 11, 27)
FOUND = Probe(
    url="https://gateway.example/v1",
    door=Door.FITS,
    profile="litellm",
    reasons=(Reason(Sign.HEADER, "x-litellm-version"), Reason(Sign.TITLE, "LiteLLM API")),
    operations={**dict.fromkeys(OPERATIONS, True), "delete": False, "extend": None},
    errors=ErrorShape.NESTED,
    models=("veo-3.1-fast", 'odd "name" 🪁', "kling-v3", "wan-2.6"),
)


def lines(probe: Probe) -> str:
    return "\n".join(map(wording.finding_line, wording.probe_findings(probe)))


def test_who_it_is_comes_with_every_reason() -> None:
    told = lines(FOUND)
    assert "LiteLLM's proxy (profile litellm)" in told
    assert "it sends the header x-litellm-version and it calls itself LiteLLM API" in told


def test_what_cannot_be_told_is_not_called_missing() -> None:
    told = lines(FOUND)
    assert "not there: delete;" in told
    assert "not to be told without an order: extend" in told


def test_a_stranger_is_not_described_and_the_next_step_is() -> None:
    found = wording.probe_findings(
        Probe("https://shop.example", Door.OPEN, "custom", (), {"fetch": False}, ErrorShape.OTHER)
    )
    assert [finding.fine for finding in found] == [False]
    assert "/v1" in found[0].fix


@pytest.mark.parametrize("door", Door)
def test_a_key_that_does_not_open_has_a_next_step(door: Door) -> None:
    key = wording.probe_findings(Probe("u", door, "custom", (), {}, ErrorShape.OTHER))[1]
    assert key.fine is (door in {Door.OPEN, Door.FITS})
    assert bool(key.fix) is not key.fine


def test_every_sign_and_every_profile_has_its_words() -> None:
    assert set(wording.SERVERS) == set(backends.PROFILES) - {"custom"}
    for sign in set(Sign) - {Sign.NONE, Sign.RELATIVE}:
        probe = Probe("u", Door.OPEN, "openai", (Reason(sign, "x"),), {}, ErrorShape.OTHER)
        assert lines(probe)


@pytest.mark.parametrize(
    "door, named, expected",
    [
        (Door.FITS, "GATEWAY_KEY", "GATEWAY_KEY"),
        (Door.SHUT, "", "PROVIDER_KEY"),
        (Door.OPEN, "", ""),
    ],
)
def test_the_account_can_be_copied_into_the_file_of_providers(
    door: Door, named: str, expected: str
) -> None:
    probe = Probe(FOUND.url, door, FOUND.profile, (), {}, ErrorShape.OTHER)
    (account,) = backends.parse(tomllib.loads(wording.probe_account(probe, "gate", named)))
    assert account == backends.Backend("gate", "default", FOUND.url, "litellm", expected)


def test_models_can_be_copied_into_the_catalogue_once_they_have_prices() -> None:
    text = wording.probe_catalogue(FOUND, "gate", TODAY)
    without = tomllib.loads(text)
    assert all("prices" not in model for model in without["model"])
    filled = tomllib.loads(text.replace("# prices", "prices"))
    sold = catalogue.parse(filled)
    assert [model.name for model in sold] == list(FOUND.models[:3])
    assert {(model.provider, model.as_of) for model in sold} == {("gate", TODAY)}


def test_who_takes_other_orders_gets_no_profile() -> None:
    reasons = (Reason(Sign.RELATIVE, "OpenRouter"),)
    probe = Probe("u", Door.OPEN, "custom", reasons, {}, ErrorShape.NESTED)
    assert not probe.fits
    assert not wording.probe_findings(probe)[0].fine
    assert "talks like OpenRouter" in lines(probe)
