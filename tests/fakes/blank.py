"""An SQLite file with tables and nothing in them, of which the stores of tests are copies.

To make the tables takes longer than most tests do.
"""

from __future__ import annotations

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from storage.store import open_store


def blank_at(file: Path) -> Path:
    """Put one there, unless something is there already."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_blank())
    return file


@cache
def _blank() -> bytes:
    # Whoever asks may be in a loop already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _made()).result()


async def _made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bot.db"
        await (await open_store(file)).aclose()
        return file.read_bytes()
