"""What every drawer of charts promises the core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from adapters.charts.charts import MatplotlibCharts
from bot.domain.charts import MOST_BARS, Bar, BarChart, ContactSheet
from bot.domain.messages import MOST_ATTACHED
from bot.domain.trees import MOST_PX, FamilyChart, Framed, drawn
from bot.ports import Charts
from tests.fakes.charts import FakeCharts

NOVEMBER = BarChart(
    "Credits spent", "credits", (Bar("Ana", 1200, 40), Bar("Ben", 300)), "November 2026"
)
FAMILY = FamilyChart(
    "Remixes", (Framed("k7qm", None, "@Ana"), Framed("m2xw", "k7qm", "@Ben", state="waiting")), ""
)
SHAPES: dict[str, Callable[[int], int]] = {
    "wide": lambda _: 0,
    "deep": lambda n: n - 1,
    "both": lambda n: n // 2,
}
"""Of which video the n-th is made."""
NASTY = (
    "$x^2$ costs $5",
    "\\frac{1}{0} % # _ & {",
    "🎨👩\u200d🎨 Mara",
    "山田太郎",
    "עברית",
    "a\nb\x00\x1b[31m\u202e",
    "z" + "\u0301" * 400,
    "W" * 5_000,
    "",
    "\ud800",
)


@pytest.fixture(params=[MatplotlibCharts, FakeCharts], ids=["matplotlib", "fake"])
def charts(request: pytest.FixtureRequest) -> Charts:
    return request.param()


def opened(png: bytes) -> Image.Image:
    with Image.open(BytesIO(png)) as picture:
        picture.load()
        assert picture.format == "PNG"
        return picture


def with_bars(*bars: Bar) -> BarChart:
    return BarChart("Credits spent", "credits", bars, "November 2026")


async def test_a_chart_is_a_png(charts: Charts) -> None:
    picture = opened(await charts.bars(NOVEMBER))
    assert min(picture.size) > 0


async def test_the_same_chart_is_the_same_bytes_and_another_is_not(charts: Charts) -> None:
    first, again = await asyncio.gather(charts.bars(NOVEMBER), charts.bars(NOVEMBER))
    assert first == again
    assert await charts.bars(with_bars(Bar("Ana", 1200, 40), Bar("Ben", 600))) != first


@pytest.mark.parametrize("words", NASTY, ids=ascii)
async def test_any_words_are_only_words(charts: Charts, words: str) -> None:
    opened(await charts.bars(BarChart(words, words, (Bar(words, 1),), words)))


@pytest.mark.parametrize(
    "bars",
    [
        (),
        (Bar("Ana", 0),),
        (Bar("Ana", 1.7e308, 1.7e308), Bar("Ben", 5e-324)),
        tuple(Bar(f"Person {number}", number) for number in range(MOST_BARS * 50)),
    ],
    ids=["none", "zero", "huge", "many"],
)
async def test_any_number_of_bars_of_any_length_is_a_chart(
    charts: Charts, bars: tuple[Bar, ...]
) -> None:
    opened(await charts.bars(with_bars(*bars)))


async def test_a_family_is_a_png(charts: Charts) -> None:
    picture = opened(await charts.tree(FAMILY))
    assert min(picture.size) > 0


async def test_the_same_family_is_the_same_bytes_and_another_is_not(charts: Charts) -> None:
    first, again = await asyncio.gather(charts.tree(FAMILY), charts.tree(FAMILY))
    assert first == again
    assert await charts.tree(FamilyChart("Remixes", FAMILY.frames[:1], "")) != first


@pytest.mark.parametrize("words", NASTY, ids=ascii)
async def test_any_words_in_a_family_are_only_words(charts: Charts, words: str) -> None:
    frames = (Framed("k7qm", None, words, state=words), Framed(words or "x", "k7qm", words))
    opened(await charts.tree(FamilyChart(words, frames, words)))


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_family_of_any_shape_is_a_picture_of_bounded_size(
    charts: Charts, shape: str
) -> None:
    others = (Framed(str(n), str(SHAPES[shape](n)), f"@Person {n}") for n in range(1, 200))
    chart = FamilyChart("Remixes", drawn((Framed("0", None), *others)), "139 videos not drawn.")
    png = await charts.tree(chart)
    assert max(opened(png).size) <= MOST_PX
    assert len(png) < MOST_ATTACHED / 4


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\xff\xd8\xff\xe0 torn"], ids=repr)
async def test_a_still_that_cannot_be_read_is_an_empty_frame(
    charts: Charts, content: bytes | None, tmp_path: Path
) -> None:
    still = tmp_path / "still.jpg"
    if content is not None:
        still.write_bytes(content)
    opened(await charts.tree(FamilyChart("Remixes", (Framed("k7qm", None, still=still),), "")))


@pytest.mark.parametrize("tall", [True, False])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_a_sheet_of_stills_is_a_png_of_bounded_size(
    charts: Charts, number: int, *, tall: bool
) -> None:
    sheet = ContactSheet((None,) * number, tall)
    picture = opened(await charts.sheet(sheet))
    assert 0 < min(picture.size) <= max(picture.size) <= MOST_PX
    assert await charts.sheet(sheet) == await charts.sheet(sheet)


async def test_a_still_that_is_gone_leaves_its_number_on_the_sheet(
    charts: Charts, tmp_path: Path
) -> None:
    opened(await charts.sheet(ContactSheet((tmp_path / "gone.jpg", None), tall=False)))


async def test_the_loop_goes_on_while_a_chart_is_drawn(charts: Charts) -> None:
    await charts.bars(NOVEMBER)
    drawing = asyncio.ensure_future(charts.bars(with_bars(*(Bar("x" * 90, 1),) * MOST_BARS)))
    turns = 0
    while not drawing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 1
