"""Publishing across: videos go from one workspace into the gallery of another that is linked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bot.domain import refs
from bot.domain.audit import Change, Deed
from bot.domain.jobs import Job
from bot.domain.links import Link, Publication
from bot.domain.refs import Person, Place
from bot.domain.releases import GONE, Release, Stand
from bot.errors import NotLinked, TooLate, UnknownThing, Withheld, WrongStand
from bot.ports import JobFilter, Unit
from bot.services.across import tell_family, touch_elsewhere, withdraw
from bot.services.audit import noted
from bot.services.blocks import refuse_blocked
from bot.services.orders import Desk
from bot.services.releases import Words, told
from bot.services.showing import release_key
from bot.services.videos import seen_by


@dataclass(frozen=True, slots=True)
class Crossed:
    """What became of a wish to publish elsewhere; `anew`: it did not stand there before."""

    job: Job
    anew: bool


class Abroad:
    """One transaction for each change, as in `Releases`.

    The author and the reviewers of its own workspace let a video be published; the admins of the
    other one chose the channel, agreed to the link, and may take it out of their workspace.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store
        self._clock = desk.clock
        self._workspaces = desk.workspaces

    async def publish(self, person: Person, typed: str, link: Link, words: Words) -> Crossed:
        """Publish a video of one's own in the gallery of a linked workspace.

        It has to be published in its own. Raises `NotLinked` where the other one takes none.
        """
        changes = told(words)
        async with self._store.reading() as tx:
            gallery = await self._gallery(tx, link)
        if await self._desk.preflight(gallery):
            raise NotLinked("closed", link.name)
        async with self._store.transaction() as tx:
            job, release = await self._own(tx, person, typed)
            await refuse_blocked(tx, person)
            gallery = await self._gallery(tx, link)
            release = await _changed(tx, release, changes)
            anew = await self._send(tx, job, release, gallery)
            if changes:
                await self._tell_words(tx, job, release)
        self._desk.told(job)
        return Crossed(job, anew)

    async def _own(self, tx: Unit, person: Person, typed: str) -> tuple[Job, Release]:
        """A published video of the person's own; raises `Withheld` and `NotLinked`."""
        job = await seen_by(tx, self._workspaces, person, typed)
        release = await tx.releases.get(job.id)
        if release is None:
            raise TooLate("show", job.state)
        if release.author != person:
            raise Withheld("others", job.id)
        if release.stand in GONE:
            raise Withheld("deleted", job.id)
        if release.stand is not Stand.PUBLISHED:
            raise NotLinked("home")
        return job, release

    async def _gallery(self, tx: Unit, link: Link) -> Place:
        """Where the other workspace wants to have videos; it may have changed its mind by now."""
        if await tx.links.between(link.tenant, link.other) is None:
            raise UnknownThing("linked workspace", link.name)
        channel = (await self._workspaces.of(tx, link.other)).gallery
        if channel is None:
            raise NotLinked("gallery", link.name)
        if (await self._workspaces.house(tx, link.other, channel)).reviewed:
            raise NotLinked("reviewed", link.name)
        return Place(link.other, channel)

    async def _send(self, tx: Unit, job: Job, release: Release, gallery: Place) -> bool:
        """The message goes there in the transaction that says so; False when it stood there."""
        now, key = self._clock.now(), release_key(job.id, release.version)
        there = Publication(job.id, gallery.tenant, gallery.channel, key, now, release.author.key)
        anew = await tx.publications.add(there)
        if anew:
            await tx.outbox.touch(key, job.id, gallery, now)
            await tell_family(tx, job, gallery.tenant, gallery.channel, now)
        return anew

    async def _tell_words(self, tx: Unit, job: Job, release: Release) -> None:
        """There is something new to tell with the video, wherever it stands."""
        now = self._clock.now()
        await tx.outbox.touch(release.key, job.id, job.place, now)
        await touch_elsewhere(tx, job, now)

    async def take_out(self, deed: Deed, typed: str) -> Job | None:
        """Take a video of another workspace out of one's own, as its admin; on record there.

        None where one of their own is meant. It works also after both are no longer linked.
        """
        person, now = deed.person, self._clock.now()
        async with self._store.transaction() as tx:
            job = await self._from_elsewhere(tx, person, typed)
            there = await tx.publications.get(job.id, person.tenant) if job else None
            if job is None or there is None:
                return None
            if not person.admin:
                raise Withheld("others", job.id)
            await noted(tx, deed, Change(f"#{job.id}", after="taken out"), now)
            await withdraw(tx, job, there, now)
        self._desk.told(job)
        return job

    async def _from_elsewhere(self, tx: Unit, person: Person, typed: str) -> Job | None:
        prefix = refs.job_id_typed(typed)
        if prefix is None:
            return None
        own = await tx.jobs.list(JobFilter(person.tenant, prefix=prefix, limit=1))
        across = await tx.publications.called(person.tenant, prefix, 2)
        return await tx.jobs.get(across[0]) if len(across) == 1 and not own else None


async def _changed(tx: Unit, release: Release, changes: dict[str, Any]) -> Release:
    """With the new words, and a version that names a message nobody has seen."""
    changed = await tx.releases.change(release, replace(release, **changes))
    if changed is None:
        raise WrongStand("publish", release.stand)
    return changed
