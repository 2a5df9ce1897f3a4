"""Migrations make the tables that the code describes, all of them or none."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, create_engine, table, text

from bot.domain.jobs import JobState, Operation
from bot.domain.library import LibraryFilter, Shelf
from bot.domain.order import Lane
from bot.domain.refs import Person, Place, Tenant
from bot.domain.releases import Stand
from bot.domain.usage import DAY, WORKSPACE
from bot.errors import ConfigError
from bot.ports import JobFilter
from storage import migrations
from storage.mapping import lasting_columns, moving_columns, ref_text, video_columns
from storage.migrations import HEAD, current, migrate
from storage.store import SqlStore, open_store
from storage.tables import metadata
from tests.storage.examples import ANA, BEN, DEMO, GENERAL, NOW, a_job, a_message, a_video

HERE: Mapping[str, object] = {"platform": DEMO.platform, "tenant": DEMO.id}
WAITING: Mapping[str, object] = {
    **HERE,
    "key": "notice/n1",
    "channel": GENERAL.channel,
    "private": False,
    "revision": 1,
    "sent": 0,
    "due_at": NOW,
    "tries": 0,
    "ref": None,
}
POSTED: Mapping[str, object] = {
    **WAITING,
    "key": "notice/n2",
    "sent": 1,
    "ref": ref_text(a_message(7)),
}
BLOCKED: Mapping[str, object] = {
    **HERE,
    "at": NOW,
    "actor": "mara",
    "actor_name": "Mara",
    "verb": "admin block",
    "subject": "ben",
    "subject_name": "Ben",
    "before": "",
    "after": "blocked",
    "reason": "",
    "outcome": "done",
}
GRANTED: Mapping[str, object] = {
    **HERE,
    "id": "r1",
    "person": "ben",
    "person_name": "Ben",
    "unit": "credits",
    "model": "",
    "amount": 5,
    "reason": "",
    "state": "approved",
    "asked_at": NOW,
    "decided_by": f"{DEMO.key}/mara",
    "decided_at": NOW,
}
"""Rows as they were stored then."""


@pytest.fixture
def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return ScriptDirectory.from_config(config)


async def test_a_new_store_is_at_the_newest_revision(
    store: SqlStore, scripts: ScriptDirectory
) -> None:
    assert await current(store.database.writer) == HEAD == scripts.get_current_head()


async def test_migrations_leave_no_difference_to_the_tables(store: SqlStore) -> None:
    def differences(connection: Connection) -> list[object]:
        opts = {"compare_type": True, "include_name": is_described}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))

    async with store.database.writing() as connection:
        assert await connection.run_sync(differences) == []


def is_described(name: str | None, *_: object) -> bool:
    """All but the index of words, which each database keeps in its own way."""
    return not (name or "").startswith("library_words")


async def test_checks_conditions_and_triggers_are_the_same_too(
    store: SqlStore, tmp_path: Path
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'described.db'}")
    metadata.create_all(engine)
    engine.dispose()
    migrated = dict(schema(tmp_path / "bot.db"))
    del migrated["alembic_version"]
    assert migrated == dict(schema(tmp_path / "described.db"))
    assert "entries_refuses_update" in migrated


def schema(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Name of everything there is, with the words that made it in any order."""
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        for name, sql in made.fetchall():
            yield name, sorted(re.findall(r"\w+|[^\w\s]+?", sql))


async def test_migrating_again_changes_nothing(store: SqlStore, tmp_path: Path) -> None:
    before = dict(schema(tmp_path / "bot.db"))
    await migrate(store.database.writer)
    assert dict(schema(tmp_path / "bot.db")) == before


async def test_data_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "bot.db")
    async with store.database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await store.aclose()
    with pytest.raises(ConfigError, match=r"newer version of the bot \(revision 9999\)"):
        await open_store(tmp_path / "bot.db")


async def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.db")) as connection:
        connection.execute("CREATE TABLE videos (in_the_way TEXT)")
    before = dict(schema(tmp_path / "bot.db"))
    with pytest.raises(Exception, match="videos already exists"):
        await open_store(tmp_path / "bot.db")
    assert dict(schema(tmp_path / "bot.db")) == before


@contextmanager
def stored_at(revision: str, folder: Path, scripts: ScriptDirectory) -> Generator[Connection]:
    """The database as it was at a revision, to put into it what was there then."""
    engine = create_engine(f"sqlite:///{folder / 'bot.db'}")
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", scripts.dir)
        command.upgrade(config, revision)
        yield connection
    engine.dispose()


BESIDE = frozenset({"last_sha256", "last_suffix", "last_size", "reference_pictures", "sound"})
STYLE = frozenset({"style", "style_text", "style_asked", *BESIDE})
NEW_IN_JOBS = {
    *("payer", "cost", "cost_reported", "lane", "not_before", "off_peak_at"),
    *("moves", "moved_from", "moved_price", "operation", *STYLE),
}
"""Columns that jobs did not have at revision 0003."""


async def test_jobs_that_were_there_before_sums_were_kept_are_in_them(
    tmp_path: Path, scripts: ScriptDirectory
) -> None:
    times = (NOW - 3 * DAY, NOW - DAY, NOW, NOW + 1)
    with stored_at("0003", tmp_path, scripts) as connection:
        for number, moment in enumerate(times):
            job = a_job(f"a{number:09d}", accepted_at=moment, state=JobState.DONE)
            row = lasting_columns(job) | moving_columns(job)
            old = {name: row[name] for name in row.keys() - NEW_IN_JOBS}
            connection.execute(table("jobs", *map(column, old)).insert().values(old))
    store = await open_store(tmp_path / "bot.db")
    try:
        async with store.reading() as tx:
            jobs = await tx.jobs.list(JobFilter(DEMO))
            assert [(job.lane, job.not_before) for job in jobs] == [(Lane.NORMAL, None)] * 4
            for since, videos in ((0, 4), (NOW - DAY, 3), (NOW, 2), (NOW + DAY, 0)):
                assert (await tx.usage.total(DEMO, WORKSPACE, "sora-2", since)).videos == videos
            faults = [fault.key for fault in await tx.checks.faults()]
        assert not [key for key in faults if key.startswith(("tally/", "day/"))]
    finally:
        await store.aclose()


async def test_videos_that_were_there_before_drafts_stand_published_but_for_private_ones(
    tmp_path: Path, scripts: ScriptDirectory
) -> None:
    with stored_at("0009", tmp_path, scripts) as connection:
        for name, private in (("a000000001", False), ("a000000002", True)):
            job = a_job(name, state=JobState.DONE, place=Place(DEMO, "general", private=private))
            row = lasting_columns(job) | moving_columns(job)
            old = {name: row[name] for name in row.keys() - {"operation", *STYLE}}
            connection.execute(table("jobs", *map(column, old)).insert().values(old))
            made = video_columns(a_video(name))
            connection.execute(table("videos", *map(column, made)).insert().values(made))
    store = await open_store(tmp_path / "bot.db")
    try:
        async with store.reading() as tx:
            shown, hidden = [await tx.releases.get(f"a00000000{n}") for n in (1, 2)]
            assert shown
            assert shown.stand is Stand.PUBLISHED
            assert (shown.published_at, shown.key) == (NOW, "result/a000000001")
            assert hidden
            assert hidden.stand is Stand.DRAFT
            assert [one.job.id for one in await tx.library.find(LibraryFilter(BEN))] == [
                "a000000001"
            ]
            (found,) = await tx.library.find(LibraryFilter(ANA, "kite"))
            assert found.release == shown
            (own,) = await tx.library.find(LibraryFilter(ANA, "kite", shelf=Shelf.DRAFTS))
            assert own.release == hidden
    finally:
        await store.aclose()


async def test_what_was_made_of_other_videos_before_there_were_finals_is_a_remix(
    tmp_path: Path, scripts: ScriptDirectory
) -> None:
    with stored_at("0010", tmp_path, scripts) as connection:
        first = a_job("a000000001")
        for job in (first, replace(a_job("a000000002"), remix_of=first.id, root=first.id)):
            row = lasting_columns(job) | moving_columns(job)
            old = {name: row[name] for name in row.keys() - {"operation", *STYLE}}
            connection.execute(table("jobs", *map(column, old)).insert().values(old))
    store = await open_store(tmp_path / "bot.db")
    try:
        async with store.reading() as tx:
            jobs = [await tx.jobs.get(f"a00000000{n}") for n in (1, 2)]
        assert [job and job.operation for job in jobs] == [Operation.CREATE, Operation.REMIX]
    finally:
        await store.aclose()


async def test_what_was_ordered_before_there_were_styles_has_none(
    tmp_path: Path, scripts: ScriptDirectory
) -> None:
    with stored_at("0017", tmp_path, scripts) as connection:
        row = lasting_columns(a_job()) | moving_columns(a_job())
        old = {name: row[name] for name in row.keys() - STYLE}
        connection.execute(table("jobs", *map(column, old)).insert().values(old))
    store = await open_store(tmp_path / "bot.db")
    try:
        async with store.reading() as tx:
            assert await tx.jobs.get(a_job().id) == a_job()
    finally:
        await store.aclose()


async def test_what_admins_did_before_requests_were_kept_is_all_there(
    tmp_path: Path, scripts: ScriptDirectory
) -> None:
    with stored_at("0004", tmp_path, scripts) as connection:
        for _ in range(2):
            connection.execute(table("audit", *map(column, BLOCKED)).insert().values(BLOCKED))
        connection.execute(table("requests", *map(column, GRANTED)).insert().values(GRANTED))
    store = await open_store(tmp_path / "bot.db")
    try:
        async with store.transaction() as tx:
            (first, second) = await tx.audit.newest(DEMO, 10)
            assert first == second
            assert await tx.audit.add(replace(first, interaction="click")) is None
            request = await tx.notices.request(DEMO, "r1")
            assert request is not None
            assert request.decided_by == Person(DEMO, "mara")
    finally:
        await store.aclose()


def store_before_reactions(connection: Connection) -> None:
    """Two messages, one of which stands in a chat."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    command.upgrade(config, "0016")
    for row in (WAITING, POSTED):
        connection.execute(table("outbox", *map(column, row)).insert().values(row))


async def found_by_their_ids(store: SqlStore) -> None:
    """Only the one that stands somewhere is."""
    ref = a_message(7)
    async with store.transaction() as tx:
        found = await tx.outbox.shown_at(DEMO, ref.place.channel, ref.id)
        assert found == await tx.outbox.get("notice/n2")
        waiting = await tx.outbox.get("notice/n1")
        assert waiting
        await tx.outbox.sent(waiting, a_message(8))
        assert await tx.outbox.shown_at(DEMO, ref.place.channel, "m8")


async def test_messages_that_stood_before_there_were_reactions_are_found_by_their_ids(
    tmp_path: Path,
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'bot.db'}")
    with engine.begin() as connection:
        store_before_reactions(connection)
    engine.dispose()
    store = await open_store(tmp_path / "bot.db")
    try:
        await found_by_their_ids(store)
    finally:
        await store.aclose()


WISHED: Mapping[str, object] = {
    **HERE,
    "id": "t1",
    "job_id": "a000000001",
    "author": "ana",
    "author_name": "Ana",
    "person": "ben",
    "person_name": "Ben",
    "claim": "none",
    "reason": "my logo",
    "state": "open",
    "asked_at": NOW,
    "answer": "",
}
CROSSED: Mapping[str, object] = {
    "job_id": "a000000001",
    "platform": "slack",
    "tenant": "T1",
    "channel": "C1",
    "shown_as": "release/a000000001/2",
    "at": NOW + 5,
    "by": ANA.key,
}
LINKED: Mapping[str, object] = {
    **HERE,
    "other_platform": "slack",
    "other_tenant": "T1",
    "name": "slack",
    "at": NOW,
}
"""Rows as they were stored before workspaces asked each other."""


def store_before_sharing(connection: Connection) -> None:
    """A video that stands in two workspaces, and somebody who wants it to go."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    command.upgrade(config, "0009")
    job = a_job("a000000001", state=JobState.DONE)
    row = lasting_columns(job) | moving_columns(job)
    old = {name: row[name] for name in row.keys() - {"operation", *STYLE}}
    connection.execute(table("jobs", *map(column, old)).insert().values(old))
    made = video_columns(a_video(job.id))
    connection.execute(table("videos", *map(column, made)).insert().values(made))
    command.upgrade(config, "0017")
    for name, row in (("takedowns", WISHED), ("publications", CROSSED), ("links", LINKED)):
        connection.execute(table(name, *map(column, row)).insert().values(row))


async def test_what_was_shared_before_is_found_there_and_wishes_stay_where_they_were(
    tmp_path: Path,
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'bot.db'}")
    with engine.begin() as connection:
        store_before_sharing(connection)
    engine.dispose()
    store = await open_store(tmp_path / "bot.db")
    try:
        async with store.transaction() as tx:
            (wish,) = await tx.takedowns.open(DEMO, 9)
            assert (wish.author, wish.person.tenant) == (ANA, DEMO)
            there = Person(Tenant("slack", "T1"), "U1")
            for asker in (ANA, there):
                for words in ("kite", ""):
                    (one,) = await tx.library.find(LibraryFilter(asker, words))
                    assert one.job.id == "a000000001"
            seen = await tx.releases.get("a000000001")
            assert seen
            assert await tx.releases.change(seen, replace(seen, title="Evening"))
            assert len(await tx.library.find(LibraryFilter(there, "evening"))) == 1
            assert await tx.publications.drop("a000000001", there.tenant)
            assert await tx.library.find(LibraryFilter(there, "kite")) == ()
            assert len(await tx.library.find(LibraryFilter(ANA, "kite"))) == 1
    finally:
        await store.aclose()
