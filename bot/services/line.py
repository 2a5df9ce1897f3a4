"""The line before each provider account: who submits now, with the intent stored first."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise

from bot.domain import gates, lineage, retry
from bot.domain.gates import Declared, Gate, Refusal, Wait
from bot.domain.jobs import Failure, Job, JobState, Operation
from bot.domain.lineage import is_native
from bot.domain.order import Caps, Waiter, may_start
from bot.domain.styles import Style, styled
from bot.errors import (
    AmbiguousSubmit,
    AssetExpired,
    ConcurrencyLimited,
    JobNotFound,
    ProviderError,
    RateLimited,
    Room,
    Transient,
    Unsupported,
)
from bot.ports import Attempt, RemoteJob, SubmitRequest, Unit
from bot.services.circuits import Circuits, call_of
from bot.services.moves import Ending, Kit, gate_key, gate_of
from bot.services.sources import is_done_there
from bot.services.switches import held_back

SUBMIT_LEASE = 5 * retry.MINUTE
"""A submit that took longer than this (ms) lost its owner: its outcome is unknown."""
GRACE = 5 * retry.SECOND
"""Ms before the first look for a job whose create got no clear answer."""
LONGEST_FAMILY = 50
"""Generations of remixes whose words are told to a backend that cannot remix."""
Elsewhere = Callable[[Unit, Job, Failure], Awaitable[Job | None]]
"""The job at an account that can make it, instead of an end; see `services.failover`."""
_NOT_THERE = (AssetExpired, JobNotFound, Unsupported)
"""Refusals to change or extend a video after which the same is ordered in words."""
FIRST_POLL = retry.SECOND
"""Ms from a taken create to the first question about it, unless the backend says when."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Allowed(Declared):
    """What accounts are declared to take, and how much of it one person or workspace gets."""

    caps: Caps = field(default_factory=Caps)


@dataclass(frozen=True, slots=True)
class Passed:
    """Who a gate let through, and when it opens for those who found it shut (ms).

    0: when an answer comes, or a render ends, or for nobody.
    """

    jobs: tuple[Job, ...]
    opens_at: int


class Line:
    """Lets waiting jobs through their gate and submits them, each create exactly once."""

    def __init__(
        self, kit: Kit, allowed: Allowed, circuits: Circuits, elsewhere: Elsewhere
    ) -> None:
        self._kit = kit
        self._store = kit.store
        self._clock = kit.clock
        self._moves = kit.moves
        self._allowed = allowed
        self._circuits = circuits
        self._elsewhere = elsewhere
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._asked: set[str] = set()

    async def let_through(self, name: str) -> Passed:
        """Bring every job that may start now to `submitting`, which is stored when this returns.

        Of many calls that wait for their turn, one sees what all would see; the others are done.
        """
        if name in self._asked:
            return Passed((), 0)
        self._asked.add(name)
        async with self._locks[name]:
            self._asked.discard(name)
            return await self._let_through(name)

    async def _let_through(self, name: str) -> Passed:
        passed: list[Job] = []
        chosen = await self._choose(name)
        if isinstance(chosen, Wait):
            return Passed((), chosen.until or 0)
        for waiter in chosen:
            met = await self._start(name, waiter)
            if isinstance(met, Wait):
                return Passed(tuple(passed), met.until or 0)
            if met:
                passed.append(met)
        return Passed(tuple(passed), 0)

    async def _choose(self, name: str) -> list[Waiter] | Wait:
        """Who may go as far as persons and workspaces are concerned, in order."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            trouble = await self._circuits.opens_at(tx, name)
            if trouble > now:
                return Wait(trouble)
            running = await tx.jobs.upstream(name)
            gate = await gate_of(tx, name)
            met = gates.ask(gate, self._allowed.of(name), len(running), now)
            # The line may be long, and most who ask find the gate shut.
            if isinstance(met, Wait):
                return met
            waiting = await tx.jobs.waiting(name)
        room = len(running) + len(waiting)
        return may_start(waiting, running, room, self._allowed.caps, now)

    async def _start(self, name: str, waiter: Waiter) -> Job | Wait | None:
        """Store the intent. From here on the create may be on its way."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            gate = await gate_of(tx, name)
            running = len(await tx.jobs.upstream(name))
            met = gates.ask(gate, self._allowed.of(name), running, now)
            if isinstance(met, Wait):
                return met
            job = await tx.jobs.get(waiter.job_id)
            if job is None or job.version != waiter.version or await held_back(tx, job):
                return None
            if not await self._circuits.admits(tx, job):
                return None
            moved = await self._write_intent(tx, job, now)
            if moved:
                await tx.gates.put(gates.sent(gate, call_of(moved), met, now))
        return self._moves.tell(moved)

    async def _write_intent(self, tx: Unit, job: Job, now: int) -> Job | None:
        number, offer = job.attempt + 1, job.offer
        moved = await self._moves.write(
            tx,
            job,
            JobState.SUBMITTING,
            "gate:open",
            now,
            attempt=number,
            intent_at=now,
            reference=None,
            sent_prompt=await self._words(tx, job),
            due_at=now + SUBMIT_LEASE,
        )
        if moved:
            await tx.attempts.open(Attempt(job.id, number, offer.provider, offer.account, now))
        return moved

    async def submit(self, job: Job) -> Job | None:
        """Send the create of a job that `let_through` just started; whatever comes is stored."""
        try:
            remote = await self._send(job)
        except ProviderError as error:
            return await self._not_taken(job, error)
        except Exception:
            # A fault of ours in the middle of a create: nobody knows whether it went out.
            log.exception("submit of job %s broke", job.id)
            return await self._not_taken(job, AmbiguousSubmit("internal fault"))
        return await self._taken(job, remote)

    async def _send(self, job: Job) -> RemoteJob:
        """One create; one remix or extension where the backend has the video and can do that."""
        provider = self._kit.provider_of(job.offer)
        if not self._kit.leads():
            raise Transient("another bot may be at work")
        if lineage.is_joined(job) and job.spec.image is None:
            # Whoever had the video when it was ordered has it no more, and it shows no end of it.
            raise JobNotFound("the video to go on from")
        if not is_native(job):
            return await provider.submit(self._request(job))
        async with self._store.reading() as tx:
            source = await tx.jobs.get(job.remix_of or "")
        reference, told_at = (source and source.reference) or {}, self._kit.webhook_of(job.offer)
        words = lineage.told(job)
        if job.operation is Operation.EXTEND:
            return await provider.extend(reference, words, job.spec.seconds, told_at)
        return await provider.remix(reference, words, told_at)

    def _request(self, job: Job) -> SubmitRequest:
        spec = job.spec
        path, offer = self._kit.blobs.open, job.offer
        switches = self._kit.provider_of(offer).capabilities.switches_sound
        return SubmitRequest(
            lineage.told(job),
            offer.upstream_model,
            spec.size,
            spec.seconds,
            path(spec.image) if spec.image else None,
            self._kit.webhook_of(offer),
            name_of(job),
            path(spec.last) if spec.last else None,
            tuple(path(one) for one in spec.references),
            # Who always has sound, or never, is told nothing of it.
            spec.sound if switches else None,
        )

    async def _words(self, tx: Unit, job: Job) -> str | None:
        """What a backend is told in place of the person's own words; None: nothing else."""
        if not is_native(job):
            return job.sent_prompt
        parent = await tx.jobs.get(job.remix_of or "")
        can = self._kit.provider_of(job.offer).capabilities
        if parent and await is_done_there(tx, job, parent, can):
            return None
        return await whole_prompt(tx, job, anew=True)

    async def _taken(self, job: Job, remote: RemoteJob) -> Job | None:
        """Store the backend's reference, even if the job was touched meanwhile: it is paid for."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            await tx.attempts.referenced(job.id, job.attempt, remote.reference)
            await self._learn(tx, job, None, remote.room)
            await self._circuits.taken(tx, job)
            newest = await _awaiting(tx, job)
            if newest is None:
                return None
            wait = FIRST_POLL if remote.poll_after_ms is None else remote.poll_after_ms
            moved = await self._moves.write(
                tx,
                newest,
                JobState.QUEUED,
                "submit:taken",
                now,
                reference=remote.reference,
                submitted_at=now,
                tries=0,
                due_at=now if newest.cancel_asked else now + wait,
                progress=remote.progress,
            )
        return self._moves.tell(moved)

    async def _not_taken(self, job: Job, error: ProviderError) -> Job | None:
        log.info("submit of job %s: %s: %s", job.id, type(error).__name__, error)
        jitter = random.random()  # noqa: S311 - spreads retries, keeps no secret
        decision = retry.after_submit(error, job.tries, jitter)
        async with self._store.transaction() as tx:
            gate = await self._learn(tx, job, error, error.room)
            decision = await self._circuits.judged(tx, job, error, decision)
            newest = await _awaiting(tx, job)
            if newest is None:
                return None
            if isinstance(decision, retry.TryAgain) and decision.pauses_all:
                # The gate knows when; the job keeps its place in line.
                wait = max(0, gate.opens_at - self._clock.now())
                decision = retry.TryAgain(wait, pauses_all=True)
            if is_native(newest) and isinstance(error, _NOT_THERE):
                moved = await self._write_in_words(tx, newest, type(error).__name__)
            else:
                moved = await self._write_refusal(tx, newest, decision, error)
        return self._moves.tell(moved)

    async def _write_in_words(self, tx: Unit, job: Job, outcome: str) -> Job | None:
        """The backend no longer has the video before it: describe both to it."""
        now = self._clock.now()
        if job.cancel_asked:
            return await self._moves.write_end(tx, job, Ending(JobState.CANCELLED, None), now)
        if job.operation is Operation.EXTEND and job.spec.image is None:
            # In words alone it would go on from nothing.
            ending = Ending(JobState.FAILED, Failure.NO_SOURCE)
            return await self._moves.write_end(tx, job, ending, now)
        words = await whole_prompt(tx, job, anew=True)
        moved = await self._moves.write(
            tx,
            job,
            JobState.WAITING,
            f"{job.operation}:{outcome}",
            now,
            due_at=now,
            sent_prompt=words,
        )
        if moved:
            await tx.attempts.close(job.id, job.attempt, outcome, now)
        return moved

    async def _write_refusal(
        self, tx: Unit, job: Job, decision: retry.Decision, error: ProviderError
    ) -> Job | None:
        now = self._clock.now()
        match decision:
            case retry.OutcomeUnknown():
                return await self._moves.write(
                    tx,
                    job,
                    JobState.SUBMIT_UNKNOWN,
                    "submit:ambiguous",
                    now,
                    due_at=now + GRACE,
                    tries=0,
                )
            case retry.TryAgain() if job.cancel_asked:
                ending = Ending(JobState.CANCELLED, None)
                return await self._moves.write_end(tx, job, ending, now)
            case retry.TryAgain():
                return await self._write_wait(tx, job, decision, type(error).__name__)
            case retry.GiveUp(failure):
                if moved := await self._elsewhere(tx, job, failure):
                    return moved
                ending = Ending(_end_of(failure), failure, error.message)
                return await self._moves.write_end(tx, job, ending, now)

    async def _write_wait(
        self, tx: Unit, job: Job, again: retry.TryAgain, outcome: str
    ) -> Job | None:
        now = self._clock.now()
        due = now + again.wait
        moved = await self._moves.write(
            tx,
            job,
            JobState.WAITING,
            f"submit:{outcome}",
            now,
            due_at=due,
            tries=job.tries + again.counts,
        )
        if moved:
            await tx.attempts.close(job.id, job.attempt, outcome, now)
        return moved

    async def _learn(
        self, tx: Unit, job: Job, error: ProviderError | None, room: Room | None
    ) -> Gate:
        """What the answer to a create tells of the account's limits; no error: it was taken."""
        now, name = self._clock.now(), gate_key(job)
        limits = self._allowed.of(name)
        gate = gates.told(await gate_of(tx, name), room)
        match error:
            case None:
                gate = gates.taken(gate, limits, call_of(job), now)
            case RateLimited() | ConcurrencyLimited():
                others = max(0, len(await tx.jobs.upstream(name)) - 1)
                no = Refusal(
                    call_of(job),
                    others,
                    error.retry_after_ms,
                    isinstance(error, ConcurrencyLimited),
                    room,
                )
                gate = gates.refused(gate, limits, no, now)
            case _:
                gate = gates.other(gate, call_of(job), now)
        await tx.gates.put(gate)
        return gate


def name_of(job: Job) -> str:
    """What a backend is told that we call a create: each attempt is another one."""
    return f"{job.id}-{job.attempt}"


async def whole_prompt(tx: Unit, job: Job, *, anew: bool = False) -> str:
    """A video in words: the first one's prompt, then each change up to this one.

    `anew`: nothing of the video before it is kept, so that it is told its style in any case.
    """
    line = await _line_of(tx, job)
    words = [lineage.told(one) for one in line]
    style = job.spec.style if anew else lineage.style_of(job)
    if style and len(line) > 1:
        # Its own style comes once, at the end.
        before = [lineage.unstyled(one, [style]) for one in words[:-1]]
        words = [*before, styled(job.spec.prompt, style)]
    said = words[0]
    for (parent, one), own in zip(pairwise(line), words[1:], strict=True):
        said = lineage.told_after(said, parent, one, own)
    return said


async def _line_of(tx: Unit, job: Job) -> list[Job]:
    """What a job goes back to as far as its words tell only what is new in it, and itself last."""
    line = [job]
    while is_native(line[0]) and len(line) <= LONGEST_FAMILY:
        parent = await tx.jobs.get(line[0].remix_of or "")
        if parent is None:
            break
        line.insert(0, parent)
    return line


async def styles_of(tx: Unit, job: Job) -> tuple[Style, ...]:
    """The styles in the words that a video and those before it were made of."""
    found: list[Style] = []
    at: Job | None = job
    for _ in range(LONGEST_FAMILY):
        if at is None:
            break
        found += [at.spec.style] if at.spec.style else []
        at = await tx.jobs.get(at.remix_of) if at.remix_of else None
    return tuple(found)


async def _awaiting(tx: Unit, job: Job) -> Job | None:
    """The newest view of a job whose create was just answered, unless it moved on for good."""
    newest = await tx.jobs.get(job.id)
    open_states = {JobState.SUBMITTING, JobState.SUBMIT_UNKNOWN}
    if (
        newest is None
        or newest.attempt != job.attempt
        or newest.state not in open_states
        or newest.reference is not None
    ):
        log.error("job %s moved on while its create was answered", job.id)
        return None
    return newest


def _end_of(failure: Failure) -> JobState:
    return JobState.MODERATED if failure is Failure.MODERATED else JobState.FAILED
