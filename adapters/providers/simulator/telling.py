"""Webhooks of the simulator: tells of each job that ended whoever its create or a setting names."""

from __future__ import annotations

import asyncio
import logging
import secrets

import httpx

from adapters.providers.simulator.jobs import SimJob
from adapters.providers.simulator.letters import Letter, Pen
from adapters.providers.simulator.settings import SimulatorSettings
from bot.ports import Clock

_TRIES = 3
_PAUSE = 1000
"""Ms until it is told again."""
_PATIENCE = 5.0
"""Seconds to wait for an answer."""

log = logging.getLogger(__name__)


class Teller:
    """One message for each ended job, repeated under the same id while nobody takes it."""

    def __init__(self, settings: SimulatorSettings, clock: Clock, pen: Pen) -> None:
        self._url = settings.webhook_url
        self._clock = clock
        self._pen = pen
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, job: SimJob | None) -> None:
        """A job ended; None was deleted meanwhile."""
        url = (job.webhook or self._url) if job else ""
        if job is None or not url:
            return
        task = asyncio.create_task(self._tell(url, job), name=f"webhook of {job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Tell nothing more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, url: str, job: SimJob) -> None:
        letter = self._pen.letter(job, f"wh_{secrets.token_hex(12)}", self._clock.now())
        async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
            for _ in range(_TRIES):
                if await self._sent(client, url, letter):
                    return
                await self._clock.sleep(_PAUSE)

    async def _sent(self, client: httpx.AsyncClient, url: str, letter: Letter) -> bool:
        stamp = str(self._clock.now() // 1000)
        headers = {"content-type": "application/json", **self._pen.headers(letter, stamp)}
        try:
            return (await client.post(url, content=letter.body, headers=headers)).is_success
        except httpx.HTTPError as error:
            # Its whole text would name the address, which may be a secret.
            log.info("a webhook was not taken: %s", type(error).__name__)
            return False
