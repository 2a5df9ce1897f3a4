"""Keeps a client running: the library's own gives up on faults that pass."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import aiohttp
import discord

from adapters.discord.client import AnyClient
from bot import wording
from bot.errors import ChatBusy, ConfigError
from bot.ports import Clock

FIRST, LONGEST = 2_000, 300_000
"""Ms between two lives. Discord allows 1,000 sessions a day; the longest wait spends 288."""
HEALTHY = 600_000
"""Ms after which a life counts as a good one."""
BAD_INTENTS = 4014
FATAL_CLOSES = frozenset({4004, 4010, 4011, 4012, 4013, BAD_INTENTS})
"""Codes of the gateway that no new try will change: token, shards, version, intents."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class Supervisor:
    """Lives of the client, one after the other; `build` makes one that was never started."""

    def __init__(self, build: Callable[[], AnyClient], token: str, clock: Clock) -> None:
        self._build = build
        self._token = token
        self._clock = clock
        self._client: AnyClient | None = None
        self._running: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self.fault: str | None = None
        """Why there will be no further life, in words for the operator."""

    @property
    def client(self) -> AnyClient:
        """The one that runs; raises `ChatBusy` between two lives."""
        client = self._client
        if client is None or client.is_closed() or client.user is None:
            raise ChatBusy(FIRST)
        return client

    @property
    def ready(self) -> bool:
        """Whether people are served."""
        return self._client is not None and self._client.is_ready()

    async def start(self) -> None:
        """Begin; returns when people are served or a first try failed in a way that may pass.

        Raises `ConfigError` when no try can ever work.
        """
        self._running = asyncio.create_task(self._run(), name="discord")
        await self._tried.wait()
        if self.fault:
            raise ConfigError((self.fault,))

    async def aclose(self) -> None:
        """End the running life; fine when there is none."""
        if self._running:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            self._running = None

    async def _run(self) -> None:
        tries = 0
        while self.fault is None:
            began = self._clock.now()
            await self._live()
            if self.fault:
                log.error(self.fault)
                return
            tries = 0 if self._clock.now() - began > HEALTHY else tries + 1
            wait = min(LONGEST, FIRST * 2 ** min(tries, 20))
            log.warning("the line to Discord is down; again in %d s", wait // 1000)
            await self._clock.sleep(wait)

    async def _live(self) -> None:
        client = self._client = self._build()
        waiting = asyncio.create_task(self._notice(client), name="discord ready")
        try:
            await client.start(self._token)
        except discord.LoginFailure:
            self.fault = wording.DISCORD_LOGIN_REFUSED
        except discord.PrivilegedIntentsRequired:
            self.fault = wording.discord_closed_for_good(BAD_INTENTS)
        except discord.ConnectionClosed as error:
            if error.code in FATAL_CLOSES:
                self.fault = wording.discord_closed_for_good(error.code)
            log.warning("Discord closed the line: %s", error)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.warning("Discord: %s: %s", type(error).__name__, error)
        except Exception:
            # The library's own parsers may break; its next life starts with a clean slate.
            log.exception("the Discord client broke")
        finally:
            waiting.cancel()
            await client.close()
            self._tried.set()

    async def _notice(self, client: AnyClient) -> None:
        """Say so when people are served. The client knows no such wait before it logs in."""
        await client.opened.wait()
        self._tried.set()
