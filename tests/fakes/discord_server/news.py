"""Where what changed is told: to the gateway, and to tests that wait."""

import asyncio
from collections.abc import Callable
from typing import Any

Listener = Callable[[str, dict[str, Any], int | None], int]


class News:
    """Carries events out; one listener, which is the gateway."""

    def __init__(self) -> None:
        self.listener: Listener | None = None
        self._woken = asyncio.Event()

    def tell(self, event: str, data: dict[str, Any], guild_id: int | None) -> int:
        """Send an event to every session that should have it: how many these are."""
        heard = 0 if self.listener is None else self.listener(event, data, guild_id)
        self.wake()
        return heard

    def wake(self) -> None:
        """Let all who wait look again."""
        self._woken.set()
        self._woken = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until something happened, or the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
