"""Accounts at more providers than the one in the settings, as the operator's file has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, cast

from bot.domain.gates import MOST_SLOTS, Limits, Style
from bot.domain.webhooks import Scheme
from bot.errors import ConfigError

PROFILES = (
    "custom",
    "openai",
    "azure",
    "laozhang",
    "litellm",
    "new-api",
    "sglang",
    "vllm-omni",
)
"""Dialects of the contract that OpenAI published; see ``adapters/providers/README.md``."""
HOMES: Mapping[str, str] = MappingProxyType(
    {
        "fal": "https://queue.fal.run",
        "gemini": "https://generativelanguage.googleapis.com/v1beta",
        "higgsfield": "https://platform.higgsfield.ai",
        "kling": "https://api-singapore.klingai.com/v1",
        "krea": "https://api.krea.ai",
        "luma": "https://agents.lumalabs.ai/v1",
        "openrouter": "https://openrouter.ai/api/v1",
        "replicate": "https://api.replicate.com/v1",
        "runway": "https://api.dev.runwayml.com/v1",
        "xai": "https://api.x.ai/v1",
    }
)
"""Providers with APIs of their own, and where these are unless the operator says otherwise."""
SPOKEN = (*PROFILES, *HOMES)
"""All that can be chosen as a profile."""
_TEXTS = (
    *("name", "account", "url", "profile", "key_from"),
    *("webhook", "webhook_secret_from", "webhook_keys", "requests_style"),
)
_NUMBERS: Mapping[str, tuple[int, int | None]] = MappingProxyType(
    {
        "renders_at_once": (1, MOST_SLOTS),
        "submit_spacing_ms": (0, None),
        "requests_per_minute": (1, None),
        "requests_per_day": (1, None),
    }
)
"""The least and the most (None: any) of each limit, as the setting of its name takes it."""


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """What the file says of an account's limits; None: the setting of that name counts."""

    renders_at_once: int | None = None
    submit_spacing_ms: int | None = None
    requests_per_minute: int | None = None
    requests_per_day: int | None = None
    requests_style: Style | None = None

    def over(self, usual: Limits) -> Limits:
        """The limits of the account, where `usual` are those of the settings."""
        said = {
            "slots": self.renders_at_once,
            "spacing": self.submit_spacing_ms,
            "per_minute": self.requests_per_minute,
            "per_day": self.requests_per_day,
            "style": self.requests_style,
        }
        own = {name: value for name, value in said.items() if value is not None}
        return replace(usual, **own)


@dataclass(frozen=True, slots=True)
class Backend:
    """One account. `key_from` only names where its key is; empty: it needs none.

    `webhook` is how its backend tells of finished videos; None: it is only asked. The secret for
    that is at `webhook_secret_from`, or public keys are at `webhook_keys`; empty: the usual page.
    """

    name: str
    account: str
    url: str
    profile: str
    key_from: str = ""
    webhook: Scheme | None = None
    webhook_secret_from: str = ""
    webhook_keys: str = ""
    limits: OwnLimits = field(default_factory=OwnLimits)

    @property
    def gate(self) -> str:
        """``provider/account``."""
        return f"{self.name}/{self.account}"


def usual_profile(provider: str) -> str:
    """The dialect of a provider for which none was said."""
    return provider if provider in HOMES else PROFILES[0]


def parse(data: Mapping[str, Any], file: str = "providers") -> tuple[Backend, ...]:
    """Accounts from their TOML form; raises `ConfigError` with every fault of every one.

    `file` is how its faults call it.
    """
    odd = sorted(data.keys() - _ALL)
    faults = [f"{file}: there is no {name!r}, only [[provider]] and [[route]]" for name in odd]
    found = data.get("provider")
    entries = cast("list[object]", found) if isinstance(found, list) else []
    backends = [
        _backend(entry, f"{file}, provider no. {number}", faults)
        for number, entry in enumerate(entries, start=1)
    ]
    gates = [backend.gate for backend in backends]
    faults += [f"{file}: two are {gate}" for gate in sorted({*gates}) if gates.count(gate) > 1]
    if faults:
        raise ConfigError(tuple(faults))
    return tuple(backends)


_ALL = {"provider", "route"}


def _backend(entry: object, here: str, faults: list[str]) -> Backend:
    """One account; what is wrong with it goes to `faults`, which never repeat a value."""
    values = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    known = {*_TEXTS, *_NUMBERS}
    faults += [f"{here}: there is no {name!r}" for name in values if name not in known]
    faults += [f"{here}: {name} is not a text" for name in _TEXTS if not _is_text(values, name)]
    text = {name: str(values.get(name, "")) for name in _TEXTS}
    if not _is_name(text["name"]):
        faults.append(f"{here}: name is missing, or has a slash or a blank in it")
    account = text["account"] or "default"
    if not _is_name(account):
        faults.append(f"{here}: account has a slash or a blank in it")
    profile = text["profile"] or usual_profile(text["name"])
    if profile not in SPOKEN:
        faults.append(f"{here}: profile is not one of {', '.join(SPOKEN)}")
    url = text["url"] or HOMES.get(profile, "")
    if not _is_address(url):
        faults.append(f"{here}: url is not one such as https://gateway.example/v1")
    faults += [f"{here}: {fault}" for fault in _of_webhook(text)]
    limits, wrong = _limits(values, text["requests_style"])
    faults += [f"{here} ({text['name']}/{account}): {fault}" for fault in wrong]
    return Backend(
        *(text["name"], account, url.rstrip("/"), profile, text["key_from"]),
        *(_scheme(text["webhook"]), text["webhook_secret_from"], text["webhook_keys"]),
        limits,
    )


def _limits(values: Mapping[str, object], style: str) -> tuple[OwnLimits, list[str]]:
    """The limits of an account, and what is wrong with them."""
    given = {name: values[name] for name in _NUMBERS if name in values}
    whole = {name: number for name, number in given.items() if _is_whole(number, *_NUMBERS[name])}
    wrong = [f"{name} is not a whole number {_span(name)}" for name in given.keys() - whole.keys()]
    if style and style not in set(Style):
        wrong.append(f"requests_style is not one of {', '.join(Style)}")
        style = ""
    chosen = Style(style) if style else None
    return OwnLimits(**cast("dict[str, Any]", whole), requests_style=chosen), sorted(wrong)


def _is_whole(value: object, least: int, most: int | None) -> bool:
    # To Python, true and false are numbers as well.
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return value >= least and (most is None or value <= most)


def _span(name: str) -> str:
    least, most = _NUMBERS[name]
    return f"of {least} or more" if most is None else f"from {least} to {most:,}"


def _of_webhook(text: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with how an account is told of its videos."""
    scheme, secret, keys = _scheme(text["webhook"]), "webhook_secret_from", "webhook_keys"
    if text["webhook"] and scheme is None:
        yield f"webhook is not one of {', '.join(Scheme)}"
        return
    if scheme and scheme.needs_secret and not text[secret]:
        yield f"webhook {scheme.value!r} needs {secret}"
    if text[secret] and not (scheme and scheme.needs_secret):
        yield f"{secret} is for nothing without a webhook that has a secret"
    if text[keys] and scheme is not Scheme.FAL:
        yield f"{keys} is for nothing without the webhook {Scheme.FAL.value!r}"
    if text[keys] and not _is_address(text[keys]):
        yield f"{keys} is not one such as https://provider.example/keys.json"


def _scheme(text: str) -> Scheme | None:
    return Scheme(text) if text in set(Scheme) else None


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _is_text(values: Mapping[str, object], name: str) -> bool:
    return isinstance(values.get(name, ""), str)


def _is_name(text: str) -> bool:
    """Names make gates and scopes, which are told apart by their slashes."""
    return bool(text) and "/" not in text and not any(letter.isspace() for letter in text)
