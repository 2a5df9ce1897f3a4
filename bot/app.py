"""Start, run and stop, in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot import wording
from bot.commands.dispatch import Commands
from bot.domain.messages import Invocation, Message, Reply
from bot.errors import SecondInstance
from bot.ports import ChatPlatform, Leads
from bot.services.announcer import Announcer
from bot.services.scheduler import Scheduler

PATIENCE = 4.0
"""Seconds that running steps get when the bot stops; the rest is taken up at the next start."""
LEAVE = 2.5
"""Seconds that chats get to say goodbye. All of a stop has ten, as containers are given."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs."""

    commands: Commands
    scheduler: Scheduler
    announcer: Announcer
    platforms: Sequence[ChatPlatform]
    leads: Leads


def keep_pauses_short() -> None:
    """Let nothing in this process hold up its loop for long; bench/discord.py watches it.

    For a whole process, once everything is loaded.
    """
    # A full collection of garbage looks at all that was ever loaded, and everyone waits: 100 ms.
    # What is there by now stays anyway, so it is passed over; and the rest is looked at less often,
    # for it is large when many commands wait.
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, 100)
    # Seconds for which a thread of the database may keep the loop waiting; 5 ms unless one says so.
    sys.setswitchinterval(0.0005)


class App:
    """A running bot."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._announcing: asyncio.Task[None] | None = None
        self._ready = False
        self._serving = False

    async def is_ready(self) -> bool:
        """Whether old work is in hand and people are served."""
        return self._ready and self._parts.leads()

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

    def close(self) -> None:
        """Take no more orders from here on."""
        self._ready = self._serving = False

    async def stop(self) -> None:
        """Take no more orders, finish what runs and what is being sent, leave the rest.

        Chats are left last: an upload that is nearly there should arrive and be noted. Where
        another bot works by now, all of it is left to that one.
        """
        parts = self._parts
        self.close()
        await parts.scheduler.stop(PATIENCE if parts.leads() else 0)
        if self._announcing:
            self._announcing.cancel()
            with suppress(asyncio.CancelledError, SecondInstance):
                await self._announcing
        await asyncio.gather(*(_left(platform) for platform in parts.platforms))
        log.info("stopped")

    async def _answer(self, invocation: Invocation) -> Reply:
        if not (self._serving and self._parts.leads()):
            return Reply(Message((wording.NOT_SERVING,)), refused=True)
        return await self._parts.commands.answer(invocation)


async def _left(platform: ChatPlatform) -> None:
    try:
        async with asyncio.timeout(LEAVE):
            await platform.aclose()
    except TimeoutError:
        log.warning("%s was left without a goodbye", platform.name)
