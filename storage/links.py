"""Pairs of workspaces that share videos, and what was published across."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.links import Invite, Link, Publication
from bot.domain.refs import Person, Tenant
from storage.dialects import beginning_with, in_place, new_row
from storage.library import put_elsewhere, take_from
from storage.mapping import Row, workspace_columns
from storage.tables import link_codes, links, publications

_INVITE = in_place(link_codes, "digest", "person", "person_name", "name", "ends_at")
_TAKE = delete(link_codes).where(link_codes.c.digest == bindparam("found")).returning(link_codes)
_ADD = new_row(links)
_HERE = (links.c.platform == bindparam("platform"), links.c.tenant == bindparam("tenant"))
_THERE = (
    links.c.other_platform == bindparam("other_platform"),
    links.c.other_tenant == bindparam("other_tenant"),
)
_OF = select(links).where(*_HERE).order_by(links.c.name)
_BETWEEN = select(links).where(*_HERE, *_THERE)
_DROP = delete(links).where(*_HERE, *_THERE)

_PUBLISH = new_row(publications)
_STANDS_IN = (
    publications.c.platform == bindparam("platform"),
    publications.c.tenant == bindparam("tenant"),
)
_ONE = (publications.c.job_id == bindparam("of_job"), *_STANDS_IN)
_GET = select(publications).where(*_ONE)
_OF_JOB = (
    select(publications)
    .where(publications.c.job_id == bindparam("of_job"))
    .order_by(publications.c.platform, publications.c.tenant)
)
_WITHDRAW = delete(publications).where(*_ONE)


class SqlLinks:
    """`LinkRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def invite(self, invite: Invite) -> None:
        """Keep a code, in place of the one that its workspace had."""
        person = invite.person
        row = {
            **workspace_columns(person.tenant),
            "digest": invite.digest,
            "person": person.id,
            "person_name": person.name,
            "name": invite.name,
            "ends_at": invite.ends_at,
        }
        await self._connection.execute(_INVITE[self._connection.dialect.name], row)

    async def take(self, digest: str) -> Invite | None:
        """The code of that digest, which is gone with this; None when there is none."""
        row = (await self._connection.execute(_TAKE, {"found": digest})).first()
        if row is None:
            return None
        person = Person(Tenant(row.platform, row.tenant), row.person, row.person_name)
        return Invite(row.digest, person, row.name, row.ends_at)

    async def add(self, link: Link) -> bool:
        """Store a link; False when that workspace has one to the other, or one of that name."""
        row = {**_pair(link.tenant, link.other), "name": link.name, "at": link.at}
        added = await self._connection.execute(_ADD[self._connection.dialect.name], row)
        return bool(added.rowcount)

    async def of(self, tenant: Tenant) -> tuple[Link, ...]:
        """The links of a workspace, by name."""
        rows = await self._connection.execute(_OF, workspace_columns(tenant))
        return tuple(map(_link_of, rows))

    async def between(self, tenant: Tenant, other: Tenant) -> Link | None:
        """The link from one workspace to another."""
        row = (await self._connection.execute(_BETWEEN, _pair(tenant, other))).first()
        return _link_of(row) if row else None

    async def drop(self, tenant: Tenant, other: Tenant) -> bool:
        """End the link between two workspaces, both ways; False when there is none."""
        gone = [
            await self._connection.execute(_DROP, _pair(*ends))
            for ends in ((tenant, other), (other, tenant))
        ]
        return any(one.rowcount for one in gone)


class SqlPublications:
    """`PublicationRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, publication: Publication) -> bool:
        """Store one; False when the video stands in that workspace already."""
        row = {
            "job_id": publication.job_id,
            **workspace_columns(publication.tenant),
            "channel": publication.channel,
            "shown_as": publication.key,
            "at": publication.at,
            "by": publication.by,
        }
        added = await self._connection.execute(_PUBLISH[self._connection.dialect.name], row)
        if added.rowcount:
            await put_elsewhere(self._connection, publication)
        return bool(added.rowcount)

    async def get(self, job_id: str, tenant: Tenant) -> Publication | None:
        """The video of a job in a workspace other than its own."""
        asked = {"of_job": job_id, **workspace_columns(tenant)}
        row = (await self._connection.execute(_GET, asked)).first()
        return _publication_of(row) if row else None

    async def of_job(self, job_id: str) -> tuple[Publication, ...]:
        """All of a video, by workspace."""
        rows = await self._connection.execute(_OF_JOB, {"of_job": job_id})
        return tuple(map(_publication_of, rows))

    async def called(self, tenant: Tenant, prefix: str, limit: int) -> tuple[str, ...]:
        """Ids of the jobs in a workspace that begin with `prefix`, sorted."""
        wanted = (
            select(publications.c.job_id)
            .where(*_STANDS_IN, beginning_with(publications.c.job_id, prefix))
            .order_by(publications.c.job_id)
            .limit(limit)
        )
        return tuple(await self._connection.scalars(wanted, workspace_columns(tenant)))

    async def drop(self, job_id: str, tenant: Tenant) -> bool:
        """Forget one; False when there is none."""
        asked = {"of_job": job_id, **workspace_columns(tenant)}
        dropped = (await self._connection.execute(_WITHDRAW, asked)).rowcount
        if dropped:
            await take_from(self._connection, job_id, tenant)
        return dropped == 1


def _pair(tenant: Tenant, other: Tenant) -> dict[str, object]:
    return {
        **workspace_columns(tenant),
        "other_platform": other.platform,
        "other_tenant": other.id,
    }


def _link_of(row: Row) -> Link:
    other = Tenant(row.other_platform, row.other_tenant)
    return Link(Tenant(row.platform, row.tenant), other, row.name, row.at)


def _publication_of(row: Row) -> Publication:
    tenant = Tenant(row.platform, row.tenant)
    return Publication(row.job_id, tenant, row.channel, row.shown_as, row.at, row.by)
