"""When a message on the screen may change again, so that a chat's budget of edits lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

WINDOW = 60_000
"""Ms over which a workspace counts edits."""


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

    @property
    def workspace_pace(self) -> int:
        """Time of the workspace's budget that each active card takes."""
        ...

    @property
    def workspace_edits(self) -> int | None:
        """Edits within `WINDOW` that the workspace takes; None: any number."""
        ...


class Urgency(Enum):
    """How much people wait for an edit."""

    LAST_WORD = auto()
    """Nothing comes after it for long: the job ended."""
    CHANGE = auto()
    """The job came to another state."""
    PROGRESS = auto()
    """The bar moved."""


_SHARES: Mapping[Urgency, int] = {Urgency.CHANGE: 90, Urgency.PROGRESS: 80}
"""Percent of a workspace's edits after which such a one waits, so that last words need not."""


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit that could be sent. Times are ms since the epoch.

    `edited_at` is when the message was last sent or edited, None when nobody remembers; `cards`
    are the active cards of its channel, this one among them, and `workspace_cards` those of its
    workspace, whose last edits were at `edits`, the oldest first. Before `worth_from`, the next
    news may well make it needless.
    """

    urgency: Urgency
    posted_at: int
    edited_at: int | None
    cards: int
    workspace_cards: int = 1
    edits: Sequence[int] = ()
    worth_from: int = 0


def edit_at(edit: Edit, pace: Pace, now: int) -> int | None:
    """When it may be sent: `now` or later (ms). None: leave it, the message is too old."""
    if edit.urgency is Urgency.LAST_WORD:
        return now
    if pace.edit_window is not None and now - edit.posted_at >= pace.edit_window:
        return None
    return max(
        edit.worth_from,
        _after(edit.edited_at, _gap(edit, pace), now),
        _after(edit.edits[-1] if edit.edits else None, _spacing(edit, pace), now),
        _after(_in_the_way(edit, pace, now), WINDOW, now),
    )


def _after(moment: int | None, gap: int, now: int) -> int:
    """`gap` after a moment; `now` when that is over or there was none."""
    if moment is None:
        return now
    # A clock that was set back must not hold an edit for longer than its pace.
    return min(now + gap, max(now, moment + gap))


def _gap(edit: Edit, pace: Pace) -> int:
    if edit.urgency is Urgency.CHANGE:
        return pace.edit_pace
    return max(
        pace.edit_pace,
        edit.cards * pace.channel_pace,
        edit.workspace_cards * pace.workspace_pace,
    )


def _spacing(edit: Edit, pace: Pace) -> int:
    """Bars do not move all at once: what they take comes free one by one, for more urgent ones."""
    return pace.workspace_pace if edit.urgency is Urgency.PROGRESS else 0


def _in_the_way(edit: Edit, pace: Pace, now: int) -> int | None:
    """The edit that must leave the window before this one may go; None when none has to."""
    if pace.workspace_edits is None:
        return None
    most = max(0, (pace.workspace_edits * _SHARES[edit.urgency] - 1) // 100)
    counted = [at for at in edit.edits if at > now - WINDOW]
    return counted[-most - 1] if len(counted) > most else None
