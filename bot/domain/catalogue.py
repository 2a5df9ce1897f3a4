"""Models, limits and prices as data with a date and a source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.domain.videos import Size
from bot.errors import InvalidInput, Unpriced


@dataclass(frozen=True, slots=True)
class Model:
    """What one provider sells under one name.

    `prices` are credits per second by size; a size without a price cannot be sold.
    `typical_ms` is the wait to expect before there is history of our own.
    """

    provider: str
    name: str
    upstream: str
    label: str
    prices: tuple[tuple[Size, int], ...]
    sizes: tuple[Size, ...]
    default_size: Size
    seconds: tuple[int, ...]
    default_seconds: int
    takes_image: bool
    typical_ms: int
    retire_on: date | None
    source: str
    as_of: date

    def price(self, size: Size, seconds: int) -> int:
        """Credits for one video; raises `Unpriced` when the catalogue does not say."""
        for priced, per_second in self.prices:
            if priced == size:
                return per_second * seconds
        raise Unpriced(self.name)

    def retired(self, today: date) -> bool:
        """Whether the model is gone on that day."""
        return self.retire_on is not None and today >= self.retire_on


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models, the default first."""

    models: tuple[Model, ...]

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)

    def offered(self, provider: str, today: date) -> Catalogue:
        """What `provider` still sells on that day."""
        return Catalogue(
            tuple(m for m in self.models if m.provider == provider and not m.retired(today))
        )

    def get(self, name: str) -> Model:
        """The model called `name` (any case); raises `InvalidInput` naming all that there are."""
        for model in self.models:
            if model.name.lower() == name.strip().lower():
                return model
        raise InvalidInput("model", name, ", ".join(m.name for m in self.models) or "—")

    @property
    def default(self) -> Model:
        """The model for those who name none; raises `InvalidInput` when nothing is offered."""
        if not self.models:
            raise InvalidInput("model", "", "—")
        return self.models[0]
