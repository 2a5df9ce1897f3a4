"""Whether somebody may change a video: asked in the transaction that accepts the order."""

from __future__ import annotations

from bot import wording
from bot.domain.jobs import Job
from bot.domain.notices import PermitAsked, PermitDecided, PermitOver
from bot.domain.people import Own
from bot.domain.permits import Ask, AskState, Verdict, holds, may_remix
from bot.domain.refs import Person, Tenant, alone
from bot.domain.releases import Remixers
from bot.errors import AskedAlready, Withheld
from bot.ports import Unit
from bot.services.notices import notice_key, tell
from bot.services.showing import is_published
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
    if verdict in {Verdict.YES, Verdict.ASK}:
        return verdict is Verdict.YES
    raise Withheld(f"remix:{verdict}", source.id, wording.called_from(source.person, person.tenant))


async def check_shared(tx: Unit, person: Person, source: Job) -> None:
    """Raise `Withheld` where a video of another workspace does not stand in the person's."""
    if person.tenant != source.person.tenant and not await is_published(tx, source, person.tenant):
        raise Withheld("unshared", source.id)


async def ask_author(tx: Unit, ask: Ask) -> None:
    """Ask an author, once for each request; raises `AskedAlready` while another one waits."""
    kept = await tx.asks.add(ask)
    if kept is None:
        raise AskedAlready(wording.called_from(ask.author, ask.person.tenant))
    if kept.id == ask.id:
        news = PermitAsked(ask.id)
        await tell(tx, asked_notice(ask.id), news, alone(ask.author), ask.asked_at)


def asked_notice(ask_id: str) -> str:
    """What an author is asked by."""
    return f"ask/{ask_id}"


async def settle(
    tx: Unit, ask: Ask, state: AskState, now: int, *, reason: str = "", problem: str = ""
) -> bool:
    """Note what became of a question, and tell whoever asked; False when it was settled before."""
    if not await tx.asks.settle(ask, state, now, reason=reason, problem=problem):
        return False
    asked = await tx.outbox.get(notice_key(asked_notice(ask.id)))
    if asked:
        await tx.outbox.touch(asked.key, None, asked.place, now)
    await tell(tx, f"permitted/{ask.id}", PermitDecided(ask.id), alone(ask.person), now)
    return True


async def lapse(tx: Unit, ask: Ask, state: AskState, now: int) -> bool:
    """The same where nobody decided; its author hears of that, too."""
    settled = await settle(tx, ask, state, now)
    if settled:
        await tell(tx, f"lapsed/{ask.id}", PermitOver(ask.id), alone(ask.author), now)
    return settled


async def end_between(tx: Unit, one: Tenant, other: Tenant, now: int) -> None:
    """Two workspaces share videos no more: no author is asked by people of the other one."""
    for home, away in ((one, other), (other, one)):
        for ask in await tx.asks.between(home, away):
            await lapse(tx, ask, AskState.UNLINKED, now)
