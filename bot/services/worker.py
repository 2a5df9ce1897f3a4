"""Advances one job by one step at a time. The only executor: runners merely call `advance`."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain import lineage, polling, retry
from bot.domain.jobs import Failure, Job, JobState, Operation
from bot.domain.refs import Blob
from bot.domain.videos import Fit, Size, Video, VideoSpec
from bot.errors import (
    BadImage,
    JobNotFound,
    MediaError,
    ModelRetired,
    ProviderError,
    Transient,
)
from bot.ports import MediaInfo, RemoteJob
from bot.services.line import Line
from bot.services.lookup import Lookup
from bot.services.moves import ALONE, VERIFIED, Ending, Kit, card_key, gate_key, gate_of
from bot.services.polling import Polling
from bot.services.sources import is_done_there

SPREAD = 2 * retry.SECOND
"""Ms over which questions that waited for a pause to end are spread."""
REFERENCE = Size(2048, 2048)
"""Into which a picture of what is to be seen has to fit."""
FORGIVEN_MISSES = 5
"""Times that a backend may not know a job it just took, before we believe it."""

log = logging.getLogger(__name__)
Step = Callable[[Job], Awaitable[Job | None]]
S = JobState


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a render may take (ms).

    After `slow` it is asked about less often and the card says so; after `lost` it expires. What a
    bot before this one sent may still be on its way for `orphan`.
    """

    slow: int = 60 * retry.MINUTE
    lost: int = 24 * 60 * retry.MINUTE
    orphan: int = 0


class Worker:
    """One step for each state; every external call stands between two transactions."""

    def __init__(
        self, kit: Kit, line: Line, lookup: Lookup, polling_: Polling, patience: Patience
    ) -> None:
        self._kit = kit
        self._store = kit.store
        self._clock = kit.clock
        self._moves = kit.moves
        self._blobs = kit.blobs
        self._line = line
        self._polling = polling_
        self._patience = patience
        self._busy: set[str] = set()
        self._called: set[str] = set()
        self._steps: Mapping[JobState, Step] = {
            S.ACCEPTED: self._prepare,
            S.SUBMITTING: self._orphaned,
            S.SUBMIT_UNKNOWN: lookup.look,
            S.QUEUED: self._poll,
            S.RENDERING: self._poll,
            S.FETCHING: self._fetch,
        }

    async def advance(self, job_id: str) -> Job | None:
        """Do what is due for a job, step after step, until it has to wait. Always safe to call.

        Returns the job as it was left, None where somebody else is at it.
        """
        if job_id in self._busy:
            self._called.add(job_id)
            return None
        self._busy.add(job_id)
        try:
            job = await self._advance(job_id)
            while job_id in self._called:
                self._called.discard(job_id)
                job = await self._advance(job_id)
            return job
        finally:
            self._busy.discard(job_id)
            self._called.discard(job_id)

    async def _advance(self, job_id: str) -> Job | None:
        async with self._store.reading() as tx:
            job = await tx.jobs.get(job_id)
        while job and job.due_at is not None and job.due_at <= self._clock.now():
            step = self._steps.get(job.state)
            if step is None or not self._kit.leads():
                return job
            job = await step(job)
        return job

    async def submit(self, job: Job) -> None:
        """Send the create of a job that the line just let through."""
        self._busy.add(job.id)
        try:
            await self._line.submit(job)
        finally:
            self._busy.discard(job.id)

    async def recover(self) -> None:
        """At start, nobody submits yet: every job in `submitting` has lost its owner."""
        async with self._store.reading() as tx:
            orphans = await tx.jobs.in_state(frozenset({S.SUBMITTING}), 10_000)
        for job in orphans:
            await self._orphaned(job)

    # --- steps ----------------------------------------------------------------------------

    async def _prepare(self, job: Job) -> Job | None:
        """Fit the frames to the size, so that the backend cannot refuse them for that."""
        spec = job.spec
        if not spec.image and not spec.references:
            spec = replace(spec, image=await self._first_picture(job))
        if spec.image is None and not await self._goes_without(job):
            return await self._moves.end(job, Ending(S.FAILED, Failure.NO_SOURCE))
        if not spec.pictures:
            due = max(job.due_at or 0, job.not_before or 0)
            return await self._moves.move(job, S.WAITING, "image:none", due_at=due)
        try:
            fitted = await self._fitted(job.id, spec)
        except BadImage as error:
            return await self._moves.end(job, Ending(S.FAILED, Failure.BAD_IMAGE, str(error)))
        except (MediaError, OSError) as error:
            log.warning("picture of job %s: %s", job.id, error)
            return await self._moves.end(
                job, Ending(S.FAILED, Failure.BAD_IMAGE, "the picture could not be read")
            )
        return await self._moves.move(
            job,
            S.WAITING,
            "image:fitted",
            spec=fitted,
            due_at=max(self._clock.now(), job.not_before or 0),
        )

    async def _fitted(self, job_id: str, spec: VideoSpec) -> VideoSpec:
        """With pictures as every backend takes them: frames in the video's size, all as JPEG."""
        target = self._blobs.scratch() / f"{job_id}.jpg"

        async def ready(picture: Blob, size: Size, fit: Fit | None) -> Blob:
            await self._kit.media.prepare_image(self._blobs.open(picture), size, fit, target)
            return await self._blobs.put(target, ".jpg")

        return replace(
            spec,
            image=await ready(spec.image, spec.size, spec.fit) if spec.image else None,
            last=await ready(spec.last, spec.size, spec.fit) if spec.last else None,
            references=tuple([await ready(one, REFERENCE, None) for one in spec.references]),
        )

    async def _first_picture(self, job: Job) -> Blob | None:
        """Of the video that a remix changes; an extension begins with the last one.

        Also where the backend should do that itself: it may turn out that it cannot.
        """
        if not lineage.is_of_another(job):
            return None
        extends, can = job.operation is Operation.EXTEND, self._kit.provider_of(job.offer)
        async with self._store.reading() as tx:
            video = await tx.videos.of(job.remix_of or "")
        if video is None or not can.capabilities.takes_image:
            return None
        suffix, media = ".png" if extends else ".jpg", self._kit.media
        target = self._blobs.scratch() / f"{job.id}.first{suffix}"
        try:
            take = media.last_frame if extends else media.frame
            await take(self._blobs.open(video.blob), target)
            return await self._blobs.put(target, suffix)
        except (MediaError, OSError) as error:
            log.warning("first picture for job %s: %s", job.id, error)
            return None

    async def _goes_without(self, job: Job) -> bool:
        """Whether a job can be made without a first picture."""
        return job.operation is not Operation.EXTEND or await self._is_done_there(job)

    async def _is_done_there(self, job: Job) -> bool:
        """Whether the backend itself changes or extends the video that a job is made of."""
        can = self._kit.provider_of(job.offer).capabilities
        async with self._store.reading() as tx:
            parent = await tx.jobs.get(job.remix_of or "")
            return parent is not None and await is_done_there(tx, job, parent, can)

    async def _orphaned(self, job: Job) -> Job | None:
        """A submit without an owner: it may have been taken. Look it up; never send it again."""
        due = self._clock.now() + self._patience.orphan
        return await self._moves.move(job, S.SUBMIT_UNKNOWN, "submit:orphaned", due_at=due, tries=0)

    async def _poll(self, job: Job) -> Job | None:
        if job.cancel_asked:
            return await self._stop(job)
        asked_at = self._clock.now()
        first = await self._polling.first(job, asked_at) or await self._paused_until(job)
        if first is not None:
            return await self._put_off(job, first)
        try:
            remote = await self._kit.provider_of(job.offer).fetch(job.reference or {})
        except ProviderError as error:
            return await self._poll_failed(job, error)
        return await self._follow(job, remote, asked_at)

    async def _paused_until(self, job: Job) -> int | None:
        """When the account takes questions (or gives files) again, a little spread; None: now."""
        async with self._store.reading() as tx:
            gate = await gate_of(tx, _own_gate(job))
        if gate.opens_at <= self._clock.now():
            return None
        return gate.opens_at + int(_jitter() * SPREAD)

    async def _put_off(self, job: Job, due: int) -> Job | None:
        """Nothing was asked, so nothing is newer but the time of the next question."""
        async with self._store.transaction() as tx:
            seen = await tx.jobs.show_progress(job, job.progress, due, job.updated_at)
        return self._moves.tell(seen)

    async def _follow(self, job: Job, remote: RemoteJob, asked_at: int) -> Job | None:
        match remote.state:
            case S.FETCHING:
                return await self._finished(job, remote)
            case S.QUEUED | S.RENDERING:
                return await self._still_running(job, remote, asked_at)
            case _:
                return await self._moves.end(job, self._remote_end(job, remote))

    async def _finished(self, job: Job, remote: RemoteJob) -> Job | None:
        now = self._clock.now()
        moved = await self._moves.move(
            job,
            S.FETCHING,
            "poll:finished",
            due_at=now,
            finished_at=polling.finished_between(job.updated_at, now),
            tries=0,
            cost_reported=remote.cost_micros,
        )
        if moved:
            self._polling.finished(moved)
        return moved

    def _remote_end(self, job: Job, remote: RemoteJob) -> Ending:
        words = remote.error.message if remote.error else ""
        charged = remote.charged
        if charged is None:
            rules = self._kit.provider_of(job.offer).capabilities
            stopped = remote.state is S.CANCELLED
            charged = rules.charges_cancels if stopped else rules.charges_failures
        failures = {
            S.MODERATED: Failure.MODERATED,
            S.EXPIRED: Failure.LOST,
            S.CANCELLED: Failure.RENDER_FAILED,
        }
        state = S.FAILED if remote.state is S.CANCELLED else remote.state
        failure = failures.get(remote.state, Failure.RENDER_FAILED)
        if isinstance(remote.error, ModelRetired):
            failure = Failure.MODEL_RETIRED
        return Ending(
            state, failure, words, charged or bool(remote.cost_micros), remote.cost_micros
        )

    async def _still_running(self, job: Job, remote: RemoteJob, asked_at: int) -> Job | None:
        now = self._clock.now()
        age = now - (job.submitted_at or job.accepted_at)
        if age >= self._patience.lost:
            return await self._moves.end(job, Ending(S.EXPIRED, Failure.TIMED_OUT))
        due = await self._polling.next(job, asked_at, now, remote.poll_after_ms)
        if age >= self._patience.slow:
            due = max(due, now + retry.MINUTE)
        if remote.state is not job.state or job.tries:
            return await self._moves.move(
                job, remote.state, "poll:running", due_at=due, progress=remote.progress, tries=0
            )
        async with self._store.transaction() as tx:
            seen = await tx.jobs.show_progress(job, remote.progress, due, now)
            if seen:
                # At once: it costs no transaction of its own, and the announcer keeps the pace.
                await tx.outbox.touch(card_key(job.id), job.id, job.place, now)
        return self._moves.tell(seen)

    async def _poll_failed(self, job: Job, error: ProviderError) -> Job | None:
        if isinstance(error, JobNotFound) and job.tries < FORGIVEN_MISSES:
            error = Transient(error.message)
        decision = retry.after_poll(error, job.tries, _jitter())
        overdue = self._clock.now() - (job.submitted_at or job.accepted_at) >= self._patience.lost
        if isinstance(decision, retry.TryAgain) and not overdue:
            return await self._again(job, decision, error)
        failure = decision.failure if isinstance(decision, retry.GiveUp) else Failure.TIMED_OUT
        state = S.EXPIRED if failure is Failure.TIMED_OUT else S.FAILED
        return await self._moves.end(job, Ending(state, failure, error.message))

    async def _again(self, job: Job, decision: retry.TryAgain, error: ProviderError) -> Job | None:
        log.info("job %s in %s: %s: %s", job.id, job.state, type(error).__name__, error)
        now, name = self._clock.now(), _own_gate(job)
        due, why = now + decision.wait, f"again:{type(error).__name__}"
        async with self._store.transaction() as tx:
            moved = await self._moves.write(
                tx, job, job.state, why, now, due_at=due, tries=job.tries + 1
            )
            if moved and decision.pauses_all:
                gate = await gate_of(tx, name)
                await tx.gates.put(gate.paused(due))
        return self._moves.tell(moved)

    async def _stop(self, job: Job) -> Job | None:
        """Stop a render that its owner no longer wants; what it costs all the same, we bear."""
        charged = not await self._stopped_for_nothing(job)
        return await self._moves.end(job, Ending(S.CANCELLED, None, charged=charged))

    async def _stopped_for_nothing(self, job: Job) -> bool:
        provider = self._kit.provider_of(job.offer)
        if not provider.capabilities.cancels:
            return False
        try:
            await provider.cancel(job.reference or {})
        except ProviderError as error:
            log.info("cancel of job %s: %s", job.id, error)
            return await self._is_over(job)
        return not provider.capabilities.charges_cancels

    async def _is_over(self, job: Job) -> bool:
        """Whether it ended there for nothing: perhaps it was stopped before, and that not noted."""
        try:
            remote = await self._kit.provider_of(job.offer).fetch(job.reference or {})
        except ProviderError:
            return False
        goes_on = remote.state in {S.QUEUED, S.RENDERING, S.FETCHING}
        return not goes_on and not self._remote_end(job, remote).charged

    async def _fetch(self, job: Job) -> Job | None:
        """Copy the file, prove that it is a video, keep it, and only then spend the credits."""
        later = await self._paused_until(job)
        if later is not None:
            return await self._put_off(job, later)
        target = self._blobs.scratch() / f"{job.id}.mp4"
        try:
            await self._kit.provider_of(job.offer).download(job.reference or {}, target)
            info = await self._kit.media.probe(target)
        except MediaError as error:
            target.unlink(missing_ok=True)
            return await self._fetch_failed(job, Transient(str(error)))
        except ProviderError as error:
            return await self._fetch_failed(job, error)
        if not lineage.is_joined(job):
            return await self._keep(job, target, info)
        whole = await self._joined(job, target)
        if whole is None:
            return await self._keep(job, target, info, ALONE)
        target.unlink(missing_ok=True)
        return await self._keep(job, *whole)

    async def _joined(self, job: Job, clip: Path) -> tuple[Path, MediaInfo] | None:
        """The video before it and what was made now as one file; None where that cannot be.

        What was made is paid for, so nothing that happens here is the end of it.
        """
        async with self._store.reading() as tx:
            before = await tx.videos.of(job.remix_of or "")
        if before is None:
            return None
        whole = self._blobs.scratch() / f"{job.id}.whole.mp4"
        try:
            await self._kit.media.join(self._blobs.open(before.blob), clip, whole)
            info = await self._kit.media.probe(whole)
        except (MediaError, OSError) as error:
            log.warning("what was made for job %s stays alone: %s", job.id, error)
            whole.unlink(missing_ok=True)
            return None
        return whole, info

    async def _keep(
        self, job: Job, target: Path, info: MediaInfo, why: str = VERIFIED
    ) -> Job | None:
        poster = self._blobs.scratch() / f"{job.id}.poster.jpg"
        still = None
        with suppress(MediaError):  # a clip without a still is still a clip
            await self._kit.media.poster(target, poster)
            still = await self._blobs.put(poster, ".jpg")
        video = Video(
            job.id,
            await self._blobs.put(target, ".mp4"),
            still,
            info.width,
            info.height,
            info.duration_ms,
            info.frames,
            self._clock.now(),
            self._kit.provider_of(job.offer).capabilities.simulated,
        )
        return await self._moves.stored(job, video, why)

    async def _fetch_failed(self, job: Job, error: ProviderError) -> Job | None:
        decision = retry.after_download(error, job.tries, _jitter())
        if isinstance(decision, retry.TryAgain):
            return await self._again(job, decision, error)
        failure = decision.failure if isinstance(decision, retry.GiveUp) else Failure.BAD_FILE
        return await self._moves.end(job, Ending(S.FAILED, failure, error.message, charged=True))


def _own_gate(job: Job) -> str:
    """Questions and files have gates of their own: where one is shut, the other may be open."""
    return f"{gate_key(job)}/{'files' if job.state is S.FETCHING else 'questions'}"


def _jitter() -> float:
    return random.random()  # noqa: S311 - spreads retries, keeps no secret
