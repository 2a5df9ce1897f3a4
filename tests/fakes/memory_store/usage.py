"""What counts, what it costs and whether it adds up: all worked out from the jobs themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bot import wording
from bot.domain.checks import Fault
from bot.domain.jobs import HELD, UNCOUNTED, Job, JobState
from bot.domain.ledger import Kind
from bot.domain.reconciliation import Costs
from bot.domain.refs import Tenant
from bot.domain.usage import ANY_MODEL, NONE, WORKSPACE, Usage, counted, slot_of, tallied
from storage.mapping import remote_id
from tests.fakes.memory_store.ledger import MemoryLedger
from tests.fakes.memory_store.tables import ENTRIES, JOBS, View

_MADE = frozenset({JobState.DELIVERING, JobState.DONE})


class MemoryUsage:
    """`UsageRows` within one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def total(self, tenant: Tenant, scope: str, model: str, since: int) -> Usage:
        return _added(map(counted, self._counting(tenant, scope, model, since)))

    async def first(self, tenant: Tenant, scope: str, model: str, since: int) -> int | None:
        found = self._counting(tenant, scope, model, since)
        slots = [slot_of(job.accepted_at) for job in found if counted(job).videos]
        return min(slots, default=None)

    async def held(self, tenant: Tenant, scope: str, model: str, since: int) -> Usage:
        found = self._counting(tenant, scope, model, since)
        held = [job for job in found if job.state in HELD]
        return _added(replace(counted(job), micros=0) for job in held)

    async def top(
        self, tenant: Tenant, prefix: str, since: int, until: int
    ) -> tuple[tuple[str, Usage], ...]:
        sums = self._sums(tenant, since, until)
        found = [
            (scope, usage)
            for (scope, model), usage in sums.items()
            if scope.startswith(prefix) and model == ANY_MODEL
        ]
        return tuple(sorted(found, key=lambda row: (-row[1].micros, -row[1].credits)))

    async def models(self, tenant: Tenant, since: int, until: int) -> tuple[tuple[str, Usage], ...]:
        sums = self._sums(tenant, since, until)
        return tuple(
            (model, usage)
            for (scope, model), usage in sums.items()
            if scope == WORKSPACE and model != ANY_MODEL
        )

    def _sums(self, tenant: Tenant, since: int, until: int) -> dict[tuple[str, str], Usage]:
        sums: defaultdict[tuple[str, str], Usage] = defaultdict(Usage)
        for job in self._here(tenant):
            if slot_of(since) <= slot_of(job.accepted_at) < until:
                for key in tallied(job):
                    sums[key] += counted(job)
        return sums

    def _counting(self, tenant: Tenant, scope: str, model: str, since: int) -> list[Job]:
        return [
            job
            for job in self._here(tenant)
            if (scope, model) in tallied(job) and job.accepted_at >= slot_of(since)
        ]

    def _here(self, tenant: Tenant) -> Iterator[Job]:
        jobs = self._view.of(JOBS).values()
        return (job for job in jobs if job.person.tenant == tenant)


def _added(usages: Iterable[Usage]) -> Usage:
    return sum(usages, NONE)


class MemoryCosts:
    """`CostRows` within one reading."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def accounts(self, tenant: Tenant | None, since: int, until: int) -> tuple[Costs, ...]:
        found: defaultdict[tuple[str, str, str], list[Job]] = defaultdict(list)
        for job in self._view.of(JOBS).values():
            reached = job.reference is not None or job.cost_reported is not None
            if reached and _is_of(tenant, job) and since <= job.accepted_at < until:
                found[_account(job)].append(job)
        return tuple(_costs(key, found[key]) for key in sorted(found))

    async def remote_ids(
        self, costs: Costs, tenant: Tenant | None, since: int, until: int
    ) -> frozenset[str]:
        account = (costs.provider, costs.account, costs.base_url)
        return frozenset(
            name
            for job in self._view.of(JOBS).values()
            if (name := remote_id(job.reference)) is not None
            and _is_of(tenant, job)
            and _account(job) == account
            and since <= (job.submitted_at or -1) < until
        )


def _is_of(tenant: Tenant | None, job: Job) -> bool:
    return tenant is None or job.person.tenant == tenant


def _account(job: Job) -> tuple[str, str, str]:
    return job.offer.provider, job.offer.account, job.offer.base_url


def _costs(account: tuple[str, str, str], jobs: list[Job]) -> Costs:
    count = [job for job in jobs if job.state not in UNCOUNTED]
    silent = [job for job in count if job.cost_reported is None]
    lost = [job for job in jobs if job.state in UNCOUNTED and (job.cost_reported or 0) > 0]
    return Costs(
        *account,
        len(jobs),
        sum(job.offer.cost for job in count),
        sum(job.cost_reported or 0 for job in jobs),
        len(silent),
        sum(job.offer.cost for job in silent),
        len(lost),
        sum(job.cost_reported or 0 for job in lost),
    )


class MemoryChecks:
    """`CheckRows` within one reading. Sums cannot differ from the jobs: they are made of them."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def faults(self) -> tuple[Fault, ...]:
        jobs = sorted(self._view.of(JOBS).values(), key=lambda job: job.id)
        of_jobs = [fault for ask in _QUESTIONS for job in jobs for fault in ask(self._money(job))]
        return (*MemoryLedger(self._view).faults(), *of_jobs)

    def _money(self, job: Job) -> _Money:
        money = _Money(job)
        for entry in self._view.of(ENTRIES).values():
            if entry.job_id == job.id and entry.amount > 0:
                money.times[entry.kind] += 1
                money.sums[entry.kind] += entry.amount
        return money


class _Money:
    """How often, and how much, the credits of a job were moved."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.times: defaultdict[Kind, int] = defaultdict(int)
        self.sums: defaultdict[Kind, int] = defaultdict(int)

    @property
    def closes(self) -> int:
        """Times that the hold was closed."""
        return self.times[Kind.SETTLE] + self.times[Kind.RELEASE]

    def fault(self, key: str, say: Callable[[str, str, int, int], str], found: int) -> Fault:
        """It in words."""
        job = self.job
        words = say(job.id, job.state.value, job.offer.price, found)
        return Fault(job.person.tenant, f"{key}/{job.id}", words)


def _holds(money: _Money) -> Iterator[Fault]:
    price, sums = money.job.offer.price, money.sums
    right = (money.times[Kind.HOLD], sums[Kind.HOLD], money.closes) == (bool(price), price, 0)
    if money.job.state in HELD and not right:
        left = sums[Kind.HOLD] - sums[Kind.SETTLE] - sums[Kind.RELEASE]
        yield money.fault("hold", wording.hold_differs, left)


def _charges(money: _Money) -> Iterator[Fault]:
    if money.job.state in _MADE and money.sums[Kind.SETTLE] != money.job.offer.price:
        yield money.fault("charge", wording.charge_differs, money.sums[Kind.SETTLE])


def _returns(money: _Money) -> Iterator[Fault]:
    if money.job.state in UNCOUNTED and money.sums[Kind.RELEASE] != money.job.offer.price:
        yield money.fault("return", wording.return_differs, money.sums[Kind.RELEASE])


def _again(money: _Money) -> Iterator[Fault]:
    if money.times[Kind.HOLD] > 1 or money.closes > 1:
        yield money.fault("again", wording.moved_again, money.times[Kind.HOLD] + money.closes)


_QUESTIONS = (_holds, _charges, _returns, _again)
