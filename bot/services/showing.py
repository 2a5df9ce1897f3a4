"""Who sees a finished video, and where it stands."""

from __future__ import annotations

from bot.domain.jobs import Job, may_see
from bot.domain.refs import Person, Tenant
from bot.domain.releases import GONE, Release, Stand, may_watch
from bot.errors import Withheld
from bot.ports import Outgoing, Unit
from bot.services.workspaces import Workspaces

RELEASE = "release/"
"""Beginning of the nonces of messages with videos that were published."""


def release_key(job_id: str, version: int) -> str:
    """Nonce of the message of a video that was published by a change to `version`."""
    return f"{RELEASE}{job_id}/{version}"


async def shown(tx: Unit, job_id: str, tenant: Tenant) -> Outgoing | None:
    """The message that shows the video of a job to everybody in a workspace; None: none does."""
    release = await tx.releases.get(job_id)
    if release is None or release.stand is not Stand.PUBLISHED:
        return None
    if release.author.tenant == tenant:
        return await tx.outbox.get(release.key)
    there = await tx.publications.get(job_id, tenant)
    return await tx.outbox.get(there.key) if there else None


async def is_published(tx: Unit, job: Job, tenant: Tenant) -> bool:
    """Whether everybody in a workspace may see the video of a job.

    In another one than its own it has to be published, too, and both have to be linked still.
    """
    release = await tx.releases.get(job.id)
    return release is not None and await _is_open(tx, release, tenant)


async def _is_open(tx: Unit, release: Release, tenant: Tenant) -> bool:
    if release.stand is not Stand.PUBLISHED:
        return False
    home = release.author.tenant
    if home == tenant:
        return True
    linked = await tx.links.between(home, tenant)
    return bool(linked and await tx.publications.get(release.job_id, tenant))


async def belongs(tx: Unit, job: Job, tenant: Tenant) -> bool:
    """Whether a workspace knows of a job: it is its own, or published there."""
    return job.person.tenant == tenant or bool(await tx.publications.get(job.id, tenant))


async def watches(tx: Unit, workspaces: Workspaces, person: Person, release: Release) -> bool:
    """Whether somebody may see the video itself; in another workspace, if it is published there."""
    home = release.author.tenant
    if person.tenant != home:
        return await _is_open(tx, release, person.tenant)
    house = await workspaces.house(tx, home, release.channel)
    return may_watch(person, release, house)


async def sees(tx: Unit, workspaces: Workspaces, person: Person, job: Job) -> bool:
    """Whether somebody may know of a job: its video may be more open than it was, or gone.

    In another workspace than its own, only of a video that is published there.
    """
    if person.tenant != job.person.tenant:
        return await is_published(tx, job, person.tenant)
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
