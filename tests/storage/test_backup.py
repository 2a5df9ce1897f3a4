import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.library import LibraryFilter
from bot.errors import ConfigError
from storage.backup import DATABASE, read_backup, refuse_server, write_backup
from storage.store import open_store
from tests.fakes.core import World, running


async def test_a_backup_taken_while_the_bot_works_holds_every_job_and_every_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "bot").mkdir()
    world = World(tmp_path / "bot")
    world.provider.instant = True
    async with running(world) as core:
        job = (await core.create()).jobs[0]
        await core.wait(3_000)
        (core.blobs.scratch() / "half.part").write_bytes(b"unfinished")
        size = write_backup(world.folder, tmp_path / "b.tar.gz")
    assert size == (tmp_path / "b.tar.gz").stat().st_size
    read_backup(tmp_path / "b.tar.gz", tmp_path / "new")
    again = World(tmp_path / "new")
    async with running(again) as core:
        assert (await core.job(job.id)).spec == job.spec
        assert await core.faults() == ()
        async with core.store.reading() as tx:
            video = await tx.videos.of(job.id)
            found = await tx.library.find(LibraryFilter(job.person, job.spec.prompt))
        assert video is not None
        assert core.blobs.open(video.blob).is_file()
        assert [one.video for one in found] == [video]
    assert not list((tmp_path / "new").rglob("*.part"))


async def test_a_restored_database_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    folder.mkdir()
    await (await open_store(folder / DATABASE)).aclose()
    write_backup(folder, tmp_path / "b.tar.gz")
    read_backup(tmp_path / "b.tar.gz", tmp_path / "new")
    with closing(sqlite3.connect(tmp_path / "new" / DATABASE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no database"):
        write_backup(tmp_path, tmp_path / "b.tar.gz")


def test_what_is_on_a_server_is_saved_by_its_own_tools(tmp_path: Path) -> None:
    refuse_server(tmp_path / "bot.db", tmp_path)
    refuse_server(f"sqlite:///{tmp_path / 'bot.db'}", tmp_path)
    with pytest.raises(ConfigError, match="pg_dump"):
        refuse_server("postgresql://bot:hush@host/bot", tmp_path)


def test_a_restore_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    with pytest.raises(ConfigError, match="not empty"):
        read_backup(tmp_path / "b.tar.gz", tmp_path)


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b").write_bytes(content)
    with pytest.raises(ConfigError, match="not a whole backup"):
        read_backup(tmp_path / "b", tmp_path / "new")


def test_an_archive_without_a_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note").touch()
    with tarfile.open(tmp_path / "b", "w:gz") as tar:
        tar.add(tmp_path / "note", "note")
    with pytest.raises(ConfigError, match="not a whole backup"):
        read_backup(tmp_path / "b", tmp_path / "new")


def test_an_archive_that_reaches_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "evil").touch()
    with tarfile.open(tmp_path / "b", "w:gz") as tar:
        tar.add(tmp_path / "evil", DATABASE)
        tar.add(tmp_path / "evil", "../outside")
    with pytest.raises(ConfigError, match="not a whole backup"):
        read_backup(tmp_path / "b", tmp_path / "deep" / "new")
    assert not (tmp_path / "deep" / "outside").exists()
