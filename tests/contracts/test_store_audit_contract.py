"""The law of the audit: what is on record stays as it is, and nobody else reads it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from bot.domain.audit import Change, Outcome, Record
from bot.domain.refs import Person
from storage.store import SqlStore
from storage.tables import audit
from tests.storage.examples import ANA, BEN, DEMO, EVE, NOW, OTHER

MARA = Person(DEMO, "mara", "Mara", admin=True)
LIMITED = Record(
    MARA,
    "admin quota set",
    Change("ben", "5 videos per day", "9 videos per day"),
    "spring film",
    NOW,
    whom="Ben",
)
TRIED = Record(BEN, "admin audit", Change(""), "NotAllowed", NOW + 1, Outcome.REFUSED)


async def add(store: SqlStore, *records: Record) -> None:
    async with store.transaction() as tx:
        for record in records:
            await tx.audit.add(record)


async def test_a_record_comes_back_as_it_was_the_newest_first(store: SqlStore) -> None:
    await add(store, LIMITED, TRIED)
    async with store.reading() as tx:
        found = await tx.audit.newest(DEMO, 10)
        assert found == (TRIED, LIMITED)
        assert [record.actor.name for record in found] == ["Ben", "Mara"]
        assert await tx.audit.newest(DEMO, 1) == (TRIED,)


async def test_records_of_a_person_are_those_by_them_and_about_them(store: SqlStore) -> None:
    about_ana = replace(LIMITED, change=Change("ana"))
    await add(store, LIMITED, TRIED, about_ana)
    async with store.reading() as tx:
        assert await tx.audit.newest(DEMO, 10, BEN.id) == (TRIED, LIMITED)
        assert await tx.audit.newest(DEMO, 10, ANA.id) == (about_ana,)
        assert await tx.audit.newest(DEMO, 10, MARA.id) == (about_ana, LIMITED)


async def test_a_workspace_reads_its_own_records_alone(store: SqlStore) -> None:
    elsewhere = replace(TRIED, actor=EVE)
    await add(store, LIMITED, elsewhere)
    async with store.reading() as tx:
        assert await tx.audit.newest(DEMO, 10) == (LIMITED,)
        assert await tx.audit.newest(OTHER, 10) == (elsewhere,)
        assert await tx.audit.newest(DEMO, 10, EVE.id) == ()


async def test_a_request_leaves_one_record_of_what_it_did_to_somebody(store: SqlStore) -> None:
    clicked = replace(LIMITED, interaction="click")
    later = replace(clicked, change=Change("ben", "9 videos per day", "9 videos per day"))
    async with store.transaction() as tx:
        assert await tx.audit.add(clicked) is None
        assert await tx.audit.add(later) == LIMITED
        assert await tx.audit.add(replace(clicked, change=Change("ana"))) is None
        assert await tx.audit.add(replace(clicked, verb="admin block")) is None
        assert await tx.audit.add(replace(clicked, interaction="another")) is None
        assert await tx.audit.add(replace(clicked, actor=EVE)) is None
        assert len(await tx.audit.newest(DEMO, 10)) == 4


async def test_a_request_leaves_one_record_of_what_it_failed_at(store: SqlStore) -> None:
    tried = replace(TRIED, interaction="click")
    otherwise = replace(tried, change=Change("", after="lots"))
    async with store.transaction() as tx:
        assert await tx.audit.add(tried) is None
        assert await tx.audit.add(replace(tried, at=NOW + 2)) == TRIED
        assert await tx.audit.add(otherwise) is None
        done = replace(tried, outcome=Outcome.DONE)
        assert await tx.audit.add(done) is None
        assert await tx.audit.add(replace(tried, change=Change("", after="more"))) is not None
        assert await tx.audit.newest(DEMO, 10) == (done, otherwise, TRIED)


async def test_records_of_no_request_are_all_kept(store: SqlStore) -> None:
    await add(store, LIMITED, LIMITED, TRIED, TRIED)
    async with store.reading() as tx:
        assert len(await tx.audit.newest(DEMO, 10)) == 4


@pytest.mark.parametrize("change", [update(audit).values(actor="nobody"), delete(audit)])
async def test_no_record_is_changed_or_removed(store: SqlStore, change: object) -> None:
    await add(store, LIMITED)
    with pytest.raises(DBAPIError, match="audit is append-only"):
        async with store.database.writing() as connection:
            await connection.execute(change)  # pyright: ignore[reportArgumentType, reportCallIssue] - either of two kinds
    async with store.database.reading() as connection:
        assert await connection.scalar(text("SELECT actor FROM audit")) == "mara"
