"""Which workspaces share videos, and what was published across."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.links import Invite, Link, Publication
from bot.domain.refs import Person, Tenant
from tests.fakes.memory_store.library import put
from tests.fakes.memory_store.tables import (
    INVITES,
    JOBS,
    LINKS,
    PUBLICATIONS,
    RELEASES,
    SHELF,
    View,
    refuse,
)


class MemoryLinks:
    """`LinkRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def invite(self, invite: Invite) -> None:
        person = Person(invite.person.tenant, invite.person.id, invite.person.name)
        self._view.change(INVITES)[person.tenant] = replace(invite, person=person)

    async def take(self, digest: str) -> Invite | None:
        rows = self._view.of(INVITES).values()
        found = next((one for one in rows if one.digest == digest), None)
        if found:
            self._view.change(INVITES).pop(found.person.tenant)
        return found

    async def add(self, link: Link) -> bool:
        taken = any(link.other == one.other or link.name == one.name for one in self._of(link))
        if not taken:
            self._view.change(LINKS)[link.tenant, link.other] = link
        return not taken

    def _of(self, link: Link) -> list[Link]:
        return [one for one in self._view.of(LINKS).values() if one.tenant == link.tenant]

    async def of(self, tenant: Tenant) -> tuple[Link, ...]:
        found = [one for one in self._view.of(LINKS).values() if one.tenant == tenant]
        return tuple(sorted(found, key=lambda one: one.name))

    async def between(self, tenant: Tenant, other: Tenant) -> Link | None:
        return self._view.of(LINKS).get((tenant, other))

    async def drop(self, tenant: Tenant, other: Tenant) -> bool:
        rows = self._view.change(LINKS)
        gone = [rows.pop(ends, None) for ends in ((tenant, other), (other, tenant))]
        return any(gone)


class MemoryPublications:
    """`PublicationRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, publication: Publication) -> bool:
        if publication.job_id not in self._view.of(JOBS):
            raise refuse("publications_job_id_exists")
        key = (publication.job_id, publication.tenant)
        is_new = key not in self._view.of(PUBLICATIONS)
        if is_new:
            self._view.change(PUBLICATIONS)[key] = publication
            if publication.job_id in self._view.of(RELEASES):
                put(self._view, *key)
        return is_new

    async def get(self, job_id: str, tenant: Tenant) -> Publication | None:
        return self._view.of(PUBLICATIONS).get((job_id, tenant))

    async def of_job(self, job_id: str) -> tuple[Publication, ...]:
        found = [one for one in self._view.of(PUBLICATIONS).values() if one.job_id == job_id]
        return tuple(sorted(found, key=lambda one: (one.tenant.platform, one.tenant.id)))

    async def called(self, tenant: Tenant, prefix: str, limit: int) -> tuple[str, ...]:
        found = [
            name
            for name, there in self._view.of(PUBLICATIONS)
            if there == tenant and name.startswith(prefix)
        ]
        return tuple(sorted(found)[:limit])

    async def drop(self, job_id: str, tenant: Tenant) -> bool:
        self._view.change(SHELF).pop((job_id, tenant), None)
        return self._view.change(PUBLICATIONS).pop((job_id, tenant), None) is not None
