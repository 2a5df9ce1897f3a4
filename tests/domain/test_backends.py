"""More accounts, as an operator writes them down."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from adapters.providers.tasks.registry import WIRES
from bot.domain.backends import HOMES, Backend, parse
from bot.domain.webhooks import Scheme
from bot.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "docs" / "providers.example.toml"
GOOD = {"name": "backup", "url": "https://gateway.example/v1"}


def faults(*entries: object, **more: object) -> str:
    with pytest.raises(ConfigError) as error:
        parse({"provider": list(entries), **more})
    return "\n".join(error.value.complaints)


def test_the_example_is_one_account_with_the_place_of_its_key() -> None:
    (backend,) = parse(tomllib.loads(EXAMPLE.read_text("utf-8")))
    url = "https://gateway.example/v1"
    assert backend == Backend("backup", "default", url, "custom", "BACKUP_PROVIDER_KEY")


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
