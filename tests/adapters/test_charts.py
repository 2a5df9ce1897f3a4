"""What is in the pictures, and that nothing is loaded before somebody wants one."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from io import BytesIO

import pytest
from PIL import Image, ImageColor

from adapters.charts.charts import MatplotlibCharts
from adapters.charts.drawing import WIDTH
from adapters.charts.lettering import UNKNOWN, fitting, spelled, wrapped
from adapters.charts.sheet import FIRST, PAPER, SECOND
from bot.domain.charts import MOST_BARS, Bar, BarChart

UNDRAWN = (
    "import sys, bot.bootstrap, adapters.charts.charts as c;"
    "c.MatplotlibCharts(); assert 'matplotlib' not in sys.modules"
)


async def drawn(*bars: Bar, note: str = "") -> Image.Image:
    png = await MatplotlibCharts().bars(BarChart("Credits", "credits", bars, note))
    return Image.open(BytesIO(png)).convert("RGB")


def runs(picture: Image.Image, colour: str) -> Counter[int]:
    """How long (px) the boxes of a colour are, and how many rows of dots are so long."""
    wanted, data, row = bytes(ImageColor.getrgb(colour)), picture.tobytes(), picture.width * 3
    rows = (data[start : start + row].count(wanted) for start in range(0, len(data), row))
    return Counter(length for length in rows if length)


async def test_a_picture_is_1200_dots_wide_on_white_paper() -> None:
    picture = await drawn(Bar("Ana", 10))
    assert picture.width == 2 * WIDTH == 1200
    assert picture.getpixel((0, 0)) == ImageColor.getrgb(PAPER)


async def test_bars_are_as_long_as_their_values() -> None:
    picture = await drawn(Bar("Ana", 100, 100), Bar("Ben", 50))
    ((full, _), (half, _)) = sorted(runs(picture, FIRST).items(), reverse=True)
    assert half == pytest.approx(full / 2, abs=2)
    assert list(runs(picture, SECOND)) == [pytest.approx(full, abs=2)]


async def test_what_is_nearly_nothing_is_seen_and_nothing_is_not() -> None:
    assert min(runs(await drawn(Bar("Ana", 1e9), Bar("Ben", 1)), FIRST)) >= 3
    assert not runs(await drawn(Bar("Ana", 0), Bar("Ben", 0)), FIRST)


async def test_many_bars_become_twenty_and_the_others() -> None:
    twenty_one = await drawn(*(Bar("Ana", 9) for _ in range(MOST_BARS + 1)))
    many = await drawn(*(Bar("Ana", 9) for _ in range(MOST_BARS * 5)))
    assert many.height == twenty_one.height


async def test_long_names_and_figures_leave_room_for_bars() -> None:
    picture = await drawn(Bar("W" * 400, 123_456_789, 98_765_432), Bar("Ben", 1))
    assert max(runs(picture, FIRST)) + max(runs(picture, SECOND)) >= 300


async def test_marks_of_formulas_are_drawn_as_they_are() -> None:
    """As a formula the first one would be as long as the second."""
    marked, bare = await drawn(Bar("$aaaa$", 1)), await drawn(Bar("aaaa", 1))
    assert max(runs(marked, FIRST)) < max(runs(bare, FIRST))


@pytest.mark.parametrize(
    "text,seen",
    [
        ("Zoë", "Zoë"),
        ("Zoe\u0308", "Zoë"),
        ("a\n b\tc", "a b c"),
        ("Mara 🎨👩\u200d🎨", f"Mara {UNKNOWN}"),
        ("山田 Ana", f"{UNKNOWN} Ana"),
        ("x\u202e\x00\x1by", "xy"),
        ("z" + "\u0335" * 9, "z"),
    ],
)
def test_what_the_font_cannot_draw_is_one_sign(text: str, seen: str) -> None:
    assert spelled(text) == seen


@pytest.mark.parametrize(
    "room,seen", [(9, "Ana Maria"), (8, "Ana Mar…"), (5, "Ana…"), (1, "…"), (0, "…")]
)
def test_a_long_text_is_cut_where_the_room_ends(room: float, seen: str) -> None:
    assert fitting("Ana Maria", room, len) == seen


@pytest.mark.parametrize(
    "most,seen",
    [
        (3, ["one two", "three", "four"]),
        (2, ["one two", "three…"]),
        (1, ["one tw…"]),
    ],
)
def test_a_text_is_broken_between_words(most: int, seen: Iterable[str]) -> None:
    assert wrapped("one two three four", 7, most, len) == seen


def test_words_longer_than_a_line_are_cut_and_no_words_are_no_line() -> None:
    assert wrapped("a incomprehensible", 7, 3, len) == ["a", "incomp…"]
    assert wrapped(" ", 7, 3, len) == []


def test_a_bot_that_draws_nothing_does_not_load_the_library() -> None:
    subprocess.run([sys.executable, "-c", UNDRAWN], check=True)
