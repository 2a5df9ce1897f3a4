"""How one backend of the OpenAI Videos contract differs from the others, as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import httpx

from adapters.providers.guard import Origin
from adapters.providers.refusals import Kind
from bot import errors
from bot.domain.jobs import JobState
from bot.errors import ConfigError
from bot.ports import Capabilities

OPERATIONS = frozenset(
    {"create", "fetch", "content", "list", "delete", "cancel", "remix", "extend"}
)
_NEEDED = frozenset({"create", "fetch"})
_BUILT_IN = Path(__file__).with_name("profiles.toml")

_KINDS: Mapping[str, Kind] = {
    "moderated": errors.Moderated,
    "billing": errors.Billing,
    "credentials": errors.BadCredentials,
    "rate_limited": errors.RateLimited,
    "concurrency_limited": errors.ConcurrencyLimited,
    "model_retired": errors.ModelRetired,
    "job_not_found": errors.JobNotFound,
    "expired": errors.AssetExpired,
    "invalid_request": errors.InvalidRequest,
    "unsupported": errors.Unsupported,
    "transient": errors.Transient,
}
"""How a profile calls our failures."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One dialect. profiles.toml says what each field means and holds the known ones."""

    name: str
    operations: Mapping[str, str]
    encoding: Literal["multipart", "json"] = "multipart"
    image: Literal["file", "data_url", "none"] = "file"
    seconds: Literal["string", "number"] = "string"
    extra_fields: Mapping[str, str] = field(default_factory=dict[str, str])
    auth_header: str = "Authorization"
    auth_prefix: str = "Bearer "
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    id_fields: tuple[str, ...] = ("id", "task_id", "request_id")
    ids: Literal["plain", "packed"] = "plain"
    statuses: Mapping[str, JobState] = field(default_factory=dict[str, JobState])
    errors: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    vague: frozenset[str] = frozenset()
    variant: str = ""
    content_first: bool = True
    links: tuple[str, ...] = (
        "url",
        "video_url",
        "urls.0",
        "unsigned_urls.0",
        "metadata.url",
        "task_result.videos.0.url",
        "video.url",
    )
    asset_life_ms: int = 0
    key_origins: frozenset[Origin] = frozenset()
    trusted_origins: frozenset[Origin] = frozenset()
    list_complete: bool = False
    charges_failures: bool = False
    simulated: bool = False

    def has(self, operation: str) -> bool:
        """Whether the backend knows an operation."""
        return operation in self.operations

    def route(self, operation: str) -> tuple[str, str]:
        """Method and path template of an operation it has."""
        method, _, path = self.operations[operation].partition(" ")
        return method, path

    @property
    def capabilities(self) -> Capabilities:
        """The same in the words of the port."""
        return Capabilities(
            remixes=self.has("remix"),
            extends=self.has("extend"),
            lists=self.has("list"),
            list_complete=self.has("list") and self.list_complete,
            deletes=self.has("delete"),
            cancels=self.has("cancel"),
            takes_image=self.image != "none",
            charges_failures=self.charges_failures,
            simulated=self.simulated,
        )


def built_in() -> Mapping[str, Profile]:
    """The profiles that come with the bot, by name."""
    return read(tomllib.loads(_BUILT_IN.read_text("utf-8")))


def profile_of(name: str) -> Profile:
    """A built-in profile; raises `ConfigError` naming all that there are."""
    known = built_in()
    if name not in known:
        raise ConfigError((f"no provider profile {name!r}; there are {', '.join(known)}",))
    return known[name]


def read(data: Mapping[str, Any]) -> Mapping[str, Profile]:
    """Profiles from their TOML form; raises `ConfigError` with every fault."""
    found: dict[str, Profile] = {}
    complaints: list[str] = []
    for name in data:
        try:
            found[name] = _profile(name, _inherited(data, name))
        except (KeyError, TypeError, ValueError, httpx.InvalidURL) as error:
            complaints.append(f"provider profile {name!r}: {error}")
    if complaints:
        raise ConfigError(tuple(complaints))
    return found


def _inherited(data: Mapping[str, Any], name: str, *above: str) -> dict[str, Any]:
    """A table with what it takes over from the one it is `like`; "" drops an operation."""
    if name in above:
        raise ValueError(f"is like itself by way of {', '.join(above)}")
    own = dict(data[name])
    parent = own.pop("like", None)
    if parent is None:
        return own
    base = _inherited(data, parent, name, *above)
    operations = {**base.get("operations", {}), **own.get("operations", {})}
    return {**base, **own, "operations": {k: v for k, v in operations.items() if v}}


def _profile(name: str, table: Mapping[str, Any]) -> Profile:
    if odd := set(table) - {one.name for one in fields(Profile)} | set(table) & {"name"}:
        raise ValueError(f"unknown: {', '.join(sorted(odd))}")
    operations: Mapping[str, str] = table.get("operations", {})
    _check(operations)
    values = dict(table)
    for key in ("id_fields", "links"):
        if key in values:
            values[key] = tuple(values[key])
    for key in ("key_origins", "trusted_origins"):
        values[key] = frozenset(Origin.of(url) for url in table.get(key, ()))
    words: Mapping[str, str] = table.get("statuses", {})
    values["statuses"] = {word: JobState(state) for word, state in words.items()}
    values["errors"] = {word: _kind(kind) for word, kind in table.get("errors", {}).items()}
    values["vague"] = frozenset(table.get("vague", ()))
    profile = Profile(name, **values)
    _check_choices(profile)
    return profile


def _kind(name: str) -> Kind:
    if name not in _KINDS:
        raise ValueError(f"errors are one of {', '.join(_KINDS)}, not {name!r}")
    return _KINDS[name]


def _check(operations: Mapping[str, str]) -> None:
    if missing := _NEEDED - set(operations):
        raise ValueError(f"lacks {', '.join(sorted(missing))}")
    if odd := set(operations) - OPERATIONS:
        raise ValueError(f"unknown operations: {', '.join(sorted(odd))}")
    for operation, route in operations.items():
        method, _, path = route.partition(" ")
        if method not in {"GET", "POST", "DELETE"} or not path.startswith("/"):
            raise ValueError(f"{operation} is no route such as 'GET /videos/{{id}}': {route!r}")


def _check_choices(profile: Profile) -> None:
    choices = {
        "encoding": {"multipart", "json"},
        "image": {"file", "data_url", "none"},
        "seconds": {"string", "number"},
        "ids": {"plain", "packed"},
    }
    for name, allowed in choices.items():
        if getattr(profile, name) not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(sorted(allowed))}")
