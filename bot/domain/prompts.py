"""Prompts that somebody saved under a name, for themselves or for a channel."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.quotas import for_channel
from bot.domain.refs import Person, Place

MOST = 100
"""Prompts of one person, or of one channel."""
_NAME = re.compile(r"[^\W_][\w-]{0,23}")
_CALLED = re.compile(r"@(\S+)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text under a name; saved at `at` (ms)."""

    name: str
    text: str
    at: int


def of_channel(place: Place) -> Person:
    """Whose the prompts of a channel are: nobody's own, but kept as those of a person are."""
    return Person(place.tenant, for_channel(place.channel))


def name_of(typed: str) -> str | None:
    """The name that somebody typed, in its one form; None when it cannot be one."""
    name = typed.removeprefix("@").lower()
    return name if _NAME.fullmatch(name) else None


def called(text: str) -> tuple[str, str] | None:
    """The name that a prompt such as ``@kite at night`` begins with, and the rest; or None."""
    found = _CALLED.fullmatch(text.strip())
    name = name_of(found[1]) if found else None
    return (name, found[2]) if found and name else None
