"""The books are whole while the rules are kept, and whatever breaks them is found and named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.domain import ledger
from bot.domain.checks import Fault, workspace_of
from bot.domain.jobs import Job, JobState
from bot.domain.refs import Tenant
from bot.ports import Unit
from storage.store import SqlStore
from tests.storage.examples import ANA, DEMO, EVE, NOW, OTHER, a_grant, a_job

S = JobState
PATHS = {
    S.WAITING: (),
    S.SUBMITTING: (S.SUBMITTING,),
    S.DELIVERING: (S.SUBMITTING, S.QUEUED, S.FETCHING, S.DELIVERING),
    S.FAILED: (S.FAILED,),
}


async def ordered(tx: Unit, job: Job, to: JobState, closes: str = "as it should") -> Job:
    """A job with its hold, brought to a state; `closes` is how its hold was closed."""
    await tx.jobs.add(job)
    price = job.offer.price
    await tx.ledger.post(ledger.hold(job.id, job.person, price, NOW))
    for state in PATHS[to]:
        job = await tx.jobs.move(job, state, NOW, "on") or job
    if closes == "settled" or (closes == "as it should" and to is S.DELIVERING):
        await tx.ledger.post(ledger.settle(job.id, job.person, price, NOW))
    if closes == "released" or (closes == "as it should" and to is S.FAILED):
        await tx.ledger.post(ledger.release(job.id, job.person, price, "failed", NOW))
    return job


async def faults(store: SqlStore) -> tuple[Fault, ...]:
    async with store.reading() as tx:
        return await tx.checks.faults()


async def spoil(store: SqlStore, statement: str) -> None:
    """What no rule of ours would ever write."""
    async with store.database.writing() as connection:
        await connection.execute(text(statement))


async def test_books_that_were_kept_by_the_rules_are_whole(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(ANA, 5000))
        await tx.ledger.post(a_grant(EVE, 5000))
        for number, state in enumerate(PATHS):
            await ordered(tx, a_job(f"a00000000{number}"), state)
            await ordered(tx, a_job(f"e00000000{number}", EVE, accepted_at=NOW + 10**9), state)
        free = a_job("free000001")
        await tx.jobs.add(replace(free, offer=replace(free.offer, price=0)))
    assert await faults(store) == ()


@pytest.mark.parametrize(
    "state, closes, key, words",
    [
        (S.WAITING, "released", "hold", "is waiting and should hold 80, but holds 0"),
        (S.SUBMITTING, "settled", "hold", "is being sent and should hold 80, but holds 0"),
        (S.DELIVERING, "never", "charge", "is being posted for 80, but 0 were spent"),
        (S.DELIVERING, "released", "charge", "is being posted for 80, but 0 were spent"),
        (S.FAILED, "never", "return", "is failed: 80 should be back, but 0 are"),
        (S.FAILED, "settled", "return", "is failed: 80 should be back, but 0 are"),
    ],
)
async def test_money_that_does_not_fit_the_state_is_found(
    store: SqlStore, state: JobState, closes: str, key: str, words: str
) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(ANA, 500))
        job = await ordered(tx, a_job(), state, closes)
        await ordered(tx, a_job("a000000002"), state)
    assert await faults(store) == (Fault(DEMO, f"{key}/{job.id}", f"#{job.id} {words}"),)


async def test_a_job_without_a_hold_is_found(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
    [fault] = await faults(store)
    assert fault.words == "#a000000001 is waiting and should hold 80, but holds 0"


async def test_a_hold_that_is_settled_twice_is_found(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(ANA, 500))
        await ordered(tx, a_job("a000000002"), S.WAITING)
        job = await ordered(tx, a_job(), S.DELIVERING)
        again = ledger.settle(job.id, ANA, 80, NOW)
        await tx.ledger.post(replace(again, ref="another"))
    found = {fault.key: fault.words for fault in await faults(store)}
    assert found == {
        "charge/a000000001": "#a000000001 is being posted for 80, but 160 were spent",
        "again/a000000001": "#a000000001 (being posted) moved its price of 80 too often: 3 moves",
    }


async def test_a_balance_without_entries_is_found_in_its_own_workspace(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(ANA, 500))
        await tx.ledger.post(a_grant(EVE, 500))
    await spoil(store, "UPDATE accounts SET balance = 501 WHERE name = 'person/web/other/ana'")
    [fault] = await faults(store)
    assert (fault.tenant, fault.key) == (OTHER, f"balance/person/{EVE.key}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tallies SET videos = videos + 1 WHERE scope = 'person/ana' AND model = ''",
        "UPDATE tallies SET credits = 0 WHERE scope = 'person/ana' AND model = ''",
        "UPDATE tallies SET micros = 1 WHERE scope = 'person/ana' AND model = ''",
        "DELETE FROM tallies WHERE scope = 'person/ana' AND model = ''",
    ],
)
async def test_a_sum_that_the_jobs_do_not_explain_is_found(store: SqlStore, statement: str) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(ANA, 500))
        await ordered(tx, a_job(), S.DELIVERING)
    await spoil(store, statement)
    [fault] = await faults(store)
    assert fault.key == f"tally/person/ana//{NOW - NOW % 900_000}"
    assert "the jobs say 1 video, 8 s, 80 credits" in fault.words


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE day_tallies SET micros = 1 WHERE scope = 'workspace' AND model = ''",
        "DELETE FROM day_tallies WHERE scope = 'workspace' AND model = ''",
    ],
)
async def test_a_sum_of_a_day_that_the_jobs_do_not_explain_is_found(
    store: SqlStore, statement: str
) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(ANA, 500))
        await ordered(tx, a_job(), S.DELIVERING)
    await spoil(store, statement)
    [fault] = await faults(store)
    assert fault.key == f"day/workspace//{NOW - NOW % 86_400_000}"
    assert "the jobs say 1 video, 8 s, 80 credits" in fault.words


async def test_a_sum_without_any_job_is_found(store: SqlStore) -> None:
    await spoil(
        store,
        "INSERT INTO tallies VALUES ('web', 'other', 'channel/general', 'sora-2', 0, 1, 8, 80, 5)",
    )
    [fault] = await faults(store)
    assert (fault.tenant, fault.key) == (OTHER, "tally/channel/general/sora-2/0")
    assert fault.words == (
        "channel/general, sora-2, 1970-01-01 00:00 UTC: the sum says "
        "1 video, 8 s, 80 credits, 5 micro-USD, the jobs say 0 videos, 0 s, 0 credits, 0 micro-USD"
    )


async def test_what_a_backend_reported_counts_also_for_what_failed(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.ledger.post(a_grant(ANA, 500))
        await tx.jobs.add(a_job())
        await tx.ledger.post(ledger.hold(a_job().id, ANA, 80, NOW))
        await tx.jobs.move(a_job(), S.FAILED, NOW, "end", cost_reported=700_000)
        await tx.ledger.post(ledger.release(a_job().id, ANA, 80, "x", NOW))
    assert await faults(store) == ()


@pytest.mark.parametrize(
    "account, tenant",
    [
        ("person/web/demo/ana", DEMO),
        ("held/web/demo/ana", DEMO),
        ("held/channel/web/demo/general", DEMO),
        ("sponsor/web/demo/root/ana", DEMO),
        ("issued/web/other", OTHER),
        ("strange", Tenant("", "")),
    ],
)
def test_an_account_says_whose_it_is(account: str, tenant: Tenant) -> None:
    assert workspace_of(account) == tenant
