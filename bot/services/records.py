"""Notes what happened to messages: what ends about together shares one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any

from bot.ports import Clock
from bot.services.delivery import Outcome

LINGER = 50
"""Ms that an outcome waits for the next ones of its lane."""

Close = Callable[[], Sequence[Outcome]]
Write = Callable[[Close], Awaitable[None]]


class Records:
    """Collects outcomes and has them written.

    `write` calls what it is given once it can write, and writes all that it gets: so whatever
    comes while others hold the database is written too.
    """

    def __init__(self, write: Write, clock: Clock) -> None:
        self._write = write
        self._clock = clock
        self._wanted = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._open: list[Outcome] = []
        self._writing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, outcome: Outcome) -> asyncio.Task[None]:
        """Have it written soon; the task ends when it is, or raises what kept it from it."""
        self._open.append(outcome)
        if self._writing is None:
            self._wanted.clear()
            self._writing = asyncio.create_task(self._write_together())
            self._tasks.add(self._writing)
            self._writing.add_done_callback(self._tasks.discard)
        return self._writing

    async def written(self, notes: Iterable[asyncio.Task[None]]) -> None:
        """Have all of `notes` written now; raises what went wrong.

        To give up waiting does not stop the writing.
        """
        self._wanted.set()
        tasks = set(notes)
        if tasks:
            done, _ = await asyncio.wait(tasks)
            for task in done:
                task.result()

    async def drain(self) -> None:
        """Until all that was noted is written, or could not be."""
        self._wanted.set()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _write_together(self) -> None:
        await first_of(self._clock.sleep(LINGER), self._wanted.wait())
        async with self._one_at_a_time:
            mine = asyncio.current_task()
            try:
                await self._write(self._close)
            finally:
                if self._writing is mine:
                    self._close()

    def _close(self) -> Sequence[Outcome]:
        batch, self._open, self._writing = self._open, [], None
        return batch


async def first_of(*waits: Coroutine[Any, Any, object]) -> None:
    """Until one of them is over; the others are let go."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
