"""One life of the bot on a chat: the real core on a clock that stands still until told."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.commands.dispatch import Commands
from bot.domain.catalogue import Catalogue
from bot.domain.jobs import Job, JobState
from bot.domain.refs import Tenant
from tests.fakes.core import Core, catalogue

STEP = 250
"""Ms of a step in time."""
C = TypeVar("C")


def on_sale() -> Catalogue:
    """What the simulator makes."""
    return Catalogue(tuple(model for model in catalogue() if model.provider == "simulator"))


async def no_styles(tenant: Tenant) -> tuple[()]:
    """A workspace has none."""
    del tenant
    return ()


@dataclass
class AnyLife(Generic[C]):
    """One life of the bot on the chat `chat`."""

    core: Core
    chat: C
    commands: Commands

    async def work(self) -> None:
        """All that is due, until it has to wait."""
        await self.core.work()

    async def wait(self, ms: int) -> None:
        """Let time pass, with all that falls due."""
        await self.core.wait(ms)

    async def work_while_time_passes(self, ms: int = 30_000) -> None:
        """The same for calls that wait in between, to be tried again."""
        working = asyncio.create_task(self.core.work())
        clock = self.core.clock
        for _ in range(ms // 100):
            if working.done():
                break
            clock.advance(100)
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(working), 0.02)
        await working

    async def live(self, ms: int = 30_000) -> None:
        """Let time pass, with all that falls due, and for calls that wait in between."""
        working = asyncio.create_task(self.core.work())
        for _ in range(ms // STEP):
            self.core.clock.advance(STEP)
            if working.done():
                await working
                working = asyncio.create_task(self.core.work())
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(working), 0.02)
        while not working.done():
            self.core.clock.advance(STEP)
            await asyncio.wait({working}, timeout=0.02)
        await working

    async def jobs(self) -> tuple[Job, ...]:
        """All jobs of all workspaces, the oldest first."""
        async with self.core.store.reading() as tx:
            return await tx.jobs.in_state(frozenset(JobState), 100)
