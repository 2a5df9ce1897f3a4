"""Start, run and stop, in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot import wording
from bot.commands.dispatch import Commands
from bot.domain.messages import Invocation, Message, Reply
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
        self._serving = False

    async def is_ready(self) -> bool:
        """Whether old work is in hand and people are served."""
        return self._ready

    async def start(self) -> None:
        """Recover, then send, then listen: nobody is served before old work is in hand."""
        parts = self._parts
        await parts.scheduler.start()
        self._announcing = asyncio.create_task(parts.announcer.run(), name="announcer")
        self._serving = True
        for platform in parts.platforms:
            await platform.serve(self._answer)
        self._ready = True
        log.info("ready")

    async def stop(self) -> None:
        """Take no more orders, finish what runs and what is being sent, leave the rest.

        Chats are left last: an upload that is nearly there should arrive and be noted.
        """
        parts = self._parts
        self._ready = self._serving = False
        await parts.scheduler.stop(PATIENCE)
        if self._announcing:
            self._announcing.cancel()
            with suppress(asyncio.CancelledError):
                await self._announcing
        for platform in parts.platforms:
            await platform.aclose()
        log.info("stopped")

    async def _answer(self, invocation: Invocation) -> Reply:
        if not self._serving:
            return Reply(Message((wording.NOT_SERVING,)), refused=True)
        return await self._parts.commands.answer(invocation)
