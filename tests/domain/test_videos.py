import pytest

from bot.domain.videos import Size, choose_size, nearest, seconds_of, size_of

LANDSCAPE, PORTRAIT = Size(1280, 720), Size(720, 1280)
WIDE, TALL = Size(1792, 1024), Size(1024, 1792)
ALL = (LANDSCAPE, PORTRAIT, WIDE, TALL)


@pytest.mark.parametrize("text", ["720x1280", "720×1280", " 720X1280 ", "720 x 1280", "720*1280"])
def test_a_size_may_be_typed_in_the_ways_people_type_it(text: str) -> None:
    assert size_of(text) == PORTRAIT


@pytest.mark.parametrize("text", ["", "x", "720", "720x", "big", "720x1280x3", "-720x1280"])
def test_anything_else_is_no_size(text: str) -> None:
    assert size_of(text) is None


@pytest.mark.parametrize(
    "word,default,meant",
    [
        ("portrait", LANDSCAPE, PORTRAIT),
        ("vertical", LANDSCAPE, PORTRAIT),
        ("landscape", PORTRAIT, LANDSCAPE),
        ("720p", LANDSCAPE, LANDSCAPE),
        ("720p", PORTRAIT, PORTRAIT),
        ("1024p", PORTRAIT, TALL),
        ("9:16", LANDSCAPE, PORTRAIT),
        ("16:9", PORTRAIT, LANDSCAPE),
        ("1792x1024", LANDSCAPE, WIDE),
    ],
)
def test_a_word_means_the_nearest_size_on_offer(word: str, default: Size, meant: Size) -> None:
    assert choose_size(word, ALL, default) == meant


@pytest.mark.parametrize("word", ["1080p", "square", "4:3", "640x480", ""])
def test_a_word_that_fits_nothing_means_nothing(word: str) -> None:
    assert choose_size(word, ALL, LANDSCAPE) is None


@pytest.mark.parametrize(
    "text,seconds",
    [("8", 8), ("8s", 8), ("8 sec", 8), ("12 seconds", 12), ("x", None), ("8.5", None), ("", None)],
)
def test_seconds_may_have_their_unit(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds


def test_a_size_reads_as_width_by_height() -> None:
    assert str(LANDSCAPE) == "1280x720"
    assert LANDSCAPE.lines == PORTRAIT.lines == 720


@pytest.mark.parametrize(
    "wanted,found",
    [
        ("1280x720", "1280x720"),
        ("720x1280", "1080x1920"),
        ("1792x1024", "1280x720"),
        ("1920x1080", "1280x720"),
        ("1024x1792", "1080x1920"),
        ("640x640", "480x480"),
    ],
)
def test_the_nearest_size_is_turned_alike_then_of_the_same_shape(wanted: str, found: str) -> None:
    sizes = [size_of(text) for text in ("480x480", "1280x720", "1080x1920")]
    size = size_of(wanted)
    assert size
    assert str(nearest(size, [one for one in sizes if one])) == found
