"""What every drawer of charts promises the core."""

from __future__ import annotations

import asyncio
from io import BytesIO

import pytest
from PIL import Image

from adapters.charts.charts import MatplotlibCharts
from bot.domain.charts import MOST_BARS, Bar, BarChart
from bot.ports import Charts
from tests.fakes.charts import FakeCharts

NOVEMBER = BarChart(
    "Credits spent", "credits", (Bar("Ana", 1200, 40), Bar("Ben", 300)), "November 2026"
)
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


async def test_the_loop_goes_on_while_a_chart_is_drawn(charts: Charts) -> None:
    await charts.bars(NOVEMBER)
    drawing = asyncio.ensure_future(charts.bars(with_bars(*(Bar("x" * 90, 1),) * MOST_BARS)))
    turns = 0
    while not drawing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 1
