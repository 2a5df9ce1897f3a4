"""`Charts` on matplotlib."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from bot.domain.charts import BarChart, ContactSheet
from bot.domain.trees import FamilyChart


class MatplotlibCharts:
    """Draws one picture after the other beside the loop: matplotlib is not made for threads."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "charts")

    async def bars(self, chart: BarChart) -> bytes:
        """A PNG, 1200 px wide."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _bars, chart)

    async def tree(self, chart: FamilyChart) -> bytes:
        """A PNG of at most 2400 px a side."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _tree, chart)

    async def sheet(self, sheet: ContactSheet) -> bytes:
        """A PNG, 1200 px wide where it is not too high for that."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _sheet, sheet)


def _sheet(sheet: ContactSheet) -> bytes:
    from adapters.charts.sheets import draw  # noqa: PLC0415 - as below

    return draw(sheet)


def _bars(chart: BarChart) -> bytes:
    # Loading it takes time and memory that a bot whose admins ask for no chart need not spend.
    from adapters.charts.drawing import draw  # noqa: PLC0415

    return draw(chart)


def _tree(chart: FamilyChart) -> bytes:
    from adapters.charts.families import draw  # noqa: PLC0415 - as above

    return draw(chart)
