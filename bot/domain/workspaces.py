"""What admins choose for their workspace in chat; settings say what holds until then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.later import Window


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


NEVER = "never"


@dataclass(frozen=True, slots=True)
class Workspace:
    """How a workspace lives. `confirm_above` in credits, None: never; `alerts` None: nowhere.

    `off_peak` None: never.
    """

    zone: ZoneInfo
    confirm_above: int | None = None
    alerts: str | None = None
    off_peak: Window | None = None
