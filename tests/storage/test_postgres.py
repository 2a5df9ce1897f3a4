"""PostgreSQL: who may use it, whose turn it is, and what is lost with a connection."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

import storage.postgres
from bot.domain.gates import Gate
from bot.errors import ConfigError, SecondInstance
from storage.arrivals import open_arrivals
from storage.engine import Database, server, url_of
from storage.migrations import HEAD, current
from storage.postgres import _WRITING as WRITING
from storage.store import SqlStore, join_store, open_store
from storage.tables import metadata
from tests.fakes.postgres import Server
from tests.storage.examples import DEMO, a_job
from tests.storage.test_migrations import (
    found_by_their_ids,
    is_described,
    store_before_reactions,
)

STALLED_SOON = "SET idle_in_transaction_session_timeout = 200"


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[SqlStore]:
    opened = await open_store(postgres_url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def other(postgres_url: str) -> AsyncIterator[Database]:
    """The same database for somebody who does not ask whether a bot works there."""
    beside = server(url_of(postgres_url))
    yield beside
    await beside.aclose()


# --- who may use it -----------------------------------------------------------------------


async def test_a_second_bot_is_refused_and_told_about_the_first(
    store: SqlStore, postgres_url: str
) -> None:
    with pytest.raises(SecondInstance, match=f"^process {os.getpid()} on "):
        await open_store(postgres_url)
    async with store.transaction() as tx:
        await tx.gates.put(Gate("g", 1))


async def test_a_database_is_free_again_when_its_bot_ended(postgres_url: str) -> None:
    for _ in range(3):
        await (await open_store(postgres_url)).aclose()


async def test_a_bot_that_lost_its_place_to_another_cannot_write(
    store: SqlStore, postgres_url: str
) -> None:
    expire(postgres_url)
    usurper = await open_store(postgres_url)
    with pytest.raises(SecondInstance, match=f"^process {os.getpid()} on "):
        async with store.transaction() as tx:
            await tx.gates.put(Gate("g", 1))
    with pytest.raises(SecondInstance):
        await store.inbox("slack").take(["Ev1"], "{}", 1)
    with pytest.raises(SecondInstance):
        await store.notes("slack").write("seen", "yes")
    async with usurper.reading() as tx:
        assert await tx.gates.get("g") is None
    assert await usurper.inbox("slack").waiting(9) == ()
    await usurper.aclose()


async def test_a_bot_whose_lease_ran_out_goes_on_while_nobody_else_came(
    store: SqlStore, postgres_url: str
) -> None:
    expire(postgres_url)
    async with store.transaction() as tx:
        await tx.gates.put(Gate("g", 1))
    async with store.reading() as tx:
        assert await tx.gates.get("g") == Gate("g", 1)


async def test_nothing_is_written_before_the_lease_is_taken(
    store: SqlStore, postgres_url: str
) -> None:
    waiting = await join_store(postgres_url)
    with pytest.raises(SecondInstance):
        async with waiting.transaction():
            raise AssertionError("it holds nothing")
    async with waiting.reading() as tx:
        assert await tx.gates.get("g") is None
    await waiting.aclose()
    async with store.transaction() as tx:
        await tx.gates.put(Gate("g", 1))


async def test_a_transaction_of_a_bot_that_stalls_is_ended_and_stores_nothing(
    postgres_url: str, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.postgres, "_END_WHEN_STALLED", STALLED_SOON)
    store = await open_store(postgres_url)

    async def stall() -> None:
        async with store.transaction() as tx:
            await tx.gates.put(Gate("g", 1))
            # Others have their turn although this one does not end.
            async with other.writing():
                pass

    with pytest.raises(DBAPIError, match="idle-in-transaction timeout"):
        await stall()
    async with store.transaction() as tx:
        assert await tx.gates.get("g") is None
    await store.aclose()


def expire(url: str) -> None:
    """Let time pass for a bot that does not renew its lease."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE leases SET until_at = 0")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
async def test_every_way_to_write_its_name_is_understood(scheme: str, postgres_url: str) -> None:
    store = await open_store(postgres_url.replace("postgresql", scheme, 1))
    async with store.reading() as tx:
        assert await tx.jobs.by_interaction(DEMO, "none") == ()
    await store.aclose()


async def test_a_server_that_is_not_there_is_a_sentence_without_the_password(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match=r"cannot be used: .*No such file") as refused:
        await open_store(f"postgresql://bot:hush@/bot?host={tmp_path}")
    assert "hush" not in str(refused.value)


async def test_a_database_that_is_not_there_is_a_sentence(postgres: Server) -> None:
    with pytest.raises(ConfigError, match='database "nowhere" does not exist'):
        await open_store(postgres.url("nowhere"))


# --- whose turn it is ---------------------------------------------------------------------


async def test_a_writer_elsewhere_has_the_database_to_itself(
    store: SqlStore, other: Database
) -> None:
    log: list[str] = []

    async def write_here() -> None:
        async with store.transaction() as tx:
            log.append(f"sees {await tx.gates.get('g')}")

    async with other.writing() as connection:
        waiting = asyncio.create_task(write_here())
        await somebody_waits(other)
        await connection.execute(text("INSERT INTO gates (key, opens_at) VALUES ('g', 7)"))
        log.append("written")
    await waiting
    assert log == ["written", f"sees {Gate('g', 7)}"]


async def test_a_writer_that_is_cancelled_while_it_waits_leaves_the_turn_to_others(
    store: SqlStore, other: Database
) -> None:
    async def write() -> None:
        async with store.transaction():
            raise AssertionError("it was not its turn")

    async with other.writing():
        waiting = asyncio.create_task(write())
        await somebody_waits(other)
        waiting.cancel()
        await asyncio.wait({waiting})
        assert waiting.cancelled()
    async with store.transaction() as tx:
        await tx.gates.put(Gate("g", 1))


async def somebody_waits(database: Database) -> None:
    """Until the server says that a writer stands in line."""
    line = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND objid::int = :name")
    waiting = 0
    while not waiting:
        async with database.reading() as connection:
            waiting = await connection.scalar(line, {"name": WRITING}) or 0


async def test_arrivals_do_not_wait_for_writers(store: SqlStore) -> None:
    async with store.transaction():
        assert await store.inbox("slack").take(["Ev1"], "{}", 1)


async def test_arrivals_of_two_processes_are_taken_once(store: SqlStore, postgres_url: str) -> None:
    beside = SqlStore(store.database, await open_arrivals(url_of(postgres_url)))
    keys = [[f"Ev{n % 7}", f"C1/{n % 5}"] for n in range(70)]
    takings = [
        inbox.take(pair, "{}", n)
        for inbox in (store.inbox("slack"), beside.inbox("slack"))
        for n, pair in enumerate([*keys, *reversed(keys)])
    ]
    taken = await asyncio.gather(*takings)
    assert 0 < sum(taken) == len(await store.inbox("slack").waiting(100)) <= 5
    await beside.arrivals.aclose()


# --- what a connection is for -------------------------------------------------------------


async def test_readers_cannot_write(store: SqlStore) -> None:
    async with store.reading() as tx:
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await tx.jobs.add(a_job())


def cut(url: str) -> None:
    """End every other connection, as a server that is started again does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_what_lost_its_connections_gets_new_ones(store: SqlStore, postgres_url: str) -> None:
    inbox = store.inbox("slack")
    async with store.reading() as tx:
        assert await tx.gates.get("g") is None
    assert await inbox.take(["Ev1"], "{}", 1)
    cut(postgres_url)
    async with store.transaction() as tx:
        await tx.gates.put(Gate("g", 1))
    async with store.reading() as tx:
        assert await tx.gates.get("g") == Gate("g", 1)
    assert not await inbox.take(["Ev1"], "{}", 1)


async def test_a_connection_lost_in_a_transaction_takes_all_of_it_along(
    store: SqlStore, postgres_url: str
) -> None:
    async def write() -> None:
        async with store.transaction() as tx:
            await tx.gates.put(Gate("g", 1))
            cut(postgres_url)
            await tx.gates.put(Gate("h", 1))

    with pytest.raises(DBAPIError):
        await write()
    async with store.transaction() as tx:
        assert await tx.gates.get("g") is None


async def test_the_one_letter_it_lacks_is_stored_as_a_mark(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job(interaction="a\0b"))
        assert [job.interaction for job in await tx.jobs.by_interaction(DEMO, "a\0b")] == [
            "a\ufffdb"
        ]
    assert await store.inbox("slack").take(["Ev1"], "a\0b", 1)
    assert [arrival.text for arrival in await store.inbox("slack").waiting(1)] == ["a\ufffdb"]


# --- migrations ---------------------------------------------------------------------------


@pytest.fixture
def empty_url(postgres: Server) -> Iterator[str]:
    """A database without any table."""
    with postgres.own("template0") as url:
        yield url


async def test_migrations_make_the_tables_that_the_code_describes(store: SqlStore) -> None:
    def differences(connection: Connection) -> list[object]:
        opts = {"compare_type": True, "include_name": is_described}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))

    assert await current(store.database.writer) == HEAD
    async with store.database.writing() as connection:
        assert await connection.run_sync(differences) == []


async def test_checks_conditions_and_triggers_are_the_same_too(
    postgres: Server, postgres_url: str, empty_url: str
) -> None:
    engine = create_engine(url_of(empty_url))
    metadata.create_all(engine)
    engine.dispose()
    migrated, described = (schema(postgres, url) for url in (postgres_url, empty_url))
    assert {line for line in migrated if "alembic" not in line} == described
    assert any("entries_refuses_change" in line for line in described)


async def test_messages_that_stood_before_there_were_reactions_are_found_by_their_ids(
    empty_url: str,
) -> None:
    engine = create_engine(url_of(empty_url))
    with engine.begin() as connection:
        store_before_reactions(connection)
    engine.dispose()
    store = await open_store(empty_url)
    try:
        await found_by_their_ids(store)
    finally:
        await store.aclose()


def schema(postgres: Server, url: str) -> set[str]:
    """All that makes a database, in the words of its own tool, one statement a line."""
    dumped = postgres.tool("pg_dump", "--schema-only", "--no-owner", url)
    statements = (" ".join(statement.split()) for statement in re.split(r";\n", dumped))
    return {one for one in statements if "database dump" not in one}


async def test_data_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    store = await open_store(empty_url)
    async with store.database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await store.aclose()
    with pytest.raises(ConfigError, match=r"newer version of the bot \(revision 9999\)"):
        await open_store(empty_url)


async def test_a_migration_that_fails_leaves_nothing(empty_url: str) -> None:
    with psycopg.connect(empty_url) as connection:
        connection.execute("CREATE TABLE videos (in_the_way TEXT)")
    with pytest.raises(DBAPIError, match='"videos" already exists'):
        await open_store(empty_url)
    with psycopg.connect(empty_url) as connection:
        tables = connection.execute("SELECT relname FROM pg_stat_user_tables").fetchall()
    assert tables == [("videos",)]


async def test_two_bots_that_start_together_make_the_tables_once(empty_url: str) -> None:
    async def begin() -> None:
        await (await open_store(empty_url)).aclose()

    await asyncio.gather(begin(), begin(), begin())
