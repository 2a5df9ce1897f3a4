"""How families of models are asked where one provider sells models of many makers.

Each maker names and writes the same wish in its own way, and refuses fields that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.providers.tasks.wire import data_url, dropped, lines_of, ratio_of
from bot.domain.videos import Size
from bot.ports import SubmitRequest


@dataclass(frozen=True, slots=True)
class Family:
    """Models with `word` in their name; what is None has no field.

    `seconds` is how a length is written, "" a whole number. `lines` renames resolutions. `ratio`
    is a field also beside a first frame where it is `framed`, and counts `pixels` where it is not
    ``16:9``. `sides`: width and height are fields. `frame` is the field of the first frame.
    """

    word: str
    seconds: str | None = ""
    lines: Mapping[str, str] | None = field(default_factory=dict[str, str])
    ratio: bool = True
    framed: bool = True
    pixels: bool = False
    sides: bool = False
    frame: str = "image_url"


def input_of(
    families: Iterable[Family], wish: SubmitRequest, image: bytes | None
) -> dict[str, Any]:
    """The fields of a wish, as the first family that fits has them; the last one must fit all."""
    family = next(one for one in families if one.word in wish.model)
    size, lines = wish.size, lines_of(wish.size)
    says_ratio = family.ratio and (image is None or family.framed)
    fields = {
        "prompt": wish.prompt,
        "duration": _length(family, wish.seconds),
        "resolution": None if family.lines is None else family.lines.get(lines, lines),
        "aspect_ratio": _ratio(family, size) if says_ratio else None,
        "width": size.width if family.sides else None,
        "height": size.height if family.sides else None,
        family.frame: data_url(image) if image else None,
    }
    return dropped(fields)


def _length(family: Family, seconds: int) -> str | int | None:
    if not family.seconds:
        return seconds if family.seconds is not None else None
    return family.seconds.format(seconds)


def _ratio(family: Family, size: Size) -> str:
    return f"{size.width}:{size.height}" if family.pixels else ratio_of(size)
