"""Being the one bot that works: waiting for it, holding on to it, and noticing when it is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from bot.domain.leases import acts_until, look_after, renew_after
from bot.errors import SecondInstance
from bot.ports import Clock, Leases

log = logging.getLogger(__name__)
Elapsed = Callable[[], int]
"""Ms since some moment, by a clock that no pause of the process or the machine stops."""


class Leadership:
    """Holds the lease of `length` ms in the name of `holder`.

    Whoever was paused for too long finds out by `leads`, without asking anybody.
    """

    def __init__(
        self, leases: Leases, holder: str, length: int, clock: Clock, elapsed: Elapsed
    ) -> None:
        self._leases = leases
        self._holder = holder
        self._length = length
        self._clock = clock
        self._elapsed = elapsed
        self._acts_until = 0
        self._lost = False
        self._keeping: asyncio.Task[None] | None = None

    def leads(self) -> bool:
        """Whether nobody else can be at work yet."""
        return not self._lost and self._elapsed() < self._acts_until

    async def take(self) -> bool:
        """Lead from now on; False while somebody else has the lease."""
        asked_at = self._elapsed()
        lease = await self._leases.take(self._holder, self._length)
        if lease is None:
            return False
        self._acts_until = acts_until(asked_at, self._length)
        log.info("leads in epoch %d", lease.epoch)
        return True

    async def take_now(self) -> None:
        """The same; raises `SecondInstance` where it cannot be."""
        if not await self.take():
            raise SecondInstance(await self.leader())

    async def leader(self) -> str:
        """Who has the lease, or had it last; "" for nobody ever."""
        found = await self._leases.look()
        return found.holder if found else ""

    async def wait(self) -> None:
        """Take the lease as soon as nobody has it; a database that is away is waited for, too."""
        while not await self._try():
            await self._clock.sleep(look_after(self._length))

    async def _try(self) -> bool:
        try:
            return await self.take()
        except Exception:
            # Whatever it is, the bot that leads may need somebody to follow it later.
            log.warning("the lease cannot be looked at; trying again", exc_info=True)
            return False

    def keep(self, lost: Callable[[], None]) -> None:
        """Renew it from here on; `lost` is called once, when another one has it."""
        self._keeping = asyncio.create_task(self._keep(lost), name="lease")

    async def _keep(self, lost: Callable[[], None]) -> None:
        while not self._lost:
            await self._clock.sleep(renew_after(self._length))
            await self._renew()
        log.error("another bot works here by now; this one stops")
        lost()

    async def _renew(self) -> None:
        asked_at = self._elapsed()
        try:
            async with asyncio.timeout(self._length / 1000):
                held = await self._leases.renew(self._length)
        except Exception:
            # Only the database can say that it is lost. Meanwhile its own clock stops the bot.
            log.warning("the lease could not be renewed; trying again", exc_info=True)
            return
        if held:
            self._acts_until = acts_until(asked_at, self._length)
        self._lost = not held

    async def stop(self) -> None:
        """Renew it no more; the store gives it back when it is closed."""
        if self._keeping:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
