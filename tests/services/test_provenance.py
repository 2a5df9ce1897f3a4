"""The library as an archive."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot.domain.library import LibraryFilter
from bot.domain.messages import Attachment, Reply
from bot.domain.provenance import COLUMNS
from bot.services import provenance
from bot.services.provenance import Provenance
from tests.fakes.core import ANA, BEN, Core, World, running
from tests.fakes.typist import Typist, words


@pytest.fixture
async def core(tmp_path: Path) -> AsyncGenerator[Core]:
    """One whose backend needs no time."""
    world = World(tmp_path)
    world.provider.instant = True
    async with running(world) as core:
        yield core


@pytest.fixture
async def typist(core: Core) -> Typist:
    """In a workspace with a kite, a remix of it, and a draft of Ben's."""
    typist = Typist(core)
    first = await typist.says("/sora create =a red kite")
    await core.wait(2_000)
    await typist.says(f"/sora remix {first.jobs[0]} at night", BEN)
    await core.wait(2_000)
    await typist.says("/sora create a secret private:yes", BEN)
    await core.wait(2_000)
    return typist


def told(reply: Reply) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The videos in an archive, as JSON and as a table."""
    (file,) = reply.message.attachments
    return read(file)


def read(file: Attachment) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    with ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["provenance.jsonl", "library.csv"]
        lines = archive.read("provenance.jsonl").decode().splitlines()
        table = csv.DictReader(io.StringIO(archive.read("library.csv").decode()))
        return [json.loads(line) for line in lines], list(table)


async def test_an_export_tells_where_each_video_comes_from(core: Core, typist: Typist) -> None:
    reply = await typist.says("/sora export")
    assert "2 videos" in words(reply)
    (remix, kite), table = told(reply)
    assert tuple(kite) == tuple(table[0]) == COLUMNS
    assert (kite["prompt"], kite["parent"], kite["root"]) == ("=a red kite", None, None)
    assert (remix["parent"], remix["root"]) == (kite["id"], kite["id"])
    assert (remix["author"], remix["author_name"]) == ("ben", "Ben")
    async with core.store.reading() as tx:
        video = await tx.videos.of(kite["id"])
    assert video
    content = core.blobs.open(video.blob).read_bytes()
    assert kite["sha256"] == hashlib.sha256(content).hexdigest()
    assert kite["bytes"] == len(content)
    assert kite["made_at"].endswith("+00:00")


async def test_no_cell_of_the_table_is_a_formula(typist: Typist) -> None:
    _, table = told(await typist.says("/sora export"))
    assert table[1]["prompt"] == "'=a red kite"


async def test_an_export_has_what_its_filters_find_and_the_asker_may_watch(typist: Typist) -> None:
    assert [one["author"] for one in told(await typist.says("/sora export mine"))[0]] == ["ana"]
    assert len(told(await typist.says("/sora export mine", BEN))[0]) == 2
    (draft,), _ = told(await typist.says("/sora export drafts", BEN))
    assert (draft["prompt"], draft["stand"]) == ("a secret", "draft")
    assert not (await typist.says("/sora export drafts")).message.attachments


@pytest.mark.parametrize("page", [1, 2, 200])
async def test_an_export_goes_through_all_pages(
    typist: Typist, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(provenance, "PAGE", page)
    videos, _ = told(await typist.says("/sora export"))
    assert len({one["id"] for one in videos}) == 2


async def test_what_no_chat_takes_is_cut_and_said_so(
    typist: Typist, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (await typist.says("/sora export")).message.attachments[0]
    monkeypatch.setattr(provenance, "MOST_ATTACHED", len(whole.content) - 1)
    reply = await typist.says("/sora export")
    assert len(told(reply)[0]) == 1
    assert "there are more" in words(reply)
    monkeypatch.setattr(provenance, "MOST", 1)
    assert "there are more" in words(await typist.says("/sora export"))


async def test_an_archive_with_videos_holds_their_bytes_and_tells_of_lost_ones(
    core: Core, typist: Typist, tmp_path: Path
) -> None:
    whole, target = Provenance(core.store), tmp_path / "library.zip"
    assert await whole.save(LibraryFilter(ANA), core.blobs.open, target) == 2
    with ZipFile(target) as archive:
        for line in archive.read("provenance.jsonl").splitlines():
            one = json.loads(line)
            content = archive.read(one["file"])
            assert hashlib.sha256(content).hexdigest() == one["sha256"]

    def lost(_: object) -> Path:
        raise FileNotFoundError

    assert await whole.save(LibraryFilter(ANA), lost, target) == 2
    with ZipFile(target) as archive:
        rows = archive.read("provenance.jsonl").splitlines()
        assert [json.loads(line)["file"] for line in rows] == [None, None]
    assert typist


async def test_an_archive_that_could_not_be_finished_is_not_there(
    core: Core, typist: Typist, tmp_path: Path
) -> None:
    def broken(_: object) -> Path:
        raise PermissionError

    with pytest.raises(PermissionError):
        await Provenance(core.store).save(LibraryFilter(ANA), broken, tmp_path / "library.zip")
    assert not list(tmp_path.glob("library.zip*"))
    assert typist


async def test_an_extended_video_is_told_as_long_as_all_of_it(core: Core, typist: Typist) -> None:
    first = (await core.jobs())[-1].id
    await typist.says(f"/sora extend {first} 4s it lands", BEN)
    await core.wait(2_000)
    found, table = told(await typist.says("/sora export", BEN))
    longer = next(one for one in found if one["prompt"] == "it lands")
    assert (longer["seconds"], longer["parent"], longer["root"]) == (16, first, first)
    assert "16" in {row["seconds"] for row in table if row["prompt"] == "it lands"}
