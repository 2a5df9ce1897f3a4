"""What each card showed last and when, so that edits keep to the pace of their channel.

Kept in memory only: after a start the first edit of each card goes at once, which harms nobody.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain import retry
from bot.domain.jobs import TERMINAL, UPSTREAM, Job, JobState
from bot.domain.pace import WINDOW, Edit, Pace, Urgency, edit_at
from bot.domain.refs import Tenant
from bot.ports import Outgoing
from bot.services.moves import banner_key

MEMORY = 60 * retry.MINUTE
"""Ms after which a card that did not change is forgotten; far above any pace."""
PASSING = 10 * retry.SECOND
"""Ms that most jobs spend at most in a state of `_BRIEF`. Where edits are counted, only one that
stays there for longer is worth an edit."""
_BRIEF = frozenset({JobState.SUBMITTING, JobState.FETCHING, JobState.DELIVERING})
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
        self._edits: defaultdict[Tenant, deque[int]] = defaultdict(deque)

    def when(self, item: Outgoing, job: Job, pace: Pace, now: int) -> int | None:
        """When the card may be edited: `now` or later (ms); None: never. Later ones are held.

        One that may go now counts as sent, so that lanes side by side share one budget.
        """
        at = edit_at(self._edit(item, job, pace, now), pace, now)
        if at is not None and at > now:
            self._held[item.key] = _Held(item.revision, at)
        elif at is not None:
            self._edits[item.place.tenant].append(now)
        return at

    def _edit(self, item: Outgoing, job: Job, pace: Pace, now: int) -> Edit:
        shown = self._shown.get(item.key)
        counted = pace.workspace_edits is not None
        here, around = self._active_beside(item)
        return Edit(
            _urgency(item, job, shown, counted=counted),
            # The head of a thread never gets too old for news.
            now if _is_banner(item) else job.accepted_at,
            shown.at if shown else None,
            here + 1,
            around + 1,
            self._last_edits(item.place.tenant, now),
            job.updated_at + PASSING if counted and job.state in _BRIEF else 0,
        )

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

    def _active_beside(self, item: Outgoing) -> tuple[int, int]:
        """Other active cards in its channel, and in its workspace."""
        active = [
            shown.channel
            for key, shown in self._shown.items()
            if shown.state in _MOVING and key != item.key
        ]
        around = sum(tenant == item.place.tenant for tenant, _ in active)
        return active.count(_channel(item)), around

    def _last_edits(self, tenant: Tenant, now: int) -> Sequence[int]:
        edits = self._edits[tenant]
        while edits and edits[0] <= now - WINDOW:
            edits.popleft()
        return edits

    def _forget_before(self, moment: int) -> None:
        while self._shown:
            key, oldest = next(iter(self._shown.items()))
            if oldest.at >= moment:
                return
            del self._shown[key]


def _channel(item: Outgoing) -> tuple[Tenant, str]:
    return (item.place.tenant, item.place.channel)


def _is_banner(item: Outgoing) -> bool:
    return item.key.startswith(banner_key(""))


def _urgency(item: Outgoing, job: Job, shown: _Shown | None, *, counted: bool) -> Urgency:
    if counted and (job.state is JobState.DELIVERING or _is_banner(item)):
        # Where edits are counted, each job has one last word.
        return Urgency.CHANGE
    if job.state in _LAST_WORDS:
        return Urgency.LAST_WORD
    if shown and (job.state, job.cancel_asked) == (shown.state, shown.cancel_asked):
        return Urgency.PROGRESS
    return Urgency.CHANGE
