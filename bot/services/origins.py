"""Tells authors that a video of theirs, or what became of it, was remixed."""

from __future__ import annotations

from bot.domain import retry
from bot.domain.jobs import Job
from bot.domain.notices import Remixed
from bot.domain.people import OFF, Own
from bot.domain.refs import Person, alone
from bot.ports import Unit
from bot.services.notices import tell

SOON = 10 * retry.SECOND
"""Ms until they are told: the video stands in its channel by then, so that it can be linked."""


async def tell_authors(tx: Unit, job: Job, now: int) -> None:
    """Tell who made what a published video changes, and what it began with: once each.

    Nobody hears of their own remix, and nobody who wants to hear of none.
    """
    for author in await _authors(tx, job):
        if (await tx.people.chosen(author)).get(Own.NOTIFY) != OFF:
            name = f"remixed/{job.id}/{author.id}"
            await tell(tx, name, Remixed(job.id), alone(author), now + SOON)


async def _authors(tx: Unit, job: Job) -> tuple[Person, ...]:
    names = [name for name in (job.remix_of, job.root) if name]
    found = [await tx.jobs.get(name) for name in names]
    authors = dict.fromkeys(one.person for one in found if one)
    return tuple(author for author in authors if author != job.person)
