"""Options within a prompt: what is one, and what only looks like one."""

import pytest

from bot.commands.parse import Parsed, parse
from bot.errors import InvalidInput


def create(**args: str) -> Parsed:
    return Parsed("create", args)


def refused(line: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse(line)
    return caught.value


# --- options with a name ------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "a kite seconds:8",
        "a kite seconds=8",
        "a kite --seconds 8",
        "a kite --seconds=8",
        "a kite --seconds:8s",
        "a kite —seconds 8",
        "a kite –seconds 8",
        "a kite -seconds 8",
        "a kite -s 8",
        "a kite s:8",
        "a kite seconds: 8",
        "a kite SECONDS:8",
        "a kite seconds:“8”",
        "a kite seconds:'8'",
        "a kite --seconds '8'",
        "a kite seconds:8,",
        "seconds:8 a kite",
        "a seconds:8 kite",
        "seconds:8 prompt:a kite",
        '--seconds 8 --prompt "a kite"',
        "a kite 8s",
        "8s a kite",
        "“a kite” 8s",
        '"a kite" seconds:8',
    ],
)
def test_seconds_can_be_said_in_many_ways(line: str) -> None:
    assert parse(line) == create(prompt="a kite", seconds="8")


def test_all_options_of_a_line_are_found() -> None:
    line = "/sora create a red kite seconds:8 size:720x1280 model:sora-2-pro count:2 --private"
    assert parse(line) == create(
        prompt="a red kite",
        seconds="8",
        size="720x1280",
        model="sora-2-pro",
        count="2",
        private="yes",
    )


@pytest.mark.parametrize(
    "typed, size",
    [
        ("size:720x1280", "720x1280"),
        ("size:720×1280", "720x1280"),
        ("size:Portrait", "portrait"),
        ("--ar 9:16", "9:16"),
        ("size: 720p", "720p"),
        ("size:big", "big"),
    ],
)
def test_sizes_have_one_way_to_be_written(typed: str, size: str) -> None:
    assert parse(f"a kite {typed}") == create(prompt="a kite", size=size)


@pytest.mark.parametrize(
    "prompt",
    [
        "night scene:night",
        "a clock that says time:8",
        "the model: a tall woman",
        "she waits, seconds: none are left",
        "a kite —seconds before the storm",
        "a kite - size of a house",
        "a kite -private beach- at dawn",
        "a beach —private and quiet",
        "see http://example.com/a?size=8",
        "--fast a kite",
        "m:foo on a wall",
        "a ratio of a:b",
        "the last word is seconds:",
    ],
)
def test_what_is_no_option_stays_in_the_prompt(prompt: str) -> None:
    assert parse(prompt) == create(prompt=prompt)


@pytest.mark.parametrize(
    "line, name, meant",
    [
        ("a kite secnds:8", "secnds", "seconds"),
        ("a kite --secnds 8", "secnds", "seconds"),
        ("a kite modle=sora-2", "modle", "model"),
    ],
)
def test_a_misspelt_option_is_asked_about(line: str, name: str, meant: str) -> None:
    no = refused(line)
    assert (no.field, no.given) == ("setting", name)
    assert f"Did you mean {meant}?" in no.allowed


@pytest.mark.parametrize(
    "line",
    ["kite seconds:8 seconds:12", "kite -s 8 --seconds 12", "kite 8s 12s", "8s kite seconds:12"],
)
def test_an_option_can_be_given_only_once(line: str) -> None:
    no = refused(line)
    assert no.field == "seconds"
    assert "8" in no.given
    assert "12" in no.given


@pytest.mark.parametrize("line", ["a kite --seconds", "a kite --seconds --size 720p"])
def test_a_flag_without_its_value_is_refused(line: str) -> None:
    no = refused(line)
    assert (no.field, no.given) == ("seconds", "")


@pytest.mark.parametrize("line", ["a kite image:foo.png", "a kite --picture foo.png"])
def test_a_picture_cannot_be_typed(line: str) -> None:
    assert "attach" in refused(line).allowed


def test_a_flag_can_be_taken_back() -> None:
    assert parse("a kite private:yes").args["private"] == "yes"
    assert parse("a kite —private").args["private"] == "yes"
    assert parse("a kite private:no").args["private"] == ""


# --- options without a name ---------------------------------------------------------------


@pytest.mark.parametrize(
    "line, args",
    [
        ("a kite 8s 720p", {"seconds": "8", "size": "720p"}),
        ("a kite 720x1280 x2", {"size": "720x1280", "count": "2"}),
        ("a kite 9:16", {"size": "9:16"}),
        ("a kite 8s, 16:9.", {"seconds": "8", "size": "16:9"}),
        ("720p x3 a kite", {"size": "720p", "count": "3"}),
        ("8s portrait: a kite", {"seconds": "8", "size": "portrait"}),
        ("portrait 8s a kite", {"seconds": "8", "size": "portrait"}),
        ("portrait seconds:8 a kite", {"seconds": "8", "size": "portrait"}),
        ("a kite 8s portrait", {"seconds": "8", "size": "portrait"}),
        ("a kite seconds:8 portrait", {"seconds": "8", "size": "portrait"}),
        ("a kite\nportrait", {"size": "portrait"}),
        ('"a kite" Portrait', {"size": "portrait"}),
        ("a kite 8s 720p portrait", {"seconds": "8", "size": "portrait 720p"}),
    ],
)
def test_figures_and_set_off_orientations_need_no_name(line: str, args: dict[str, str]) -> None:
    assert parse(line) == create(prompt="a kite", **args)


@pytest.mark.parametrize(
    "prompt",
    [
        "a portrait of a king",
        "portrait of a king",
        "8s of rain on a roof",
        "8s of rain",
        "it rains for 8s",
        "a street in the 80s",
        "a roaring street 20s",
        "he paints a portrait",
        "portrait",
        "the clock strikes at 9:16",
        "9:16 am in a station",
        "slow zoom x2",
        "a grid of 4x4",
        '"portrait 8s"x',
    ],
)
def test_words_of_a_sentence_stay_in_it(prompt: str) -> None:
    assert parse(prompt) == create(prompt=prompt)


def test_an_orientation_that_may_be_a_noun_counts_and_stays() -> None:
    assert parse("a family portrait") == create(prompt="a family portrait", size="portrait")
    assert parse("a kite portrait 8s") == create(
        prompt="a kite portrait", size="portrait", seconds="8"
    )


@pytest.mark.parametrize("line", ["a king, portrait size:1280x720", "a king, portrait 1280x720"])
def test_beside_another_size_an_orientation_is_only_a_word(line: str) -> None:
    assert parse(line) == create(prompt="a king, portrait", size="1280x720")


def test_a_decade_counts_where_it_is_set_off() -> None:
    assert parse("a kite, 20s") == create(prompt="a kite,", seconds="20")


def test_a_line_of_options_only_has_no_prompt() -> None:
    assert parse("720p 8s") == create(size="720p", seconds="8")
