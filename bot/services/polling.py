"""When each job at a backend is asked about next: a plan for each kind, learned and kept."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.domain import polling, retry
from bot.domain.jobs import Job, JobState
from bot.domain.polling import Plan
from bot.ports import Clock, Store
from bot.services.line import FIRST_POLL
from bot.services.moves import gate_key

LEARN_EVERY = 10
"""Jobs of a kind that finish until its plan is made anew."""
LEARN_AFTER = 10 * retry.MINUTE
"""Ms after which it is made anew in any case."""
TRUSTED_FOR = 60 * retry.MINUTE
"""Ms for which a webhook promises more of them."""
TRUSTED_MISSES = 3
"""Webhooks in a row that may stay away until none is expected any more."""
REMEMBERED = 10_000
"""Backend ids kept of which a webhook told; more than are under way."""

Kind = tuple[str, str, int]


def kind_of(job: Job) -> Kind:
    """Jobs of one kind take about as long."""
    return (job.spec.model, str(job.spec.size), job.spec.seconds)


@dataclass(frozen=True, slots=True)
class _Learned:
    plan: Plan
    at: int
    finished: int
    """Jobs of the kind that had finished by then, in this life of the bot."""


class Plans:
    """One plan for each kind of job, made anew now and then."""

    def __init__(self, store: Store, clock: Clock, typical: Callable[[Job], int]) -> None:
        self._store = store
        self._clock = clock
        self._typical = typical
        self._learned: dict[Kind, _Learned] = {}
        self._finished: Counter[Kind] = Counter()
        self._locks: defaultdict[Kind, asyncio.Lock] = defaultdict(asyncio.Lock)

    def finished(self, job: Job) -> None:
        """There is one more to learn from."""
        self._finished[kind_of(job)] += 1

    async def of(self, job: Job) -> Plan:
        """The plan for jobs of that kind."""
        kind = kind_of(job)
        if not self._is_fresh(kind):
            async with self._locks[kind]:
                if not self._is_fresh(kind):
                    await self._learn(kind, job)
        return self._learned[kind].plan

    def _is_fresh(self, kind: Kind) -> bool:
        known = self._learned.get(kind)
        if known is None:
            return False
        age = self._clock.now() - known.at
        return age < LEARN_AFTER and self._finished[kind] - known.finished < LEARN_EVERY

    async def _learn(self, kind: Kind, job: Job) -> None:
        finished = self._finished[kind]
        async with self._store.reading() as tx:
            past = await tx.jobs.durations(*kind, polling.MOST)
        made = polling.plan(past, self._typical(job))
        self._learned[kind] = _Learned(made, self._clock.now(), finished)


@dataclass(frozen=True, slots=True)
class _Trust:
    at: int
    misses: int = 0


class Heard:
    """Of which jobs webhooks told, and so whether more of them can be expected.

    Kept in memory only: after a start jobs are asked about as if there were none, until one comes.
    """

    def __init__(self) -> None:
        self._trust: dict[str, _Trust] = {}
        self._names: dict[tuple[str, str], int] = {}

    def note(self, gate: str, name: str, at: int) -> None:
        """The backend told of a job by its own name for it, at `at` (ms)."""
        self._names.pop((gate, name), None)
        self._names[gate, name] = at
        if len(self._names) > REMEMBERED:
            del self._names[next(iter(self._names))]

    def came(self, gate: str, at: int) -> None:
        """It was one of our jobs, so those of others can be expected."""
        self._trust[gate] = _Trust(at)

    def missed(self, job: Job) -> None:
        """A job finished, and nobody told."""
        gate = gate_key(job)
        if gate in self._trust:
            trust = self._trust[gate]
            self._trust[gate] = replace(trust, misses=trust.misses + 1)

    def when(self, job: Job) -> int | None:
        """When the backend told of the job (ms); None: not yet."""
        return self._names.get((gate_key(job), str((job.reference or {}).get("id"))))

    def expects(self, job: Job, now: int) -> bool:
        """Whether the backend will tell of the job."""
        trust = self._trust.get(gate_key(job))
        if trust is None or trust.misses >= TRUSTED_MISSES or self.when(job) is not None:
            return False
        return now - trust.at < TRUSTED_FOR


class Polling:
    """Decides when jobs are asked about."""

    def __init__(self, plans: Plans, heard: Heard) -> None:
        self._plans = plans
        self._heard = heard

    async def first(self, job: Job, now: int) -> int | None:
        """When to ask for the first time (ms), if the job was just taken and it is too early."""
        since = job.submitted_at
        if since is None or job.due_at != since + FIRST_POLL or job.state is not JobState.QUEUED:
            return None
        if self._heard.when(job) is not None:
            return None
        plan = await self._plans.of(job)
        if self._heard.expects(job, now):
            at = since + plan.hope.late
        elif plan.learned:
            at = since + plan.after(0)
        else:
            return None
        return at if at > now else None

    async def next(self, job: Job, asked_at: int, now: int, hinted: int | None) -> int:
        """When to ask again (ms) about a job that was not ready; `asked_at` is when it was asked.

        What was told while it was asked is worth another question at once.
        """
        told = self._heard.when(job)
        if told is not None and told >= asked_at:
            return now + polling.SHORTEST
        plan, since = await self._plans.of(job), job.submitted_at or job.accepted_at
        if self._heard.expects(job, now):
            return polling.next_check(plan, since, now)
        return polling.next_poll(plan, since, now, hinted)

    def finished(self, job: Job) -> None:
        """The backend has its video ready."""
        self._plans.finished(job)
        if self._heard.when(job) is None:
            self._heard.missed(job)
