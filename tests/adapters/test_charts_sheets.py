"""What is on a contact sheet, dot by dot."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageColor

from adapters.charts.charts import MatplotlibCharts
from adapters.charts.sheet import INK, PAPER, TRACK
from adapters.charts.sheets import BADGE, WIDTH, cell, corner
from bot.domain.charts import ContactSheet

COLOURS = ((200, 30, 30), (30, 160, 60), (30, 60, 200), (220, 170, 40))
NEAR = 12
"""How far a dot of a JPEG may be from what was painted."""


def stills(folder: Path, *, tall: bool) -> tuple[Path, ...]:
    paths: list[Path] = []
    for number, colour in enumerate(COLOURS):
        path = folder / f"{number}.jpg"
        Image.new("RGB", (360, 640) if tall else (640, 360), colour).save(path, quality=95)
        paths.append(path)
    return tuple(paths)


async def drawn(sheet: ContactSheet) -> Image.Image:
    return Image.open(BytesIO(await MatplotlibCharts().sheet(sheet))).convert("RGB")


@pytest.mark.parametrize("tall", [True, False])
async def test_stills_stand_in_two_rows_in_their_order(tmp_path: Path, *, tall: bool) -> None:
    picture = await drawn(ContactSheet(stills(tmp_path, tall=tall), tall))
    scale, (wide, high) = picture.width / WIDTH, cell(tall=tall)
    for at, colour in enumerate(COLOURS):
        left, top = corner(at, wide, high)
        for across, down in ((wide / 2, high / 2), (wide - 4, high - 4), (4, high - 4)):
            dot = picture.getpixel((round((left + across) * scale), round((top + down) * scale)))
            assert isinstance(dot, tuple)
            assert all(abs(one - other) <= NEAR for one, other in zip(dot, colour, strict=True))
    assert picture.getpixel((2, 2)) == ImageColor.getrgb(PAPER)


async def test_each_has_a_number_of_its_own_also_without_a_still() -> None:
    picture = await drawn(ContactSheet((None, None), tall=False))
    scale, (wide, high) = picture.width / WIDTH, cell(tall=False)
    badges: list[bytes] = []
    for at in range(2):
        left, top = (round(side * scale) for side in corner(at, wide, high))
        size = round(BADGE * scale)
        badge = picture.crop((left + 2, top + 2, left + size - 2, top + size - 2))
        assert badge.getpixel((0, 0)) == ImageColor.getrgb(INK)
        colours = badge.getcolors(1 << 16)
        assert colours
        assert ImageColor.getrgb(PAPER) in {colour for _, colour in colours}
        badges.append(badge.tobytes())
        middle = (round(left + wide * scale / 2), round(top + high * scale / 2))
        assert picture.getpixel(middle) == ImageColor.getrgb(TRACK)
    assert badges[0] != badges[1]
