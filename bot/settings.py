"""Every setting, read once at the edge: environment, `.env`, secret files; complaints all at once.

Each field's description is the text of the README's table; a test keeps the two the same.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot import wording
from bot.domain.backends import HOMES, PROFILES, SPOKEN, usual_profile
from bot.domain.gates import MOST_SLOTS, Limits, Style
from bot.domain.later import Window, window_of
from bot.domain.quotas import EVERYONE, Period, Rule, Unit
from bot.domain.quotas import Window as Counted
from bot.domain.webhooks import Scheme, fits
from bot.errors import ConfigError

PREFIX = "SORA_"
SECRETS_DIR = "SORA_SECRETS_DIR"
"""Environment variable that names a folder of secret files, one for each setting."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SLACK_API = "https://slack.com/api/"


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


def _profile(name: str) -> str:
    if name and name not in SPOKEN:
        raise ValueError(f"{name!r} is not one of {', '.join(SPOKEN)}")
    return name


def _rules(text: str) -> str:
    parse_rules(text)
    return text


def _hours(text: str) -> str:
    if text and window_of(text) is None:
        raise ValueError(f"{text!r} are not hours of a day such as 22:00-07:00")
    return text


def _slack_ids(text: str) -> str:
    for word in _listed(text):
        if not re.fullmatch(r"[UWS][A-Z0-9]+", word):
            raise ValueError(f"{word!r} is not the id of a person (U…, W…) or user group (S…)")
    return text


def _slack_api(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError(f"{url!r} is not a URL such as {SLACK_API}; off this machine it is https")
    return f"{url.rstrip('/')}/"


def _listed(text: str) -> tuple[str, ...]:
    """The words between commas."""
    return tuple(word for part in text.split(",") if (word := part.strip()))


class Settings(BaseSettings):
    """What the operator decides. Frozen: a running bot never changes its mind."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore"
    )

    data_dir: Annotated[Path, NoDecode] = Field(
        default=Path("data"), description="Folder for the database, videos and the simulator"
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="`postgresql://user:password@host/name`; empty: SQLite in the data folder",
    )
    lease_ms: int = Field(
        default=7000,
        ge=1000,
        le=60_000,
        description="On PostgreSQL: ms after which a stand-by takes over from a silent bot",
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
    provider_profile: Annotated[str, AfterValidator(_profile)] = Field(
        default="",
        description="Dialect of the backend: "
        + ", ".join(f"`{name}`" for name in SPOKEN)
        + f"; empty: the provider's own, where it is one of these, or `{PROFILES[0]}`",
    )
    provider_url: Annotated[str, AfterValidator(lambda url: url and _origin(url))] = Field(
        default="",
        description="Base URL of the backend, such as `https://gateway.example/v1`; empty: where "
        "that provider's own API is",
    )
    provider_key: SecretStr = Field(
        default=SecretStr(""), description="API key of the backend; sent to no other host"
    )
    provider_account: str = Field(
        default="default", min_length=1, description="Name of the account, for limits and reports"
    )
    provider_webhook: Scheme = Field(
        default=Scheme.STANDARD,
        description="How the backend proves that its news of finished videos is its own: "
        "`standard`, `openrouter`, `fal` or `secret-path`",
    )
    provider_webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Secret (`whsec_…` for `standard`) with which the backend tells of finished "
        "videos at `/webhooks/videos/<provider>/<account>`; empty: it is only asked (`fal` needs "
        "none)",
    )
    providers_file: Annotated[Path | None, BeforeValidator(lambda path: path or None)] = Field(
        default=None,
        description="More accounts that make videos where the first cannot (TOML); empty: none",
    )
    failover_after_ms: int = Field(
        default=60_000,
        ge=0,
        description="How long a provider may be out of reach before what waits moves on, in ms",
    )
    catalogue_file: Path | None = Field(
        default=None,
        description="Your own models and prices in place of the built-in ones: a TOML file, or a "
        "folder of them",
    )
    tiers_file: Path | None = Field(
        default=None,
        description="What people of a role may order (TOML); empty: everybody everything",
    )
    renders_at_once: int = Field(
        default=4, ge=1, le=MOST_SLOTS, description="Renders at the backend at the same time"
    )
    submit_spacing_ms: int = Field(
        default=0, ge=0, description="Least time between two orders to the backend, in ms"
    )
    requests_per_minute: int | None = Field(
        default=None, ge=1, description="Orders a minute that the backend takes; empty: found out"
    )
    requests_per_day: int | None = Field(
        default=None, ge=1, description="Orders a day that the backend takes; empty: no limit"
    )
    requests_style: Style = Field(
        default=Style.UNKNOWN,
        description="How it counts them: `window` (any minute), `clock` (minutes of the clock), "
        "`spaced` (one after the other); `unknown`: found out",
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

    slack_bot_token: SecretStr = Field(
        default=SecretStr(""),
        description="Bot token (`xoxb-…`) of one Slack workspace; empty: no Slack, or many of them",
    )
    slack_app_token: SecretStr = Field(
        default=SecretStr(""),
        description="App token (`xapp-…`) for Socket Mode; empty: Slack calls `/slack/events` here",
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""), description="Shows that a call to `/slack/events` is from Slack"
    )
    slack_admins: Annotated[str, AfterValidator(_slack_ids)] = Field(
        default="",
        description="Ids of people (`U…`, `W…`) and user groups (`S…`) who are admins, separated "
        "by commas; admins and owners of the workspace always are",
    )
    slack_sockets: int = Field(
        default=2, ge=1, le=4, description="Connections to Slack in Socket Mode"
    )
    slack_api_url: Annotated[str, AfterValidator(_slack_api)] = Field(
        default=SLACK_API, description="Slack's Web API; another one for GovSlack or a proxy"
    )
    slack_client_id: str = Field(
        default="", description="Client id of the Slack app, for many workspaces by OAuth"
    )
    slack_client_secret: SecretStr = Field(
        default=SecretStr(""), description="Client secret that belongs to the client id"
    )
    slack_token_key: SecretStr = Field(
        default=SecretStr(""),
        description="Fernet key that encrypts the stored tokens of workspaces",
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

    off_peak: Annotated[str, AfterValidator(_hours)] = Field(
        default="22:00-07:00",
        description="Hours in which relaxed work counts as normal; empty: none",
    )
    relaxed_discount: int = Field(
        default=20, ge=0, le=100, description="How many percent relaxed work is cheaper"
    )
    confirm_above: int | None = Field(
        default=None,
        ge=0,
        description="Credits above which an order asks for a yes to its price; empty: never",
    )

    cool_down_ms: int = Field(
        default=60_000,
        ge=0,
        description="Pause after content rules refused much the same three times, in ms; 0: none",
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
    def on_slack(self) -> bool:
        """Whether people on Slack are served."""
        one = bool(self.slack_bot_token.get_secret_value())
        return one or (self.slack_installs and bool(self.slack_client_secret.get_secret_value()))

    @property
    def slack_installs(self) -> bool:
        """Whether workspaces of Slack install the bot by themselves, through OAuth."""
        return bool(self.slack_client_id)

    @property
    def slack_by_http(self) -> bool:
        """Whether Slack calls the bot, instead of the bot calling Slack (Socket Mode)."""
        return not self.slack_app_token.get_secret_value()

    @property
    def slack_admin_ids(self) -> tuple[str, ...]:
        """Ids of the people and user groups who are admins on Slack by the operator's word."""
        return _listed(self.slack_admins)

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
        if self.provider == "simulator":
            return "simulator"
        return self.provider_profile or usual_profile(self.provider)

    @property
    def url(self) -> str:
        """Where the backend is; empty for the built-in simulator."""
        return self.provider_url or HOMES.get(self.profile, "")

    @property
    def off_peak_hours(self) -> Window | None:
        """The off-peak window."""
        return window_of(self.off_peak)

    @property
    def limits(self) -> Limits:
        """What each account is declared to take that does not say so itself."""
        return Limits(
            self.renders_at_once,
            self.submit_spacing_ms,
            self.requests_per_minute,
            self.requests_per_day,
            self.requests_style,
        )

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
    window = Counted.ROLLING if "rolling" in words else Counted.CALENDAR
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
    if settings.provider != "simulator" and not settings.url:
        complaints.append(
            f"{PREFIX}PROVIDER_URL: the backend {settings.provider!r} needs its base URL"
        )
    scheme, secret = settings.provider_webhook, settings.provider_webhook_secret.get_secret_value()
    if (secret or scheme is not Scheme.STANDARD) and not fits(scheme, secret):
        complaints.append(f"{PREFIX}PROVIDER_WEBHOOK_SECRET: {wording.webhook_secret(scheme)}")
    if settings.catalogue_file and not settings.catalogue_file.exists():
        complaints.append(f"{PREFIX}CATALOGUE_FILE: there is no {settings.catalogue_file}")
    if settings.providers_file and not settings.providers_file.is_file():
        complaints.append(f"{PREFIX}PROVIDERS_FILE: there is no file {settings.providers_file}")
    if settings.tiers_file and not settings.tiers_file.is_file():
        complaints.append(f"{PREFIX}TIERS_FILE: there is no file {settings.tiers_file}")
    return [*complaints, *_on_slack(settings)]


def _on_slack(settings: Settings) -> Iterator[str]:
    """What is wrong with the settings for Slack, without a word of any secret."""
    yield from _prefixes(settings)
    if settings.slack_bot_token.get_secret_value() and settings.slack_installs:
        yield (
            f"{PREFIX}SLACK_BOT_TOKEN: for one workspace, and {PREFIX}SLACK_CLIENT_ID is for many; "
            "set only one of them"
        )
    if settings.slack_installs:
        yield from _for_installs(settings)
    elif settings.on_slack and settings.slack_by_http and not _has(settings.slack_signing_secret):
        yield (
            f"{PREFIX}SLACK_APP_TOKEN: nothing from Slack would reach the bot; it needs this "
            f"token (Socket Mode), or {PREFIX}SLACK_SIGNING_SECRET (Slack calls the bot)"
        )


def _prefixes(settings: Settings) -> Iterator[str]:
    tokens = {
        "SLACK_BOT_TOKEN": (settings.slack_bot_token, "xoxb-"),
        "SLACK_APP_TOKEN": (settings.slack_app_token, "xapp-"),
    }
    for name, (token, prefix) in tokens.items():
        if _has(token) and not token.get_secret_value().startswith(prefix):
            yield f"{PREFIX}{name}: another kind of token; this one begins with {prefix}"
    if _has(settings.slack_token_key) and not _is_fernet(settings.slack_token_key):
        yield f"{PREFIX}SLACK_TOKEN_KEY: not a Fernet key: 32 random bytes as URL-safe base64"


def _for_installs(settings: Settings) -> Iterator[str]:
    """What many workspaces need."""
    needed = {
        "SLACK_CLIENT_SECRET": (settings.slack_client_secret, "the secret beside it"),
        "SLACK_TOKEN_KEY": (settings.slack_token_key, "a key that encrypts stored tokens"),
        "SLACK_SIGNING_SECRET": (settings.slack_signing_secret, "the app's signing secret"),
    }
    for name, (secret, what) in needed.items():
        if not _has(secret):
            yield f"{PREFIX}{name}: {PREFIX}SLACK_CLIENT_ID needs {what}"
    if not settings.public_url:
        yield f"{PREFIX}PUBLIC_URL: {PREFIX}SLACK_CLIENT_ID needs the address that Slack returns to"


def _has(secret: SecretStr) -> bool:
    return bool(secret.get_secret_value())


def _is_fernet(key: SecretStr) -> bool:
    try:
        return len(base64.b64decode(key.get_secret_value(), b"-_", validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False


KEY_BYTES = 32
"""Bytes of a Fernet key."""
MIN_TOKEN = 16
"""Characters of a web token that cannot be guessed."""
