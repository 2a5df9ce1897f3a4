"""OpenRouter's list of models as entries of our catalogue. Pure.

Its prices have names such as ``duration_seconds_with_audio_720p`` (US dollars a second) or
``cents_per_second_output``. What is sold by tokens or megapixels has no price a second that could
be promised, so it is left out, and said so. Source: answers of ``GET /videos/models`` as its SDK
1.3.84 and public tools read them, November 2026. Nothing in it says how many references a model
takes: who knows, adds it to the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.providers.refusals import Json, as_list, as_object
from bot.domain.catalogue import MICROS_PER_CREDIT, Model
from bot.domain.videos import Size, size_of

SOURCE = "openrouter.ai, GET /videos/models"
_USUAL = (16, 9)
_SHORT = {"480p": 480, "540p": 540, "720p": 720, "1080p": 1080, "1440p": 1440, "4k": 2160}
_LINES = re.compile(r"(?<![0-9])(360p|480p|540p|720p|768p|1080p|1440p|4k)(?![0-9a-z])")
_TYPICAL = 120_000
"""Ms that a clip takes at most of its makers, until there is history of our own."""
_LONGEST = 60
_DEFAULT_SECONDS = 8
_SILENT = "without_audio"
"""What the price of a video without sound has in its name, where it has another."""
_DEAREST = Decimal(100)
"""US dollars a second above which a price is taken for nonsense."""


@dataclass(frozen=True, slots=True)
class Found:
    """What can be sold, and what cannot with the reason."""

    models: tuple[Model, ...]
    left_out: tuple[tuple[str, str], ...]


def read_models(data: Json, provider: str, today: date) -> Found:
    """The entries in an answer, for the catalogue's `provider`."""
    models: list[Model] = []
    left_out: list[tuple[str, str]] = []
    for item in map(as_object, as_list(data.get("data"))):
        name = item.get("id")
        if not isinstance(name, str) or not name:
            continue
        found = _model(item, name, provider, today)
        if isinstance(found, Model):
            models.append(found)
        else:
            left_out.append((name, found))
    return Found(tuple(models), tuple(left_out))


def _model(item: Json, name: str, provider: str, today: date) -> Model | str:
    """The entry, or why there can be none."""
    costs = {size: cost for size in _sizes(item) if (cost := _cost(item, size)) is not None}
    seconds = _lengths(item)
    if not seconds:
        return "it names no lengths in seconds"
    if not costs:
        return "it has no price a second for a size that it names"
    frames = as_list(item.get("supported_frame_images"))
    label = item.get("name")
    return Model(
        provider=provider,
        name=name,
        upstream=name,
        label=label if isinstance(label, str) and label else name,
        prices=tuple((size, -(-cost // MICROS_PER_CREDIT)) for size, cost in costs.items()),
        default_size=next(iter(costs)),
        seconds=seconds,
        default_seconds=min(seconds, key=lambda n: abs(n - _DEFAULT_SECONDS)),
        takes_image="first_frame" in frames,
        takes_last="last_frame" in frames,
        **_sound(item, costs),
        typical_ms=_TYPICAL,
        retire_on=None,
        source=SOURCE,
        as_of=today,
        costs=tuple(costs.items()),
    )


def _sound(item: Json, costs: Mapping[Size, int]) -> dict[str, Any]:
    """What is said of it: a model that can make sound makes some, unless it is told not to."""
    can = item.get("generate_audio")
    if not isinstance(can, bool):
        return {}
    silent = {size: cost for size in costs if (cost := _cost(item, size, silent=True)) is not None}
    prices = tuple((size, -(-cost // MICROS_PER_CREDIT)) for size, cost in silent.items())
    priced = {"switched_prices": prices, "switched_costs": tuple(silent.items())}
    return {"sound": can, "switches_sound": can, **(priced if can else {})}


def _lengths(item: Json) -> tuple[int, ...]:
    """Seconds that it names, the shortest first."""
    named = as_list(item.get("supported_durations"))
    numbers = {n for n in named if isinstance(n, int) and not isinstance(n, bool)}
    return tuple(sorted(n for n in numbers if 0 < n <= _LONGEST))


def _sizes(item: Json) -> Iterator[Size]:
    """The sizes that it names; 16:9 and 9:16 in each of its resolutions where it names none."""
    named = [size_of(str(text)) for text in as_list(item.get("supported_sizes"))]
    if any(named):
        yield from (size for size in named if size)
        return
    ratios = as_list(item.get("supported_aspect_ratios")) or ["16:9", "9:16"]
    for text in as_list(item.get("supported_resolutions")):
        short = _SHORT.get(str(text).lower())
        if short is None:
            continue
        long = round(short * _USUAL[0] / _USUAL[1] / 2) * 2
        if "16:9" in ratios:
            yield Size(long, short)
        if "9:16" in ratios:
            yield Size(short, long)


def _cost(item: Json, size: Size, *, silent: bool = False) -> int | None:
    """USD·10⁻⁶ a second in a size: the dearest that may apply; None when nobody can say.

    `silent`: of those that are for videos without sound alone.
    """
    lines = next((n for n, short in _SHORT.items() if short == min(size.width, size.height)), "")
    rates = [
        rate
        for sku, text in as_object(item.get("pricing_skus")).items()
        if (rate := _rate(sku.lower(), text, lines)) is not None
        and (not silent or _SILENT in sku.lower())
    ]
    return max(rates, default=None)


def _rate(sku: str, text: object, lines: str) -> int | None:
    """A price a second in millionths; None when it is of something else, or of another size."""
    meant = _LINES.search(sku)
    if meant and meant[1] != lines:
        return None
    if "megapixel" in sku or "token" in sku or "second" not in sku:
        return None
    try:
        usd = Decimal(str(text)) / (100 if sku.startswith("cents") else 1)
    except InvalidOperation:
        return None
    return int((usd * 1_000_000).to_integral_value()) if 0 <= usd <= _DEAREST else None
