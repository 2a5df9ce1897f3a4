"""Settings are read once; what is wrong is said all at once and names the variable."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.providers.webhooks.fal import KEYS_AT
from bot.__main__ import ALONE
from bot.backends import hooks_of, key_of, probe, read_catalogue, read_roster
from bot.bootstrap import read_tiers
from bot.domain.backends import Backend
from bot.domain.gates import Limits
from bot.domain.quotas import EVERYONE, Period, Rule, Unit, Window
from bot.domain.tiers import Tiers
from bot.domain.webhooks import Scheme
from bot.errors import ConfigError
from bot.settings import Settings, load, parse_rules


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SORA_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def complaints(**overrides: object) -> str:
    with pytest.raises(ConfigError) as error:
        load(**overrides)
    return "\n".join(error.value.complaints)


def test_without_any_setting_the_bot_runs_on_the_simulator_for_this_machine_only() -> None:
    settings = load()
    assert settings.simulated
    assert settings.on_loopback
    assert settings.zone.key == "UTC"
    assert settings.quotas == ()


def test_the_environment_a_file_and_the_command_line_are_read_the_last_one_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("SORA_PORT=1111\nSORA_TIME_ZONE=Europe/Berlin\n", "utf-8")
    assert load().port == 1111
    monkeypatch.setenv("SORA_PORT", "2222")
    assert load().port == 2222
    assert load(port=3333, data_dir=None).port == 3333
    assert load().time_zone == "Europe/Berlin"


def test_off_peak_hours_are_those_of_a_night_unless_there_are_none() -> None:
    assert str(load().off_peak_hours) == "22:00-07:00"
    assert load(off_peak="").off_peak_hours is None
    assert "SORA_OFF_PEAK: 'tonight' are not hours of a day" in complaints(off_peak="tonight")
    assert "SORA_RELAXED_DISCOUNT" in complaints(relaxed_discount=101)


def test_secrets_may_come_from_files_and_are_never_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "SORA_PROVIDER_KEY").write_text("top-secret", "utf-8")
    monkeypatch.setenv("SORA_SECRETS_DIR", str(tmp_path))
    settings = load()
    assert settings.provider_key.get_secret_value() == "top-secret"
    assert "top-secret" not in repr(settings)


def test_all_complaints_come_at_once_and_name_their_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SORA_PORT", "high")
    monkeypatch.setenv("SORA_TIME_ZONE", "Mars/Olympus")
    monkeypatch.setenv("SORA_DEFAULT_QUOTAS", "20 things per day")
    monkeypatch.setenv("SORA_PROVIDER_URL", "gateway.example")
    said = complaints()
    for name in ("SORA_PORT", "SORA_TIME_ZONE", "SORA_DEFAULT_QUOTAS", "SORA_PROVIDER_URL"):
        assert name in said
    assert "Value error" not in said


def test_a_page_that_others_can_reach_needs_a_token() -> None:
    assert "SORA_WEB_TOKEN" in complaints(host="0.0.0.0")  # noqa: S104 - the case under test
    assert not load(host="0.0.0.0", web_token="x" * 16).on_loopback  # noqa: S104 - as above


def test_a_backend_needs_its_address_and_a_catalogue_its_file() -> None:
    said = complaints(provider="custom", catalogue_file=Path("missing.toml"))
    assert "SORA_PROVIDER_URL" in said
    assert "missing.toml" in said


def tiers_of(settings: Settings) -> Tiers:
    return read_tiers(settings, read_catalogue(settings))


def test_tiers_need_their_file_and_are_read_with_all_complaints(tmp_path: Path) -> None:
    assert "SORA_TIERS_FILE: there is no file" in complaints(tiers_file=Path("missing.toml"))
    assert tiers_of(load()) == Tiers()
    path = tmp_path / "tiers.toml"
    path.write_text('[[tier]]\nname = "free"\nmax_seconds = 8\n', "utf-8")
    (tier,) = tiers_of(load(tiers_file=path)).tiers
    assert (tier.name, tier.terms.max_seconds) == ("free", 8)
    path.write_text("[[tier]]\nmax_seconds = 0\n", "utf-8")
    with pytest.raises(ConfigError, match="name is missing") as error:
        tiers_of(load(tiers_file=path))
    assert len(error.value.complaints) == 2


def test_more_providers_need_their_file_and_a_name_of_their_own(tmp_path: Path) -> None:
    missing = complaints(providers_file=Path("missing.toml"))
    assert "SORA_PROVIDERS_FILE: there is no file" in missing
    assert read_roster(load()).others == ()
    path = tmp_path / "providers.toml"
    path.write_text('[[provider]]\nname = "backup"\nurl = "https://b.example/v1"\n', "utf-8")
    (backend,) = read_roster(load(providers_file=path)).others
    assert backend.gate == "backup/default"
    own = {"provider": "backup", "provider_url": "https://a.example/v1"}
    with pytest.raises(ConfigError, match="backup/default is the account in the settings"):
        read_roster(load(providers_file=path, **own))
    path.write_text("[[provider", "utf-8")
    with pytest.raises(ConfigError, match=r"providers\.toml: "):
        read_roster(load(providers_file=path))


def test_a_route_that_leads_to_no_account_is_told_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "providers.toml"
    path.write_text('[[route]]\nuse = ["simulator", "nobody"]\n', "utf-8")
    with pytest.raises(ConfigError) as error:
        read_roster(load(providers_file=path))
    assert error.value.complaints == (f"{path}, route no. 1: there is no account 'nobody'",)


def test_an_account_has_the_limits_of_the_settings_but_for_its_own(tmp_path: Path) -> None:
    path = tmp_path / "providers.toml"
    entry = '[[provider]]\nname = "backup"\nurl = "https://b.example/v1"\n'
    path.write_text(entry + "requests_per_minute = 60\n", "utf-8")
    settings = load(providers_file=path, renders_at_once=7, requests_per_minute=5)
    assert read_roster(settings).limits == {"backup/default": Limits(7, per_minute=60)}
    path.write_text(entry + "renders_at_once = 0\n", "utf-8")
    with pytest.raises(ConfigError) as error:
        read_roster(settings)
    (told,) = error.value.complaints
    allowed = "(backup/default): renders_at_once is not a whole number from 1 to 1,000"
    assert told == f"{path}, provider no. 1 {allowed}"


def test_a_key_of_another_provider_is_in_the_environment_or_a_secret_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = Backend("backup", "default", "https://b.example/v1", "custom", "BACKUP_KEY")
    monkeypatch.delenv("BACKUP_KEY", raising=False)
    monkeypatch.setenv("SORA_SECRETS_DIR", str(tmp_path))
    with pytest.raises(ConfigError, match="key of backup/default is neither"):
        key_of(backend)
    (tmp_path / "BACKUP_KEY").write_text("from a file\n", "utf-8")
    assert key_of(backend) == "from a file"
    monkeypatch.setenv("BACKUP_KEY", "from outside")
    assert key_of(backend) == "from outside"
    assert key_of(replace(backend, key_from="")) == ""


def test_accounts_that_are_told_have_a_secret_that_fits_or_public_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "providers.toml"
    path.write_text(
        '[[provider]]\nname = "kling"\nurl = "https://k.example"\nwebhook = "secret-path"\n'
        'webhook_secret_from = "KLING_PATH"\n'
        '[[provider]]\nname = "fal"\nurl = "https://f.example"\nwebhook = "fal"\n'
        '[[provider]]\nname = "mute"\nurl = "https://m.example"\n',
        "utf-8",
    )
    settings = load(providers_file=path)
    monkeypatch.delenv("KLING_PATH", raising=False)
    with pytest.raises(ConfigError, match="webhook secret of kling/default is neither"):
        hooks_of(read_roster(settings))
    monkeypatch.setenv("KLING_PATH", "too-short")
    with pytest.raises(ConfigError, match="kling/default: 32 or more") as error:
        hooks_of(read_roster(settings))
    assert "too-short" not in str(error.value)
    monkeypatch.setenv("KLING_PATH", "k" * 32)
    kling, fal = hooks_of(read_roster(settings))
    assert kling.path == f"/webhooks/videos/kling/default/{'k' * 32}"
    assert "k" * 32 not in repr(kling)
    assert (fal.path, fal.keys_at) == ("/webhooks/videos/fal/default", KEYS_AT)


def test_the_account_in_the_settings_is_told_once_it_has_a_secret() -> None:
    assert hooks_of(read_roster(load())) == []
    (hook,) = hooks_of(
        read_roster(load(provider_webhook="openrouter", provider_webhook_secret="hush"))
    )
    assert (hook.provider, hook.scheme, hook.secret) == ("simulator", Scheme.OPENROUTER, "hush")
    (hook,) = hooks_of(read_roster(load(provider_webhook="fal")))
    assert hook.keys_at == KEYS_AT


def test_a_file_of_tiers_that_is_no_toml_is_told_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "tiers.toml"
    path.write_text("[[tier", "utf-8")
    with pytest.raises(ConfigError, match=r"tiers\.toml: "):
        tiers_of(load(tiers_file=path))


def test_a_signing_secret_of_another_kind_is_refused_without_a_word_of_it() -> None:
    said = complaints(provider_webhook_secret="hush-hush")
    assert "SORA_PROVIDER_WEBHOOK_SECRET" in said
    assert "hush" not in said
    assert "SORA_PROVIDER_WEBHOOK_SECRET" in complaints(provider_webhook_secret="whsec_%%")
    for scheme in ("openrouter", "secret-path"):
        assert "SORA_PROVIDER_WEBHOOK_SECRET" in complaints(provider_webhook=scheme)
    assert "public keys" in complaints(provider_webhook="fal", provider_webhook_secret="hush")
    assert "32 or more" in complaints(
        provider_webhook="secret-path", provider_webhook_secret="h" * 31
    )
    settings = load(provider_webhook_secret="whsec_aHVzaA==")
    assert "aHVzaA" not in repr(settings)


def test_a_slash_at_the_end_of_an_address_does_not_matter() -> None:
    settings = load(provider="custom", provider_url="https://gateway.example/v1/")
    assert settings.provider_url == "https://gateway.example/v1"
    assert not settings.simulated


def test_limits_are_written_as_people_say_them() -> None:
    assert parse_rules("20 videos per day, 600 seconds per rolling week,") == (
        Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 20),
        Rule(EVERYONE, Unit.SECONDS, Period.WEEK, 600, Window.ROLLING),
    )
    assert parse_rules("1 video per month")[0].unit is Unit.VIDEOS


@pytest.mark.parametrize("text", ["20", "x videos per day", "20 videos a day", "5 videos per year"])
def test_a_limit_that_is_not_understood_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="20 videos per day"):
        parse_rules(text)


# --- Slack --------------------------------------------------------------------------------

KEY = "c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBtb3JlISE="
MANY = {
    "slack_client_id": "123.456",
    "slack_client_secret": "hush",
    "slack_token_key": KEY,
    "slack_signing_secret": "signs",
    "public_url": "https://sora.example",
}
"""All that many workspaces need."""


def test_without_a_token_nobody_on_slack_is_served() -> None:
    settings = load()
    assert not settings.on_slack
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.slack_sockets == 2


def test_one_workspace_is_served_by_sockets_or_by_calls() -> None:
    by_sockets = load(slack_bot_token="xoxb-1", slack_app_token="xapp-1")
    assert by_sockets.on_slack
    assert not by_sockets.slack_by_http
    by_http = load(slack_bot_token="xoxb-1", slack_signing_secret="signs")
    assert by_http.on_slack
    assert by_http.slack_by_http


def test_many_workspaces_install_the_bot_by_themselves() -> None:
    settings = load(**MANY)
    assert settings.on_slack
    assert settings.slack_installs
    assert not load(slack_bot_token="xoxb-1", slack_app_token="xapp-1").slack_installs


@pytest.mark.parametrize("missing", sorted(MANY.keys() - {"slack_client_id"}))
def test_what_many_workspaces_lack_is_named(missing: str) -> None:
    given = {name: value for name, value in MANY.items() if name != missing}
    assert complaints(**given).startswith(f"SORA_{missing.upper()}: ")


def test_a_bot_token_needs_a_way_in_for_what_people_do() -> None:
    said = complaints(slack_bot_token="xoxb-1")
    assert "SORA_SLACK_APP_TOKEN" in said
    assert "SORA_SLACK_SIGNING_SECRET" in said


def test_one_workspace_and_many_at_once_is_a_contradiction() -> None:
    said = complaints(slack_bot_token="xoxb-1", **MANY)
    assert said.startswith("SORA_SLACK_BOT_TOKEN: ")
    assert "SORA_SLACK_CLIENT_ID" in said


def test_a_wrong_kind_of_token_is_told_with_the_right_one_and_never_shown() -> None:
    said = complaints(
        slack_bot_token="xoxp-top-secret", slack_app_token="xoxb-top-secret", slack_token_key="top"
    )
    assert "SORA_SLACK_BOT_TOKEN: another kind of token; this one begins with xoxb-" in said
    assert "SORA_SLACK_APP_TOKEN: another kind of token; this one begins with xapp-" in said
    assert "SORA_SLACK_TOKEN_KEY: not a Fernet key" in said
    assert "top" not in said


@pytest.mark.parametrize("key", ["short", KEY[:-4], KEY + KEY, "ä" * 44, "+/" * 22])
def test_a_key_that_encrypts_nothing_is_refused(key: str) -> None:
    said = complaints(**{**MANY, "slack_token_key": key})
    assert said.startswith("SORA_SLACK_TOKEN_KEY: ")
    assert key not in said


def test_a_key_may_have_the_signs_of_addresses() -> None:
    assert load(**{**MANY, "slack_token_key": "-_" * 21 + "8="}).slack_installs


def test_admins_on_slack_are_people_and_groups() -> None:
    assert load(slack_admins=" U012AB, S34 ,,W5").slack_admin_ids == ("U012AB", "S34", "W5")
    assert load().slack_admin_ids == ()
    assert "@ana" in complaints(slack_admins="U012AB, @ana")


@pytest.mark.parametrize(
    "given, used",
    [
        ("https://slack-gov.com/api", "https://slack-gov.com/api/"),
        ("https://slack-gov.com/api/", "https://slack-gov.com/api/"),
        ("http://127.0.0.1:9000/api/", "http://127.0.0.1:9000/api/"),
        ("http://[::1]:9000/api/", "http://[::1]:9000/api/"),
    ],
)
def test_the_web_api_may_be_elsewhere(given: str, used: str) -> None:
    assert load(slack_api_url=given).slack_api_url == used


@pytest.mark.parametrize("url", ["http://slack.com/api/", "slack.com/api", "", "http:///api"])
def test_tokens_travel_encrypted_or_not_at_all(url: str) -> None:
    assert "https" in complaints(slack_api_url=url)


def test_a_demo_stays_away_from_backends_and_chats_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SORA_PROVIDER", "custom")
    monkeypatch.setenv("SORA_PROVIDERS_FILE", "missing.toml")
    monkeypatch.setenv("SORA_DISCORD_TOKEN", "token")
    monkeypatch.setenv("SORA_SLACK_BOT_TOKEN", "xoxp-wrong")
    monkeypatch.setenv("SORA_SLACK_APP_TOKEN", "wrong")
    monkeypatch.setenv("SORA_SLACK_TOKEN_KEY", "wrong")
    monkeypatch.setenv("SORA_SLACK_CLIENT_ID", "123.456")
    settings = load(**ALONE)
    assert settings.simulated
    assert settings.providers_file is None
    assert not settings.on_discord
    assert not settings.on_slack


async def test_a_key_for_a_look_at_a_server_must_be_where_it_is_said_to_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SORA_SECRETS_DIR", str(tmp_path))
    with pytest.raises(ConfigError, match="GATE_KEY is neither"):
        await probe("http://127.0.0.1:1/v1", "GATE_KEY")
    (tmp_path / "GATE_KEY").write_text("sk-1", "utf-8")
    with pytest.raises(ConfigError, match="Nobody answers at http"):
        await probe("http://127.0.0.1:1/v1", "GATE_KEY")
