"""Models, limits and prices as data with a date and a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from bot.domain.order import Lane
from bot.domain.videos import Size, VideoSpec, nearest, size_of
from bot.errors import ConfigError, InvalidInput, Retired, Unpriced

MICROS_PER_CREDIT = 10_000
FINALS: Mapping[str, str] = {"sora-2": "sora-2-pro"}
"""Which model makes the final of a draft, where the catalogue does not say."""


class Lack(StrEnum):
    """What a model has no place for."""

    FIRST_FRAME = "first frame"
    LAST_FRAME = "last frame"
    REFERENCES = "references"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Model:
    """What one provider sells under one name.

    `prices` are credits per second by size; a size without a price cannot be sold. `costs` are
    what a second costs the workspace at the provider, in USD·10⁻⁶; one credit is one US cent where
    the catalogue does not say.
    `typical_ms` is the wait to expect before there is history of our own. `finalizes_on` names the
    better model that makes the finals of its drafts; empty: none does. `replaced_by` names its
    successor, for those who ask for it once it is gone.

    `takes_image` and `takes_last` are about its first and last frame, `references` is how many
    pictures of what is to be seen it takes. `sound` is whether a video has sound where nothing is
    said of it, None where nobody knows; where it `switches_sound`, the other way has prices of its
    own or those of all.
    """

    provider: str
    name: str
    upstream: str
    label: str
    prices: tuple[tuple[Size, int], ...]
    default_size: Size
    seconds: tuple[int, ...]
    default_seconds: int
    takes_image: bool
    typical_ms: int
    retire_on: date | None
    source: str
    as_of: date
    costs: tuple[tuple[Size, int], ...] = ()
    finalizes_on: str = ""
    replaced_by: str = ""
    takes_last: bool = False
    references: int = 0
    sound: bool | None = None
    switches_sound: bool = False
    switched_prices: tuple[tuple[Size, int], ...] = ()
    switched_costs: tuple[tuple[Size, int], ...] = ()

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The sizes that can be ordered."""
        return tuple(size for size, _ in self.prices)

    def price(self, size: Size, seconds: int, sound: bool | None = None) -> int:  # noqa: FBT001 - as in `VideoSpec`
        """Credits for one video; raises `Unpriced` when the catalogue does not say."""
        switched = dict(self.switched_prices if self._other_way(sound) else ())
        per_second = switched.get(size, dict(self.prices).get(size))
        if per_second is None:
            raise Unpriced(self.name)
        return per_second * seconds

    def cost(self, size: Size, seconds: int, sound: bool | None = None) -> int:  # noqa: FBT001 - as in `VideoSpec`
        """What one video costs the workspace (USD·10⁻⁶); raises `Unpriced` as `price` does."""
        other_way = self._other_way(sound)
        if other_way and self.switched_prices and not self.switched_costs:
            return self.price(size, seconds, sound) * MICROS_PER_CREDIT
        switched = dict(self.switched_costs if other_way else ())
        per_second = switched.get(size, dict(self.costs).get(size))
        if per_second is None:
            return self.price(size, seconds, sound) * MICROS_PER_CREDIT
        return per_second * seconds

    def _other_way(self, sound: bool | None) -> bool:  # noqa: FBT001 - as in `VideoSpec`
        return self.switches_sound and sound is not None and sound != self.sound

    def makes(self, spec: VideoSpec) -> bool:
        """Whether it is what `spec` asks for, in that size and length, with all that it has."""
        named = self.name.lower() == spec.model.lower()
        fits = spec.size in self.sizes and spec.seconds in self.seconds
        return named and fits and self.takes(spec)

    def takes(self, spec: VideoSpec) -> bool:
        """Whether there is a place for all that `spec` has besides words."""
        return self.lacks(spec) is None

    def lacks(self, spec: VideoSpec) -> Lack | None:
        """The first thing besides words that there is no place for."""
        if spec.image and not self.takes_image:
            return Lack.FIRST_FRAME
        if spec.last and not self.takes_last:
            return Lack.LAST_FRAME
        if len(spec.references) > self.references:
            return Lack.REFERENCES
        heard = spec.sound is None or spec.sound == self.sound or self.switches_sound
        return None if heard else Lack.SOUND

    def final_of(self, draft: VideoSpec) -> VideoSpec | None:
        """The same video by this model, in the size that is nearest; None where it cannot be."""
        fits = draft.seconds in self.seconds and self.takes(draft)
        size = nearest(draft.size, self.sizes)
        return replace(draft, model=self.name, size=size) if fits else None

    def retired(self, today: date) -> bool:
        """Whether the model is gone on that day."""
        return self.retire_on is not None and today >= self.retire_on


@dataclass(frozen=True, slots=True)
class Maker:
    """An account that makes a model, which is called `upstream` there.

    `price` is its credits per second in the model's usual size, None where it has not that size.
    """

    gate: str
    upstream: str
    price: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A model as people can choose it, and who makes it, in the order in which they are asked.

    `lanes` are those in which others are asked, or in another order.
    """

    model: Model
    makers: tuple[Maker, ...]
    lanes: tuple[tuple[Lane, tuple[Maker, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models, the default first. `relaxed_off` is how many percent relaxed work is cheaper.

    `gone` are those that were sold and are retired by now.
    """

    models: tuple[Model, ...]
    relaxed_off: int = 0
    gone: tuple[Model, ...] = ()

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)

    def offered(self, providers: Sequence[str], today: date) -> Catalogue:
        """What is still sold on that day; what several sell is as the first of them has it."""
        sold: dict[str, Model] = {}
        for provider in providers:
            for model in self.of(provider, today):
                sold.setdefault(model.name.lower(), model)
        gone = (m for m in self.models if m.retired(today) and m.name.lower() not in sold)
        return replace(self, models=tuple(sold.values()), gone=tuple(gone))

    def of(self, provider: str, today: date) -> Iterator[Model]:
        """What one provider still sells on that day."""
        return (m for m in self.models if m.provider == provider and not m.retired(today))

    def reduced(self, price: int, lane: Lane) -> int:
        """What `price` credits are in a lane; what is left of a credit counts as one."""
        return price - price * self.relaxed_off // 100 if lane is Lane.RELAXED else price

    def finalizing(self, name: str) -> str:
        """Name of the model that makes finals of what the model `name` made; "" for none."""
        wanted = name.lower()
        return next((m.finalizes_on for m in self.models if m.name.lower() == wanted), "")

    def get(self, name: str) -> Model:
        """The model called `name` (any case).

        Raises `InvalidInput` naming all that there are, or `Retired` naming its successor.
        """
        wanted = name.strip().lower()
        for model in self.models:
            if model.name.lower() == wanted:
                return model
        for model in self.gone:
            if model.name.lower() == wanted and model.retire_on:
                raise Retired(model.name, model.retire_on, self._successor(model))
        raise InvalidInput("model", name, ", ".join(m.name for m in self.models) or "—")

    def _successor(self, model: Model) -> str:
        """What is sold in place of a model; "" where nothing is."""
        names = {one.name.lower(): one.name for one in self.models}
        later = {one.name.lower(): one.replaced_by.lower() for one in self.gone}
        name = model.replaced_by.lower()
        for _ in later:
            # A successor may have been retired, too.
            name = later.get(name, name) if name not in names else name
        return names.get(name, "")

    @property
    def default(self) -> Model:
        """The model for those who name none; raises `InvalidInput` when nothing is offered."""
        if not self.models:
            raise InvalidInput("model", "", "—")
        return self.models[0]

    @property
    def sizes(self) -> tuple[Size, ...]:
        """What at least one model makes, in the order of the models."""
        return tuple(dict.fromkeys(size for model in self.models for size in model.sizes))

    @property
    def seconds(self) -> tuple[int, ...]:
        """What at least one model makes, the shortest first."""
        return tuple(sorted({seconds for model in self.models for seconds in model.seconds}))


def parse(data: Mapping[str, Any]) -> Catalogue:
    """A catalogue from its TOML form; raises `ConfigError` with every fault of every model."""
    models: list[Model] = []
    complaints: list[str] = []
    for number, entry in enumerate(data.get("model", ()), start=1):
        try:
            models.append(_model(entry))
        except (KeyError, TypeError, ValueError) as error:
            complaints.append(f"catalogue, model no. {number}: {_complaint(error)}")
    if complaints:
        raise ConfigError(tuple(complaints))
    return Catalogue(tuple(models))


def _complaint(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _model(entry: Mapping[str, Any]) -> Model:
    seconds = tuple(_count(number) for number in entry["seconds"])
    model = Model(
        provider=str(entry["provider"]),
        name=str(entry["name"]),
        upstream=str(entry.get("upstream", entry["name"])),
        label=str(entry.get("label", entry["name"])),
        prices=_sizes(entry["prices"], _count),
        default_size=_size(entry["default_size"]),
        seconds=seconds,
        default_seconds=_count(entry["default_seconds"]),
        takes_image=_flag(entry.get("takes_image", False)),
        typical_ms=_count(entry["typical_ms"]),
        retire_on=_day(entry["retire_on"]) if "retire_on" in entry else None,
        source=str(entry["source"]),
        as_of=_day(entry["as_of"]),
        costs=_sizes(entry.get("costs", {}), _micros),
        finalizes_on=str(entry.get("finalizes_on", FINALS.get(str(entry["name"]).lower(), ""))),
        replaced_by=str(entry.get("replaced_by", "")),
        takes_last=_flag(entry.get("takes_last", False)),
        references=_count(entry.get("references", 0)),
        sound=_flag(entry["sound"]) if "sound" in entry else None,
        switches_sound=_flag(entry.get("switches_sound", False)),
        switched_prices=_sizes(entry.get("switched_prices", {}), _count),
        switched_costs=_sizes(entry.get("switched_costs", {}), _micros),
    )
    if model.switches_sound and model.sound is None:
        raise ValueError("switches_sound needs sound, which says how it is otherwise")
    if model.default_size not in model.sizes:
        raise ValueError(f"default_size {model.default_size} has no price")
    if model.default_seconds not in model.seconds:
        raise ValueError(f"default_seconds {model.default_seconds} is not among its seconds")
    return model


def _sizes(table: Mapping[str, Any], read: Callable[[object], int]) -> tuple[tuple[Size, int], ...]:
    return tuple((_size(size), read(value)) for size, value in table.items())


def _size(text: object) -> Size:
    size = size_of(str(text))
    if size is None:
        raise ValueError(f"{text} is not a size such as 1280x720")
    return size


def _micros(value: object) -> int:
    """USD as ``"0.10"`` (a text, so that no cent is lost) in millionths."""
    try:
        micros = Decimal(str(value)).scaleb(6)
    except InvalidOperation:
        micros = Decimal(-1)
    if not isinstance(value, str) or micros < 0 or micros != micros.to_integral_value():
        raise ValueError(f'{value} is not an amount of US dollars such as "0.10"')
    return int(micros)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value} is not a whole number of 0 or more")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value} is neither true nor false")
    return value


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value} is not a date such as 2026-11-20")
    return value


# --- as a file --------------------------------------------------------------------------------


def as_toml(models: Iterable[Model]) -> str:
    """Entries of a catalogue's file."""
    return "\n".join(map(_entry, models))


def _entry(model: Model) -> str:
    return "\n".join(
        (
            "[[model]]",
            f"provider = {_quoted(model.provider)}",
            f"name = {_quoted(model.name)}",
            f"upstream = {_quoted(model.upstream)}",
            f"label = {_quoted(model.label)}",
            f"seconds = {list(model.seconds)}",
            f"default_seconds = {model.default_seconds}",
            f'default_size = "{model.default_size}"',
            f"prices = {_table(model.prices, str)}",
            f"costs = {_table(model.costs, _usd_text)}",
            f"takes_image = {_word(model.takes_image)}",
            *_beside(model),
            f"typical_ms = {model.typical_ms}",
            f"source = {_quoted(model.source)}",
            f"as_of = {model.as_of.isoformat()}",
            *([f"retire_on = {model.retire_on.isoformat()}"] if model.retire_on else []),
            *([f"replaced_by = {_quoted(model.replaced_by)}"] if model.replaced_by else []),
            "",
        )
    )


def _beside(model: Model) -> Iterator[str]:
    """What few models have, as far as there is something to say."""
    if model.takes_last:
        yield f"takes_last = {_word(model.takes_last)}"
    if model.references:
        yield f"references = {model.references}"
    if model.sound is not None:
        yield f"sound = {_word(model.sound)}"
    if model.switches_sound:
        yield f"switches_sound = {_word(model.switches_sound)}"
    if model.switched_prices:
        yield f"switched_prices = {_table(model.switched_prices, str)}"
    if model.switched_costs:
        yield f"switched_costs = {_table(model.switched_costs, _usd_text)}"


def _table(values: Iterable[tuple[Size, int]], written: Callable[[int], str]) -> str:
    return "{ " + ", ".join(f'"{size}" = {written(value)}' for size, value in values) + " }"


def _word(value: bool) -> str:  # noqa: FBT001 - one of two words
    return str(value).lower()


def _usd_text(micros: int) -> str:
    return f'"{Decimal(micros).scaleb(-6).normalize():f}"'


def _quoted(value: str) -> str:
    """A basic string of TOML: quotes, strokes and control characters are written as escapes."""
    plain = "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value)
    return f'"{plain}"'
