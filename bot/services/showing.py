"""Who sees a finished video, and where it stands."""

from __future__ import annotations

from bot.domain.jobs import Job, may_see
from bot.domain.refs import Person
from bot.domain.releases import GONE, Release, Stand, may_watch
from bot.errors import Withheld
from bot.ports import Outgoing, Unit
from bot.services.workspaces import Workspaces

RELEASE = "release/"
"""Beginning of the nonces of messages with videos that were published."""


def release_key(job_id: str, version: int) -> str:
    """Nonce of the message of a video that was published by a change to `version`."""
    return f"{RELEASE}{job_id}/{version}"


async def shown(tx: Unit, job_id: str) -> Outgoing | None:
    """The message that shows the video of a job to everybody; None while none does."""
    release = await tx.releases.get(job_id)
    if release is None or release.stand is not Stand.PUBLISHED:
        return None
    return await tx.outbox.get(release.key)


async def is_published(tx: Unit, job: Job) -> bool:
    """Whether everybody may see the video of a job."""
    release = await tx.releases.get(job.id)
    return release is not None and release.stand is Stand.PUBLISHED


async def watches(tx: Unit, workspaces: Workspaces, person: Person, release: Release) -> bool:
    """Whether somebody may see the video itself."""
    house = await workspaces.house(tx, release.author.tenant, release.channel)
    return may_watch(person, release, house)


async def sees(tx: Unit, workspaces: Workspaces, person: Person, job: Job) -> bool:
    """Whether somebody may know of a job: its video may be more open than it was, or gone."""
    release = await tx.releases.get(job.id)
    if release is None:
        return may_see(person, job)
    if release.stand in GONE:
        kept = release.stand is Stand.DELETED
        return kept and (person.id == release.author.id or person.admin)
    return may_see(person, job) or await watches(tx, workspaces, person, release)


async def check_watched(tx: Unit, workspaces: Workspaces, person: Person, job: Job) -> None:
    """Raise `Withheld` for whoever may know of a video, but not see it."""
    release = await tx.releases.get(job.id)
    if release and not await watches(tx, workspaces, person, release):
        raise Withheld("deleted" if release.stand in GONE else "draft", job.id)
