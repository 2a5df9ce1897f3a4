"""More accounts, as an operator writes them down."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.providers.tasks.registry import WIRES
from bot.domain.backends import HOMES, Backend, OwnLimits, parse
from bot.domain.gates import Limits, Style
from bot.domain.webhooks import Scheme
from bot.errors import ConfigError
from bot.settings import load

EXAMPLE = Path(__file__).parents[2] / "docs" / "providers.example.toml"
GOOD = {"name": "backup", "url": "https://gateway.example/v1"}


def faults(*entries: object, **more: object) -> str:
    with pytest.raises(ConfigError) as error:
        parse({"provider": list(entries), **more})
    return "\n".join(error.value.complaints)


def test_the_example_is_one_account_with_the_place_of_its_key_and_its_limits() -> None:
    (backend,) = parse(tomllib.loads(EXAMPLE.read_text("utf-8")))
    url = "https://gateway.example/v1"
    limits = OwnLimits(renders_at_once=2, requests_per_minute=60)
    assert backend == Backend(
        *("backup", "default", url, "custom", "BACKUP_PROVIDER_KEY"), limits=limits
    )


def test_what_is_left_out_is_usual() -> None:
    (backend,) = parse({"provider": [{**GOOD, "url": "http://10.0.0.7:8000/v1/"}]})
    assert backend == Backend("backup", "default", "http://10.0.0.7:8000/v1", "custom")
    assert backend.gate == "backup/default"


def test_every_fault_of_every_account_is_told_at_once() -> None:
    told = faults({"name": "a/b", "url": "gateway"}, {**GOOD, "profile": "sora", "account": "x y"})
    for words in (
        "no. 1: name is missing, or has a slash",
        "no. 1: url is not one such as",
        "no. 2: profile is not one of custom, openai",
        "no. 2: account has a slash or a blank",
    ):
        assert words in told


@pytest.mark.parametrize("entry", [{}, "backup", {**GOOD, "url": 7}])
def test_what_is_no_account_is_a_fault(entry: object) -> None:
    assert "provider no. 1" in faults(entry)


def test_an_account_says_how_it_is_told_and_where_the_secret_is() -> None:
    webhook = {"webhook": "openrouter", "webhook_secret_from": "HOOK_SECRET"}
    (backend,) = parse({"provider": [{**GOOD, **webhook}]})
    assert (backend.webhook, backend.webhook_secret_from) == (Scheme.OPENROUTER, "HOOK_SECRET")
    keys = "http://127.0.0.1:8700/.well-known/jwks.json"
    (backend,) = parse({"provider": [{**GOOD, "webhook": "fal", "webhook_keys": keys}]})
    assert (backend.webhook, backend.webhook_keys) == (Scheme.FAL, keys)


@pytest.mark.parametrize(
    "webhook, words",
    [
        ({"webhook": "hmac"}, "webhook is not one of standard, openrouter, fal, secret-path"),
        ({"webhook": "standard"}, "webhook 'standard' needs webhook_secret_from"),
        ({"webhook": "secret-path"}, "webhook 'secret-path' needs webhook_secret_from"),
        ({"webhook_secret_from": "HOOK"}, "webhook_secret_from is for nothing without"),
        ({"webhook": "fal", "webhook_secret_from": "HOOK"}, "webhook_secret_from is for nothing"),
        ({"webhook_keys": "https://keys.example"}, "webhook_keys is for nothing without"),
        ({"webhook": "fal", "webhook_keys": "keys.json"}, "webhook_keys is not one such as"),
        ({"webhook": 7}, "webhook is not a text"),
    ],
)
def test_a_webhook_that_cannot_be_checked_is_a_fault(
    webhook: dict[str, object], words: str
) -> None:
    assert words in faults({**GOOD, **webhook})


def test_two_accounts_of_one_name_are_a_fault() -> None:
    assert "two are backup/default" in faults(GOOD, GOOD)


def test_a_key_written_into_the_file_is_refused_and_not_repeated() -> None:
    told = faults({**GOOD, "key": "sk-secret"})
    assert "there is no 'key'" in told
    assert "sk-secret" not in told
    assert "there is no 'providers', only [[provider]] and [[route]]" in faults(GOOD, providers=[])


def test_an_account_says_limits_of_its_own_and_follows_the_settings_in_the_rest() -> None:
    own = {"renders_at_once": 9, "requests_per_minute": 60, "requests_style": "window"}
    (backend,) = parse({"provider": [{**GOOD, **own}]})
    usual = Limits(4, 500, 10, 1_000, Style.SPACED)
    assert backend.limits.over(usual) == Limits(9, 500, 60, 1_000, Style.WINDOW)
    assert OwnLimits().over(usual) == usual


def test_a_limit_of_nothing_is_said_too() -> None:
    (backend,) = parse({"provider": [{**GOOD, "submit_spacing_ms": 0, "requests_per_day": 5}]})
    assert backend.limits.over(Limits(4, 500)) == Limits(4, 0, None, 5)


@pytest.mark.parametrize(
    "limit, allowed",
    [
        ({"renders_at_once": 0}, "renders_at_once is not a whole number from 1 to 1,000"),
        ({"renders_at_once": "4"}, "renders_at_once is not a whole number from 1 to 1,000"),
        ({"submit_spacing_ms": -1}, "submit_spacing_ms is not a whole number of 0 or more"),
        ({"requests_per_minute": 1.5}, "requests_per_minute is not a whole number of 1 or more"),
        ({"requests_per_day": True}, "requests_per_day is not a whole number of 1 or more"),
        ({"requests_style": "burst"}, "requests_style is not one of unknown, window, clock"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_with_file_account_and_what_is_allowed(
    limit: dict[str, object], allowed: str
) -> None:
    with pytest.raises(ConfigError) as error:
        parse({"provider": [{**GOOD, "account": "spare", **limit}]}, "/etc/sora/providers.toml")
    (told,) = error.value.complaints
    assert told.startswith(f"/etc/sora/providers.toml, provider no. 1 (backup/spare): {allowed}")


@pytest.mark.parametrize(
    "name", ["renders_at_once", "submit_spacing_ms", "requests_per_minute", "requests_per_day"]
)
@pytest.mark.parametrize("number", [-1, 0, 1, 1_000, 1_001])
def test_the_file_takes_the_numbers_that_the_setting_of_the_name_takes(
    name: str, number: int
) -> None:
    def takes_it(read: Callable[[], object]) -> bool:
        try:
            read()
        except ConfigError:
            return False
        return True

    entry = {"provider": [{**GOOD, name: number}]}
    assert takes_it(lambda: parse(entry)) == takes_it(lambda: load(**{name: number}))


def test_a_provider_with_an_api_of_its_own_needs_its_name_alone() -> None:
    (backend,) = parse({"provider": [{"name": "fal", "key_from": "FAL_KEY"}]})
    assert (backend.profile, backend.url) == ("fal", "https://queue.fal.run")


def test_its_api_may_be_asked_elsewhere_and_under_another_name() -> None:
    entry = {"name": "spare", "profile": "fal", "url": "http://127.0.0.1:9"}
    (backend,) = parse({"provider": [entry]})
    assert (backend.profile, backend.url) == ("fal", "http://127.0.0.1:9")


def test_every_provider_with_an_api_of_its_own_has_a_wire_for_its_address() -> None:
    assert {name: wire.url for name, wire in WIRES.items()} == dict(HOMES)
    assert {name: name for name in HOMES} == {name: wire.name for name, wire in WIRES.items()}
