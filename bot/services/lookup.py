"""Finding out what became of a create that got no answer: look it up, never send it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain import retry
from bot.domain.jobs import Job, JobState
from bot.errors import ProviderError
from bot.ports import RemoteJob
from bot.services.line import GRACE
from bot.services.moves import Ending, Kit

CLOCK_SKEW = 2 * retry.MINUTE
"""How far (ms) a backend's clock may run behind ours."""
LOOKS_TO_BE_SURE = 2
"""Empty looks at a complete list, `GRACE` apart, that prove a create was never taken."""


def is_ours(job: Job, remote: RemoteJob) -> bool:
    """Whether a backend's job can only be this one: same prompt, and nothing it says differs."""
    spec = job.spec
    same = {
        "model": remote.model in {None, job.offer.upstream_model},
        "size": remote.size in {None, str(spec.size)},
        "seconds": remote.seconds in {None, str(spec.seconds)},
        "time": remote.created_at is not None
        and remote.created_at >= (job.intent_at or job.accepted_at) - CLOCK_SKEW,
    }
    return _words(remote.prompt) == _words(spec.prompt) and all(same.values())


def _words(prompt: str | None) -> list[str] | None:
    """A prompt without regard to white space, which gateways like to tidy."""
    return None if prompt is None else prompt.split()


def is_twin(job: Job, other: Job) -> bool:
    """Whether two unknown jobs asked one account for the same thing, so any result fits."""
    mine, theirs = job.offer, other.offer
    return job.spec == other.spec and (mine.provider, mine.account, mine.upstream_model) == (
        theirs.provider,
        theirs.account,
        theirs.upstream_model,
    )


def adopt(found: Sequence[RemoteJob], twins: int) -> RemoteJob | None:
    """The oldest unclaimed match, unless there are more of them than jobs that look for one."""
    if not found or len(found) > max(1, twins):
        return None
    return min(found, key=lambda remote: remote.created_at or 0)


class Lookup:
    """Settles jobs in `submit_unknown` by listing what the backend has."""

    def __init__(self, kit: Kit) -> None:
        self._store = kit.store
        self._clock = kit.clock
        self._moves = kit.moves
        self._provider_of = kit.provider_of

    async def look(self, job: Job) -> Job | None:
        """One look. The job ends up adopted, waiting again (surely not taken) or unknown still."""
        provider = self._provider_of(job.offer)
        if not provider.capabilities.lists:
            return await self._rest(job)
        try:
            listed = await provider.list_jobs((job.intent_at or job.accepted_at) - CLOCK_SKEW)
        except ProviderError:
            return await self._later(job, found_none=False)
        matches = [remote for remote in listed if is_ours(job, remote)]
        unclaimed = await self._unclaimed(matches)
        unknown, ordering = await self._twins(job)
        chosen = adopt(unclaimed, unknown)
        if chosen and ordering:
            # It may be the one that a twin is just being told of.
            return await self._later(job, found_none=False)
        if chosen:
            # Where a twin was quicker, the next look finds what is left.
            return await self._adopted(job, chosen) or await self._later(job, found_none=False)
        sure = provider.capabilities.list_complete and not unclaimed
        if sure and job.tries + 1 >= LOOKS_TO_BE_SURE:
            return await self._never_taken(job)
        return await self._later(job, found_none=sure)

    async def _unclaimed(self, matches: Iterable[RemoteJob]) -> list[RemoteJob]:
        by_id = {str(remote.reference.get("id")): remote for remote in matches}
        async with self._store.reading() as tx:
            taken = await tx.jobs.claimed(list(by_id))
        return [remote for name, remote in by_id.items() if name not in taken]

    async def _twins(self, job: Job) -> tuple[int, int]:
        """How many like it are unknown, itself among them, and how many are being sent."""
        both = frozenset({JobState.SUBMIT_UNKNOWN, JobState.SUBMITTING})
        async with self._store.reading() as tx:
            found = await tx.jobs.in_state(both, 1000)
        states = [other.state for other in found if is_twin(job, other)]
        return states.count(JobState.SUBMIT_UNKNOWN), states.count(JobState.SUBMITTING)

    async def _adopted(self, job: Job, remote: RemoteJob) -> Job | None:
        now = self._clock.now()
        async with self._store.transaction() as tx:
            if await tx.jobs.claimed([str(remote.reference.get("id"))]):
                return None
            moved = await self._moves.write(
                tx,
                job,
                JobState.QUEUED,
                "lookup:adopted",
                now,
                reference=remote.reference,
                submitted_at=remote.created_at or now,
                tries=0,
                due_at=now,
            )
            if moved:
                await tx.attempts.referenced(job.id, job.attempt, remote.reference)
        return self._moves.tell(moved)

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

    async def _later(self, job: Job, *, found_none: bool) -> Job | None:
        wait = GRACE if found_none else retry.LOOK_UP.wait(job.tries, 0.5)
        tries = job.tries + 1 if found_none or job.tries else 1
        return await self._moves.move(
            job, job.state, "lookup:later", tries=tries, due_at=self._clock.now() + wait
        )

    async def _rest(self, job: Job) -> Job | None:
        """The backend cannot list: only an admin can settle it now; the credits stay held."""
        if job.due_at is None:
            return None
        return await self._moves.move(job, job.state, "lookup:impossible", due_at=None)
