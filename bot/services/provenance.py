"""The library as an archive: where each video comes from, and on request the videos."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from bot.domain.library import Found, LibraryFilter
from bot.domain.messages import MOST_ATTACHED, Attachment
from bot.domain.provenance import csv_head, csv_line, facts, json_line
from bot.domain.refs import Blob
from bot.ports import Readable

PAGE = 200
"""Videos read at once."""
MOST = 5_000
"""Videos told of in a chat."""
Find = Callable[[Blob], Path]
"""Where a file lies; raises `FileNotFoundError` when it was deleted."""
JSON, CSV = "provenance.jsonl", "library.csv"


@dataclass(frozen=True, slots=True)
class Told:
    """An archive, how many videos it tells of, and whether there are more."""

    file: Attachment
    videos: int
    more: bool


class Provenance:
    """Reads only, page by page, so that nobody who writes has to wait."""

    def __init__(self, store: Readable) -> None:
        self._store = store

    async def attached(self, which: LibraryFilter, alt: str) -> Told | None:
        """What is found as an archive that every chat takes, without videos; None for nothing.

        Where all of it is too large, the first half of it is told of, or the first half of that.
        """
        found: list[Found] = []
        async with aclosing(self.each(which)) as everything:
            async for one in everything:
                found.append(one)
                if len(found) > MOST:
                    break
        kept = found[:MOST]
        while kept:
            content = await asyncio.to_thread(_without_videos, kept)
            if len(content) <= MOST_ATTACHED:
                file = Attachment("library.zip", content, "application/zip", alt)
                return Told(file, len(kept), len(kept) < len(found))
            kept = kept[: len(kept) // 2]
        return None

    async def each(self, which: LibraryFilter) -> AsyncGenerator[Found]:
        """All that is found of the workspace's own, one after the other."""
        after, which = which.after, replace(which, own=True)
        async with self._store.reading() as tx:
            while page := await tx.library.find(replace(which, after=after, limit=PAGE)):
                for one in page:
                    yield one
                after = page[-1].cursor

    async def save(self, which: LibraryFilter, find: Find, target: Path) -> int:
        """Write an archive with the videos to `target`; returns how many it tells of.

        Never more than one page and a part of one video are in memory. A video whose file is gone
        is told of all the same. Nothing appears at `target` when it fails.
        """
        partial, number = target.with_name(f"{target.name}.part"), 0
        try:
            with _Archive(partial) as archive:
                async for one in self.each(which):
                    await asyncio.to_thread(archive.add, one, _path(find, one))
                    number += 1
                await asyncio.to_thread(archive.finish)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return number


def _path(find: Find, found: Found) -> Path | None:
    try:
        return find(found.video.blob)
    except FileNotFoundError:
        return None


class _Archive:
    """A zip in which tables come last: a zip takes one file at a time."""

    def __init__(self, target: Path) -> None:
        self._zip = ZipFile(target, "w", ZIP_DEFLATED)
        self._tables: dict[str, IO[bytes]] = {
            JSON: tempfile.TemporaryFile(),  # noqa: SIM115 - closed in `__exit__`
            CSV: tempfile.TemporaryFile(),  # noqa: SIM115 - closed in `__exit__`
        }
        self._tables[CSV].write(csv_head().encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        for table in self._tables.values():
            table.close()

    def add(self, found: Found, path: Path | None) -> None:
        """One video, and its file where there is one."""
        name = f"videos/{found.job.id}.mp4" if path else ""
        if path:
            # It is compressed already.
            self._zip.write(path, name, ZIP_STORED)
        told = facts(found, name)
        self._tables[JSON].write(json_line(told).encode())
        self._tables[CSV].write(csv_line(told).encode())

    def finish(self) -> None:
        """The tables."""
        for name, table in self._tables.items():
            table.seek(0)
            with self._zip.open(name, "w", force_zip64=True) as entry:
                while block := table.read(2**20):
                    entry.write(block)


def _without_videos(found: Sequence[Found]) -> bytes:
    archive = io.BytesIO()
    told = [facts(one) for one in found]
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        file.writestr(JSON, "".join(map(json_line, told)))
        file.writestr(CSV, csv_head() + "".join(map(csv_line, told)))
    return archive.getvalue()
