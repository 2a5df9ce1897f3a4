"""When a message on the screen may change again, so that a chat's budget of edits lasts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol


class Pace(Protocol):
    """How many edits a place takes; all in ms."""

    @property
    def edit_pace(self) -> int:
        """Least time between two edits of one message."""
        ...

    @property
    def channel_pace(self) -> int:
        """Time of the channel's budget that each active card takes."""
        ...

    @property
    def edit_window(self) -> int | None:
        """Age after which a message gets its last word only; None: never."""
        ...


class Urgency(Enum):
    """How much people wait for an edit."""

    LAST_WORD = auto()
    """The job ended, or its video is being delivered."""
    CHANGE = auto()
    """The job came to another state."""
    PROGRESS = auto()
    """The bar moved."""


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit that could be sent. Times are ms since the epoch.

    `edited_at` is when the message was last sent or edited, None when nobody remembers; `cards`
    are the active cards of its channel, this one among them.
    """

    urgency: Urgency
    posted_at: int
    edited_at: int | None
    cards: int


def edit_at(edit: Edit, pace: Pace, now: int) -> int | None:
    """When it may be sent: `now` or later (ms). None: leave it, the message is too old."""
    if edit.urgency is Urgency.LAST_WORD:
        return now
    if pace.edit_window is not None and now - edit.posted_at >= pace.edit_window:
        return None
    if edit.edited_at is None:
        return now
    gap = _gap(edit, pace)
    # A clock that was set back must not hold an edit for longer than its pace.
    return min(now + gap, max(now, edit.edited_at + gap))


def _gap(edit: Edit, pace: Pace) -> int:
    if edit.urgency is Urgency.CHANGE:
        return pace.edit_pace
    return max(pace.edit_pace, edit.cards * pace.channel_pace)
