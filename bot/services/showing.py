"""Who sees a finished video, and where it stands."""

from __future__ import annotations

from bot.domain.refs import Person
from bot.domain.releases import Release, Stand, may_watch
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


async def watches(tx: Unit, workspaces: Workspaces, person: Person, release: Release) -> bool:
    """Whether somebody may see the video itself."""
    house = await workspaces.house(tx, release.author.tenant, release.channel)
    return may_watch(person, release, house)
