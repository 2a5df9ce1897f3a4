"""Accounts at more providers than the one in the settings, as the operator's file has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from bot.errors import ConfigError

PROFILES = ("custom", "openai")
"""Dialects that can be chosen; see ``adapters/providers/README.md``."""
_KNOWN = ("name", "account", "url", "profile", "key_from")


@dataclass(frozen=True, slots=True)
class Backend:
    """One account. `key_from` only names where its key is; empty: it needs none."""

    name: str
    account: str
    url: str
    profile: str
    key_from: str = ""

    @property
    def gate(self) -> str:
        """``provider/account``."""
        return f"{self.name}/{self.account}"


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
    if not text["url"].startswith(("http://", "https://")):
        faults.append(f"{here}: url is not one such as https://gateway.example/v1")
    profile = text["profile"] or PROFILES[0]
    if profile not in PROFILES:
        faults.append(f"{here}: profile is not one of {', '.join(PROFILES)}")
    return Backend(text["name"], account, text["url"].rstrip("/"), profile, text["key_from"])


def _is_text(values: Mapping[str, object], name: str) -> bool:
    return isinstance(values.get(name, ""), str)


def _is_name(text: str) -> bool:
    """Names make gates and scopes, which are told apart by their slashes."""
    return bool(text) and "/" not in text and not any(letter.isspace() for letter in text)
