"""What people wrote shows as they wrote it: no markup, no link, no mention, no emoji."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.text import escaped, markdown, quote, unescaped, unquoted
from bot.domain.messages import Code, Jump, Mention, Moment, Strong
from bot.domain.refs import MessageRef, Person, Place, Tenant

NAUGHTY = Path(__file__).parents[3] / "shared/data/naughty-strings.json"
ANA = Person(Tenant("discord", "1"), "77", "Ana")


MARKUP = re.compile(r"[\\*_~|`<>#+:@\[\]()/-]|\d\.")
"""What Discord's markdown gives a meaning to."""


def bare(shown: str) -> str:
    """What is left for Discord to read as markup: everything that no backslash disarms."""
    return re.sub(r"\\[!-/:-@\[-`{-~]", "x", shown)


@given(st.text())
def test_no_mark_of_peoples_words_reaches_discord_bare(text: str) -> None:
    assert not MARKUP.search(bare(escaped(text)))


@given(st.text())
def test_escaped_words_can_be_read_back(text: str) -> None:
    assert unescaped(escaped(text)) == text


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1))
def test_quoted_words_can_be_read_back(text: str) -> None:
    assert unquoted(quote(text)) == text


def test_other_texts_are_no_quotes() -> None:
    assert unquoted("Rendering") is None
    assert unquoted("") is None


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the list of naughty strings is not at hand")
def test_naughty_strings_are_disarmed() -> None:
    for text in json.loads(NAUGHTY.read_text("utf-8")):
        assert not MARKUP.search(bare(escaped(text)))


@pytest.mark.parametrize(
    "text, shown",
    [
        ("@everyone <@1> <#2>", r"\@everyone \<\@1\> \<\#2\>"),
        ("**bold** ||hidden||", r"\*\*bold\*\* \|\|hidden\|\|"),
        ("https://x.example :kite:", r"https\:\/\/x.example \:kite\:"),
    ],
)
def test_markup_is_shown_as_it_was_typed(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_a_jump_leads_to_the_message() -> None:
    place = Place(ANA.tenant, "10", "20")
    assert markdown((Jump("the *video*", MessageRef(place, "30")),)) == (
        r"[the \*video\*](https://discord.com/channels/1/20/30)"
    )
    private = MessageRef(Place(ANA.tenant, "10", private=True), "30")
    assert "/channels/@me/10/30" in markdown((Jump("x", private),))


def test_our_own_spans_keep_their_meaning() -> None:
    line = (
        "4*2 ",
        Strong("now"),
        " ",
        Code("/sora `x`"),
        " ",
        Mention(ANA),
        Moment(1_790_000_000_500),
    )
    assert markdown(line) == r"4\*2 **now** `/sora x ` <@77><t:1790000000:R>"
