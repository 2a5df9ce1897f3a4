"""Finding out what became of a create that got no answer: look it up, never send it again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.domain import retry
from bot.domain.jobs import Job, JobState, Operation
from bot.domain.lineage import is_native, told
from bot.domain.unknowns import Look, kept
from bot.domain.videos import Fit, VideoSpec
from bot.errors import ProviderError
from bot.ports import RemoteJob, Unit, VideoProvider
from bot.services.line import GRACE, name_of
from bot.services.moves import Ending, Kit

CLOCK_SKEW = 2 * retry.MINUTE
"""How far (ms) a backend's clock may run behind ours."""
LOOKS_TO_BE_SURE = 2
"""Empty looks at a complete list, `GRACE` apart, that prove a create was never taken."""

LONGEST_WAIT = 10 * retry.MINUTE
"""Ms between two looks for a job that stays unknown."""

log = logging.getLogger(__name__)


def is_ours(job: Job, remote: RemoteJob, whole: int | None = None) -> bool:
    """Whether a backend's job can only be this one: same prompt, and nothing it says differs.

    `whole` are the seconds of its file where that begins with what the job adds to.
    """
    spec = job.spec
    same = {
        "model": remote.model in {None, job.offer.upstream_model},
        "size": remote.size in {None, str(spec.size)},
        "seconds": remote.seconds in {None, str(spec.seconds), str(whole or spec.seconds)},
        "time": remote.created_at is not None
        and remote.created_at >= (job.intent_at or job.accepted_at) - CLOCK_SKEW,
    }
    return _words(remote.prompt) == _words(told(job)) and all(same.values())


def _is_older(job: Job, remote: RemoteJob) -> bool:
    """Whether it was there before the create was sent: a name of ours that came back to life."""
    sent = job.intent_at or job.accepted_at
    return remote.created_at is not None and remote.created_at < sent - CLOCK_SKEW


def _words(prompt: str | None) -> list[str] | None:
    """A prompt without regard to white space, which gateways like to tidy."""
    return None if prompt is None else prompt.split()


def looks_alike(job: Job, other: Job) -> bool:
    """Whether a backend's list cannot tell two jobs apart: it does not show their pictures."""
    as_long = job.spec.seconds == other.spec.seconds or _adds(job) or _adds(other)
    return as_long and _account(job) == _account(other) and _seen(job) == _seen(other)


def _adds(job: Job) -> bool:
    """Whether a list may show it as long as the video that it extends and itself together."""
    return job.operation is Operation.EXTEND and is_native(job)


def _account(job: Job) -> tuple[str, str, str]:
    return (job.offer.provider, job.offer.account, job.offer.upstream_model)


def _seen(job: Job) -> VideoSpec:
    words = job.spec.words_only
    return replace(words, prompt=told(job), seconds=0, fit=Fit.CROP, style=None)


def _unseen(job: Job) -> tuple[VideoSpec, str | None]:
    """What sets apart two jobs that a list shows alike: picture, and the video to change."""
    return job.spec, job.remix_of


def adopt(found: Sequence[RemoteJob], twins: int) -> RemoteJob | None:
    """The oldest unclaimed match, unless there are more of them than jobs that look for one."""
    if not found or len(found) > max(1, twins):
        return None
    return min(found, key=lambda remote: remote.created_at or 0)


@dataclass(frozen=True, slots=True)
class Search:
    """What a look says; `match` when it found the job, `names` of what else may be it.

    `sure`: the list was complete, so what is not in it was not taken when it was made.
    """

    look: Look
    match: RemoteJob | None = None
    names: tuple[str, ...] = ()
    sure: bool = False


class Lookup:
    """Settles jobs in `submit_unknown` by asking for our names and listing what is there."""

    def __init__(self, kit: Kit) -> None:
        self._store = kit.store
        self._clock = kit.clock
        self._moves = kit.moves
        self._provider_of = kit.provider_of

    async def look(self, job: Job) -> Job | None:
        """One look. The job ends up adopted, waiting again (surely not taken) or unknown still."""
        found = await self.search(job)
        if found.look is Look.IMPOSSIBLE:
            return await self._rest(job)
        if found.match:
            # Where a twin was quicker, the next look finds what is left.
            moved = await self._adopted(job, found.match)
            return moved or await self._later(job, Search(Look.SEVERAL))
        if found.sure and job.tries + 1 >= LOOKS_TO_BE_SURE:
            return await self._never_taken(job)
        return await self._later(job, found)

    async def search(self, job: Job) -> Search:
        """Look for a job at its backend, and change nothing."""
        provider = self._provider_of(job.offer)
        can = provider.capabilities
        # What a backend makes itself of a video that it has is told no name.
        named = can.finds and not is_native(job)
        found = await self._by_name(job, provider) if named else Search(Look.IMPOSSIBLE)
        return await self._in_list(job, provider) if can.lists and not found.match else found

    async def _by_name(self, job: Job, provider: VideoProvider) -> Search:
        """Ask for what our name of the create stands for; that it is unknown proves nothing."""
        try:
            remote = await provider.find(name_of(job))
        except ProviderError as error:
            log.info("lookup of job %s: %s: %s", job.id, type(error).__name__, error)
            return Search(Look.SILENT)
        made = [remote] if remote and not _is_older(job, remote) else []
        unclaimed = await self._unclaimed(job.offer.provider, made)
        return Search(Look.FOUND, unclaimed[0]) if unclaimed else Search(Look.NOTHING)

    async def _in_list(self, job: Job, provider: VideoProvider) -> Search:
        """Look for what can only be it among all that the backend lists."""
        try:
            listed = await provider.list_jobs((job.intent_at or job.accepted_at) - CLOCK_SKEW)
        except ProviderError as error:
            log.info("lookup of job %s: %s: %s", job.id, type(error).__name__, error)
            return Search(Look.SILENT)
        whole = await self._whole(job) if _adds(job) else None
        matches = [remote for remote in listed if is_ours(job, remote, whole)]
        unclaimed = await self._unclaimed(job.offer.provider, matches)
        twins, contested = await self._twins(job)
        chosen = adopt(unclaimed, twins)
        if chosen and not contested:
            return Search(Look.FOUND, chosen)
        if unclaimed:
            # Contested: it may be the one that another job is just being told of, or asked for.
            names = tuple(str(remote.reference.get("id")) for remote in unclaimed)
            return Search(Look.SEVERAL, names=names)
        return Search(Look.NOTHING, sure=provider.capabilities.list_complete)

    async def _whole(self, job: Job) -> int | None:
        """Seconds of the video that it extends, and its own."""
        async with self._store.reading() as tx:
            video = await tx.videos.of(job.remix_of or "")
        return video.seconds + job.spec.seconds if video else None

    async def _unclaimed(self, provider: str, matches: Iterable[RemoteJob]) -> list[RemoteJob]:
        by_id = {str(remote.reference.get("id")): remote for remote in matches}
        async with self._store.reading() as tx:
            taken = await tx.jobs.claimed(provider, list(by_id))
        return [remote for name, remote in by_id.items() if name not in taken]

    async def _twins(self, job: Job) -> tuple[int, bool]:
        """How many like it are unknown, itself among them; and whether any other may own a match.

        A twin that is being sent may; so may a job that differs only in its picture.
        """
        both = frozenset({JobState.SUBMIT_UNKNOWN, JobState.SUBMITTING})
        async with self._store.reading() as tx:
            found = await tx.jobs.in_state(both, 1000)
        alike = [other for other in found if looks_alike(job, other)]
        unknown = [other for other in alike if other.state is JobState.SUBMIT_UNKNOWN]
        same = all(_unseen(other) == _unseen(job) for other in alike)
        return len(unknown), len(unknown) < len(alike) or not same

    async def _adopted(self, job: Job, remote: RemoteJob) -> Job | None:
        async with self._store.transaction() as tx:
            moved = await self.write_adoption(tx, job, remote, "lookup:adopted")
        return self._moves.tell(moved)

    async def write_adoption(self, tx: Unit, job: Job, remote: RemoteJob, why: str) -> Job | None:
        """Go on with what the backend has; None when it or the job was taken meanwhile."""
        now = self._clock.now()
        if await tx.jobs.claimed(job.offer.provider, [str(remote.reference.get("id"))]):
            return None
        moved = await self._moves.write(
            tx,
            job,
            JobState.QUEUED,
            why,
            now,
            reference=remote.reference,
            submitted_at=remote.created_at or now,
            tries=0,
            due_at=now,
        )
        if moved:
            await tx.attempts.referenced(job.id, job.attempt, remote.reference)
        return moved

    async def _never_taken(self, job: Job) -> Job | None:
        if job.cancel_asked:
            return await self._moves.end(job, Ending(JobState.CANCELLED, None))
        now = self._clock.now()
        async with self._store.transaction() as tx:
            moved = await self._moves.write(
                tx, job, JobState.WAITING, "lookup:absent", now, due_at=now, tries=0
            )
            if moved:
                await tx.attempts.close(job.id, job.attempt, "absent", now)
        return self._moves.tell(moved)

    async def _later(self, job: Job, found: Search) -> Job | None:
        """Look again; only empty looks at a complete list count, one after the other."""
        now = self._clock.now()
        age = now - (job.intent_at or job.accepted_at)
        wait = GRACE if found.sure else min(max(GRACE, age // 2), LONGEST_WAIT)
        tries = job.tries + 1 if found.sure else 0
        return await self._moves.move(
            job, job.state, kept(found.look), tries=tries, due_at=now + wait
        )

    async def _rest(self, job: Job) -> Job | None:
        """The backend tells of none: only an admin can settle it now; the credits stay held."""
        if job.due_at is None:
            return None
        return await self._moves.move(job, job.state, "lookup:impossible", due_at=None)
