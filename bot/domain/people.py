"""What people choose for themselves."""

from __future__ import annotations

from enum import StrEnum


class Own(StrEnum):
    """What somebody can choose, by the word that is stored."""

    REMIXERS = "remixers"
    """Who may change their videos, where they chose nothing for one: a `releases.Remixers`."""
    NOTIFY = "notify"
    """Whether they hear of each remix of their videos: `ON` or `OFF`. Who chose nothing does."""


ON, OFF = "on", "off"
