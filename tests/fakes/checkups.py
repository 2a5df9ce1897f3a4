"""Looks at accounts of backends that find what a test says, and may never come to an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from bot.domain.findings import Finding


@dataclass
class FakeCheckup:
    """Finds these, one after the other; then `breaks` is raised, or it `hangs` for ever.

    Before that it waits for others at `meets`. `left` says whether every look that began was left
    in good order.
    """

    gate: str = "mine/default"
    finds: Sequence[Finding] = ()
    breaks: Exception | None = None
    hangs: bool = False
    meets: asyncio.Barrier | None = None
    looks: int = 0
    ended: int = field(default=0, init=False)

    @property
    def left(self) -> bool:
        return self.looks == self.ended

    async def findings(self) -> AsyncGenerator[Finding]:
        self.looks += 1
        try:
            if self.meets:
                await self.meets.wait()
            for finding in self.finds:
                yield finding
            if self.breaks:
                raise self.breaks
            if self.hangs:
                await asyncio.Event().wait()
        finally:
            self.ended += 1
