"""Where what changed is told: to the bot as events, and to tests that wait."""

import asyncio
from collections.abc import Callable

from tests.fakes.slack_server.payloads import Object


class News:
    """Carries events out; one listener."""

    def __init__(self) -> None:
        self.listener: Callable[[Object], None] | None = None
        self._woken = asyncio.Event()

    def tell(self, event: Object) -> None:
        """Send an event to the bot, when it subscribed to it."""
        if self.listener is not None:
            self.listener(event)
        self.wake()

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
