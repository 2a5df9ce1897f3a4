"""Every setting, read once at the edge: environment, `.env`, secret files; complaints all at once.

Each field's description is the text of the README's table; a test keeps the two the same.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.quotas import EVERYONE, Period, Rule, Unit, Window
from bot.errors import ConfigError

PREFIX = "SORA_"
SECRETS_DIR = "SORA_SECRETS_DIR"
"""Environment variable that names a folder of secret files, one for each setting."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as Europe/Berlin") from None
    return name


def _server_id(text: str) -> str:
    if text and not text.isdecimal():
        raise ValueError(f"{text!r} is not the number of a server such as 112233445566778899")
    return text


def _origin(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is not a URL such as https://gateway.example/v1")
    return url.rstrip("/")


def _rules(text: str) -> str:
    parse_rules(text)
    return text


class Settings(BaseSettings):
    """What the operator decides. Frozen: a running bot never changes its mind."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore"
    )

    data_dir: Annotated[Path, NoDecode] = Field(
        default=Path("data"), description="Folder for the database, videos and the simulator"
    )
    database_url: str = Field(
        default="", description="Database URL; empty means SQLite in the data folder"
    )
    host: str = Field(default="127.0.0.1", description="Address of the web chat and panel")
    port: int = Field(default=8080, ge=0, le=65535, description="Port; 0 takes a free one")
    web_token: SecretStr = Field(
        default=SecretStr(""),
        description="Token the web chat asks for, 16 characters or more; required off loopback",
    )
    public_url: str = Field(
        default="", description="Address that people's browsers use, when it is not host and port"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged"
    )

    provider: str = Field(
        default="simulator",
        description="`simulator`, or the catalogue's name of the backend that renders",
    )
    provider_profile: Literal["openai", "custom"] = Field(
        default="custom", description="Dialect of the backend: the strict contract or a gateway"
    )
    provider_url: Annotated[str, AfterValidator(lambda url: url and _origin(url))] = Field(
        default="", description="Base URL of the backend, such as `https://gateway.example/v1`"
    )
    provider_key: SecretStr = Field(
        default=SecretStr(""), description="API key of the backend; sent to no other host"
    )
    provider_account: str = Field(
        default="default", min_length=1, description="Name of the account, for limits and reports"
    )
    catalogue_file: Path | None = Field(
        default=None, description="Your own models and prices (TOML) in place of the built-in ones"
    )
    renders_at_once: int = Field(
        default=4, ge=1, le=1000, description="Renders at the backend at the same time"
    )
    submit_spacing_ms: int = Field(
        default=0, ge=0, description="Least time between two orders to the backend, in ms"
    )
    renders_per_person: int | None = Field(
        default=None, ge=1, description="Renders of one person at the same time; empty: no limit"
    )
    renders_per_workspace: int | None = Field(
        default=None, ge=1, description="Renders of one workspace at the same time; empty: no limit"
    )

    discord_token: SecretStr = Field(
        default=SecretStr(""), description="Token of the Discord bot; empty: no Discord"
    )
    discord_home: Annotated[str, AfterValidator(_server_id)] = Field(
        default="",
        description="Id of the server for private messages to the bot; empty: the only one",
    )
    discord_shards: int = Field(
        default=1,
        ge=0,
        description="Connections to Discord: 1 up to some 1,500 servers, 0 as many as it says",
    )

    time_zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="Time zone in which days, weeks and months begin"
    )
    allowance_credits: int = Field(
        default=2000, ge=0, description="Credits that everyone gets each period (1 = 1 US cent)"
    )
    allowance_period: Period = Field(
        default=Period.MONTH, description="How often: `day`, `week` or `month`"
    )
    default_quotas: Annotated[str, AfterValidator(_rules)] = Field(
        default="",
        description="Limits per person, such as `20 videos per day, 600 seconds per rolling week`",
    )

    simulator_render_ms: int = Field(
        default=4000, ge=0, description="How long the simulator pretends to render, in ms"
    )
    simulator_fps: int = Field(default=24, ge=1, le=60, description="Frames per second it draws")
    ffmpeg_path: Path | None = Field(
        default=None, description="The ffmpeg to use; empty: the one installed with the bot"
    )

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the web chat."""
        return self.host in LOOPBACK

    @property
    def on_discord(self) -> bool:
        """Whether people on Discord are served."""
        return bool(self.discord_token.get_secret_value())

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def simulated(self) -> bool:
        """Whether the built-in simulator renders."""
        return self.provider == "simulator" and not self.provider_url

    @property
    def profile(self) -> str:
        """The dialect that the backend speaks."""
        return "simulator" if self.provider == "simulator" else self.provider_profile

    @property
    def quotas(self) -> tuple[Rule, ...]:
        """The default limits as rules."""
        return parse_rules(self.default_quotas)


def parse_rules(text: str) -> tuple[Rule, ...]:
    """``20 videos per day, 600 seconds per rolling week`` as rules for everyone.

    Raises `ValueError` with what is allowed.
    """
    return tuple(_rule(part) for part in text.split(",") if part.strip())


def _rule(text: str) -> Rule:
    words = text.lower().split()
    window = Window.ROLLING if "rolling" in words else Window.CALENDAR
    match [word for word in words if word != "rolling"]:
        case [number, unit, "per", period] if _is_limit(number, unit, period):
            return Rule(EVERYONE, Unit(_plural(unit)), Period(period), int(number), window)
        case _:
            raise ValueError(
                f"{text.strip()!r} is not a limit such as '20 videos per day' "
                "(videos, seconds, credits; day, week, month; also 'per rolling week')"
            )


def _is_limit(number: str, unit: str, period: str) -> bool:
    return number.isdecimal() and _plural(unit) in set(Unit) and period in set(Period)


def _plural(unit: str) -> str:
    return unit if unit.endswith("s") else f"{unit}s"


def load(**overrides: object) -> Settings:
    """The settings, `overrides` first; raises `ConfigError` with all that is wrong at once."""
    given = {name: value for name, value in overrides.items() if value is not None}
    secrets = os.environ.get(SECRETS_DIR)
    try:
        settings = Settings(_secrets_dir=secrets, **given)  # type: ignore[arg-type] - pydantic's job
    except ValidationError as error:
        raise ConfigError(tuple(_complaint(fault) for fault in error.errors())) from None
    complaints = tuple(_contradictions(settings))
    if complaints:
        raise ConfigError(complaints)
    return settings


def _complaint(fault: ErrorDetails) -> str:
    name = PREFIX + "_".join(str(part) for part in fault["loc"]).upper()
    return f"{name}: {fault['msg'].removeprefix('Value error, ')}"


def _contradictions(settings: Settings) -> list[str]:
    complaints: list[str] = []
    if not settings.on_loopback and len(settings.web_token.get_secret_value()) < MIN_TOKEN:
        complaints.append(
            f"{PREFIX}WEB_TOKEN: {settings.host} can be reached by others, so a token of at "
            f"least {MIN_TOKEN} characters is required"
        )
    if settings.provider != "simulator" and not settings.provider_url:
        complaints.append(
            f"{PREFIX}PROVIDER_URL: the backend {settings.provider!r} needs its base URL"
        )
    if settings.catalogue_file and not settings.catalogue_file.is_file():
        complaints.append(f"{PREFIX}CATALOGUE_FILE: there is no file {settings.catalogue_file}")
    return complaints


MIN_TOKEN = 16
"""Characters of a web token that cannot be guessed."""
