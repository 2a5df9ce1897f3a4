"""Whether somebody may change a video: asked in the transaction that accepts the order."""

from __future__ import annotations

from bot import wording
from bot.domain.jobs import Job
from bot.domain.notices import PermitAsked
from bot.domain.people import Own
from bot.domain.permits import Ask, Verdict, holds, may_remix
from bot.domain.refs import Person, alone
from bot.domain.releases import Remixers
from bot.errors import AskedAlready, Withheld
from bot.ports import Unit
from bot.services.notices import tell
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


async def is_permitted(tx: Unit, workspaces: Workspaces, person: Person, source: Job) -> bool:
    """Whether somebody may change the video of `source`; else its author has to be asked first.

    Raises `Withheld` where asking would not help.
    """
    remixers = await remixers_of(tx, workspaces, source)
    asked = remixers is Remixers.ASK and await tx.permits.has(source.id, person)
    verdict = may_remix(person, source.person, remixers, permitted=asked)
    if verdict is Verdict.ASK and person.tenant != source.person.tenant:
        # Questions stay in one workspace: from another one nobody can be asked yet.
        verdict = Verdict.TEAM
    if verdict in {Verdict.YES, Verdict.ASK}:
        return verdict is Verdict.YES
    raise Withheld(f"remix:{verdict}", source.id, wording.called(source.person))


async def ask_author(tx: Unit, ask: Ask) -> None:
    """Ask an author, once for each request; raises `AskedAlready` while another one waits."""
    kept = await tx.asks.add(ask)
    if kept is None:
        raise AskedAlready(wording.called(ask.author))
    if kept.id == ask.id:
        news = PermitAsked(ask.id)
        await tell(tx, asked_notice(ask.id), news, alone(ask.author), ask.asked_at)


def asked_notice(ask_id: str) -> str:
    """What an author is asked by."""
    return f"ask/{ask_id}"
