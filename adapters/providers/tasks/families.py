"""How families of models are asked where one provider sells models of many makers.

Each maker names and writes the same wish in its own way, and refuses fields that it does not know.
What a family has no field for is refused here: people pay for what they wished.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.providers.tasks.wire import (
    Pictures,
    check_apart,
    check_pair,
    dropped,
    lines_of,
    ratio_of,
)
from bot.domain.videos import Size
from bot.errors import Unsupported
from bot.ports import SubmitRequest

_ROUTES = re.compile(r"(?:text|image|first-last-frame|reference)-to-video")
_FROM_FIRST, _FROM_BOTH = "image-to-video", "first-last-frame-to-video"
_FROM_REFERENCES = "reference-to-video"


@dataclass(frozen=True, slots=True)
class Takes:
    """What a model takes besides words and a first frame.

    `references` is how many, `sound` whether there is a switch for it, `heard` whether there always
    is some, None where nobody knows.
    """

    last: bool = False
    references: int = 0
    sound: bool = False
    heard: bool | None = None


def check_takes(takes: Takes, wish: SubmitRequest, pictures: Pictures) -> None:
    """Raises `Unsupported` for what a model has no place for, unless it always does that."""
    switched = wish.sound is not None and wish.sound is not takes.heard
    lacks = {
        "takes no last frame": pictures.last and not takes.last,
        f"takes {takes.references} references": len(pictures.references) > takes.references,
        "cannot switch sound": switched and not takes.sound,
    }
    for lack, wished in lacks.items():
        if wished:
            raise Unsupported(f"this model {lack}")
    check_pair(pictures)
    check_apart(pictures)


@dataclass(frozen=True, slots=True)
class Family:
    """Models with `word` in their name; what is None has no field.

    `seconds` is how a length is written, "" a whole number. `lines` renames resolutions, and
    `lined` is their field. `ratio` is a field also beside a first frame where it is `framed`, and
    counts `pixels` where it is not ``16:9``. `sides`: width and height are fields. What is not
    `routed` has one route for all.

    `frame` is the field of the first frame, `last` that of the last one, and `paired` what the
    first is called beside a last one, where both have a route of their own. `references` holds up
    to `most` pictures, never beside frames, and only for the ratio and seconds of `seen_in`.
    `sound` is true or false; `heard` is as in `Takes`.
    """

    word: str
    seconds: str | None = ""
    lines: Mapping[str, str] | None = field(default_factory=dict[str, str])
    lined: str = "resolution"
    ratio: bool = True
    framed: bool = True
    pixels: bool = False
    sides: bool = False
    routed: bool = True
    frame: str = "image_url"
    last: str | None = None
    paired: str | None = None
    references: str | None = None
    most: int = 0
    seen_in: tuple[str, int] | None = None
    sound: str | None = None
    heard: bool | None = None

    @property
    def takes(self) -> Takes:
        """What has a field."""
        return Takes(bool(self.last), self.most, bool(self.sound), self.heard)


def input_of(families: Iterable[Family], wish: SubmitRequest, pictures: Pictures) -> dict[str, Any]:
    """The fields of a wish, as the first family that fits has them; the last one must fit all.

    Raises `Unsupported` for a wish that it has no field for.
    """
    family = _family_of(families, wish.model)
    check_takes(family.takes, wish, pictures)
    _check_shape(family, wish, pictures)
    size, lines = wish.size, lines_of(wish.size)
    says_ratio = family.ratio and (pictures.first is None or family.framed)
    fields = {
        "prompt": wish.prompt,
        "duration": _length(family, wish.seconds),
        family.lined: None if family.lines is None else family.lines.get(lines, lines),
        "aspect_ratio": _ratio(family, size) if says_ratio else None,
        "width": size.width if family.sides else None,
        "height": size.height if family.sides else None,
        **_seen(family, pictures),
        family.sound or "": wish.sound if family.sound else None,
    }
    return dropped(fields)


def route_of(families: Iterable[Family], model: str, pictures: Pictures) -> str:
    """Where a model is asked that has a route for each sort of pictures.

    What begins with pictures is beside what begins with words, or below it.
    """
    way = _way(_family_of(families, model), pictures)
    if not way:
        return model
    route, known = _ROUTES.subn(way, model)
    return route if known else f"{model.rstrip('/')}/{way}"


def _way(family: Family, pictures: Pictures) -> str:
    if not family.routed:
        return ""
    if pictures.references:
        return _FROM_REFERENCES
    if pictures.last is not None and family.paired:
        return _FROM_BOTH
    return "" if pictures.first is None else _FROM_FIRST


def _family_of(families: Iterable[Family], model: str) -> Family:
    return next(one for one in families if one.word in model)


def _check_shape(family: Family, wish: SubmitRequest, pictures: Pictures) -> None:
    """Raises `Unsupported` where references would not be looked at."""
    form = (ratio_of(wish.size), wish.seconds)
    if pictures.references and family.seen_in not in {None, form}:
        ratio, seconds = family.seen_in or form
        raise Unsupported(f"this model takes references for {ratio} and {seconds} seconds only")


def _seen(family: Family, pictures: Pictures) -> dict[str, Any]:
    """The fields of all pictures."""
    first, last = pictures.first, pictures.last
    frame = family.paired if family.paired and last is not None else family.frame
    return {
        frame: None if first is None else pictures.said(first),
        family.last or "": None if last is None else pictures.said(last),
        family.references or "": [pictures.said(one) for one in pictures.references] or None,
    }


def _length(family: Family, seconds: int) -> str | int | None:
    if not family.seconds:
        return seconds if family.seconds is not None else None
    return family.seconds.format(seconds)


def _ratio(family: Family, size: Size) -> str:
    return f"{size.width}:{size.height}" if family.pixels else ratio_of(size)
