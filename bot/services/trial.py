"""One short video at a backend, outside of all books, to see whether it keeps its profile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot import wording
from bot.domain.findings import Finding
from bot.domain.jobs import JobState
from bot.errors import JobNotFound, ProviderError, RateLimited, Transient
from bot.ports import Clock, RemoteJob, SubmitRequest, VideoProvider

PAUSE = 5000
"""Ms between two questions, unless the backend names its own."""
PATIENCE = 30 * 60_000
"""Ms until it is left alone."""
_RUNNING = frozenset({JobState.QUEUED, JobState.RENDERING})


@dataclass(frozen=True, slots=True)
class Trial:
    """The backend and the clock to try it by. `pause` and `patience` in ms."""

    provider: VideoProvider
    clock: Clock
    pause: int = PAUSE
    patience: int = PATIENCE

    async def run(self, wish: SubmitRequest, target: Path) -> AsyncGenerator[Finding]:
        """Order it, follow it, copy it to `target`, delete it; ends with the first that fails."""
        try:
            async for finding in self._steps(wish, target):
                yield finding
        except ProviderError as error:
            yield wording.trial_failed(error)

    async def _steps(self, wish: SubmitRequest, target: Path) -> AsyncGenerator[Finding]:
        began = self.clock.now()
        made = await self.provider.submit(wish)
        yield wording.trial_taken(str(made.reference.get("id")))
        ended, asked = await self._ended(made, began)
        why, took = ended.error.message if ended.error else "", self.clock.now() - began
        yield wording.trial_ended(ended.state, asked, took, ended.cost_micros, why)
        if ended.state is not JobState.FETCHING:
            return
        if self.provider.capabilities.lists:
            listed = [job.reference for job in await self.provider.list_jobs(began - PATIENCE)]
            yield wording.trial_listed(found=made.reference in listed)
        await self.provider.download(made.reference, target)
        yield wording.trial_copied((await asyncio.to_thread(target.stat)).st_size)
        if self.provider.capabilities.deletes:
            await self.provider.delete(made.reference)
            yield wording.trial_deleted(gone=await self._gone(made))

    async def _ended(self, made: RemoteJob, began: int) -> tuple[RemoteJob, int]:
        """The job once it runs no more, or as it is when patience ends; and how often it was asked.

        A question that is not answered leaves it as it was.
        """
        job, asked = made, 0
        while job.state in _RUNNING and self.clock.now() - began < self.patience:
            await self.clock.sleep(job.poll_after_ms or self.pause)
            asked += 1
            with suppress(Transient, RateLimited):
                job = await self.provider.fetch(made.reference)
        return job, asked

    async def _gone(self, made: RemoteJob) -> bool:
        try:
            await self.provider.fetch(made.reference)
        except JobNotFound:
            return True
        return False
