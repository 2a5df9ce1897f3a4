"""Whether somebody may change a video: asked in the transaction that accepts the order."""

from __future__ import annotations

from bot import wording
from bot.domain.jobs import Job
from bot.domain.people import Own
from bot.domain.permits import Verdict, holds, may_remix
from bot.domain.refs import Person
from bot.domain.releases import Remixers
from bot.errors import Withheld
from bot.ports import Unit
from bot.services.workspaces import Workspaces


async def remixers_of(tx: Unit, workspaces: Workspaces, job: Job) -> Remixers:
    """Who may change the video of a job, besides its author."""
    author = job.person
    release = await tx.releases.get(job.id)
    own = (await tx.people.chosen(author)).get(Own.REMIXERS)
    whole = await workspaces.of(tx, author.tenant)
    return holds(
        release.remixers if release else None,
        Remixers(own) if own else None,
        whole.house.remixers,
    )


async def check_permitted(tx: Unit, workspaces: Workspaces, person: Person, source: Job) -> None:
    """Raise `Withheld` for whoever may not change the video of `source`."""
    remixers = await remixers_of(tx, workspaces, source)
    verdict = may_remix(person, source.person, remixers)
    if verdict is not Verdict.YES:
        raise Withheld(f"remix:{verdict}", source.id, wording.called(source.person))
