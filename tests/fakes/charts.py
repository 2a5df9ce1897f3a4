"""Charts without drawing: a picture of one dot whose comment tells what the chart shows."""

from __future__ import annotations

import asyncio
from io import BytesIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.domain.charts import BarChart, ContactSheet
from bot.domain.trees import FamilyChart


class FakeCharts:
    """`drawn` has every chart that was asked for, `trees` every family, `sheets` the sheets."""

    def __init__(self) -> None:
        self.drawn: list[BarChart] = []
        self.trees: list[FamilyChart] = []
        self.sheets: list[ContactSheet] = []

    async def bars(self, chart: BarChart) -> bytes:
        await asyncio.sleep(0)
        self.drawn.append(chart)
        return self._told(chart)

    async def tree(self, chart: FamilyChart) -> bytes:
        await asyncio.sleep(0)
        self.trees.append(chart)
        return self._told(chart)

    async def sheet(self, sheet: ContactSheet) -> bytes:
        await asyncio.sleep(0)
        self.sheets.append(sheet)
        return self._told(sheet)

    def _told(self, chart: object) -> bytes:
        told, target = PngInfo(), BytesIO()
        told.add_text("chart", ascii(chart))
        Image.new("L", (1, 1)).save(target, "PNG", pnginfo=told)
        return target.getvalue()
