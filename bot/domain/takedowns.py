"""Wishes that a video is taken down, and what follows for whoever made several of such videos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.jobs import Job
from bot.domain.refs import Person

STRIKES = 3
"""Videos taken down within `WITHIN` after which somebody's next ones begin under review."""
WITHIN = 30 * 24 * 3_600_000
"""Ms in which they are counted, and for which the next ones begin so."""
MAX_REASON = 300
"""Characters of a reason."""


class Claim(StrEnum):
    """What a video has to do with whoever wants it to be taken down."""

    ROOT = "root"
    """It began with a video of theirs."""
    PARENT = "parent"
    """It changes a video of theirs."""
    NONE = "none"


class TakedownState(StrEnum):
    """Where a wish stands."""

    OPEN = "open"
    DOWN = "down"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Takedown:
    """The wish of `person` that the video of `job_id`, made by `author`, is taken down.

    `answer` is the reason that the author is told. Times are ms.
    """

    id: str
    job_id: str
    author: Person
    person: Person
    claim: Claim
    reason: str
    asked_at: int
    state: TakedownState = TakedownState.OPEN
    decided_by: Person | None = None
    answer: str = ""


def claim_of(person: Person, parent: Job | None, root: Job | None) -> Claim:
    """What somebody has to do with a video that was made of `parent`, and began with `root`."""
    if parent and parent.person == person:
        return Claim.PARENT
    return Claim.ROOT if root and root.person == person else Claim.NONE


def watched_until(times: Iterable[int]) -> int:
    """Until when (ms) somebody's videos begin under review; 0: they do not.

    `times` are when videos of theirs were taken down.
    """
    ordered = sorted(times)
    ends = [
        last + WITHIN
        for first, last in zip(ordered, ordered[STRIKES - 1 :], strict=False)
        if last - first <= WITHIN
    ]
    return max(ends, default=0)
