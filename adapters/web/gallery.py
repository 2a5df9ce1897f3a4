"""What the gallery is asked for, and its videos as a browser draws them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.web.platform import TENANT
from adapters.web.render import Json
from adapters.web.shown import Link
from bot import wording
from bot.domain.library import Cursor, Exhibit, LibraryFilter, Order, Shelf
from bot.domain.refs import Person
from bot.domain.releases import Stand
from bot.domain.tickets import Ticket

PAGE = 24
"""Videos that are shown at first, and that "More" adds."""
MOST = 240
"""Videos that an open page holds; "More" puts the next ones in their place then."""
LONGEST = 200
"""Characters of a search or tag that count."""
PROMPT_CHARS = 140

Narrow = Callable[[LibraryFilter], LibraryFilter]
SHOWS: Mapping[str, Narrow] = {
    "all": lambda which: which,
    "mine": lambda which: replace(which, author=which.asker.id, shelf=Shelf.BOTH),
    "drafts": lambda which: replace(which, author=None, shelf=Shelf.DRAFTS),
    "liked": lambda which: replace(which, liked_by=which.asker.id),
}
"""What of the videos is looked through, by the value of its choice."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the gallery that is on the page: so many videos after a place."""

    which: LibraryFilter
    held: int = PAGE

    @property
    def asked(self) -> LibraryFilter:
        """The same as a filter."""
        return replace(self.which, limit=self.held)

    @property
    def moved(self) -> bool:
        """Whether it begins after the first video."""
        return self.which.after is not None

    def more(self, following: Cursor) -> Window:
        """With a page more; a full one goes on after itself."""
        if self.held < MOST:
            return replace(self, held=self.held + PAGE)
        return Window(replace(self.which, after=following))

    def first(self) -> Window:
        """Where it began."""
        return Window(replace(self.which, after=None))


def window_of(viewer: Person, asked: Mapping[str, Any]) -> Window:
    """What a browser asked for; whatever it cannot ask for narrows nothing."""
    which = LibraryFilter(
        viewer,
        _text(asked, "words"),
        author=_text(asked, "author") or None,
        model=_text(asked, "model") or None,
        tag=_text(asked, "tag").strip("# ").lower() or None,
        order=Order.BEST if _text(asked, "order") == Order.BEST else Order.NEWEST,
    )
    return Window(SHOWS.get(_text(asked, "show"), SHOWS["all"])(which))


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    return value[:LONGEST] if isinstance(value, str) else ""


def choices(people: Sequence[Person], models: Sequence[str]) -> Json:
    """What each choice offers, as pairs of value and words."""
    shows = [[name, wording.GALLERY_SHOWS[name]] for name in SHOWS]
    return {
        "show": shows,
        "author": [["", wording.ANYBODY], *([one.id, wording.called(one)] for one in people)],
        "model": [["", wording.ANY_MODEL], *([name, name] for name in models)],
        "order": [[order.value, wording.GALLERY_ORDERS[order]] for order in Order],
    }


def tile(exhibit: Exhibit, link: Link) -> Json:
    """A video of the gallery."""
    release, job, video = exhibit.found.release, exhibit.found.job, exhibit.found.video
    prompt = wording.cut(job.spec.prompt, PROMPT_CHARS)
    likes, published = exhibit.found.likes, release.stand is Stand.PUBLISHED
    ticket = Ticket(job.id, TENANT if published else None)
    return {
        "id": job.id,
        "src": link(video.blob.name, ticket),
        "poster": link(video.poster.name, ticket) if video.poster else "",
        "title": release.title or prompt,
        "prompt": prompt if release.title else "",
        "by": wording.by_line(release.author, release.model, TENANT),
        "length": wording.clip_length(video.duration_ms),
        "tags": [f"#{tag}" for tag in release.tags],
        "draft": "" if published else wording.DRAFT_CHIP,
        "liked": exhibit.liked,
        "likes": f"{likes:,}",
        "liking": wording.like_label(release.title or prompt, likes),
        "family": wording.family_label(exhibit.remixes),
    }
