"""Messages of a video in other workspaces than its own."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.jobs import Job
from bot.domain.links import Publication
from bot.domain.refs import Place, Tenant
from bot.ports import Unit
from bot.services.moves import touch_banner
from bot.services.trees import TREE


async def touch_elsewhere(tx: Unit, job: Job, now: int) -> None:
    """There is something new to tell with a video, wherever both workspaces are linked still."""
    for one in await tx.publications.of_job(job.id):
        if await tx.links.between(job.person.tenant, one.tenant):
            await tx.outbox.touch(one.key, job.id, Place(one.tenant, one.channel), now)


async def withdraw_everywhere(tx: Unit, job: Job, now: int) -> None:
    """A video leaves all other workspaces, linked or not."""
    for one in await tx.publications.of_job(job.id):
        await withdraw(tx, job, one, now)


async def withdraw(tx: Unit, job: Job, publication: Publication, now: int) -> None:
    """A video leaves one other workspace, with all that was told of it there.

    So do pictures of its family there: they have a still of it.
    """
    tenant = publication.tenant
    own, of_root = await tx.outbox.of_job(job.id), await tx.outbox.of_job(job.root or job.id)
    trees = [one for one in of_root if one.key.startswith(TREE)]
    for item in (*own, *trees):
        if item.place.tenant == tenant:
            await tx.outbox.take_back(item.key, now)
    await tx.publications.drop(job.id, tenant)
    await tell_family(tx, job, tenant, publication.channel, now)


async def tell_family(tx: Unit, job: Job, tenant: Tenant, channel: str, now: int) -> None:
    """The head of the thread there has one more or less to name, where it changes another one."""
    await touch_banner(tx, replace(job, place=Place(tenant, channel), payer=None), now)
