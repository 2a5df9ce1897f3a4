"""Webhooks of the simulator: tells whoever is named in its settings of each job that ended."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets

import httpx

from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.simulator.settings import SimulatorSettings
from adapters.providers.webhooks import signature
from bot.ports import Clock

_TRIES = 3
_PAUSE = 1000
"""Ms until it is told again."""
_PATIENCE = 5.0
"""Seconds to wait for an answer."""

log = logging.getLogger(__name__)


class Teller:
    """One message for each ended job, repeated under the same id while nobody takes it."""

    def __init__(self, settings: SimulatorSettings, clock: Clock) -> None:
        self._url = settings.webhook_url
        self._secret = settings.webhook_secret
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, job: SimJob | None) -> None:
        """A job ended; None was deleted meanwhile."""
        if job is None or not self._url:
            return
        task = asyncio.create_task(self._tell(self._url, job), name=f"webhook of {job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Tell nothing more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, url: str, job: SimJob) -> None:
        name, body = f"wh_{secrets.token_hex(12)}", _message(job, self._clock.now())
        async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
            for _ in range(_TRIES):
                if await self._sent(client, url, name, body):
                    return
                await self._clock.sleep(_PAUSE)

    async def _sent(self, client: httpx.AsyncClient, url: str, name: str, body: bytes) -> bool:
        stamp = str(self._clock.now() // 1000)
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self._secret, name, stamp, body),
        }
        try:
            return (await client.post(url, content=body, headers=headers)).is_success
        except httpx.HTTPError as error:
            log.info("webhook to %s: %s", url, type(error).__name__)
            return False


def _message(job: SimJob, now: int) -> bytes:
    word = "completed" if job.status is Status.COMPLETED else "failed"
    message = {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "type": f"video.{word}",
        "created_at": now // 1000,
        "data": {"id": job.id},
    }
    return json.dumps(message).encode()
