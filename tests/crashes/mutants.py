"""Stores, chats and backends that lack one protection each: the table must notice.

Nothing of the bot is changed. It runs on a port that forgets one of its promises, as if that part
of an adapter or of `storage` had never been written.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.jobs import Job, JobState
from bot.domain.messages import Message
from bot.domain.refs import MessageRef, Place, Tenant
from bot.ports import RemoteJob
from tests.crashes.backend import Client
from tests.crashes.chat import Window
from tests.fakes.memory_store.jobs import MemoryJobs
from tests.fakes.memory_store.ledger import MemoryLedger
from tests.fakes.memory_store.store import MemoryStore, MemoryUnit
from tests.fakes.memory_store.tables import JOBS, REQUESTED, Stored, View


class _AnyVersion(MemoryJobs):
    def _is_newest(self, seen: Job) -> bool:
        return seen.id in self._view.of(JOBS)


class _AnyRequest(MemoryJobs):
    async def by_interaction(self, tenant: Tenant, interaction: str) -> tuple[Job, ...]:
        return ()

    async def add(self, job: Job) -> None:
        self._view.change(REQUESTED).pop((job.person.tenant, job.interaction, job.part), None)
        await super().add(job)


class _AnyRef(MemoryLedger):
    def _is_used(self, ref: str) -> bool:
        return False


class NoVersions(MemoryStore):
    """Whoever moves a job need not have seen its newest version."""

    def unit(self, view: View) -> MemoryUnit:
        unit = super().unit(view)
        unit.jobs = _AnyVersion(view)
        return unit


class NoRequests(MemoryStore):
    """The same request twice is two orders: no unique key, no look at it."""

    def unit(self, view: View) -> MemoryUnit:
        unit = super().unit(view)
        unit.jobs = _AnyRequest(view)
        return unit


class NoRefs(MemoryStore):
    """A transfer happens as often as it is posted: the ledger's key is gone."""

    def unit(self, view: View) -> MemoryUnit:
        unit = super().unit(view)
        unit.ledger = _AnyRef(view)
        return unit


class NoIntents(MemoryStore):
    """An intent reaches the disk only with what is written next, as if it came after the create."""

    def __init__(self, stored: Stored | None = None) -> None:
        super().__init__(stored)
        self._before: Stored = self.stored
        self._last: Stored = self.stored

    @property
    def durable(self) -> Stored:
        if self.stored is not self._last:
            self._before, self._last = self._last, self.stored
        jobs = View(self.stored).of(JOBS).values()
        intended = any(job.state is JobState.SUBMITTING for job in jobs)
        return self._before if intended else self.stored


class Deaf(Window):
    """A chat that never looks whether a message is there already."""

    async def post(
        self, place: Place, message: Message, nonce: str, *, again: bool = False
    ) -> MessageRef:
        return await super().post(place, message, nonce)


class Blind(Client):
    """A backend whose list is empty, although it is said to be complete."""

    async def list_jobs(self, since: int) -> Sequence[RemoteJob]:
        return []


class Nameless(Client):
    """A backend that knows nothing by our names, although it is said to."""

    async def find(self, name: str) -> RemoteJob | None:
        return None
