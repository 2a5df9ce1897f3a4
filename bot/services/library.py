"""Finished videos to look through, and who likes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.jobs import Job
from bot.domain.library import Cursor, Found, Lately, LibraryFilter, beginning
from bot.domain.reactions import Reaction
from bot.domain.refs import Person, Tenant
from bot.errors import UnknownThing
from bot.ports import Clock, Store, Unit
from bot.services.showing import check_watched, is_published, shown
from bot.services.videos import reached_by
from bot.services.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what is found; `following` is where the next page begins, None at the end."""

    found: tuple[Found, ...]
    following: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Liked:
    """A video and how many like it; `changed`: this person's like is new, or gone."""

    job: Job
    likes: int
    changed: bool


class Library:
    """One transaction for each change; looking changes nothing."""

    def __init__(self, store: Store, clock: Clock, workspaces: Workspaces) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces

    async def page(self, which: LibraryFilter) -> Page:
        """One page of what the asker may watch."""
        async with self._store.reading() as tx:
            return await page_of(tx, which)

    async def top(self, tenant: Tenant, span: Lately, limit: int) -> tuple[tuple[Found, int], ...]:
        """What people of a workspace like best of late, with how often each was remixed."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            return await tx.library.top(tenant, beginning(span, now), now + 1, limit)

    async def remember(self, tenant: Tenant, verb: str, args: Mapping[str, str]) -> int:
        """The number under which a search is found again, for ever."""
        async with self._store.transaction() as tx:
            return await tx.library.remember(tenant, verb, args)

    async def recall(self, tenant: Tenant, number: int) -> tuple[str, Mapping[str, str]]:
        """Verb and arguments of a search; raises `UnknownThing`."""
        async with self._store.reading() as tx:
            found = await tx.library.recall(tenant, number)
        if found is None:
            raise UnknownThing("request", str(number))
        return found

    async def like(self, person: Person, typed: str) -> Liked:
        """Note that somebody likes a video that they may watch."""
        async with self._store.transaction() as tx:
            job = await self._watched(tx, person, typed)
            changed = not await tx.likes.has(job.id, person)
            await tx.likes.add(job.id, person, "", self._clock.now())
            return Liked(job, await tx.likes.count(job.id), changed)

    async def unlike(self, person: Person, typed: str) -> Liked:
        """Take back all ways in which somebody said that they like a video."""
        async with self._store.transaction() as tx:
            job = await self._watched(tx, person, typed)
            changed = await tx.likes.drop(job.id, person, None)
            return Liked(job, await tx.likes.count(job.id), changed)

    async def react(self, person: Person, channel: str, reaction: Reaction) -> None:
        """Keep a sign on the message of a published video as a like, or take that one back.

        Nothing happens to any other message.
        """
        async with self._store.transaction() as tx:
            job_id = await _shown_at(tx, person.tenant, channel, reaction.message)
            if job_id is None:
                return
            if reaction.gone:
                await tx.likes.drop(job_id, person, reaction.sign)
            else:
                await tx.likes.add(job_id, person, reaction.sign, self._clock.now())

    async def _watched(self, tx: Unit, person: Person, typed: str) -> Job:
        job = await reached_by(tx, self._workspaces, person, typed)
        await check_watched(tx, self._workspaces, person, job)
        if await tx.videos.of(job.id) is None:
            raise UnknownThing("video", typed)
        return job


async def _shown_at(tx: Unit, tenant: Tenant, channel: str, message: str) -> str | None:
    """The job whose video a message shows to everybody of a workspace; None for any other."""
    found = await tx.outbox.shown_at(tenant, channel, message)
    job = await tx.jobs.get(found.job_id) if found and found.job_id else None
    if found is None or job is None or not await is_published(tx, job, tenant):
        return None
    showing = await shown(tx, job.id, tenant)
    return job.id if showing and showing.key == found.key else None


async def page_of(tx: Unit, which: LibraryFilter) -> Page:
    """One page of what the asker may watch, within a transaction."""
    found = await tx.library.find(replace(which, limit=which.limit + 1))
    shown = found[: which.limit]
    return Page(shown, shown[-1].cursor if len(found) > len(shown) else None)
