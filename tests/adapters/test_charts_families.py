"""What is in the picture of a family, dot by dot."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageColor

from adapters.charts.charts import MatplotlibCharts
from adapters.charts.families import EMPTY, LEAST, LINE
from adapters.charts.sheet import FIRST, INK, MARGIN, PALE_INK, PAPER, TRACK
from bot.domain.trees import HIGH, SCALE, WIDE, WORDS, FamilyChart, Framed, Layout, Spot, laid

RED, GREEN, BLUE = (200, 30, 30), (30, 160, 60), (30, 60, 200)
NEAR = 12
"""How far a dot of a JPEG may be from what was painted."""


class Picture:
    """A drawn family, asked by where things are in its layout."""

    def __init__(self, png: bytes, layout: Layout) -> None:
        self._dots = Image.open(BytesIO(png)).convert("RGB")
        self._layout = layout
        self._top = self._first_row()

    def _first_row(self) -> float:
        """Where the frame of the first video begins: no letter is of that colour so far left."""
        x = round((self._corner.left + WIDE / 2) * SCALE)
        column = (self._dots.getpixel((x, y)) for y in range(self._dots.height))
        return next(y for y, dot in enumerate(column) if dot == rgb(FIRST)) / SCALE + 3

    @property
    def _corner(self) -> Spot:
        root = next(iter(self._layout.spots.values()))
        return root.moved(MARGIN + (max(LEAST, self._layout.wide) - self._layout.wide) / 2, 0)

    def at(self, name: str, across: float, down: float) -> tuple[int, ...]:
        """A dot of a frame, by px of the layout from its upper left corner."""
        return self.dot(self._layout.spots[name].moved(across, down))

    def dot(self, spot: Spot) -> tuple[int, ...]:
        """A dot by its place in the layout."""
        root = next(iter(self._layout.spots.values()))
        left = self._corner.left - root.left + spot.left
        dot = self._dots.getpixel((round(left * SCALE), round((self._top + spot.top) * SCALE)))
        assert isinstance(dot, tuple)
        return dot

    def below(self, name: str) -> set[tuple[int, ...]]:
        """All colours of the words of a frame."""
        return {
            self.at(name, across, down)
            for across in range(2, WIDE - 2)
            for down in range(HIGH + 2, HIGH + WORDS)
        }


async def drawn(*frames: Framed) -> Picture:
    png = await MatplotlibCharts().tree(FamilyChart("Remixes", frames, ""))
    return Picture(png, laid(frames))


def rgb(colour: str) -> tuple[int, ...]:
    return ImageColor.getrgb(colour)


def near(dot: tuple[int, ...], colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) <= NEAR for one, other in zip(dot, colour, strict=True))


def still(folder: Path, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Path:
    """Two colours, one above the other, as a clip in landscape would have them."""
    path = folder / f"{top}-{bottom}.jpg"
    picture = Image.new("RGB", (640, 360), top)
    picture.paste(bottom, (0, 180, 640, 360))
    picture.save(path, quality=95)
    return path


def two(**second: object) -> tuple[Framed, Framed]:
    return (Framed("a", None, "@Ana"), Framed("b", "a", **second))  # pyright: ignore[reportArgumentType] - a test names the fields


async def test_stills_stand_in_their_frames_with_their_top_above(tmp_path: Path) -> None:
    first, second = still(tmp_path, RED, GREEN), still(tmp_path, BLUE, RED)
    picture = await drawn(Framed("a", None, still=first), Framed("b", "a", still=second))
    assert near(picture.at("a", WIDE / 2, HIGH * 0.4), RED)
    assert near(picture.at("a", WIDE / 2, HIGH * 0.9), GREEN)
    assert near(picture.at("b", 5, HIGH * 0.2), BLUE)
    assert near(picture.at("b", WIDE - 5, HIGH * 0.8), RED)


async def test_a_clip_in_portrait_is_whole_in_the_middle_of_its_frame(tmp_path: Path) -> None:
    path = tmp_path / "tall.jpg"
    Image.new("RGB", (360, 640), GREEN).save(path, quality=95)
    picture = await drawn(*two(still=path))
    assert near(picture.at("b", WIDE / 2, 3), GREEN)
    assert near(picture.at("b", WIDE / 2, HIGH - 3), GREEN)
    assert picture.at("b", 5, HIGH / 2) == picture.at("b", WIDE - 5, HIGH / 2) == rgb(TRACK)


async def test_a_still_in_shades_of_grey_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "grey.jpg"
    Image.new("L", (640, 360), 100).save(path, quality=95)
    assert near((await drawn(*two(still=path))).at("b", WIDE / 2, HIGH / 2), (100, 100, 100))


async def test_an_arrow_leads_from_a_video_to_each_that_was_made_of_it() -> None:
    frames = (Framed("a", None), Framed("b", "a"), Framed("c", "a"))
    picture, layout = await drawn(*frames), laid(frames)
    for name in "bc":
        start, turn, above, end = layout.arrows[name]
        assert picture.dot(start.moved(0, 4)) == rgb(LINE)
        assert picture.dot(Spot((turn.left + above.left) / 2, turn.top)) == rgb(LINE)
        assert picture.dot(end.moved(0, -4)) == rgb(LINE)
        assert picture.dot(end.moved(-4, -7)) == picture.dot(end.moved(4, -7)) == rgb(LINE)
    between = (layout.spots["b"].left + WIDE + layout.spots["c"].left) / 2
    assert picture.dot(Spot(between, layout.spots["b"].top + HIGH / 2)) == rgb(PAPER)


async def test_the_first_one_alone_is_marked() -> None:
    picture = await drawn(*two(name="@Ben"))
    assert picture.at("a", -2, HIGH / 2) == picture.at("a", 3, 3) == rgb(FIRST)
    assert picture.at("b", -2, HIGH / 2) == rgb(PAPER)
    assert picture.at("b", 3, 3) == rgb(TRACK)


async def test_a_simulated_one_says_so() -> None:
    picture = await drawn(*two(simulated=True))
    assert picture.at("b", 3, HIGH - 3) == rgb(INK)
    assert picture.at("a", 3, HIGH - 3) == rgb(TRACK)


async def test_what_is_hidden_is_grey_and_has_no_words(tmp_path: Path) -> None:
    secret = Framed("b", "a", "@Ben", still(tmp_path, RED, RED), "waiting", True, hidden=True)
    picture = await drawn(Framed("a", None, "@Ana"), secret)
    for across, down in ((3, 3), (WIDE / 2, HIGH / 2), (3, HIGH - 3)):
        assert picture.at("b", across, down) == rgb(EMPTY)
    assert picture.below("b") == {rgb(PAPER)}
    assert len(picture.below("a")) > 1


@pytest.mark.parametrize("name", ["@" + "W" * 400, "@עברית", "@🎨", "@山田太郎", "@" + "ﷺ" * 20])
async def test_any_name_stays_below_its_own_video(name: str) -> None:
    picture = await drawn(*two(name=name))
    assert rgb(INK) in picture.below("b")
    for down in range(HIGH + 2, HIGH + WORDS):
        assert picture.at("b", -3, down) == picture.at("b", WIDE + 3, down) == rgb(PAPER)


async def test_how_it_stands_is_written_where_the_still_will_be() -> None:
    picture = await drawn(*two(state="rendering"))
    row = {picture.at("b", across, HIGH / 2) for across in range(WIDE)}
    assert rgb(PALE_INK) in row


async def test_where_some_are_left_out_the_arrow_is_broken() -> None:
    frames = two(skipped=3)
    picture, layout = await drawn(*frames), laid(frames)
    start, *_, end = layout.arrows["b"]
    line = {picture.dot(Spot(start.left, down)) for down in range(int(start.top), int(end.top) - 8)}
    assert rgb(PAPER) in line
    assert rgb(LINE) in line
