"""Brings jobs to their end: the queue, the slots, the passing of time, the renders."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import replace

from adapters.providers.simulator.answers import MODERATION
from adapters.providers.simulator.clips import Clips
from adapters.providers.simulator.jobs import Archive, Fate, SimJob
from adapters.providers.simulator.settings import SimulatorSettings
from adapters.providers.simulator.spec import RenderSpec
from bot.errors import MediaError
from bot.ports import Clock

FORBIDDEN = "forbidden"
"""A prompt with this word fails by the content rules, so that everybody can see such a failure."""
_PRUNE_EVERY = 50
"""Finished jobs between two looks at the disk."""


class Studio:
    """One task per unfinished job; as many as there are slots render at a time, in order."""

    def __init__(
        self,
        settings: SimulatorSettings,
        clock: Clock,
        archive: Archive,
        clips: Clips,
        tell: Callable[[SimJob | None], None],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._archive = archive
        self._clips = clips
        self._tell = tell
        # In instant mode only the first job of a shape waits, for its clip alone.
        self._queue_ms = 0 if settings.instant else settings.queue_ms
        self._render_ms = 0 if settings.instant else settings.render_ms
        self._slots = asyncio.Semaphore(settings.slots)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ended = 0

    def resume(self) -> None:
        """Go on with the jobs that an earlier run left unfinished, in their order."""
        self._prune()
        for job in self._archive.all():
            if not job.ended:
                self._begin(job)

    async def aclose(self) -> None:
        """Stop all work; what was begun is resumed at the next start."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def accept(self, job: SimJob) -> None:
        """Take a new job on."""
        instant = self._settings.instant and job.fate is Fate.DONE
        if instant and self._clips.has(self.shown(job.spec)):
            job = replace(job, started_at=job.created_at, finished_at=job.created_at)
            self._archive.add(job)
            self._tell(job)
            return
        self._archive.add(job)
        self._begin(job)

    async def drop(self, job_id: str, *, abort: bool = True) -> None:
        """Forget a job; without `abort` what renders goes on, and its slot stays taken."""
        self._archive.delete(job_id)
        task = self._tasks.get(job_id)
        if task and abort:
            task.cancel()
            await asyncio.wait([task])

    def shown(self, spec: RenderSpec) -> RenderSpec:
        """The clip that is given out for a spec: in instant mode a small one for each shape."""
        if not self._settings.instant:
            return spec
        words = ("instant",)
        return replace(spec, prompts=words, captions=((0, words[0]),), fps=1, take=0, image=None)

    def _begin(self, job: SimJob) -> None:
        task = asyncio.create_task(self._live(job), name=f"simulated {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))

    async def _live(self, job: SimJob) -> None:
        async with self._slots:
            await self._until(job.created_at + self._queue_ms)
            begun = self._archive.start(job.id, self._clock.now())
            if begun and begun.started_at is not None:
                await self._finish(begun, begun.started_at)

    async def _finish(self, job: SimJob, started: int) -> None:
        end = started + self._render_ms
        match job.fate:
            case Fate.NEVER:
                return
            case Fate.MODERATED:
                await self._until((started + end) // 2)
                self._fail(job, "moderation_blocked", MODERATION)
            case Fate.FAILED:
                await self._until(end)
                self._fail(job, "video_generation_failed", "The video could not be generated.")
            case Fate.DONE:
                await self._render(job, end)

    async def _render(self, job: SimJob, end: int) -> None:
        try:
            await _both(self._clips.video(self.shown(job.spec)), self._until(end))
        except MediaError as error:
            self._fail(job, "internal_error", str(error))
            return
        self._tell(self._archive.finish(job.id, self._clock.now()))
        self._prune()

    def _fail(self, job: SimJob, code: str, message: str) -> None:
        self._tell(self._archive.fail(job.id, self._clock.now(), code, message))

    async def _until(self, when: int) -> None:
        await self._clock.sleep(when - self._clock.now())

    def _prune(self) -> None:
        """Make room on the disk; a look at all files, so not after each job."""
        self._ended += 1
        if self._ended % _PRUNE_EVERY != 1:
            return
        since = self._clock.now() - self._settings.asset_life_ms
        jobs = self._archive.all()
        alive = (job for job in jobs if (job.finished_at or since) >= since)
        wanted = {self.shown(job.spec).key for job in alive}
        self._clips.prune(wanted, {job.spec.image for job in jobs if job.spec.image})


async def _both(work: Coroutine[None, None, object], wait: Coroutine[None, None, None]) -> None:
    """Do the work while the time passes; when the work fails, wait no longer."""
    waiting = asyncio.ensure_future(wait)
    try:
        await work
        await waiting
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting


def fate_of(prompt_words: list[str]) -> Fate:
    """What becomes of a job with that prompt when no fault is planned."""
    return Fate.MODERATED if FORBIDDEN in prompt_words else Fate.DONE
