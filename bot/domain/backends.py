"""Accounts at more providers than the one in the settings, as the operator's file has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

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
_KNOWN = (
    *("name", "account", "url", "profile", "key_from"),
    *("webhook", "webhook_secret_from", "webhook_keys"),
)


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

    @property
    def gate(self) -> str:
        """``provider/account``."""
        return f"{self.name}/{self.account}"


def usual_profile(provider: str) -> str:
    """The dialect of a provider for which none was said."""
    return provider if provider in HOMES else PROFILES[0]


def parse(data: Mapping[str, Any]) -> tuple[Backend, ...]:
    """Accounts from their TOML form; raises `ConfigError` with every fault of every one."""
    odd = sorted(data.keys() - _ALL)
    faults = [f"providers: there is no {name!r}, only [[provider]] and [[route]]" for name in odd]
    found = data.get("provider")
    entries = cast("list[object]", found) if isinstance(found, list) else []
    backends = [_backend(entry, number, faults) for number, entry in enumerate(entries, start=1)]
    gates = [backend.gate for backend in backends]
    faults += [f"providers: two are {gate}" for gate in sorted({*gates}) if gates.count(gate) > 1]
    if faults:
        raise ConfigError(tuple(faults))
    return tuple(backends)


_ALL = {"provider", "route"}


def _backend(entry: object, number: int, faults: list[str]) -> Backend:
    """One account; what is wrong with it goes to `faults`, which never repeat a value."""
    here = f"providers, provider no. {number}"
    values = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    faults += [f"{here}: there is no {name!r}" for name in values if name not in _KNOWN]
    faults += [f"{here}: {name} is not a text" for name in _KNOWN if not _is_text(values, name)]
    text = {name: str(values.get(name, "")) for name in _KNOWN}
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
    return Backend(
        *(text["name"], account, url.rstrip("/"), profile, text["key_from"]),
        *(_scheme(text["webhook"]), text["webhook_secret_from"], text["webhook_keys"]),
    )


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
