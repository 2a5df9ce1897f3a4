"""What keeps the bot from working, for whoever can mend it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

from bot import wording
from bot.domain.checks import Fault
from bot.domain.findings import Finding
from bot.domain.jobs import JobState
from bot.domain.refs import Person, Tenant
from bot.errors import (
    BadCredentials,
    ConfigError,
    JobNotFound,
    MediaFailed,
    NotAllowed,
    ProviderError,
)
from bot.ports import Checkup, Clock, JobFilter, Readable, VideoProvider
from bot.services.panel import Check
from bot.services.selfcheck import SelfCheck

PATIENCE = 10.0
"""Seconds that a backend has to answer, and an account to be looked at."""
_UNKNOWN = frozenset({JobState.SUBMIT_UNKNOWN})
_MOST = 1000
log = logging.getLogger(__name__)


class Doctor:
    """Looks at what an admin can be told: nothing of other workspaces.

    `alerts` says in which channel a workspace hears of trouble; None: in none. `checkups` are of
    the accounts of backends, which are looked at for `patience` seconds, all at once.
    """

    def __init__(
        self,
        store: Readable,
        selfcheck: SelfCheck,
        checks: Sequence[Check],
        alerts: Callable[[Tenant], Awaitable[str | None]],
        checkups: Sequence[Checkup] = (),
        patience: float = PATIENCE,
    ) -> None:
        self._store = store
        self._selfcheck = selfcheck
        self._checks = checks
        self._alerts = alerts
        self._checkups = checkups
        self._patience = patience

    async def examine(self, admin: Person) -> tuple[Finding, ...]:
        """Everything; what others have to answer is asked at once."""
        if not admin.admin:
            raise NotAllowed("admin")
        faults = await self._selfcheck.faults()
        own = [fault for fault in faults if fault.tenant == admin.tenant]
        watched, backends = await asyncio.gather(self._watched(), self._backends())
        accounts = await troubles(self._store)
        unknown, channel = await self._unknown(admin), await self._channel(admin)
        return (books(own), unknown, *watched, *backends, *accounts, channel)

    async def _watched(self) -> list[Finding]:
        return [Finding(*one) for one in await asyncio.gather(*(look() for look in self._checks))]

    async def _backends(self) -> list[Finding]:
        """What is found at all accounts; what is wrong first, for a chat may cut the rest."""
        looks = [looked_at(checkup, self._patience) for checkup in self._checkups]
        found = [finding for one in await asyncio.gather(*looks) for finding in one]
        return sorted(found, key=lambda finding: finding.fine)

    async def _unknown(self, admin: Person) -> Finding:
        async with self._store.reading() as tx:
            found = await tx.jobs.list(JobFilter(admin.tenant, states=_UNKNOWN, limit=_MOST))
        return wording.doctor_unknown(len(found))

    async def _channel(self, admin: Person) -> Finding:
        return wording.doctor_alerts(is_set=await self._alerts(admin.tenant) is not None)


async def looked_at(checkup: Checkup, patience: float) -> tuple[Finding, ...]:
    """What is found at an account within so many seconds; nothing that it meets is raised."""
    found: list[Finding] = []
    try:
        async with asyncio.timeout(patience), aclosing(checkup.findings()) as findings:
            async for finding in findings:
                found.append(finding)  # noqa: PERF401 - what came before the time was up is kept
    except TimeoutError:
        found.append(wording.doctor_slow(checkup.gate, round(patience)))
    except ConfigError as error:
        found.append(wording.doctor_broke(checkup.gate, " ".join(error.complaints)))
    except Exception:
        # A fault of ours at one account: the admin still hears of all others.
        log.exception("the look at %s broke", checkup.gate)
        found.append(wording.doctor_broke(checkup.gate))
    return wording.doctor_account(checkup.gate, found)


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
