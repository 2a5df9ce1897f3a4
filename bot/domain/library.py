"""What of the finished videos somebody looks for, and which words find one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby, islice, pairwise
from zoneinfo import ZoneInfo

from bot.domain.jobs import Job
from bot.domain.quotas import Period, period_start
from bot.domain.refs import Person
from bot.domain.releases import HIDDEN, Release, Remixers, Stand
from bot.domain.videos import Video

MOST_TERMS = 24
"""Words of a search that count; whoever pastes more has said enough."""
LONGEST_WORD = 64
"""Characters of a word that count."""
TOLD_FOR = 48 * 3_600_000
"""Ms for which the best of a week may be told late."""
_NINE = 9
_UNITS = {"h": 3_600_000, "d": 24 * 3_600_000, "w": 7 * 24 * 3_600_000}
_AGO = re.compile(r"(\d{1,4})\s?(h|d|w)(?:our|ay|eek)?s?", re.ASCII)
_WHOLE = 1
"""Characters of a word that is looked for as it is; longer ones find what begins with them."""
_ACCENTS = range(0x0300, 0x0370)
_VARIANTS = range(0xFE00, 0xFE10)
_UNSPACED = (
    range(0x0E00, 0x0F00),  # Thai, Lao
    range(0x1000, 0x10A0),  # Burmese
    range(0x1780, 0x1800),  # Khmer
    range(0x3005, 0x3008),
    range(0x3040, 0x3100),  # Kana
    range(0x31F0, 0x3200),
    range(0x3400, 0x4DC0),  # Han
    range(0x4E00, 0xA000),
    range(0xF900, 0xFB00),
    range(0x20000, 0x32000),
)
"""Letters of writings that put no spaces between words."""


class Shelf(StrEnum):
    """Which videos are looked through."""

    PUBLISHED = "published"
    DRAFTS = "drafts"
    """The asker's own drafts."""
    BOTH = "both"
    """What is published, and the asker's own drafts."""


class Order(StrEnum):
    """What comes first. The newest is what was published last, or made last while a draft."""

    NEWEST = "newest"
    BEST = "best"
    """What most people like; of these the newest."""


class Lately(StrEnum):
    """Since when: the last 7 days, the last 30, or ever."""

    WEEK = "week"
    MONTH = "month"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a video stands in the library: the next page begins after it."""

    number: int
    likes: int = 0

    def __str__(self) -> str:
        return f"{self.number}.{self.likes}"


@dataclass(frozen=True, slots=True)
class LibraryFilter:
    """Which videos that stand in the asker's workspace; `own`: only those that were made there.

    Ids are the platform's, of people and channels there; times are ms, `until` without. Nobody
    finds what they may not watch: what is published, and drafts of their own. `remixable`: the
    asker may change it. `words` may be anything that can be typed.
    """

    asker: Person
    words: str = ""
    author: str | None = None
    channel: str | None = None
    model: str | None = None
    tag: str | None = None
    since: int | None = None
    until: int | None = None
    liked_by: str | None = None
    remixable: bool = False
    own: bool = False
    shelf: Shelf = Shelf.PUBLISHED
    order: Order = Order.NEWEST
    after: Cursor | None = None
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A video of the library; `likes` is how many people like it."""

    release: Release
    job: Job
    video: Video
    likes: int
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Exhibit:
    """The same as one viewer sees it: whether they like it, how many published remixes it has."""

    found: Found
    liked: bool = False
    remixes: int = 0


@dataclass(frozen=True, slots=True)
class Term:
    """A word to look for; unless `whole`, words that begin with it are found, too."""

    text: str
    whole: bool


def cursor_of(text: str) -> Cursor | None:
    """What a cursor said as text; None when it cannot be one."""
    number, _, likes = text.partition(".")
    digits = number + likes
    if not (digits.isascii() and digits.isdecimal() and number and likes and len(digits) < 19):  # noqa: PLR2004 - of 64 bits
        return None
    return Cursor(int(number), int(likes))


def moment_of(text: str, now: int, zone: ZoneInfo, *, ends: bool = False) -> int | None:
    """``7d``, ``2w``, ``12h`` ago, or local midnight of a day as ``2026-11-01``, in ms.

    `ends`: of a day, the midnight after it. None when it cannot be read.
    """
    if ago := _AGO.fullmatch(text.strip().lower()):
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        day = date.fromisoformat(text.strip())
        local = datetime.combine(day + timedelta(days=1 if ends else 0), time(), zone)
        return int(local.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def beginning(span: Lately, now: int) -> int:
    """When a span began (ms) that ends now."""
    days = {Lately.WEEK: 7, Lately.MONTH: 30}.get(span)
    return now - days * _UNITS["d"] if days else 0


def week_told(now: int, zone: ZoneInfo) -> tuple[int, int] | None:
    """The week (from when, until before when, ms) whose best are told now; None at other times.

    Each is told from Monday, nine o'clock, for as long as `TOLD_FOR`, in case nobody could before.
    """
    began = period_start(Period.WEEK, now, zone)
    monday = datetime.fromtimestamp(began / 1000, zone)
    tells = int(monday.replace(hour=_NINE).timestamp() * 1000)
    if not tells <= now < tells + TOLD_FOR:
        return None
    return period_start(Period.WEEK, began - 1, zone), began


def stands_on(shelf: Shelf, release: Release, asker: Person) -> bool:
    """Whether a video of the asker's own workspace is on that shelf for them."""
    if release.author.tenant != asker.tenant:
        return False
    shown = release.stand is Stand.PUBLISHED
    own = release.stand in HIDDEN and release.author.id == asker.id
    return (shown and shelf is not Shelf.DRAFTS) or (own and shelf is not Shelf.PUBLISHED)


def is_remixable(release: Release, asker: Person) -> bool:
    """Whether the asker may change it, as far as its own rule says."""
    if release.author == asker:
        return True
    near = release.author.tenant == asker.tenant
    return release.remixers not in ({Remixers.NOBODY} if near else {Remixers.NOBODY, Remixers.TEAM})


def listed_at(release: Release) -> int:
    """Since when (ms) a video stands where it is."""
    published = release.published_at if release.stand is Stand.PUBLISHED else None
    return release.made_at if published is None else published


def searched(release: Release, prompt: str) -> str:
    """All text that finds a video."""
    return "\n".join((prompt, release.title, release.description, *release.tags))


def words_of(text: str) -> tuple[str, ...]:
    """The words under which a text is found, each once.

    Case and accents make no difference. Writing without spaces becomes its pairs of letters; so any
    part of it is found. A pictogram is a word.
    """
    return tuple(dict.fromkeys(_words(text)))


def terms_of(text: str) -> tuple[Term, ...]:
    """What to look for when somebody typed `text`: a video has all of it; none for no words."""
    terms = (term for run in _runs(text) for term in _terms(run))
    return tuple(islice(dict.fromkeys(terms), MOST_TERMS))


def matches(terms: tuple[Term, ...], words: frozenset[str]) -> bool:
    """Whether `words` have all `terms`."""
    return all(
        term.text in words if term.whole else any(word.startswith(term.text) for word in words)
        for term in terms
    )


def _words(text: str) -> Iterator[str]:
    for run in _runs(text):
        if _is_unspaced(run[0]):
            yield from map("".join, pairwise(run))
            # Alone it would be found in no pair that it begins.
            yield run[-1]
        else:
            yield run


def _terms(run: str) -> Iterator[Term]:
    if _is_unspaced(run[0]):
        pairs = [Term("".join(pair), whole=True) for pair in pairwise(run)]
        yield from pairs or [Term(run, whole=False)]
    else:
        yield Term(run, whole=len(run) == _WHOLE)


def _runs(text: str) -> Iterator[str]:
    """Words, single pictograms, and stretches of writing without spaces."""
    for kind, letters in groupby(_folded(text), _kind):
        if kind == "pictogram":
            yield from letters
        elif kind == "word":
            yield "".join(letters)[:LONGEST_WORD]
        elif kind == "unspaced":
            yield "".join(letters)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = (letter for letter in plain if ord(letter) not in _ACCENTS)
    whole = unicodedata.normalize("NFKC", "".join(kept))
    return "".join(letter for letter in whole if ord(letter) not in _VARIANTS)


def _kind(letter: str) -> str:
    """Of a letter; empty for what stands between words."""
    category = unicodedata.category(letter)
    if category == "So":
        return "pictogram"
    if category[0] not in "LNM":
        return ""
    return "unspaced" if _is_unspaced(letter) else "word"


def _is_unspaced(letter: str) -> bool:
    return any(ord(letter) in block for block in _UNSPACED)
