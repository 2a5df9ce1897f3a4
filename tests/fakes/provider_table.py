"""Tries the whole story with every backend and writes what each does. `make providers` runs it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from docs.generate import table
from tests.fakes.backends import DIALECTS
from tests.fakes.provider_story import STEPS, stage

PAGE = Path(__file__).parents[2] / "docs/providers.md"
_BEGIN, _END = "<!-- story: by make providers -->\n", "<!-- end of story -->"


def read_table() -> Mapping[str, Mapping[str, str]]:
    """What the page says that each backend does in each step."""
    lines = _cut(PAGE.read_text("utf-8"))[1].strip().splitlines()
    head, *rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in lines]
    return {name: dict(zip(head[1:], cells, strict=True)) for name, *cells in rows[1:]}


def _cut(page: str) -> tuple[str, str, str]:
    """The page before the table, the table, and the rest."""
    before, begin, rest = page.partition(_BEGIN)
    told, end, after = rest.partition(_END)
    return before + begin, told, end + after


async def _told(dialect: str, step: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        try:
            async with stage(dialect, Path(folder)) as on:
                return await STEPS[step](on)
        except Exception as error:  # noqa: BLE001 - whatever it is, the table has to show it
            print(f"{dialect}, {step}: {error!r}", file=sys.stderr)  # noqa: T201 - its product
            return "BROKEN"


async def _story() -> str:
    rows = [(f"`{one}`", *[await _told(one, step) for step in STEPS]) for one in DIALECTS]
    return table(("Backend", *STEPS), rows)


def main() -> None:
    """Write the table, and print it; a step that breaks ends with status 1."""
    story = asyncio.run(_story())
    before, _, after = _cut(PAGE.read_text("utf-8"))
    PAGE.write_text(f"{before}{story}\n{after}", "utf-8")
    print(story)  # noqa: T201 - its product
    sys.exit("BROKEN" in story)


if __name__ == "__main__":
    main()
