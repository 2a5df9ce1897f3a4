"""Finished videos to look through, and who likes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.domain.jobs import Job
from bot.domain.library import (
    Cursor,
    Found,
    LibraryFilter,
    Order,
    Shelf,
    is_remixable,
    listed_at,
    matches,
    searched,
    stands_on,
    terms_of,
    words_of,
)
from bot.domain.links import Publication
from bot.domain.refs import Person, Tenant
from bot.domain.releases import GONE, Release, Stand
from tests.fakes.memory_store.tables import (
    JOBS,
    LIKES,
    LINKS,
    PUBLICATIONS,
    RELEASES,
    SEARCHES,
    SHELF,
    VIDEOS,
    View,
    refuse,
)


class MemoryLibrary:
    """`LibraryRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def find(self, which: LibraryFilter) -> tuple[Found, ...]:
        here = which.asker.tenant
        found = [one for one in self._standing(here) if self._is_of(one, which)]
        found.sort(key=lambda one: _rank(one.cursor, which.order), reverse=True)
        return tuple(found[: which.limit])

    async def top(
        self, tenant: Tenant, since: int, until: int, limit: int
    ) -> tuple[tuple[Found, int], ...]:
        found = [
            (one, self._remixes(tenant, one.job.id))
            for one in self._standing(tenant)
            if one.release.stand is Stand.PUBLISHED and since <= self._at(one, tenant) < until
        ]
        found.sort(key=lambda row: (row[0].likes, row[1], row[0].cursor.number), reverse=True)
        return tuple(found[:limit])

    def _standing(self, tenant: Tenant) -> list[Found]:
        """All rows of a workspace but those from where it is no longer linked."""
        names = [name for name, there in self._view.of(SHELF) if there == tenant]
        found = [self._found(name, tenant) for name in names]
        return [one for one in found if self._is_shared(one, tenant)]

    def _is_shared(self, one: Found, tenant: Tenant) -> bool:
        home = one.release.author.tenant
        return home == tenant or (home, tenant) in self._view.of(LINKS)

    def _there(self, one: Found, tenant: Tenant) -> Publication | None:
        return self._view.of(PUBLICATIONS).get((one.job.id, tenant))

    def _at(self, one: Found, tenant: Tenant) -> int:
        there = self._there(one, tenant)
        return there.at if there else listed_at(one.release)

    def _remixes(self, tenant: Tenant, root: str) -> int:
        releases, shelf = self._view.of(RELEASES), self._view.of(SHELF)
        family = [job.id for job in self._view.of(JOBS).values() if job.root == root]
        stands = [releases[name].stand for name in family if (name, tenant) in shelf]
        return stands.count(Stand.PUBLISHED)

    async def remixes(self, tenant: Tenant, job_ids: Collection[str]) -> Mapping[str, int]:
        return {name: made for name in job_ids if (made := self._remixes(tenant, name))}

    async def remember(self, tenant: Tenant, verb: str, args: Mapping[str, str]) -> int:
        search = (tenant, verb, dict(args))
        searches = self._view.of(SEARCHES)
        known = next((number for number, one in searches.items() if one == search), None)
        number = known or len(searches) + 1
        self._view.change(SEARCHES)[number] = search
        return number

    async def recall(self, tenant: Tenant, number: int) -> tuple[str, Mapping[str, str]] | None:
        found = self._view.of(SEARCHES).get(number)
        return (found[1], found[2]) if found and found[0] == tenant else None

    def _found(self, job_id: str, tenant: Tenant) -> Found:
        number, likes = self._view.of(SHELF)[job_id, tenant], len(_people(self._view, job_id))
        release, job = self._view.of(RELEASES)[job_id], self._view.of(JOBS)[job_id]
        return Found(release, job, self._view.of(VIDEOS)[job_id], likes, Cursor(number, likes))

    def _is_of(self, one: Found, which: LibraryFilter) -> bool:
        release, at = one.release, self._at(one, which.asker.tenant)
        there = self._there(one, which.asker.tenant)
        return (
            self._is_on(release, there, which)
            and which.author in {None, None if there else release.author.id}
            and which.channel in {None, there.channel if there else release.channel}
            and which.model in {None, release.model}
            and (which.tag is None or which.tag in release.tags)
            and (which.since is None or at >= which.since)
            and (which.until is None or at < which.until)
            and (which.liked_by is None or self._likes(one.job, which))
            and (not which.remixable or is_remixable(release, which.asker))
            and _is_after(one.cursor, which)
            and matches(terms_of(which.words), frozenset(words_of(_text(release, one.job))))
        )

    def _is_on(self, release: Release, there: Publication | None, which: LibraryFilter) -> bool:
        if there is None:
            return stands_on(which.shelf, release, which.asker)
        shown = release.stand is Stand.PUBLISHED and which.shelf is not Shelf.DRAFTS
        return shown and not which.own

    def _likes(self, job: Job, which: LibraryFilter) -> bool:
        liker = Person(which.asker.tenant, which.liked_by or "")
        return liker in _people(self._view, job.id)


class MemoryLikes:
    """`LikeRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, job_id: str, person: Person, sign: str, at: int) -> bool:
        if job_id not in self._view.of(JOBS):
            raise refuse("likes_job_id_exists")
        key = (job_id, person, sign)
        if key in self._view.of(LIKES):
            return False
        self._view.change(LIKES)[key] = at
        return True

    async def drop(self, job_id: str, person: Person, sign: str | None) -> bool:
        said = [
            key
            for key in self._view.of(LIKES)
            if key[:2] == (job_id, person) and sign in {None, key[2]}
        ]
        for key in said:
            self._view.change(LIKES).pop(key)
        return bool(said)

    async def forget(self, job_id: str) -> None:
        for key in [key for key in self._view.of(LIKES) if key[0] == job_id]:
            self._view.change(LIKES).pop(key)

    async def count(self, job_id: str) -> int:
        return len(_people(self._view, job_id))

    async def has(self, job_id: str, person: Person) -> bool:
        return person in _people(self._view, job_id)

    async def among(self, job_ids: Collection[str], person: Person) -> frozenset[str]:
        return frozenset(name for name in job_ids if person in _people(self._view, name))


def put_on_shelf(view: View, release: Release) -> None:
    """Have a video found that was not, as the last one of all."""
    if release.stand not in GONE:
        put(view, release.job_id, release.author.tenant)


def put(view: View, job_id: str, tenant: Tenant) -> None:
    """Have it found in one workspace."""
    shelf = view.change(SHELF)
    shelf[job_id, tenant] = max(shelf.values(), default=0) + 1


def keep_on_shelf(view: View, seen: Release, new: Release) -> None:
    """Have a video found as it is now, after a change from `seen`."""
    came_out = new.stand is Stand.PUBLISHED and seen.stand is not Stand.PUBLISHED
    if came_out or new.stand in GONE or seen.stand in GONE:
        for job_id, tenant in tuple(view.of(SHELF)):
            if job_id == new.job_id and (new.stand in GONE or tenant == seen.author.tenant):
                view.change(SHELF).pop((job_id, tenant))
        put_on_shelf(view, new)


def _text(release: Release, job: Job) -> str:
    return searched(release, job.spec.prompt)


def _people(view: View, job_id: str) -> set[Person]:
    return {person for name, person, _ in view.of(LIKES) if name == job_id}


def _rank(cursor: Cursor, order: Order) -> tuple[int, int]:
    return (cursor.likes if order is Order.BEST else 0, cursor.number)


def _is_after(cursor: Cursor, which: LibraryFilter) -> bool:
    after = which.after
    return after is None or _rank(cursor, which.order) < _rank(after, which.order)
