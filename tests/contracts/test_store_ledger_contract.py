"""Credits: both sides or none, each ref once, never below zero, always adding up to nothing."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.domain import ledger
from bot.domain.ledger import Account, Entry, Kind, Pot
from bot.domain.quotas import Period
from bot.domain.refs import Channel
from bot.domain.schedules import Schedule
from bot.errors import NotEnoughCredits
from bot.ports import Unit
from storage.store import SqlStore
from tests.storage.examples import ANA, BEN, DEMO, EVE, NOW, OTHER, a_grant, a_job, a_transfer

CREDITS, HELD = ledger.credits_of(ANA), ledger.held_for(ANA)
SOURCE = Account("issued/test", overdraft=True)
ROOM = Channel(DEMO, "studio")


async def balances(tx: Unit, *accounts: Account) -> list[int]:
    return [await tx.ledger.balance(account) for account in accounts]


async def test_a_transfer_moves_credits_from_one_account_to_the_other(store: SqlStore) -> None:
    async with store.transaction() as tx:
        assert await tx.ledger.post(a_grant(ANA, 500))
        assert await tx.ledger.post(a_transfer("move", CREDITS, HELD, 80))
        assert await balances(tx, CREDITS, HELD, ledger.issued_by(DEMO)) == [420, 80, -500]
        assert await tx.ledger.check() == ()


async def test_a_ref_is_used_once(store: SqlStore) -> None:
    async with store.transaction() as tx:
        assert await tx.ledger.post(a_grant(ANA, 500))
        assert not await tx.ledger.post(a_grant(ANA, 500))
        assert not await tx.ledger.post(a_grant(ANA, 7))
        assert await balances(tx, CREDITS) == [500]
        assert len(await tx.ledger.statement(CREDITS, 10)) == 1


async def test_a_used_ref_moves_nothing_between_other_accounts_either(store: SqlStore) -> None:
    new = Account("person/new")
    async with store.transaction() as tx:
        await tx.ledger.post(a_transfer("once", SOURCE, CREDITS, 5))
        assert not await tx.ledger.post(a_transfer("once", SOURCE, new, 5))
        assert not await tx.ledger.post(a_transfer("once", CREDITS, HELD, 5))
        assert await tx.ledger.accounts("") == (SOURCE.name, CREDITS.name)


async def test_a_hold_is_closed_once(store: SqlStore) -> None:
    job = a_job()
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        await tx.ledger.post(a_grant(ANA, 500))
        await tx.ledger.post(ledger.hold(job.id, ANA, 80, NOW))
        assert await tx.ledger.post(ledger.settle(job.id, ANA, 80, NOW))
        assert not await tx.ledger.post(ledger.release(job.id, ANA, 80, "late", NOW))
        assert await balances(tx, CREDITS, HELD, ledger.spent_in(DEMO)) == [420, 0, 80]
        assert [(entry.kind, entry.account) for entry in await tx.ledger.of_job(job.id)] == [
            (Kind.HOLD, CREDITS.name),
            (Kind.HOLD, HELD.name),
            (Kind.SETTLE, HELD.name),
            (Kind.SETTLE, ledger.spent_in(DEMO).name),
        ]


async def test_too_little_credit_is_refused_and_changes_nothing(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(ANA, 79))
        with pytest.raises(NotEnoughCredits) as refused:
            await tx.ledger.post(a_transfer("move", CREDITS, HELD, 80))
        assert (refused.value.price, refused.value.available) == (80, 79)
        assert await balances(tx, CREDITS, HELD) == [79, 0]
        assert not await tx.ledger.has_account(HELD)
        assert await tx.ledger.post(a_transfer("move", CREDITS, HELD, 79))


async def test_nobody_spends_from_an_account_that_was_never_used(store: SqlStore) -> None:
    async with store.transaction() as tx:
        with pytest.raises(NotEnoughCredits) as refused:
            await tx.ledger.post(a_transfer("move", CREDITS, HELD, 1))
        assert refused.value.available == 0
        assert not await tx.ledger.has_account(CREDITS)
        assert await tx.ledger.accounts("") == ()


async def test_a_refused_transfer_can_be_posted_after_a_grant_in_the_same_transaction(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        with pytest.raises(NotEnoughCredits):
            await tx.ledger.post(a_transfer("move", CREDITS, HELD, 80))
        await tx.ledger.post(a_grant(ANA, 80))
        assert await tx.ledger.post(a_transfer("move", CREDITS, HELD, 80))


@pytest.mark.parametrize(
    "source, target, amount", [(SOURCE, CREDITS, 0), (SOURCE, CREDITS, -1), (SOURCE, SOURCE, 1)]
)
async def test_a_transfer_of_nothing_is_refused(
    store: SqlStore, source: Account, target: Account, amount: int
) -> None:
    async with store.transaction() as tx:
        with pytest.raises(ValueError, match="moves nothing"):
            await tx.ledger.post(a_transfer("move", source, target, amount))


async def test_a_statement_has_the_newest_entries_first(store: SqlStore) -> None:
    async with store.transaction() as tx:
        assert await tx.ledger.statement(CREDITS, 10) == ()
        await tx.ledger.post(a_grant(ANA, 500))
        await tx.ledger.post(a_transfer("one", CREDITS, HELD, 80))
        await tx.ledger.post(a_transfer("two", HELD, CREDITS, 30))
        statement = await tx.ledger.statement(CREDITS, 2)
        assert [(entry.ref, entry.amount, entry.balance) for entry in statement] == [
            ("two", 30, 450),
            ("one", -80, 420),
        ]


async def test_an_entry_says_who_when_why_and_for_which_job(store: SqlStore) -> None:
    job = a_job()
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        await tx.ledger.post(a_grant(ANA, 100))
        await tx.ledger.post(ledger.hold(job.id, ANA, 80, NOW + 1))
        newest, oldest = await tx.ledger.statement(CREDITS, 2)
        ref = f"hold/{job.id}"
        assert newest == Entry(
            ref, Kind.HOLD, CREDITS.name, -80, 20, ANA.key, "job:hold", NOW + 1, job.id
        )
        assert (oldest.actor, oldest.job_id) == ("web/demo/admin", None)


async def test_a_journal_has_all_accounts_of_a_workspace(store: SqlStore) -> None:
    job = a_job()
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        await tx.ledger.post(a_grant(ANA, 100))
        await tx.ledger.post(a_grant(EVE, 100))
        await tx.ledger.post(ledger.hold(job.id, ANA, 80, NOW))
        await tx.ledger.post(ledger.settle(job.id, ANA, 80, NOW))
        await tx.ledger.post(ledger.loss(job.id, DEMO, 5, NOW))
        await tx.ledger.post(ledger.grant("room", ROOM, 9, "bot", "test:grant", NOW))
        pot = ledger.credits_of(Pot(DEMO, job.id, "ana"))
        await tx.ledger.post(a_transfer("pot", ledger.credits_of(ROOM), pot, 4))
        await tx.ledger.post(ledger.cost(job.id, DEMO, "simulator", 800_000, NOW))
        await tx.jobs.add(a_job("a000000002", EVE))
        await tx.ledger.post(ledger.cost("a000000002", OTHER, "simulator", 1, NOW))
        journal = await tx.ledger.journal(DEMO, 100)
        assert [(entry.kind, entry.amount) for entry in journal] == [
            (Kind.COST, 800_000),
            (Kind.COST, -800_000),
            (Kind.TRANSFER, 4),
            (Kind.TRANSFER, -4),
            (Kind.GRANT, 9),
            (Kind.GRANT, -9),
            (Kind.LOSS, 5),
            (Kind.LOSS, -5),
            (Kind.SETTLE, 80),
            (Kind.SETTLE, -80),
            (Kind.HOLD, 80),
            (Kind.HOLD, -80),
            (Kind.GRANT, 100),
            (Kind.GRANT, -100),
        ]
        assert await tx.ledger.journal(DEMO, 3) == journal[:3]
        assert len(await tx.ledger.journal(OTHER, 100)) == 4
        assert await tx.ledger.check() == ()


async def test_pots_are_listed_with_their_balances_the_oldest_first(store: SqlStore) -> None:
    async with store.transaction() as tx:
        for number, sponsor in enumerate(("zoe", "ana", "ben"), 1):
            pot = ledger.credits_of(Pot(DEMO, "a000000001", sponsor))
            await tx.ledger.post(a_transfer(sponsor, SOURCE, pot, number))
        other = ledger.credits_of(Pot(DEMO, "a000000002", "ana"))
        await tx.ledger.post(a_transfer("other", SOURCE, other, 9))
        begin = ledger.pots_of(DEMO, "a000000001")
        assert [balance for _, balance in await tx.ledger.purses(begin)] == [1, 2, 3]


async def test_an_account_knows_its_first_entry_and_the_newest_of_a_sort(store: SqlStore) -> None:
    async with store.transaction() as tx:
        assert await tx.ledger.first(CREDITS) is None
        assert await tx.ledger.latest(CREDITS, "grant/") is None
        await tx.ledger.post(a_grant(ANA, 100, "one"))
        await tx.ledger.post(a_grant(ANA, 200, "two"))
        await tx.ledger.post(a_transfer("spent", CREDITS, HELD, 80))
        first, latest = await tx.ledger.first(CREDITS), await tx.ledger.latest(CREDITS, "grant/")
        assert first
        assert latest
        assert (first.amount, latest.amount) == (100, 200)
        assert await tx.ledger.latest(CREDITS, "allowance/") is None


async def test_what_was_drawn_since_an_entry_counts_no_grants_and_gifts(store: SqlStore) -> None:
    job = a_job()
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        await tx.ledger.post(a_grant(ANA, 100, "one"))
        since = await tx.ledger.latest(CREDITS, "grant/")
        assert since
        assert await tx.ledger.drawn(CREDITS, since) == 0
        await tx.ledger.post(a_grant(ANA, 500, "two"))
        await tx.ledger.post(a_transfer("gift", SOURCE, CREDITS, 7))
        await tx.ledger.post(ledger.hold(job.id, ANA, 80, NOW))
        await tx.ledger.post(a_transfer("given", CREDITS, SOURCE, 5))
        assert await tx.ledger.drawn(CREDITS, since) == 85
        await tx.ledger.post(ledger.release(job.id, ANA, 80, "cancelled", NOW))
        assert await tx.ledger.drawn(CREDITS, since) == 5


async def test_schedules_are_one_for_each_subject_of_a_workspace(store: SqlStore) -> None:
    daily = Schedule("ana", 5, Period.DAY)
    weekly = Schedule("ana", 7, Period.WEEK, cap=50, expires=True)
    async with store.transaction() as tx:
        await tx.schedules.put(DEMO, daily)
        await tx.schedules.put(DEMO, weekly)
        await tx.schedules.put(OTHER, daily)
    async with store.transaction() as tx:
        assert await tx.schedules.of(DEMO) == (weekly,)
        assert await tx.schedules.everywhere() == ((DEMO, weekly), (OTHER, daily))
        assert await tx.schedules.drop(DEMO, "ana")
        assert not await tx.schedules.drop(DEMO, "ana")
        assert await tx.schedules.everywhere() == ((OTHER, daily),)


async def test_accounts_are_listed_by_the_beginning_of_their_names(store: SqlStore) -> None:
    async with store.transaction() as tx:
        for name in ("person/b", "person/a", "person_x", "personal", "held/a"):
            await tx.ledger.post(a_transfer(name, SOURCE, Account(name), 1))
        assert await tx.ledger.accounts("person/") == ("person/a", "person/b")
        assert await tx.ledger.accounts("person_") == ("person_x",)
        assert await tx.ledger.accounts("%") == ()
        assert await tx.ledger.has_account(Account("personal"))
        assert not await tx.ledger.has_account(Account("person"))


# --- rules --------------------------------------------------------------------------------

POTS = 4
runs = count()
transfers = st.lists(
    st.tuples(
        st.integers(0, POTS - 1), st.integers(0, POTS - 1), st.integers(1, 50), st.integers(0, 12)
    ).filter(lambda move: move[0] != move[1]),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=transfers)
async def test_random_transfers_add_up_and_never_overdraw(
    store: SqlStore, moves: list[tuple[int, int, int, int]]
) -> None:
    """Against a model of two dictionaries; pot 0 is where credits come from."""
    run = next(runs)
    pots = [Account(f"pot {run}/{number}", overdraft=number == 0) for number in range(POTS)]
    model: Counter[int] = Counter()
    used: set[int] = set()
    async with store.transaction() as tx:
        for source, target, amount, ref in moves:
            wanted = a_transfer(f"{run}/{ref}", pots[source], pots[target], amount)
            if ref not in used and source and model[source] < amount:
                with pytest.raises(NotEnoughCredits):
                    await tx.ledger.post(wanted)
                continue
            assert await tx.ledger.post(wanted) is (ref not in used)
            if ref not in used:
                used.add(ref)
                model[source] -= amount
                model[target] += amount
    async with store.reading() as tx:
        stored = await balances(tx, *pots)
        assert stored == [model[number] for number in range(POTS)]
        assert sum(stored) == 0
        assert min(stored[1:]) >= 0
        assert await tx.ledger.check() == ()


async def test_an_audit_finds_a_balance_that_its_entries_do_not_explain(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(BEN, 10))
    async with store.database.writing() as connection:
        await connection.execute(text("UPDATE accounts SET balance = 11 WHERE NOT overdraft"))
    async with store.reading() as tx:
        assert await tx.ledger.check() == (
            "person/web/demo/ben: the balance is 11, its entries add up to 10",
        )


async def test_an_audit_finds_credits_that_came_from_nowhere(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(BEN, 10))
    async with store.database.writing() as connection:
        await connection.execute(
            text(
                "INSERT INTO entries (ref, account, kind, amount, balance, actor, reason, at)"
                " VALUES ('gift', 'person/web/demo/ben', 'grant', 5, 16, 'bot', '', 0)"
            )
        )
    async with store.reading() as tx:
        assert await tx.ledger.check() == (
            "person/web/demo/ben: the balance is 10, its entries add up to 15",
            "gift: 1 entry adding up to 5 instead of 0",
            "gift in person/web/demo/ben: the balance says 16, the entries so far 15",
        )
