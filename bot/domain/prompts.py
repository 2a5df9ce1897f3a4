"""Prompts that somebody saved under a name."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST = 100
"""Prompts that one person may save."""
_NAME = re.compile(r"[^\W_][\w-]{0,23}")
_CALLED = re.compile(r"@(\S+)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text under a name; saved at `at` (ms)."""

    name: str
    text: str
    at: int


def name_of(typed: str) -> str | None:
    """The name that somebody typed, in its one form; None when it cannot be one."""
    name = typed.removeprefix("@").lower()
    return name if _NAME.fullmatch(name) else None


def called(text: str) -> tuple[str, str] | None:
    """The name that a prompt such as ``@kite at night`` begins with, and the rest; or None."""
    found = _CALLED.fullmatch(text.strip())
    name = name_of(found[1]) if found else None
    return (name, found[2]) if found and name else None
