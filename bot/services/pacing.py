"""What each card showed last and when, so that edits keep to the pace of their channel.

Kept in memory only: after a start the first edit of each card goes at once, which harms nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import retry
from bot.domain.jobs import TERMINAL, UPSTREAM, Job, JobState
from bot.domain.pace import Edit, Pace, Urgency, edit_at
from bot.domain.refs import Tenant
from bot.ports import Outgoing

MEMORY = 60 * retry.MINUTE
"""Ms after which a card that did not change is forgotten; far above any pace."""
_LAST_WORDS = TERMINAL | {JobState.DELIVERING}
_MOVING = UPSTREAM | {JobState.FETCHING}
"""States whose cards change all the time. A card that waits in line takes none of the budget."""


@dataclass(frozen=True, slots=True)
class _Shown:
    at: int
    channel: tuple[Tenant, str]
    state: JobState
    cancel_asked: bool


@dataclass(frozen=True, slots=True)
class _Held:
    revision: int
    until: int


class Pacing:
    """Decides when a card may be edited, from what it was told is on the screen."""

    def __init__(self) -> None:
        # In the order of being shown, the longest ago first.
        self._shown: dict[str, _Shown] = {}
        self._held: dict[str, _Held] = {}

    def when(self, item: Outgoing, job: Job, pace: Pace, now: int) -> int | None:
        """When the card may be edited: `now` or later (ms); None: never. Later ones are held."""
        shown = self._shown.get(item.key)
        edit = Edit(
            _urgency(job, shown),
            job.accepted_at,
            shown.at if shown else None,
            self._active_beside(item) + 1,
        )
        at = edit_at(edit, pace, now)
        if at is not None and at > now:
            self._held[item.key] = _Held(item.revision, at)
        return at

    def shown(self, item: Outgoing, job: Job, now: int) -> None:
        """The card of a job as it was in `job` is on the screen."""
        self.forget(item)
        self._forget_before(now - MEMORY)
        if job.state not in TERMINAL:
            shown = _Shown(now, _channel(item), job.state, job.cancel_asked)
            self._shown[item.key] = shown

    def forget(self, item: Outgoing) -> None:
        """The card is not on the screen any more, or was never there."""
        self._shown.pop(item.key, None)

    def held(self, now: int) -> tuple[tuple[str, int], ...]:
        """Key and revision of what still has to wait."""
        self._held = {key: held for key, held in self._held.items() if held.until > now}
        return tuple((key, held.revision) for key, held in self._held.items())

    def next_release(self) -> int | None:
        """When the first of those may go (ms)."""
        return min((held.until for held in self._held.values()), default=None)

    def _active_beside(self, item: Outgoing) -> int:
        channel = _channel(item)
        return sum(
            shown.channel == channel and shown.state in _MOVING and key != item.key
            for key, shown in self._shown.items()
        )

    def _forget_before(self, moment: int) -> None:
        while self._shown:
            key, oldest = next(iter(self._shown.items()))
            if oldest.at >= moment:
                return
            del self._shown[key]


def _channel(item: Outgoing) -> tuple[Tenant, str]:
    return (item.place.tenant, item.place.channel)


def _urgency(job: Job, shown: _Shown | None) -> Urgency:
    if job.state in _LAST_WORDS:
        return Urgency.LAST_WORD
    if shown and (job.state, job.cancel_asked) == (shown.state, shown.cancel_asked):
        return Urgency.PROGRESS
    return Urgency.CHANGE
