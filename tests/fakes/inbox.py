"""Inboxes of a chat: in memory, and behind a database that has no time at times."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.ports import Arrival, Inbox


@dataclass
class MemoryInbox:
    """`names` has every key that was taken, with the arrival that it belongs to."""

    names: dict[str, Arrival] = field(default_factory=dict[str, Arrival])
    undone: dict[str, Arrival] = field(default_factory=dict[str, Arrival])

    async def take(self, keys: Sequence[str], text: str, at: int) -> bool:
        if any(key in self.names for key in keys):
            return False
        arrival = Arrival(keys[0], text, at)
        self.names.update(dict.fromkeys(keys, arrival))
        self.undone[arrival.key] = arrival
        return True

    async def waiting(self, limit: int) -> tuple[Arrival, ...]:
        oldest_first = sorted(self.undone.values(), key=lambda arrival: arrival.at)
        return tuple(oldest_first[:limit])

    async def done(self, key: str) -> None:
        self.undone.pop(key, None)

    async def tidy(self, before: int) -> int:
        old = [
            name
            for name, arrival in self.names.items()
            if arrival.at < before and arrival.key not in self.undone
        ]
        for name in old:
            del self.names[name]
        return len(old)


class Turn:
    """Whose turn it is in a database that others write to, too."""

    def __init__(self) -> None:
        self._ours = asyncio.Event()
        self._ours.set()

    @asynccontextmanager
    async def of_others(self) -> AsyncGenerator[None]:
        """Within the block nothing can be stored."""
        self._ours.clear()
        try:
            yield
        finally:
            self._ours.set()

    async def ours(self) -> None:
        """Wait for it."""
        await self._ours.wait()


@dataclass(frozen=True)
class WaitingInbox:
    """Another inbox, in which things are stored when it is their turn."""

    inbox: Inbox
    turn: Turn

    async def take(self, keys: Sequence[str], text: str, at: int) -> bool:
        await self.turn.ours()
        return await self.inbox.take(keys, text, at)

    async def waiting(self, limit: int) -> tuple[Arrival, ...]:
        return await self.inbox.waiting(limit)

    async def done(self, key: str) -> None:
        await self.inbox.done(key)

    async def tidy(self, before: int) -> int:
        return await self.inbox.tidy(before)
