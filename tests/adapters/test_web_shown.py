"""What a browser is given to draw."""

from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.web import render
from adapters.web.platform import BOT, PEOPLE, TENANT, WebChat, channel, private_place
from adapters.web.shown import Eye, fleeting, shown
from bot.domain.messages import Button, Code, Mention, Message, Moment, Strong, VideoFile
from bot.domain.refs import Person
from bot.domain.tickets import Ticket
from bot.ports import Said
from tests.fakes.clock import FakeClock
from tests.fakes.reports import CHART, LEDGER, REPORT
from tests.fakes.transcript import MemoryTranscript

ANA, BEN, _ = PEOPLE
NASTY = "<img src=x onerror=alert(1)> {{ 7*7 }} ${name}"


def eye(viewer: Person) -> Eye:
    chat = WebChat(MemoryTranscript(), FakeClock())
    return Eye(viewer, chat.named, lambda name, ticket: f"/media/{name}?for={ticket}&sig=fresh")


def said(message: Message) -> Said:
    return Said("1", channel(TENANT), BOT, render.encode(message), 5, 1)


def test_what_people_wrote_goes_out_as_plain_text_under_a_fixed_name() -> None:
    message = Message(lines=((NASTY, Strong(NASTY), Code(NASTY)),), quote=NASTY)
    drawn = shown(said(message), eye(ANA))
    assert drawn["quote"] == NASTY
    assert [span["text"] for span in drawn["lines"][0]] == [NASTY] * 3
    assert [span["kind"] for span in drawn["lines"][0]] == ["text", "strong", "code"]


def test_moments_go_out_as_numbers_for_the_browser_to_count_down() -> None:
    drawn = shown(said(Message(lines=((Moment(77),),))), eye(ANA))
    assert drawn["lines"] == [[{"kind": "moment", "at": 77}]]


@pytest.mark.parametrize("viewer, me", [(ANA, True), (BEN, False)])
def test_a_mention_stands_out_for_the_one_it_names(viewer: Person, me: bool) -> None:  # noqa: FBT001 - a column of the table
    drawn = shown(said(Message(lines=((Mention(ANA),),))), eye(viewer))
    assert drawn["lines"][0][0] == {"kind": "mention", "text": "@Ana", "me": me}


def test_an_old_link_is_replaced_by_one_that_works_now(tmp_path: Path) -> None:
    video = VideoFile(
        path=tmp_path / "ab.mp4",
        filename="sora-k7qm.mp4",
        size=3_100_000,
        width=1280,
        height=720,
        duration_ms=8000,
        poster=tmp_path / "cd.jpg",
        url="http://old.invalid/media/ab.mp4?exp=1&sig=stale",
        poster_url="http://old.invalid/media/cd.jpg?exp=1&sig=stale",
        ticket=Ticket("k7qm2x9d4t", TENANT),
    )
    drawn = shown(said(Message(lines=(), video=video)), eye(ANA))["video"]
    assert drawn["src"] == "/media/ab.mp4?for=k7qm2x9d4t/web/demo&sig=fresh"
    assert drawn["poster"] == "/media/cd.jpg?for=k7qm2x9d4t/web/demo&sig=fresh"
    assert drawn["facts"] == "8 s · 1280×720 · 3.1 MB"
    without_poster = replace(video, poster=None)
    assert shown(said(Message(lines=(), video=without_poster)), eye(ANA))["video"]["poster"] == ""


def test_a_message_from_before_links_had_tickets_is_of_the_job_that_its_file_is_named_after(
    tmp_path: Path,
) -> None:
    video = VideoFile(tmp_path / "ab.mp4", "sora-k7qm2x9d4t.mp4", 9, 16, 9, 1, None, None)
    body = render.encode(Message(lines=(), video=video))
    del body["video"]["ticket"]
    old = Said("1", channel(TENANT), BOT, body, 5, 1)
    assert shown(old, eye(ANA))["video"]["src"] == "/media/ab.mp4?for=k7qm2x9d4t&sig=fresh"


def test_a_button_says_what_it_asks_for() -> None:
    button = Button("Change the prompt", "create", {"seconds": "8"}, asks="prompt")
    drawn = shown(said(Message(lines=(), buttons=(button,))), eye(ANA))["buttons"][0]
    assert (drawn["asks"], drawn["asked"]) == ("prompt", "New prompt")
    assert drawn["args"] == {"seconds": "8"}


def test_a_button_that_extends_needs_no_words_and_offers_every_length() -> None:
    button = Button("Extend", "extend", {"job": "k7qm"}, asks="prompt")
    looks = replace(eye(ANA), seconds=(4, 8))
    drawn = shown(said(Message(lines=(), buttons=(button,))), looks)["buttons"][0]
    assert (drawn["asked"], drawn["free"], drawn["keeps"]) == ("What comes next", True, False)
    assert drawn["lengths"] == [{"value": "4", "label": "4 s"}, {"value": "8", "label": "8 s"}]


def test_any_other_button_needs_an_answer_and_asks_for_no_length() -> None:
    button = Button("Remix", "remix", {"job": "k7qm"}, asks="prompt")
    looks = replace(eye(ANA), seconds=(4, 8))
    drawn = shown(said(Message(lines=(), buttons=(button,))), looks)["buttons"][0]
    assert (drawn["free"], drawn["lengths"]) == (False, [])


def test_a_typed_line_shows_its_author() -> None:
    line = Said("1", private_place(ANA), ANA.key, render.typed(NASTY), 5, 1)
    drawn = shown(line, eye(ANA))
    assert (drawn["author"], drawn["text"], drawn["private"]) == ("Ana", NASTY, True)
    assert "lines" not in drawn


def test_somebody_who_left_has_no_name() -> None:
    line = Said("1", channel(TENANT), "web/demo/zoe", render.typed("hi"), 5, 1)
    assert shown(line, eye(ANA))["author"] == "Somebody who left"


def test_an_answer_for_one_is_marked_and_repeats_what_was_typed() -> None:
    drawn = fleeting("only-1", Message(lines=(("No",),)), "/sora quota", 9, eye(ANA))
    assert (drawn["fleeting"], drawn["asked"], drawn["at"]) == (True, "/sora quota", 9)


def test_files_of_an_answer_are_drawn_with_their_links_in_order() -> None:
    drawn = fleeting("only-1", REPORT, None, 9, eye(ANA), ["/answers/1", "/answers/2"])
    assert drawn["files"] == [
        {
            "name": "usage.png",
            "src": "/answers/1",
            "picture": True,
            "alt": CHART.alt,
            "facts": "usage.png · 1 kB",
        },
        {
            "name": "ledger.csv",
            "src": "/answers/2",
            "picture": False,
            "alt": LEDGER.alt,
            "facts": "ledger.csv · 1 kB",
        },
    ]


def test_what_is_kept_holds_no_files_but_one_picture() -> None:
    with pytest.raises(ValueError, match="cannot be posted"):
        render.encode(REPORT)
    posted = replace(REPORT, attachments=(CHART,))
    assert render.decode(render.encode(posted)) == posted


async def test_a_picture_that_is_posted_comes_with_the_page() -> None:
    chat = WebChat(MemoryTranscript(), FakeClock())
    await chat.post(channel(TENANT), replace(REPORT, attachments=(CHART,)), "tree/1")
    [said] = await chat.history(ANA)
    [file] = shown(said, eye(ANA))["files"]
    kind, _, content = file["src"].partition(",")
    assert (file["name"], file["picture"], file["alt"]) == (CHART.name, True, CHART.alt)
    assert kind == "data:image/png;base64"
    assert b64decode(content) == CHART.content
