"""Who may change whose video."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.refs import Person
from bot.domain.releases import Remixers


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
