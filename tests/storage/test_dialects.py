"""What each database refuses and orders by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column, create_engine, literal, select, text
from sqlalchemy.dialects import postgresql

from bot.domain import ledger
from storage.dialects import APPEND_ONLY, Name, append_only, beginning_with
from storage.store import SqlStore
from tests.storage.examples import ANA, BEN, a_grant


async def test_an_audit_finds_a_line_that_somebody_changed_behind_our_back(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(ANA, 10))
        await tx.ledger.post(a_grant(BEN, 10))
        await tx.ledger.post(a_grant(ANA, 5, "second"))
    async with store.database.writing() as connection:
        await connection.execute(text("DROP TRIGGER entries_refuses_update"))
        await connection.execute(
            text("UPDATE entries SET amount = 9 WHERE amount = 10 AND account LIKE '%/ana'")
        )
        await connection.execute(text("PRAGMA ignore_check_constraints = ON"))
        await connection.execute(
            text("UPDATE accounts SET balance = -4 WHERE name = 'person/web/demo/ben'")
        )
        await connection.execute(text("PRAGMA ignore_check_constraints = OFF"))
    ana, ben = ledger.credits_of(ANA).name, ledger.credits_of(BEN).name
    async with store.reading() as tx:
        assert await tx.ledger.check() == (
            f"{ana}: the balance is 15, its entries add up to 14",
            f"{ben}: the balance is -4, its entries add up to 10",
            f"{ben}: the balance is -4",
            "grant/first/web/demo/ana: 2 entries adding up to -1 instead of 0",
            f"grant/first/web/demo/ana in {ana}: the balance says 10, the entries so far 9",
            f"grant/second/web/demo/ana in {ana}: the balance says 15, the entries so far 14",
        )


letters = st.characters(codec="utf-8", include_characters="a\ud7ff\ue000\U0010ffff")


@given(name=st.text(letters, max_size=4), prefix=st.text(letters, min_size=1, max_size=3))
def test_a_range_of_names_is_exactly_those_with_the_prefix(name: str, prefix: str) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        for text_ in (name, prefix + name):
            names = select(literal(text_, Name).label("name")).subquery()
            found = connection.scalar(select(beginning_with(names.c.name, prefix)))
            assert bool(found) is text_.startswith(prefix)
    engine.dispose()


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_postgresql_refuses_changes_by_a_function_and_a_trigger(table: str) -> None:
    function, trigger = append_only("postgresql", table)
    assert f"RAISE EXCEPTION '{table} is append-only'" in function
    assert f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}" in trigger


def test_names_are_ordered_by_code_points_in_postgresql() -> None:
    condition = beginning_with(column("name", Name), "a%")
    assert 'COLLATE "C"' in str(condition.compile(dialect=postgresql.dialect()))
