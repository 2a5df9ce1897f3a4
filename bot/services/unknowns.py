"""What admins do about creates of which nobody knows what became."""

from __future__ import annotations

from bot.domain.audit import Change, Deed
from bot.domain.jobs import Failure, Job, JobState
from bot.domain.refs import Person
from bot.domain.unknowns import (
    CHANGING,
    Answer,
    Look,
    Resolution,
    Unknown,
    Verdict,
    answer_to,
    known_of,
    verdict_in,
)
from bot.errors import JobNotFound, ProviderError, TooLate
from bot.ports import JobFilter, RemoteJob, Unit
from bot.services.audit import check, check_admin, noted
from bot.services.lookup import CLOCK_SKEW, Lookup, Search
from bot.services.moves import Ending, Kit
from bot.services.videos import Videos

LISTED = 50
"""Unknown jobs told at once."""
_UNKNOWN = frozenset({JobState.SUBMIT_UNKNOWN})


class Unknowns:
    """Lists and settles them. The backend is asked first, whatever an admin says."""

    def __init__(self, kit: Kit, lookup: Lookup, videos: Videos) -> None:
        self._store = kit.store
        self._clock = kit.clock
        self._moves = kit.moves
        self._provider_of = kit.provider_of
        self._lookup = lookup
        self._videos = videos

    async def list(self, admin: Person, of: Person | None = None) -> tuple[Unknown, ...]:
        """Unknown jobs of everybody here or `of` one person, the oldest first."""
        check_admin(admin)
        wanted = JobFilter(admin.tenant, of.id if of else None, _UNKNOWN, limit=LISTED)
        async with self._store.reading() as tx:
            found = await tx.jobs.list(wanted)
            known = [known_of(job, await tx.jobs.history(job.id)) for job in reversed(found)]
        return tuple(known)

    async def resolve(self, deed: Deed, typed: str, wish: str) -> Resolution:
        """Settle a job as `wish` says: a verdict, a backend's id, or "" to look once more.

        Raises a `Refused`: `TooLate` when it is unknown no more, whoever was faster.
        """
        check(deed)
        job = (await self._videos.find(deed.person, typed)).job
        if job.state is not JobState.SUBMIT_UNKNOWN:
            raise TooLate("resolve", job.state)
        found = await self._lookup.search(job)
        if found.match:
            return await self._adopted(deed, job, found.match)
        verdict = verdict_in(wish)
        if wish and verdict is None:
            return await self._named(deed, job, wish)
        return await self._judged(deed, job, verdict, found)

    async def _judged(
        self, deed: Deed, job: Job, verdict: Verdict | None, found: Search
    ) -> Resolution:
        """The backend did not show it: the admin's word counts, where it may."""
        age = self._clock.now() - (job.intent_at or job.accepted_at)
        answer = answer_to(verdict, found.look, age)
        if answer in CHANGING and verdict:
            job = await self._end(deed, job, verdict)
        return Resolution(job, answer, verdict, found.names, found.look is Look.SILENT)

    async def _end(self, deed: Deed, job: Job, verdict: Verdict) -> Job:
        """One transaction, of the job as it is by now: a look may have touched it meanwhile."""
        now, charged = self._clock.now(), verdict is Verdict.CHARGED
        ending = Ending(JobState.FAILED, Failure.RESOLVED, charged=charged)
        async with self._store.transaction() as tx:
            newest = await _still_unknown(tx, job)
            moved = await self._moves.write_end(tx, newest, ending, now)
            if moved is None:
                raise TooLate("resolve", newest.state)
            await noted(tx, deed, Change(f"#{job.id}", "unknown", verdict), now)
        self._moves.tell(moved)
        return moved

    async def _named(self, deed: Deed, job: Job, name: str) -> Resolution:
        """Take what the backend has under a name, when it is there and nobody's."""
        try:
            remote = await self._provider_of(job.offer).fetch({"id": name})
        except JobNotFound:
            return Resolution(job, Answer.ABSENT, names=(name,))
        except ProviderError:
            return Resolution(job, Answer.SILENT, names=(name,))
        sent = job.intent_at or job.accepted_at
        if remote.created_at is not None and remote.created_at < sent - CLOCK_SKEW:
            return Resolution(job, Answer.OLDER, names=(name,))
        return await self._adopted(deed, job, remote)

    async def _adopted(self, deed: Deed, job: Job, remote: RemoteJob) -> Resolution:
        name = str(remote.reference.get("id"))
        async with self._store.transaction() as tx:
            newest = await _still_unknown(tx, job)
            moved = await self._lookup.write_adoption(tx, newest, remote, "resolve:adopted")
            if moved:
                change = Change(f"#{job.id}", "unknown", name)
                await noted(tx, deed, change, self._clock.now())
        self._moves.tell(moved)
        answer = Answer.ADOPTED if moved else Answer.TAKEN
        return Resolution(moved or newest, answer, names=(name,))


async def _still_unknown(tx: Unit, job: Job) -> Job:
    """The job as it is by now; raises `TooLate` when somebody else was faster."""
    newest = await tx.jobs.get(job.id)
    if newest and newest.state is JobState.SUBMIT_UNKNOWN and newest.attempt == job.attempt:
        return newest
    raise TooLate("resolve", newest.state if newest else job.state)
