"""How finished videos stand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.domain.refs import Person, Tenant
from bot.domain.releases import Release, Stand, can_move
from tests.fakes.memory_store.library import keep_on_shelf, put_on_shelf
from tests.fakes.memory_store.tables import JOBS, RELEASES, View, refuse


class MemoryReleases:
    """`ReleaseRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, release: Release) -> None:
        if release.job_id in self._view.of(RELEASES):
            raise ValueError(f"the video of job {release.job_id} stands already")
        if release.job_id not in self._view.of(JOBS):
            raise refuse("releases_job_id_exists")
        self._put(replace(release, author=_named(release.author)))
        put_on_shelf(self._view, release)

    async def get(self, job_id: str) -> Release | None:
        return self._view.of(RELEASES).get(job_id)

    async def change(self, seen: Release, new: Release) -> Release | None:
        if not can_move(seen.stand, new.stand):
            raise ValueError(f"{seen.job_id} cannot go from {seen.stand} to {new.stand}")
        stored = self._view.of(RELEASES).get(seen.job_id)
        new = replace(new, version=seen.version + 1)
        if stored is None or stored.version != seen.version:
            return None
        lasting = {"author": stored.author, "model": stored.model, "made_at": stored.made_at}
        reviewer = _named(new.reviewer) if new.reviewer else None
        self._put(replace(new, **lasting, reviewer=reviewer))
        keep_on_shelf(self._view, seen, new)
        return new

    async def list(
        self, tenant: Tenant, stands: Collection[Stand], author: str | None, limit: int
    ) -> tuple[Release, ...]:
        found = [
            one
            for one in self._view.of(RELEASES).values()
            if one.author.tenant == tenant and one.stand in stands
        ]
        found = [one for one in found if author in {None, one.author.id}]
        found.sort(key=lambda one: (one.made_at, one.job_id), reverse=True)
        return tuple(found[:limit])

    async def published(self, job_ids: Collection[str]) -> frozenset[str]:
        found = self._view.of(RELEASES)
        known = [found[name] for name in job_ids if name in found]
        return frozenset(one.job_id for one in known if one.stand is Stand.PUBLISHED)

    async def erasable(self, before: int, limit: int) -> tuple[Release, ...]:
        deleted = [
            (one.deleted_at, one.job_id, one)
            for one in self._view.of(RELEASES).values()
            if one.stand is Stand.DELETED and one.deleted_at and one.deleted_at <= before
        ]
        return tuple(one for _, _, one in sorted(deleted, key=lambda row: row[:2])[:limit])

    def _put(self, release: Release) -> None:
        if release.stand is Stand.DELETED and release.deleted_at is None:
            raise refuse("releases_was_deleted_once")
        if release.stand is Stand.PUBLISHED and release.published_at is None:
            raise refuse("releases_came_out_once")
        self._view.change(RELEASES)[release.job_id] = release


def _named(person: Person) -> Person:
    return Person(person.tenant, person.id, person.name)
