"""Deleted videos whose time to be restored is over: nothing of them is kept but what adds up."""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.domain import retry
from bot.domain.jobs import Job, Reference
from bot.domain.refs import Blob
from bot.domain.releases import RESTORABLE, Release, Stand
from bot.errors import AssetExpired, JobNotFound, ProviderError
from bot.services.moves import Kit

INTERVAL = 60 * retry.MINUTE
"""Ms between two looks."""
AT_ONCE = 50
"""Videos erased in one go."""
GIVE_UP = 7 * 24 * 60 * retry.MINUTE
"""Ms for which a backend that does not answer keeps a video from being erased here."""

log = logging.getLogger(__name__)


class Erasure:
    """Takes the backend's copy first, then our files, and the words last.

    A crash on the way leaves the row, so all of it is done again. What stays is the job without its
    words, for the ledger and the remixes refer to it.
    """

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._store = kit.store
        self._clock = kit.clock

    async def run(self) -> int:
        """Erase what was deleted long enough ago; returns how much."""
        async with self._store.reading() as tx:
            found = await tx.releases.erasable(self._clock.now() - RESTORABLE, AT_ONCE)
        return sum([await self._erase(release) for release in found])

    async def _erase(self, release: Release) -> bool:
        async with self._store.reading() as tx:
            job = await tx.jobs.get(release.job_id)
            attempts = await tx.attempts.of(release.job_id)
        if job is None:
            return False
        references = [one.reference for one in attempts if one.reference] or [job.reference]
        for reference in references:
            if reference and not await self._gone_there(job, reference, release):
                return False
        await self._remove_files(job)
        return await self._forget(release)

    async def _gone_there(self, job: Job, reference: Reference, release: Release) -> bool:
        """Whether the backend has nothing of it any more, or cannot be asked to."""
        provider = self._kit.provider_of(job.offer)
        if not provider.capabilities.deletes:
            return True
        try:
            await provider.delete(reference)
        except (JobNotFound, AssetExpired):
            return True
        except ProviderError as error:
            waited = self._clock.now() - (release.deleted_at or 0) - RESTORABLE
            log.warning("the backend's copy of %s is not deleted: %s", job.id, error)
            return waited > GIVE_UP
        return True

    async def _remove_files(self, job: Job) -> None:
        """Its files, but for those that another video or order has, too."""
        async with self._store.reading() as tx:
            video = await tx.videos.of(job.id)
            files = [*([video.blob, video.poster] if video else []), *job.spec.pictures]
            own = [file for file in files if file and not await tx.videos.shares(file, job.id)]
        for file in own:
            await self._remove(file)

    async def _remove(self, file: Blob) -> None:
        await self._kit.blobs.delete(file)

    async def _forget(self, release: Release) -> bool:
        nothing = replace(
            release,
            stand=Stand.ERASED,
            title="",
            description="",
            tags=(),
            reason="",
            reviewer=None,
        )
        async with self._store.transaction() as tx:
            if await tx.releases.change(release, nothing) is None:
                return False
            await tx.likes.forget(release.job_id)
            await tx.videos.drop(release.job_id)
            await tx.attempts.forget(release.job_id)
            await tx.jobs.forget(release.job_id)
            await tx.outbox.forget(release.job_id)
        return True
