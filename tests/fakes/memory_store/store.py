"""A store in memory with the laws of the real ones, for tests that need very many of them.

It signs the same contract (tests/contracts/test_memory_store.py). All that is stored is one value:
whoever keeps it has a copy of that moment, and a crash is to go on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import get_type_hints

from tests.fakes.memory_store.choices import (
    MemoryAudit,
    MemoryBlocks,
    MemoryBudgets,
    MemoryChannels,
    MemoryCircuits,
    MemoryGates,
    MemoryPrompts,
    MemoryQuotas,
    MemorySchedules,
    MemoryStyles,
    MemorySwitches,
    MemoryWorkspaces,
)
from tests.fakes.memory_store.jobs import MemoryAttempts, MemoryJobs
from tests.fakes.memory_store.ledger import MemoryLedger
from tests.fakes.memory_store.library import MemoryLibrary, MemoryLikes
from tests.fakes.memory_store.links import MemoryLinks, MemoryPublications
from tests.fakes.memory_store.news import MemoryNotices, MemoryQuotes, MemoryVideos
from tests.fakes.memory_store.outbox import MemoryOutbox
from tests.fakes.memory_store.permits import MemoryAsks, MemoryPeople, MemoryPermits
from tests.fakes.memory_store.releases import MemoryReleases
from tests.fakes.memory_store.tables import Stored, View
from tests.fakes.memory_store.takedowns import MemoryTakedowns
from tests.fakes.memory_store.usage import MemoryChecks, MemoryCosts, MemoryUsage


class MemoryUnit:
    """All repositories within one transaction, each made when it is asked for."""

    jobs: MemoryJobs
    attempts: MemoryAttempts
    ledger: MemoryLedger
    quotas: MemoryQuotas
    outbox: MemoryOutbox
    gates: MemoryGates
    circuits: MemoryCircuits
    videos: MemoryVideos
    releases: MemoryReleases
    library: MemoryLibrary
    likes: MemoryLikes
    prompts: MemoryPrompts
    styles: MemoryStyles
    links: MemoryLinks
    publications: MemoryPublications
    channels: MemoryChannels
    usage: MemoryUsage
    schedules: MemorySchedules
    workspaces: MemoryWorkspaces
    people: MemoryPeople
    permits: MemoryPermits
    asks: MemoryAsks
    takedowns: MemoryTakedowns
    audit: MemoryAudit
    budgets: MemoryBudgets
    notices: MemoryNotices
    quotes: MemoryQuotes
    blocks: MemoryBlocks
    switches: MemorySwitches
    checks: MemoryChecks
    costs: MemoryCosts

    def __init__(self, view: View) -> None:
        self.view = view

    def __getattr__(self, name: str) -> object:
        if name not in _REPOSITORIES:
            raise AttributeError(name)
        made = _REPOSITORIES[name](self.view)
        setattr(self, name, made)
        return made


_REPOSITORIES = get_type_hints(MemoryUnit)


class MemoryStore:
    """`Store` over one value, which a transaction replaces as a whole when it ends."""

    def __init__(self, stored: Stored | None = None) -> None:
        self.stored: Stored = stored or {}
        self._turn = asyncio.Lock()

    @property
    def durable(self) -> Stored:
        """What would be left if the process died now."""
        return self.stored

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[MemoryUnit]:
        """Read and write, alone. Never within another `transaction` of the same task."""
        async with self._turn:
            view = View(self.stored)
            yield self.unit(view)
            self.stored = view.result()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[MemoryUnit]:
        """Read only, one view of what is stored; what is written here goes nowhere."""
        yield self.unit(View(self.stored))

    def unit(self, view: View) -> MemoryUnit:
        """The repositories of one transaction; tests take a protection out of them here."""
        return MemoryUnit(view)

    async def aclose(self) -> None:
        """There is nothing to close."""
