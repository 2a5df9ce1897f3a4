"""What admins hold back: a whole workspace, all of a provider, or one model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

EVERYTHING = "all"
"""The scope of a whole workspace."""
_PROVIDER, _MODEL = "provider:", "model:"


class Mode(StrEnum):
    """What a switch does while it is set."""

    PAUSE = "pause"
    """Orders are taken and wait; what is at the provider goes on."""
    DRAIN = "drain"
    """No order is taken; what was accepted is made."""
    STOP = "stop"
    """Neither: what waited was cancelled, what ran was asked to stop."""


HOLDS = frozenset({Mode.PAUSE, Mode.STOP})
"""Modes in which nothing is sent to a provider."""
REFUSES = frozenset({Mode.DRAIN, Mode.STOP})
"""Modes in which no order is taken."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One that is set, until an admin resumes. `by` is the id of who set it; `at` is ms."""

    scope: str
    mode: Mode
    reason: str
    by: str
    at: int


def for_provider(name: str) -> str:
    """Scope of all that a provider makes: ``provider:<name>``."""
    return f"{_PROVIDER}{name}"


def for_model(name: str) -> str:
    """Scope of all that is made with a model: ``model:<name>``."""
    return f"{_MODEL}{name}"


def named(scope: str) -> str:
    """What is typed for a scope: ``sora-2`` for ``model:sora-2``."""
    return scope.removeprefix(_PROVIDER).removeprefix(_MODEL)


def scope_named(text: str, scopes: Iterable[str]) -> str | None:
    """The scope that somebody typed, in any case; nothing is the whole workspace.

    None when it is not among `scopes`.
    """
    wanted = text.strip().lower() or EVERYTHING
    if wanted == EVERYTHING:
        return EVERYTHING
    return next(
        (scope for scope in scopes if wanted in {scope.lower(), named(scope).lower()}), None
    )


def covers(scope: str, provider: str, model: str) -> bool:
    """Whether what a provider makes with a model is in a scope."""
    return scope in {EVERYTHING, for_provider(provider), for_model(model)}


def ruling(
    switches: Iterable[Switch], modes: frozenset[Mode], provider: str, model: str
) -> Switch | None:
    """A switch in one of `modes` that stands against what a provider makes with a model."""
    found = [s for s in switches if s.mode in modes and covers(s.scope, provider, model)]
    return min(found, key=lambda switch: switch.at, default=None)
