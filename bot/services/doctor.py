"""What keeps the bot from working, for whoever can mend it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot import wording
from bot.domain.checks import Fault
from bot.domain.findings import Finding
from bot.domain.jobs import JobState
from bot.domain.refs import Person, Tenant
from bot.errors import BadCredentials, JobNotFound, MediaFailed, NotAllowed, ProviderError
from bot.ports import Clock, JobFilter, Readable, VideoProvider
from bot.services.panel import Check
from bot.services.selfcheck import SelfCheck

PATIENCE = 10.0
"""Seconds that a backend has to answer."""
_UNKNOWN = frozenset({JobState.SUBMIT_UNKNOWN})
_MOST = 1000


class Doctor:
    """Looks at what an admin can be told: nothing of other workspaces.

    `alerts` says in which channel a workspace hears of trouble; None: in none.
    """

    def __init__(
        self,
        store: Readable,
        selfcheck: SelfCheck,
        checks: Sequence[Check],
        alerts: Callable[[Tenant], Awaitable[str | None]],
    ) -> None:
        self._store = store
        self._selfcheck = selfcheck
        self._checks = checks
        self._alerts = alerts

    async def examine(self, admin: Person) -> tuple[Finding, ...]:
        """Everything, one after the other."""
        if not admin.admin:
            raise NotAllowed("admin")
        faults = await self._selfcheck.faults()
        own = [fault for fault in faults if fault.tenant == admin.tenant]
        watched = [Finding(*await check()) for check in self._checks]
        accounts = await troubles(self._store)
        unknown, channel = await self._unknown(admin), await self._channel(admin)
        return (books(own), unknown, *watched, *accounts, channel)

    async def _unknown(self, admin: Person) -> Finding:
        async with self._store.reading() as tx:
            found = await tx.jobs.list(JobFilter(admin.tenant, states=_UNKNOWN, limit=_MOST))
        return wording.doctor_unknown(len(found))

    async def _channel(self, admin: Person) -> Finding:
        return wording.doctor_alerts(is_set=await self._alerts(admin.tenant) is not None)


async def unknown_jobs(store: Readable) -> Finding:
    """How many outcomes are unknown, of all workspaces."""
    async with store.reading() as tx:
        return wording.doctor_unknown(len(await tx.jobs.in_state(_UNKNOWN, _MOST)))


async def troubles(store: Readable) -> tuple[Finding, ...]:
    """Accounts of backends to which nothing is sent; nothing where all is well."""
    async with store.reading() as tx:
        return tuple(map(wording.doctor_circuit, await tx.circuits.open()))


def books(faults: Sequence[Fault]) -> Finding:
    """Whether all adds up."""
    return wording.doctor_books([fault.words for fault in faults])


def ffmpeg_check(find: Callable[[], Awaitable[str]]) -> Check:
    """Whether there is a program that reads and cuts clips."""

    async def check() -> tuple[str, str, bool]:
        try:
            return (wording.HEALTH_FFMPEG, await find(), True)
        except MediaFailed as error:
            return (wording.HEALTH_FFMPEG, str(error), False)

    return check


def backend_check(provider: VideoProvider, clock: Clock) -> Check:
    """Whether the backend answers, and takes the key."""

    async def check() -> tuple[str, str, bool]:
        try:
            async with asyncio.timeout(PATIENCE):
                await _ask(provider, clock.now())
        except TimeoutError:
            return (wording.HEALTH_BACKEND, wording.backend_silent(int(PATIENCE)), False)
        except BadCredentials as error:
            return (wording.HEALTH_BACKEND, wording.backend_refuses(error.message), False)
        except ProviderError as error:
            return (wording.HEALTH_BACKEND, wording.backend_unreachable(error.message), False)
        return (wording.HEALTH_BACKEND, wording.BACKEND_ANSWERS, True)

    return check


async def _ask(provider: VideoProvider, now: int) -> None:
    """The cheapest question that needs the key and starts nothing."""
    if provider.capabilities.lists:
        await provider.list_jobs(now)
        return
    try:
        await provider.fetch({"id": "video_doctor"})
    except JobNotFound:
        return
