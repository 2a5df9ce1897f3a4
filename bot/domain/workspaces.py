"""What admins choose for their workspace in chat; settings say what holds until then."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.later import Window
from bot.domain.releases import House


class Choice(StrEnum):
    """What can be chosen, by the word that is typed and stored."""

    ZONE = "zone"
    """Time zone in which days, weeks and months begin, and in which times are told."""
    CONFIRM = "confirm"
    """Credits above which an order asks its person for a yes."""
    ALERTS = "alerts"
    """Id of the channel for news that only admins should read."""
    OFF_PEAK = "offpeak"
    """Hours in which relaxed work counts as normal; `NEVER` for none."""
    DRAFTS = "drafts"
    """Which videos begin as drafts: a `releases.DraftPolicy`. Also chosen for single channels."""
    REVIEW = "review"
    """``yes`` where only a reviewer publishes. Also chosen for single channels."""
    REVIEWERS = "reviewers"
    """Who decides on drafts: subjects as `quotas.Rule` has them, with spaces between."""
    REMIXERS = "remixers"
    """Who may change the videos of people who chose nothing: a `releases.Remixers`."""
    GALLERY = "gallery"
    """Id of the channel for what is published from elsewhere, and for the best of each week."""


HOUSE_RULES = frozenset({Choice.DRAFTS, Choice.REVIEW})
"""What a channel may have otherwise than its workspace."""
NEVER = "never"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Workspace:
    """How a workspace lives. `confirm_above` in credits, None: never; `alerts` None: nowhere.

    `off_peak` None: never; `gallery` None: nowhere.
    """

    zone: ZoneInfo
    confirm_above: int | None = None
    alerts: str | None = None
    off_peak: Window | None = None
    house: House = field(default_factory=House)
    gallery: str | None = None
