"""What is on sale today, at which price, and at which account it is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import wording
from bot.domain.catalogue import Catalogue, Lack, Listed, Maker, Model
from bot.domain.jobs import Job, Offer, Operation, Stopping
from bot.domain.lineage import has_whole
from bot.domain.order import Lane
from bot.domain.refs import Place
from bot.domain.routes import Route, chain_of
from bot.domain.switches import for_model, for_provider
from bot.domain.videos import VideoSpec
from bot.errors import CannotExtend, InvalidInput, Unpriced
from bot.ports import Capabilities, Clock

DEFAULT_WAIT = 120_000
"""Ms that a render is expected to take when its model has left the catalogue."""


@dataclass(frozen=True, slots=True)
class Supplier:
    """A provider account that jobs can be pinned to, and what its backend can do."""

    provider: str
    account: str
    base_url: str
    capabilities: Capabilities = field(default_factory=Capabilities)

    @property
    def gate(self) -> str:
        """``provider/account``."""
        return f"{self.provider}/{self.account}"


@dataclass(frozen=True, slots=True)
class Instead:
    """What could be ordered in place of something, and on which terms."""

    spec: VideoSpec
    offer: Offer


class Shop:
    """Reads the catalogue with today's date. Who of the suppliers comes first is asked first.

    Where one of `routes` leads an order, its chain is all that there is for it. Here the catalogue
    meets what backends can do: a first or last frame, reference pictures and a switch for sound are
    offered where one who makes the model takes them, and an order with one goes to those alone.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        suppliers: Sequence[Supplier],
        clock: Clock,
        zone: ZoneInfo,
        routes: Sequence[Route] = (),
    ) -> None:
        self._catalogue = catalogue
        self._suppliers = suppliers
        self._providers = tuple(dict.fromkeys(one.provider for one in suppliers))
        self._clock = clock
        self._zone = zone
        self._routes = routes

    def catalogue(self) -> Catalogue:
        """The models that can be ordered today."""
        sold = self._catalogue.offered(self._providers, self._today())
        models = (model for one in self._suppliers for model in self._sold_by(one))
        makers: dict[str, list[Model]] = {}
        for model in models:
            makers.setdefault(model.name.lower(), []).append(model)
        now = (_able(one, makers.get(one.name.lower(), ())) for one in sold)
        return replace(sold, models=tuple(now))

    def listed(self, place: Place) -> tuple[Listed, ...]:
        """The same with who makes them for orders of a place."""
        return tuple(self._listed(model, place) for model in self.catalogue())

    def _listed(self, model: Model, place: Place) -> Listed:
        usual = self._makers(model, Lane.NORMAL, place)
        lanes = ((lane, self._makers(model, lane, place)) for lane in Lane)
        return Listed(model, usual, tuple(one for one in lanes if one[1] != usual))

    def _makers(self, model: Model, lane: Lane, place: Place) -> tuple[Maker, ...]:
        chain = chain_of(self._routes, model.name, lane, place)
        return tuple(
            Maker(supplier.gate, sold.upstream, dict(sold.prices).get(model.default_size))
            for supplier in self._along(chain)
            for sold in self._sold_by(supplier)
            if sold.name.lower() == model.name.lower()
        )

    def retired(self) -> tuple[Model, ...]:
        """All that was sold, whoever made it."""
        today = self._today()
        return tuple(model for model in self._catalogue if model.retired(today))

    def homeless(self) -> tuple[Model, ...]:
        """What would be sold if there were an account of its provider."""
        sold = {model.name.lower() for model in self.catalogue()}
        return tuple(
            model
            for model in self._catalogue
            if model.name.lower() not in sold and not model.retired(self._today())
        )

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now() / 1000, self._zone).date()

    def scopes(self) -> tuple[str, ...]:
        """All that a switch can be for: each provider and model, also those no longer sold."""
        providers = dict.fromkeys([*self._providers, *(m.provider for m in self._catalogue)])
        models = dict.fromkeys(model.name for model in self._catalogue)
        return (*map(for_provider, providers), *map(for_model, models))

    def offer(self, spec: VideoSpec, lane: Lane = Lane.NORMAL) -> Offer:
        """The terms for one video; raises `InvalidInput` or `Unpriced`."""
        return self.offers(spec, lane)[0]

    def offers(
        self, spec: VideoSpec, lane: Lane = Lane.NORMAL, place: Place | None = None
    ) -> tuple[Offer, ...]:
        """The terms of everyone who makes it there, the first to be asked first; as `offer`."""
        model = self.catalogue().get(spec.model)
        chain = chain_of(self._routes, spec.model, lane, place)
        everyone = tuple(self._all_offers(spec, lane, chain))
        if chain is not None:
            return everyone or self._none_there(model, spec, chain)
        first = self._usual(model, spec, lane)
        return (first, *(one for one in everyone if one != first))

    def continuing(
        self, spec: VideoSpec, source: Job, lane: Lane = Lane.NORMAL, place: Place | None = None
    ) -> tuple[Offer, ...]:
        """The same of those who can go on from the video of `source`.

        They have it and extend it, or begin with its last picture. Raises `CannotExtend` for none.
        """
        offers = self.offers(spec, lane, place)
        found = tuple(one for one in offers if self._goes_on(one, spec, source))
        if not found:
            raise CannotExtend(spec.model, self._extended())
        return found

    def _goes_on(self, offer: Offer, spec: VideoSpec, source: Job) -> bool:
        account = next(one for one in self._suppliers if one.gate == offer.gate)
        there = has_whole(offer, source) and spec.model == source.spec.model
        extends = account.capabilities.extends and there
        return extends or self._begins_with_picture(account, spec.model)

    def _begins_with_picture(self, supplier: Supplier, name: str) -> bool:
        sold = (model for model in self._sold_by(supplier) if model.takes_image)
        return any(model.name.lower() == name.lower() for model in sold)

    def _extended(self) -> tuple[str, ...]:
        """Models whose videos can be extended somewhere."""
        able = (
            model.name
            for one in self._suppliers
            for model in self._sold_by(one)
            if model.takes_image or one.capabilities.extends
        )
        return tuple(dict.fromkeys(able))

    def _usual(self, model: Model, spec: VideoSpec, lane: Lane) -> Offer:
        """The terms of the first who sells a model, and takes what there is besides words."""
        for supplier in self._suppliers:
            for sold in self._sold_by(supplier):
                if sold.name.lower() == model.name.lower() and sold.takes(spec):
                    return self._offer(supplier, sold, spec, lane)
        raise lacking(model, spec, self.catalogue())

    def _none_there(self, model: Model, spec: VideoSpec, chain: Sequence[str]) -> tuple[Offer, ...]:
        """Nobody of a chain makes it from its pictures, in that size and length, or at all."""
        sold = tuple(m for one in self._along(chain) for m in self._sold_by(one))
        for one in sold:
            if one.makes(spec.words_only):
                raise lacking(one, spec, sold)
        names = {one.name for one in sold}
        raise InvalidInput("model", model.name, ", ".join(sorted(names)) or "—")

    def _along(self, chain: Sequence[str] | None) -> Iterator[Supplier]:
        """The accounts of a chain in its order; all where there is none."""
        if chain is None:
            yield from self._suppliers
            return
        for name in chain:
            yield from (one for one in self._suppliers if name in {one.gate, one.provider})

    def _sold_by(self, supplier: Supplier) -> Iterator[Model]:
        """What an account makes of the catalogue, as far as its backend can."""
        for model in self._catalogue.of(supplier.provider, self._today()):
            can = supplier.capabilities
            yield replace(
                model,
                takes_image=model.takes_image and can.takes_image,
                takes_last=model.takes_last and can.takes_last,
                references=min(model.references, can.references),
                switches_sound=model.switches_sound and can.switches_sound,
            )

    def _all_offers(
        self, spec: VideoSpec, lane: Lane, chain: Sequence[str] | None
    ) -> Iterator[Offer]:
        for supplier in self._along(chain):
            for model in self._sold_by(supplier):
                if model.makes(spec):
                    yield self._offer(supplier, model, spec, lane)

    def _offer(self, supplier: Supplier, model: Model, spec: VideoSpec, lane: Lane) -> Offer:
        return Offer(
            supplier.provider,
            supplier.account,
            supplier.base_url,
            model.upstream,
            self._catalogue.reduced(model.price(spec.size, spec.seconds, spec.sound), lane),
            model.cost(spec.size, spec.seconds, spec.sound),
        )

    def others(self, job: Job) -> tuple[Offer, ...]:
        """The terms of those who come after the account of a job; all where that is not in use.

        None for what extends a video and has no picture of its end: only where that is, it can be.
        """
        if job.operation is Operation.EXTEND and job.spec.image is None:
            return ()
        chain = chain_of(self._routes, job.spec.model, job.lane, job.place)
        everyone = tuple(self._all_offers(job.spec, job.lane, chain))
        names = [(one.provider, one.account) for one in everyone]
        here = (job.offer.provider, job.offer.account)
        return everyone[names.index(here) + 1 :] if here in names else everyone

    def shorter(self, spec: VideoSpec) -> Instead | None:
        """The same in the next shorter length; None where there is none on sale."""
        model = next((m for m in self.catalogue() if m.name == spec.model), None)
        lengths = [seconds for seconds in model.seconds if seconds < spec.seconds] if model else []
        return self._instead(replace(spec, seconds=max(lengths))) if lengths else None

    def other_models(self, spec: VideoSpec) -> Iterator[Instead]:
        """The same with each other model on sale that makes it: those after its own come first."""
        models = tuple(self.catalogue())
        names = [model.name for model in models]
        own = names.index(spec.model) if spec.model in names else -1
        for model in (*models[own + 1 :], *models[: max(0, own)]):
            if found := self._instead(replace(spec, model=model.name)):
                yield found

    def final_of(self, draft: Job) -> Instead | None:
        """The same for a job. What was extended is made in parts, so there is none of it."""
        return None if draft.operation is Operation.EXTEND else self.final(draft.spec)

    def final(self, draft: VideoSpec, lane: Lane = Lane.NORMAL) -> Instead | None:
        """The same video by the better model that makes finals; None where none on sale does."""
        wanted = self._catalogue.finalizing(draft.model).lower()
        model = next((m for m in self.catalogue() if m.name.lower() == wanted), None)
        spec = model.final_of(draft) if model else None
        return self._instead(spec, lane) if spec else None

    def _instead(self, spec: VideoSpec, lane: Lane = Lane.NORMAL) -> Instead | None:
        if not any(model.makes(spec) for model in self.catalogue()):
            return None
        try:
            return Instead(spec, self.offer(spec, lane))
        except (InvalidInput, Unpriced):
            # Whoever takes its picture, or a route leads to, does not make it like that.
            return None

    def stopping(self, job: Job) -> Stopping:
        """What a cancel does to a job that runs; nobody can say it of an account not in use."""
        gate = job.offer.gate
        can = next((one.capabilities for one in self._suppliers if one.gate == gate), None)
        if can is None or not can.cancels:
            return Stopping.GOES_ON
        return Stopping.BILLED if can.charges_cancels else Stopping.ENDS

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


def _able(model: Model, makers: Sequence[Model]) -> Model:
    """A model with all that one of its makers can do."""
    return replace(
        model,
        takes_image=any(one.takes_image for one in makers),
        takes_last=any(one.takes_last for one in makers),
        references=max((one.references for one in makers), default=0),
        switches_sound=any(one.switches_sound for one in makers),
    )


def lacking(
    model: Model, spec: VideoSpec, others: Iterable[Model], asked: tuple[str, str] | None = None
) -> InvalidInput:
    """Why a model cannot make what was asked for, and which of the others can.

    `asked` is the setting that was too much, with what was given for it; None: the model itself.
    """
    lack = model.lacks(spec) or Lack.FIRST_FRAME
    able = dict.fromkeys(one.name for one in others if one.takes(spec) and one.name != model.name)
    field_, value = asked or ("model", model.name)
    return InvalidInput(field_, value, wording.lacks(model, lack, able))
