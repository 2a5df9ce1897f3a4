"""How provider accounts answer: kept where every process sees it, and told to whoever waits."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain import circuits, retry
from bot.domain.circuits import FOR_ADMINS, Circuit
from bot.domain.jobs import Job, JobState
from bot.domain.notices import ProviderTrouble
from bot.domain.refs import Tenant
from bot.errors import ProviderError
from bot.ports import Clock, Unit
from bot.services.moves import card_key, gate_key
from bot.services.notices import Notices

MANY = 10_000
"""Jobs that wait before all accounts: as many as are looked at, the oldest first."""
_WAITING = frozenset({JobState.WAITING})


def call_of(job: Job) -> str:
    """Name of the create that a job's newest attempt sends."""
    return f"{job.id}/{job.attempt}"


class Circuits:
    """Works within the transaction in which a create begins or was answered."""

    def __init__(self, clock: Clock, notices: Notices) -> None:
        self._clock = clock
        self._notices = notices

    async def opens_at(self, tx: Unit, gate: str) -> int:
        """When the next create may be sent (ms); 0 where nothing is against it."""
        circuit = await tx.circuits.get(gate)
        return circuit.retry_at if circuit.trouble else 0

    async def admits(self, tx: Unit, job: Job) -> bool:
        """Whether a job may be sent now, as its next attempt; of many, an open circuit admits one.

        To be asked once, right before the intent is stored.
        """
        now = self._clock.now()
        circuit = await tx.circuits.get(gate_key(job))
        if not circuit.lets(now):
            return False
        if circuit.trouble:
            await tx.circuits.put(circuit.probed(f"{job.id}/{job.attempt + 1}", now))
        return True

    async def taken(self, tx: Unit, job: Job) -> None:
        """A create was taken: whatever was wrong is over."""
        await self._hear(tx, job, None)

    async def judged(
        self, tx: Unit, job: Job, error: ProviderError, decision: retry.Decision
    ) -> retry.Decision:
        """Note what a failed create says of its account, and what that means for its job.

        A job that was let through only to find out waits on: the account is at fault, not the job.
        """
        before, after = await self._hear(tx, job, error)
        found_out = before.probe == call_of(job) and after.trouble in FOR_ADMINS
        if found_out and isinstance(decision, retry.GiveUp):
            wait = after.retry_at - self._clock.now()
            return retry.TryAgain(wait, pauses_all=False, counts=False)
        return decision

    async def _hear(
        self, tx: Unit, job: Job, error: ProviderError | None
    ) -> tuple[Circuit, Circuit]:
        """The circuit of the job's account, before and after."""
        now, call, gate = self._clock.now(), call_of(job), gate_key(job)
        of_model = await tx.circuits.get(gate, job.offer.upstream_model)
        await _put(tx, of_model, circuits.heard_of_model(of_model, error, call, now))
        before = await tx.circuits.get(gate)
        after = circuits.heard(before, error, call, now)
        await _put(tx, before, after)
        if (before.trouble, before.retry_at) != (after.trouble, after.retry_at):
            await self._tell(tx, job, before, after)
        return before, after

    async def _tell(self, tx: Unit, job: Job, before: Circuit, after: Circuit) -> None:
        waiting = await waiting_at(tx, after.gate)
        for one in waiting:
            await tx.outbox.touch(card_key(one.id), one.id, one.place, self._clock.now())
        if before.trouble is not after.trouble:
            tenants = (job.person.tenant, *(one.person.tenant for one in waiting))
            await self.tell_admins(tx, after, tenants)

    async def tell_admins(self, tx: Unit, circuit: Circuit, tenants: Iterable[Tenant]) -> None:
        """Tell the admins of workspaces of trouble that only they can end, once for each."""
        trouble = circuit.trouble
        if trouble is None or trouble not in FOR_ADMINS:
            return
        news = ProviderTrouble(circuit.gate, trouble)
        for tenant in dict.fromkeys(tenants):
            name = f"provider/{tenant.key}/{circuit.gate}/{trouble}/{circuit.opened_at}"
            await self._notices.post(tx, tenant, name, news)


async def waiting_at(tx: Unit, gate: str) -> tuple[Job, ...]:
    """The jobs of all workspaces that wait before an account, the oldest first."""
    waiting = await tx.jobs.in_state(_WAITING, MANY)
    return tuple(job for job in waiting if gate_key(job) == gate)


async def _put(tx: Unit, before: Circuit, after: Circuit) -> None:
    """Most creates go well, and then there is nothing to write."""
    if before != after:
        await tx.circuits.put(after)
