"""Compares what backends charge and have with what we know. Changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.domain.jobs import Offer
from bot.domain.reconciliation import Comparison, Costs
from bot.domain.refs import Person, Tenant
from bot.domain.reports import When, bounds
from bot.errors import ProviderError
from bot.ports import Clock, Readable, RemoteJob, VideoProvider
from bot.services.audit import check_admin
from bot.services.lookup import CLOCK_SKEW

log = logging.getLogger(__name__)


class Reconciliation:
    """`provider_of` gives the client of an account."""

    def __init__(
        self, store: Readable, clock: Clock, provider_of: Callable[[Offer], VideoProvider]
    ) -> None:
        self._store = store
        self._clock = clock
        self._provider_of = provider_of

    async def of(self, admin: Person, span: When, zone: ZoneInfo) -> tuple[Comparison, ...]:
        """Each account that the admin's workspace used in a span."""
        check_admin(admin)
        return await self.compare(admin.tenant, span, zone)

    async def compare(
        self, tenant: Tenant | None, span: When, zone: ZoneInfo
    ) -> tuple[Comparison, ...]:
        """Each account that a workspace used in a span; None: that any of them used."""
        since, until = bounds(span, self._clock.now(), zone)
        async with self._store.reading() as tx:
            accounts = await tx.costs.accounts(tenant, since, until)
        return tuple([await self._one(costs, tenant, since, until) for costs in accounts])

    async def _one(self, costs: Costs, tenant: Tenant | None, since: int, until: int) -> Comparison:
        offer = Offer(costs.provider, costs.account, costs.base_url, "", 0)
        provider = self._provider_of(offer)
        if not provider.capabilities.lists:
            return Comparison(costs)
        try:
            listed = await provider.list_jobs(since)
        except ProviderError as error:
            log.info("the list of %s: %s: %s", costs.provider, type(error).__name__, error)
            return Comparison(costs, asked=False)
        names = frozenset(str(remote.reference.get("id")) for remote in listed)
        # What was taken just now is perhaps not on record yet.
        settled = min(until, self._clock.now() - CLOCK_SKEW)
        within = frozenset(
            str(remote.reference.get("id")) for remote in listed if _is_before(remote, settled)
        )
        async with self._store.reading() as tx:
            claimed = await tx.jobs.claimed(costs.provider, tuple(within))
            # At the very beginning, a backend's clock may say that it was before.
            ours = await tx.costs.remote_ids(costs, tenant, since + CLOCK_SKEW, until)
        strange = tuple(sorted(within - claimed))
        missing = tuple(sorted(ours - names)) if provider.capabilities.list_complete else None
        return Comparison(costs, strange=strange, missing=missing)


def _is_before(remote: RemoteJob, until: int) -> bool:
    return remote.created_at is None or remote.created_at < until
