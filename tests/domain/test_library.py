"""Which words find a video."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.library import (
    LONGEST_WORD,
    MOST_TERMS,
    Cursor,
    Term,
    cursor_of,
    matches,
    moment_of,
    terms_of,
    words_of,
)


@pytest.mark.parametrize(
    "text, words",
    [
        ("A red KITE, a kite!", ["a", "red", "kite"]),
        ("Çà et là: œuvre n°5", ["ca", "et", "la", "œuvre", "n", "°", "5"]),
        ("Straße ﬁn İstanbul", ["strasse", "fin", "istanbul"]),
        ("赤い凧", ["赤い", "い凧", "凧"]),
        ("kite凧2", ["kite", "凧", "2"]),
        ("🪁🔥 ❤️", ["🪁", "🔥", "❤"]),
        ("हिन्दी", ["हिन्दी"]),
        ("don't stop-motion", ["don", "t", "stop", "motion"]),
        ("", []),
        ("\0 \ud800 \u200d .", []),
    ],
)
def test_a_text_is_found_by_its_words_its_pairs_of_letters_and_its_pictograms(
    text: str, words: list[str]
) -> None:
    assert list(words_of(text)) == words


def test_a_word_is_the_beginning_of_what_it_finds_but_a_single_letter_is_not() -> None:
    assert terms_of("kit a 凧 赤い凧") == (
        *(Term("kit", whole=False), Term("a", whole=True), Term("凧", whole=False)),
        *(Term("赤い", whole=True), Term("い凧", whole=True)),
    )


def test_of_very_much_text_the_beginning_counts() -> None:
    assert len(terms_of(" ".join(f"w{n}" for n in range(999)))) == MOST_TERMS
    assert words_of("a" * 4000) == ("a" * LONGEST_WORD,)


@given(st.text())
def test_every_text_is_found_by_itself(text: str) -> None:
    assert matches(terms_of(text), frozenset(words_of(text)))


@given(st.text(), st.integers(0, 50), st.integers(1, 50))
def test_words_are_one_piece_and_hold_nothing_that_a_database_could_take_for_more(
    text: str, first: int, length: int
) -> None:
    for word in (*words_of(text), *(term.text for term in terms_of(text[first : first + length]))):
        assert word
        assert not [letter for letter in word if letter.isascii() and not letter.isalnum()]
        assert not any(map(str.isspace, word))
        assert "§" not in word


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1), st.data())
def test_each_part_of_a_text_without_spaces_finds_it(text: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text) - 1))
    last = data.draw(st.integers(first + 1, len(text)))
    assert matches(terms_of(text[first:last]), frozenset(words_of(text)))


def test_a_cursor_comes_back_from_its_text() -> None:
    assert cursor_of(str(Cursor(17, 3))) == Cursor(17, 3)
    for text in ("", "17", "17.", ".3", "a.3", "-1.3", "1.-3", "1.2.3", "٣.٣", "9" * 20 + ".1"):
        assert cursor_of(text) is None


BERLIN, NOW = ZoneInfo("Europe/Berlin"), 1_793_500_000_000


@pytest.mark.parametrize(
    "text, day, at",
    [
        ("12h", "begins", NOW - 12 * 3_600_000),
        ("7d", "begins", NOW - 7 * 86_400_000),
        ("2 weeks", "ends", NOW - 14 * 86_400_000),
        # Midnight in Berlin is 22:00 or 23:00 of the day before in UTC.
        ("2026-07-01", "begins", 1_782_856_800_000),
        ("2026-07-01", "ends", 1782943200000),
        # This day has 25 hours.
        ("2026-10-25", "ends", 1792969200000),
        ("", "begins", None),
        ("soon", "begins", None),
        ("2026-02-30", "begins", None),
        ("9999-12-31", "ends", None),
        ("99999d", "begins", None),
    ],
)
def test_a_moment_is_read_as_a_while_ago_or_as_a_day(text: str, day: str, at: int | None) -> None:
    assert moment_of(text, NOW, BERLIN, ends=day == "ends") == at
