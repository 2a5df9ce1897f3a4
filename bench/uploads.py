"""What large videos on their way to a chat take: memory, and turns of the loop."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from bench.figures import Figure
from bench.loads import crowd
from bench.processes import part
from bench.uploader import Took

MIB = 2**20
SHAPES = ((4, 50), (8, 25))
"""How many files side by side, and MiB of each: 200 MiB both times."""


CROWDS = {"discord": "crowd", "slack": "slack_crowd"}
"""Each chat, and the process with its people."""
MOST = {"discord": 32, "slack": 16}
"""MiB that all files together may take."""


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """Each shape on a bot of its own, through the adapter, from real files."""
    found: list[Figure] = []
    for chat in CROWDS:
        for number, size in ((2, 1),) if quick else SHAPES:
            took = await _shape(folder / chat / f"{number}x{size}", chat, number, size)
            what = f"{number} × {size} MiB to {chat}"
            found += _figures(what, number * size, took, MOST[chat])
    return found


def _figures(what: str, total: int, took: Took, most: int) -> Sequence[Figure]:
    return (
        Figure(f"RSS before {what}", took.before, "MiB"),
        Figure(
            f"most RSS during {what}, more than before", took.most - took.before, "MiB", most=most
        ),
        Figure(f"longest stall of the loop during {what}", took.stall, "ms"),
        Figure(f"pace of {what}", total / took.seconds, "MiB/s"),
    )


async def _shape(folder: Path, chat: str, number: int, size: int) -> Took:
    files = [*await _files(folder / "first", 1, 1), *await _files(folder / "files", number, size)]
    async with crowd(CROWDS[chat], folder / "crowd", people=1) as (control, where):
        given = [chat, str(folder / "bot"), json.dumps(where), *map(str, files)]
        async with part("uploader", *given) as bot:
            took = Took(**await bot.said())
        await _check(await control.ask("files"), files)
    return took


async def _files(folder: Path, number: int, size: int) -> list[Path]:
    return await asyncio.to_thread(_written, folder, number, size)


def _written(folder: Path, number: int, size: int) -> list[Path]:
    """Files of `size` MiB that nobody can make smaller, and each another."""
    folder.mkdir(parents=True)
    chance = Random(size)  # noqa: S311 - keeps no secret
    files = [folder / f"{turn}.mp4" for turn in range(number)]
    for file in files:
        with file.open("wb") as target:
            for _ in range(size):
                target.write(chance.randbytes(MIB))
    return files


async def _check(arrived: Sequence[str], files: Sequence[Path]) -> None:
    """Everything came once, byte by byte."""
    sent = [await asyncio.to_thread(_digest, file) for file in files]
    assert sorted(arrived) == sorted(sent)


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
