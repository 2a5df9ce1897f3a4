"""Threads of videos: which video is meant there, and what a reply does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace

from bot.domain.audit import Change, Deed
from bot.domain.jobs import Job, JobState, may_see
from bot.domain.quotas import for_channel
from bot.domain.refs import MessageRef, Person, Place
from bot.domain.threads import ThreadMode
from bot.ports import Clock, JobFilter, Store, Unit
from bot.services.audit import check, noted
from bot.services.showing import shown

FINISHED = frozenset({JobState.DELIVERING, JobState.DONE})
"""States in which a video can be changed."""
LOOKED_AT = 50
"""Newest videos of a channel among which those of a thread are looked for."""
FAMILY = 200
"""Newest remixes of the video that heads a thread among which its newest is looked for."""


Modes = Callable[[Place], Awaitable[Collection[ThreadMode]]]
"""How replies in threads can be read in a place."""


class Threads:
    """The mode of each channel."""

    def __init__(self, store: Store, clock: Clock, possible: Modes) -> None:
        self._store = store
        self._clock = clock
        self.possible = possible

    async def mode(self, place: Place) -> ThreadMode:
        """What replies do in the channel of a place."""
        async with self._store.reading() as tx:
            return await tx.channels.mode(place)

    async def set_mode(self, deed: Deed, place: Place, mode: ThreadMode) -> None:
        """Choose what replies do in the channel."""
        check(deed)
        async with self._store.transaction() as tx:
            change = Change(for_channel(place.channel), await tx.channels.mode(place), mode)
            if not await noted(tx, deed, change, self._clock.now()):
                await tx.channels.set_mode(place.tenant, place.channel, mode)


async def newest_in(tx: Unit, person: Person, place: Place) -> Job | None:
    """The newest finished video in a thread that a person may see; None where there is none."""
    if place.thread is None:
        return None
    headed = await _headed(tx, person, place, place.thread)
    return headed or await _among_newest(tx, person, place)


async def _headed(tx: Unit, person: Person, place: Place, thread: str) -> Job | None:
    """From the video whose message the thread hangs under."""
    posted = await tx.outbox.at(MessageRef(replace(place, thread=None), thread))
    head = await tx.jobs.get(posted.job_id) if posted and posted.job_id else None
    if head is None:
        return None
    family = await tx.jobs.family(head.id, FAMILY)
    remix = await _first_in(tx, person, place, reversed(family))
    return remix or (head if _usable(person, head) else None)


async def _among_newest(tx: Unit, person: Person, place: Place) -> Job | None:
    wanted = JobFilter(place.tenant, states=FINISHED, channel=place.channel, limit=LOOKED_AT)
    return await _first_in(tx, person, place, await tx.jobs.list(wanted))


async def _first_in(tx: Unit, person: Person, place: Place, jobs: Iterable[Job]) -> Job | None:
    """The first whose video stands in the thread of `place`."""
    for job in jobs:
        posted = await shown(tx, job.id, place.tenant) if _usable(person, job) else None
        if posted and posted.ref and posted.ref.place.thread == place.thread:
            return job
    return None


def _usable(person: Person, job: Job) -> bool:
    return job.state in FINISHED and may_see(person, job)
