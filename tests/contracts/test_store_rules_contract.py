"""What every database refuses by itself, whatever the code does."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from storage.store import SqlStore
from tests.storage.examples import ANA, a_grant, a_job


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET amount = amount + 1",
        "UPDATE entries SET reason = 'else'",
        "DELETE FROM entries",
        "UPDATE job_history SET why = 'else'",
        "DELETE FROM job_history",
    ],
)
async def test_what_happened_cannot_be_changed(store: SqlStore, change: str) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        await tx.ledger.post(a_grant(ANA, 10))
    async with store.database.writing() as connection:
        with pytest.raises(IntegrityError, match="is append-only"):
            await connection.execute(text(change))
    async with store.reading() as tx:
        assert len(await tx.jobs.history("a000000001")) == 1
        assert await tx.ledger.check() == ()


NEW_ENTRY = "INSERT INTO entries (ref, account, kind, amount, balance, actor, reason, at) VALUES"


@pytest.mark.parametrize(
    "change, rule",
    [
        ("UPDATE accounts SET balance = -1 WHERE NOT overdraft", "accounts_is_covered"),
        (f"{NEW_ENTRY} ('r', 'person/web/demo/ana', 'grant', 0, 10, 'bot', '', 0)", "something"),
        (f"{NEW_ENTRY} ('r', 'nobody', 'grant', 1, 1, 'bot', '', 0)", "(?i)foreign key"),
        ("UPDATE jobs SET due_at = NULL", "jobs_waits_for_a_time"),
        ("UPDATE jobs SET price = -1", "jobs_price_is_no_gift"),
        ("DELETE FROM jobs", "(?i)foreign key"),
    ],
)
async def test_the_database_itself_refuses_nonsense(
    store: SqlStore, change: str, rule: str
) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        await tx.ledger.post(a_grant(ANA, 10))
    async with store.database.writing() as connection:
        with pytest.raises(IntegrityError, match=rule):
            await connection.execute(text(change))
