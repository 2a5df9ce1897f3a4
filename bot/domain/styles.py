"""Styles of a workspace: words under a name that are added to prompts as they are sent."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 50
"""Styles that one workspace may have."""
MAX_STYLE = 500
"""Characters of a style's words."""
PLAIN = "none"
"""Typed for a style: no style, whatever the channel has."""


@dataclass(frozen=True, slots=True)
class Style:
    """Words (`text`) under a name. An order has a copy, as they were when it was accepted.

    `asked`: whoever ordered typed its name; else it is the one that its channel had.
    """

    name: str
    text: str
    asked: bool = False


def added_by(style: Style) -> str:
    """What a style adds to the end of a prompt."""
    return f"\n\nStyle: {style.text}"


def styled(prompt: str, style: Style | None) -> str:
    """A prompt as it is sent."""
    return prompt + added_by(style) if style else prompt
