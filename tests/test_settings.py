"""Settings are read once; what is wrong is said all at once and names the variable."""

from pathlib import Path

import pytest

from bot.domain.quotas import EVERYONE, Period, Rule, Unit, Window
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
