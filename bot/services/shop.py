"""What is on sale today, at which price, and at which account it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.catalogue import Catalogue
from bot.domain.jobs import Job, Offer
from bot.domain.order import Lane
from bot.domain.switches import for_model, for_provider
from bot.domain.videos import VideoSpec
from bot.ports import Clock

DEFAULT_WAIT = 120_000
"""Ms that a render is expected to take when its model has left the catalogue."""


@dataclass(frozen=True, slots=True)
class Supplier:
    """The provider account that new jobs are pinned to."""

    provider: str
    account: str
    base_url: str


class Shop:
    """Reads the catalogue with today's date."""

    def __init__(
        self, catalogue: Catalogue, supplier: Supplier, clock: Clock, zone: ZoneInfo
    ) -> None:
        self._catalogue = catalogue
        self._supplier = supplier
        self._clock = clock
        self._zone = zone

    def catalogue(self) -> Catalogue:
        """The models that can be ordered today."""
        today = datetime.fromtimestamp(self._clock.now() / 1000, self._zone).date()
        return self._catalogue.offered(self._supplier.provider, today)

    def scopes(self) -> tuple[str, ...]:
        """All that a switch can be for: each provider and model, also those no longer sold."""
        providers = dict.fromkeys([self._supplier.provider, *(m.provider for m in self._catalogue)])
        models = dict.fromkeys(model.name for model in self._catalogue)
        return (*map(for_provider, providers), *map(for_model, models))

    def offer(self, spec: VideoSpec, lane: Lane = Lane.NORMAL) -> Offer:
        """The terms for one video; raises `InvalidInput` or `Unpriced`."""
        catalogue = self.catalogue()
        model = catalogue.get(spec.model)
        supplier = self._supplier
        return Offer(
            supplier.provider,
            supplier.account,
            supplier.base_url,
            model.upstream,
            catalogue.reduced(model.price(spec.size, spec.seconds), lane),
            model.cost(spec.size, spec.seconds),
        )

    def providers(self) -> tuple[str, ...]:
        """The providers that the catalogue knows, sorted."""
        return tuple(sorted({model.provider for model in self._catalogue}))

    def typical(self, job: Job) -> int:
        """How long the catalogue says that a job takes (ms), also for models no longer sold."""
        return self.typical_of(job.offer.provider, job.spec.model)

    def typical_of(self, provider: str, model: str) -> int:
        """The same of what a provider makes with a model."""
        made = (m.typical_ms for m in self._catalogue if (m.provider, m.name) == (provider, model))
        return next(made, DEFAULT_WAIT)
