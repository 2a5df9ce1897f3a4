"""An inbox of a chat, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.ports import Arrival


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
