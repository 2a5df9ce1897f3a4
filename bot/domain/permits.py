"""Who may change whose video, and orders that wait until its author said yes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.jobs import Operation
from bot.domain.later import Timing
from bot.domain.refs import Person, Place
from bot.domain.releases import Remixers
from bot.domain.videos import VideoSpec

LIVES = 7 * 24 * 3_600_000
"""Ms for which an author can say yes."""
KEPT = 30 * 24 * 3_600_000
"""Ms for which it is known what was asked."""
MAX_REASON = 300
"""Characters of a reason."""


class Verdict(StrEnum):
    """Whether somebody may change a video, and else why not."""

    YES = "yes"
    TEAM = "team"
    """Only people of its own workspace may."""
    ASK = "ask"
    """Its author wants to be asked first."""
    NOBODY = "nobody"


def holds(*chosen: Remixers | None) -> Remixers:
    """The first that was chosen: for the video, by its author, for its workspace."""
    return next((one for one in chosen if one is not None), Remixers.EVERYONE)


def may_remix(
    person: Person, author: Person, remixers: Remixers, *, permitted: bool = False
) -> Verdict:
    """Whether `person` may change a video of `author`; admins are people like others here.

    `permitted`: its author said yes to this person. That outlives no later choice of nobody.
    """
    if person == author:
        return Verdict.YES
    match remixers:
        case Remixers.EVERYONE:
            return Verdict.YES
        case Remixers.TEAM:
            return Verdict.YES if person.tenant == author.tenant else Verdict.TEAM
        case Remixers.ASK:
            return Verdict.YES if permitted else Verdict.ASK
        case Remixers.NOBODY:
            return Verdict.NOBODY


class AskState(StrEnum):
    """Where a question to an author stands."""

    OPEN = "open"
    YES = "yes"
    NO = "no"
    OVER = "over"
    """Nobody decided in time."""
    UNLINKED = "unlinked"
    """It came from another workspace, and both share videos no more."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it was asked for; nothing of it is held or charged.

    `most` and `sent` as in `orders.CreateRequest`; `agreed` is the price (credits) of that moment.
    """

    place: Place
    interaction: str
    spec: VideoSpec
    operation: Operation
    count: int
    timing: Timing
    most: int
    agreed: int
    sent: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """The question of `person` to `author`, whether `order` may change the video of `job_id`.

    `person` has the roles that they had then. Times are ms.
    """

    id: str
    person: Person
    author: Person
    job_id: str
    order: Order
    asked_at: int
    state: AskState = AskState.OPEN
    reason: str = ""
    """Why the author said no."""
    problem: str = ""
    """Why the order was refused although they said yes, in words for people."""
