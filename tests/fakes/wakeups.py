"""Timers that fire when a test says so."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.ports import Wake


@dataclass
class FakeWakeups:
    timers: dict[str, tuple[int, Wake]] = field(default_factory=dict[str, tuple[int, Wake]])
    repeating: dict[str, tuple[int, Wake]] = field(default_factory=dict[str, tuple[int, Wake]])
    started: bool = False

    def start(self) -> None:
        self.started = True

    def at(self, name: str, when: int, wake: Wake) -> None:
        self.timers[name] = (when, wake)

    def every(self, name: str, interval: int, wake: Wake) -> None:
        self.repeating[name] = (interval, wake)

    def forget(self, name: str) -> None:
        self.timers.pop(name, None)

    async def aclose(self) -> None:
        self.timers.clear()
        self.repeating.clear()

    async def fire_due(self, now: int) -> int:
        """Fire every timer that is due; returns how many there were."""
        due = [name for name, (when, _) in self.timers.items() if when <= now]
        for name in due:
            _, wake = self.timers.pop(name)
            await wake(name)
        return len(due)
