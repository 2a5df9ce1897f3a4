"""The embedded database: how it is opened, what it refuses, and who waits for whom."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

import storage
from bot.errors import ConfigError, SecondInstance
from storage.engine import READERS
from storage.store import SqlStore, open_store
from tests.storage.examples import a_job


async def pragma(connection: AsyncConnection, name: str) -> object:
    return await connection.scalar(text(f"PRAGMA {name}"))


async def test_the_writer_keeps_what_it_wrote_through_a_power_cut(store: SqlStore) -> None:
    async with store.database.writing() as connection:
        assert await pragma(connection, "journal_mode") == "wal"
        assert await pragma(connection, "synchronous") == 2  # FULL
        assert await pragma(connection, "foreign_keys") == 1
        assert await pragma(connection, "query_only") == 0


async def test_readers_cannot_write_and_leave_checkpoints_to_the_writer(store: SqlStore) -> None:
    async with store.database.reading() as connection:
        assert await pragma(connection, "query_only") == 1
        assert await pragma(connection, "wal_autocheckpoint") == 0
        with pytest.raises(OperationalError, match="readonly"):
            await connection.execute(text("DELETE FROM gates"))


async def test_writing_within_a_reading_is_refused(store: SqlStore) -> None:
    async with store.reading() as tx:
        with pytest.raises(OperationalError, match="readonly"):
            await tx.jobs.add(a_job())


async def test_a_writer_holds_the_lock_from_its_first_moment(
    store: SqlStore, tmp_path: Path
) -> None:
    async with store.transaction():
        other = sqlite3.connect(tmp_path / "bot.db", timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


async def test_more_readers_than_connections_take_turns(store: SqlStore) -> None:
    async def read() -> None:
        async with store.reading() as tx:
            await asyncio.sleep(0)
            await tx.gates.get("g")

    await asyncio.gather(*(read() for _ in range(5 * READERS)))


async def test_the_version_of_sqlite_is_logged_at_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "storage"):
        store = await open_store(tmp_path / "bot.db")
    await store.aclose()
    assert f"SQLite {sqlite3.sqlite_version} at {tmp_path / 'bot.db'}" in caplog.text


async def test_a_folder_is_made_and_left_tidy(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data % 100"
    store = await open_store(folder / "bot.db")
    async with store.reading() as tx:
        await tx.gates.get("g")
    await store.aclose()
    assert sorted(path.name for path in folder.iterdir()) == [
        "bot.db",
        "bot.db.arrivals",
        "bot.db.lock",
    ]


async def test_a_second_store_on_the_same_file_is_refused(tmp_path: Path) -> None:
    first = await open_store(tmp_path / "bot.db")
    with pytest.raises(SecondInstance, match="process"):
        await open_store(f"sqlite:///{tmp_path / 'bot.db'}")
    await first.aclose()
    second = await open_store(tmp_path / "bot.db")
    await second.aclose()


async def test_a_store_that_cannot_be_opened_lets_go_of_its_lock(tmp_path: Path) -> None:
    broken = tmp_path / "bot.db"
    broken.write_bytes(b"this is no database" * 100)
    with pytest.raises(DBAPIError, match="not a database"):
        await open_store(broken)
    broken.unlink()
    store = await open_store(broken)
    await store.aclose()


@pytest.mark.parametrize("where", ["sqlite://", "sqlite:///:memory:", "sqlite+aiosqlite://"])
async def test_a_database_without_a_file_is_refused(where: str) -> None:
    with pytest.raises(ConfigError, match="name a file"):
        await open_store(where)


@pytest.mark.parametrize("where", ["mysql://host/bot", "nonsense://", "postgresql//host://bot"])
async def test_what_is_neither_sqlite_nor_postgresql_is_refused(where: str) -> None:
    with pytest.raises(ConfigError, match="database URL is not usable"):
        await open_store(where)


async def test_postgresql_without_its_driver_is_refused_with_the_name_of_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As if it were not installed.
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "storage.postgres", raising=False)
    monkeypatch.delattr(storage, "postgres", raising=False)
    with pytest.raises(ConfigError, match=r"psycopg\[binary\]"):
        await open_store("postgresql://host/bot")
