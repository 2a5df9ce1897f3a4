"""What the gallery is asked for, and what its tiles hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.web.gallery import MOST, PAGE, SHOWS, choices, tile, window_of
from bot.domain.library import Cursor, Exhibit, Found, LibraryFilter, Order, Shelf
from bot.domain.releases import Release, Stand
from bot.domain.tickets import Ticket
from tests.storage.examples import ANA, BEN, NOW, a_job, a_video

KITE = "a000000001"


def exhibit(likes: int = 0, remixes: int = 0, **changes: Any) -> Exhibit:  # noqa: ANN401 - any field
    release = Release(KITE, ANA, "studio", "sora-2", Stand.PUBLISHED, NOW, "result/x")
    found = Found(
        replace(release, **changes), a_job(KITE, ANA), a_video(KITE), likes, Cursor(1, likes)
    )
    return Exhibit(found, liked=likes > 0, remixes=remixes)


def link(name: str, ticket: Ticket) -> str:
    return f"/media/{name}?{ticket}"


def test_at_first_the_newest_of_everybody_are_asked_for() -> None:
    assert window_of(ANA, {}).asked == LibraryFilter(ANA, limit=PAGE)


@pytest.mark.parametrize(
    "asked, wanted",
    [
        ({"words": "red kite"}, LibraryFilter(ANA, "red kite")),
        ({"author": BEN.id, "model": "sora-2"}, LibraryFilter(ANA, author=BEN.id, model="sora-2")),
        ({"tag": " #Sunset "}, LibraryFilter(ANA, tag="sunset")),
        ({"order": "best"}, LibraryFilter(ANA, order=Order.BEST)),
        ({"show": "mine"}, LibraryFilter(ANA, author=ANA.id, shelf=Shelf.BOTH)),
        ({"show": "mine", "author": BEN.id}, LibraryFilter(ANA, author=ANA.id, shelf=Shelf.BOTH)),
        ({"show": "drafts", "author": BEN.id}, LibraryFilter(ANA, shelf=Shelf.DRAFTS)),
        ({"show": "liked"}, LibraryFilter(ANA, liked_by=ANA.id)),
    ],
)
def test_choices_narrow_what_is_asked_for(asked: dict[str, str], wanted: LibraryFilter) -> None:
    assert window_of(ANA, asked).which == wanted


@pytest.mark.parametrize(
    "asked",
    [
        {"words": 7, "author": ["ben"], "tag": {}, "model": None},
        {"show": "everything", "order": "worst", "asker": "ben", "limit": 9_999, "shelf": "drafts"},
    ],
)
def test_what_a_browser_cannot_ask_for_narrows_nothing(asked: dict[str, object]) -> None:
    assert window_of(ANA, asked).asked == LibraryFilter(ANA, limit=PAGE)


def test_more_adds_pages_until_a_page_is_full_and_goes_on_after_it_then() -> None:
    window = window_of(ANA, {"words": "kite"})
    while window.held < MOST:
        assert not window.moved
        window = window.more(Cursor(9))
    assert window.held == MOST
    beyond = window.more(Cursor(5, 2))
    assert beyond.asked == LibraryFilter(ANA, "kite", after=Cursor(5, 2), limit=PAGE)
    assert beyond.moved
    assert beyond.first() == window_of(ANA, {"words": "kite"})


def test_every_way_to_look_has_its_words() -> None:
    offered = choices([ANA, BEN], ["sora-2"])
    assert [value for value, _ in offered["show"]] == list(SHOWS)
    assert offered["author"] == [["", "Anybody"], ["ana", "@Ana"], ["ben", "@Ben"]]
    assert [value for value, _ in offered["order"]] == ["newest", "best"]


def test_a_tile_without_a_title_is_called_by_its_prompt() -> None:
    shown = tile(exhibit(), link)
    assert (shown["title"], shown["prompt"]) == (a_job(KITE).spec.prompt, "")
    assert (shown["likes"], shown["family"], shown["draft"]) == ("0", "Family", "")
    assert shown["src"] == f"/media/{a_video(KITE).blob.name}?{KITE}/web/demo"


def test_a_tile_tells_title_likes_remixes_and_that_it_is_a_draft() -> None:
    shown = tile(exhibit(2, 1, title="Morning", tags=("sea",), stand=Stand.DRAFT), link)
    assert (shown["title"], shown["prompt"]) == ("Morning", a_job(KITE).spec.prompt)
    assert shown["liking"] == "Like “Morning”, liked by 2 people"
    assert (shown["liked"], shown["family"], shown["draft"]) == (True, "1 remix", "draft")
    assert shown["tags"] == ["#sea"]
    assert shown["src"] == f"/media/{a_video(KITE).blob.name}?{KITE}"
