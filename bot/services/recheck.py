"""Asking a backend once more about a job that ended without a video."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.jobs import JobState, Offer
from bot.domain.refs import Person, Place
from bot.errors import NothingUpstream, ProviderError
from bot.ports import VideoProvider
from bot.services.orders import Accepted
from bot.services.videos import Videos

_THERE = frozenset({JobState.QUEUED, JobState.RENDERING, JobState.FETCHING})


class Recheck:
    """Orders nothing: what the backend has after all is taken over as a new job."""

    def __init__(self, videos: Videos, provider_of: Callable[[Offer], VideoProvider]) -> None:
        self._videos = videos
        self._provider_of = provider_of

    async def check(self, person: Person, place: Place, interaction: str, typed: str) -> Accepted:
        """Look, and take over what is there; raises `NothingUpstream` when there is nothing.

        The price is held again, as of then: the first hold was given back when the job ended.
        """
        job = await self._videos.check(person, typed)
        try:
            remote = await self._provider_of(job.offer).fetch(job.reference or {})
        except ProviderError as error:
            raise NothingUpstream(error.message) from error
        if remote.state not in _THERE:
            raise NothingUpstream(remote.error.message if remote.error else remote.state)
        return await self._videos.adopt(place, interaction, job)
