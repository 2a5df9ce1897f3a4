"""Words for a place that takes only so many characters."""

from __future__ import annotations


def shortened(text: str, limit: int) -> str:
    """The text, or as much of its beginning as fits, with a sign that there was more."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
