"""Start, run and stop, in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.commands.dispatch import Commands
from bot.ports import ChatPlatform
from bot.services.announcer import Announcer
from bot.services.scheduler import Scheduler

PATIENCE = 10.0
"""Seconds that running steps get when the bot stops; the rest is taken up at the next start."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs."""

    commands: Commands
    scheduler: Scheduler
    announcer: Announcer
    platforms: Sequence[ChatPlatform]


class App:
    """A running bot."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._announcing: asyncio.Task[None] | None = None
        self._ready = False

    async def is_ready(self) -> bool:
        """Whether old work is in hand and people are served."""
        return self._ready

    async def start(self) -> None:
        """Recover, then send, then listen: nobody is served before old work is in hand."""
        parts = self._parts
        await parts.scheduler.start()
        self._announcing = asyncio.create_task(parts.announcer.run(), name="announcer")
        for platform in parts.platforms:
            await platform.serve(parts.commands.answer)
        self._ready = True
        log.info("ready")

    async def stop(self) -> None:
        """Listen no more, finish what runs, and leave the rest to the next start."""
        parts = self._parts
        self._ready = False
        for platform in parts.platforms:
            await platform.aclose()
        await parts.scheduler.stop(PATIENCE)
        if self._announcing:
            self._announcing.cancel()
            with suppress(asyncio.CancelledError):
                await self._announcing
        log.info("stopped")
