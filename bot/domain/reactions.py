"""Reactions with which people say that they like a video."""

from __future__ import annotations

from dataclasses import dataclass

LIKING = frozenset("⭐❤👍🔥")
"""The signs, in any tone of skin."""
TONES = "🏻🏼🏽🏾🏿"
"""The tones of skin, from light to dark."""
_SHOWN_IN_COLOUR = "\ufe0f"


@dataclass(frozen=True, slots=True)
class Reaction:
    """A sign that somebody put on the message of that id; `gone`: they took it away."""

    message: str
    sign: str
    gone: bool = False


def liking(sign: str) -> str | None:
    """The name under which a sign is kept that says that somebody likes it; None for any other.

    A sign in another tone is another one: somebody may put both there and take one away.
    """
    kept = sign.replace(_SHOWN_IN_COLOUR, "")
    return kept if kept[:1] in LIKING and kept[1:] in {"", *TONES} else None
