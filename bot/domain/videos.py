"""What a video is asked to be, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.refs import Blob
from bot.domain.styles import Style

MAX_PROMPT = 4000
"""Characters of a prompt that a chat can carry (backends take more)."""
MAX_COUNT = 4
"""Variations of one prompt in one request."""
MAX_REFERENCES = 4
"""Pictures of what is to be seen in a video that a chat can carry (some backends take more)."""

_WIDTH_HEIGHT = re.compile(r"(\d{2,5})\s*[x×*]\s*(\d{2,5})")
_SECONDS = re.compile(r"(\d{1,4})\s*(?:s|sec|secs|seconds?)?")
_LINES = re.compile(r"(\d{3,4})p")
_RATIO = re.compile(r"(\d{1,2}):(\d{1,2})")
_FIRST = {"portrait": (9, 16), "vertical": (9, 16), "landscape": (16, 9), "horizontal": (16, 9)}


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels of a picture."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def portrait(self) -> bool:
        """Taller than wide."""
        return self.height > self.width

    @property
    def lines(self) -> int:
        """The number that people put before "p": the shorter side."""
        return min(self.width, self.height)


class Fit(StrEnum):
    """How a picture of another shape becomes the first frame: cut to fill it, or with bars."""

    CROP = "crop"
    PAD = "pad"


@dataclass(frozen=True, slots=True)
class VideoSpec:
    """One video to make.

    `image` and `last` are its first and last frame, fitted to `size` once the job left `accepted`;
    `references` show what is to be seen in it. `prompt` is what was typed, without the words of
    `style`. `sound` is None where nothing is said of it.
    """

    prompt: str
    model: str
    size: Size
    seconds: int
    image: Blob | None = None
    fit: Fit = Fit.CROP
    style: Style | None = None
    last: Blob | None = None
    references: tuple[Blob, ...] = ()
    sound: bool | None = None

    @property
    def pictures(self) -> tuple[Blob, ...]:
        """All that it is made from besides words."""
        frames = (self.image, self.last)
        return (*(frame for frame in frames if frame), *self.references)

    @property
    def words_only(self) -> VideoSpec:
        """The same from nothing but words, with nothing said of sound."""
        return replace(self, image=None, last=None, references=(), sound=None)


@dataclass(frozen=True, slots=True)
class Video:
    """A verified MP4 in our own store. Times are ms; `made_at` since the epoch."""

    job_id: str
    blob: Blob
    poster: Blob | None
    width: int
    height: int
    duration_ms: int
    frames: int
    made_at: int
    simulated: bool

    @property
    def seconds(self) -> int:
        """Its length in whole seconds, the nearest."""
        return round(self.duration_ms / 1000)


def size_of(text: str) -> Size | None:
    """``720x1280`` (also ``720×1280``) as a size; None when it is not written that way."""
    found = _WIDTH_HEIGHT.fullmatch(text.strip().lower())
    return Size(int(found[1]), int(found[2])) if found else None


def choose_size(text: str, sizes: tuple[Size, ...], default: Size) -> Size | None:
    """The size out of `sizes` meant by ``portrait``, ``720p``, ``9:16`` or ``720x1280``.

    Of several that fit, the one turned like `default` and nearest to it in height wins.
    None when nothing fits.
    """
    word = text.strip().lower()
    exact = size_of(word)
    if exact:
        return exact if exact in sizes else None
    fitting = [size for size in sizes if _means(word, size)]
    return min(fitting, key=lambda size: _distance(size, default), default=None)


def _means(word: str, size: Size) -> bool:
    if word in _FIRST:
        return size.portrait == (_FIRST[word][0] < _FIRST[word][1])
    if lines := _LINES.fullmatch(word):
        return size.lines == int(lines[1])
    if ratio := _RATIO.fullmatch(word):
        return abs(size.width * int(ratio[2]) - size.height * int(ratio[1])) <= size.width // 50
    return False


def _distance(size: Size, default: Size) -> tuple[bool, int]:
    return (size.portrait != default.portrait, abs(size.lines - default.lines))


def nearest(size: Size, sizes: Sequence[Size]) -> Size:
    """Of `sizes` the one most like `size`: turned like it, of its shape, and as large."""
    shape, pixels = size.width / size.height, size.width * size.height
    return min(
        sizes,
        key=lambda other: (
            other.portrait != size.portrait,
            abs(other.width / other.height - shape),
            abs(other.width * other.height - pixels),
        ),
    )


def seconds_of(text: str) -> int | None:
    """``8``, ``8s`` or ``8 seconds`` as a number; None when it is not written that way."""
    found = _SECONDS.fullmatch(text.strip().lower())
    return int(found[1]) if found else None
