"""The law of a store: whole or not at all, alone when writing, never waiting when reading."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import event

from bot.domain import ledger
from bot.domain.gates import Gate
from bot.domain.jobs import JobState
from bot.domain.library import LibraryFilter
from bot.domain.quotas import EVERYONE, Period, Rule, Unit
from bot.domain.threads import ThreadMode
from bot.domain.usage import of_person
from bot.ports import Attempt, JobFilter
from bot.ports import Unit as Transaction
from storage.store import SqlStore, open_store
from tests.storage.examples import (
    ANA,
    DEMO,
    EVE,
    GATE,
    GENERAL,
    NOW,
    OTHER,
    a_grant,
    a_job,
    a_message,
    a_video,
)

RULE = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)


async def write_everything(tx: Transaction) -> None:
    job = a_job()
    await tx.jobs.add(job)
    await tx.attempts.open(Attempt(job.id, 1, "simulator", "main", NOW))
    await tx.ledger.post(a_grant(ANA, 500))
    await tx.ledger.post(ledger.hold(job.id, ANA, 80, NOW))
    await tx.quotas.set_rule(DEMO, RULE)
    await tx.outbox.touch("card/a000000001", job.id, GENERAL, NOW)
    await tx.gates.put(Gate(GATE, NOW + 1))
    await tx.videos.add(a_video())
    await tx.channels.set_mode(DEMO, GENERAL.channel, ThreadMode.OFF)
    await tx.jobs.move(job, JobState.SUBMITTING, NOW, "gate:open", due_at=NOW + 1)


async def seen(tx: Transaction) -> list[object]:
    """Everything that `write_everything` wrote; empty when nothing of it is there."""
    found = [
        await tx.jobs.get("a000000001"),
        await tx.jobs.history("a000000001"),
        await tx.attempts.of("a000000001"),
        await tx.ledger.statement(ledger.credits_of(ANA), 10),
        await tx.ledger.accounts(""),
        await tx.quotas.rules(DEMO),
        await tx.outbox.get("card/a000000001"),
        await tx.gates.get(GATE),
        await tx.videos.of("a000000001"),
        await tx.channels.mode(GENERAL) is not ThreadMode.MENTION,
    ]
    return [thing for thing in found if thing]


async def test_what_a_transaction_wrote_is_stored_when_it_ends(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await write_everything(tx)
        assert len(await seen(tx)) == 10
    async with store.reading() as tx:
        assert len(await seen(tx)) == 10


async def test_what_was_stored_outlives_the_store(store_url: str) -> None:
    first = await open_store(store_url)
    async with first.transaction() as tx:
        await write_everything(tx)
    await first.aclose()

    second = await open_store(store_url)
    async with second.reading() as tx:
        assert len(await seen(tx)) == 10
        assert await tx.ledger.check() == ()
    await second.aclose()


async def test_a_crash_inside_a_transaction_leaves_nothing(store: SqlStore) -> None:
    with pytest.raises(ZeroDivisionError):
        await _write_and_crash(store)
    assert await _seen_from_outside(store) == []


async def test_a_transaction_cancelled_at_any_point_leaves_nothing(store: SqlStore) -> None:
    statements = 0
    writing: asyncio.Future[None] | None = None

    def cancel_soon(*_: object) -> None:
        nonlocal statements
        statements += 1
        if writing and statements == fatal:
            writing.cancel()

    event.listen(store.database.writer.sync_engine, "before_cursor_execute", cancel_soon)
    survived = False
    fatal = 0
    while not survived:
        fatal += 1
        statements = 0
        writing = asyncio.ensure_future(_write_and_crash(store))
        done, _ = await asyncio.wait({writing})
        survived = not done.pop().cancelled()
        writing = None
        async with store.transaction() as tx:
            assert await seen(tx) == []
    assert fatal > 10


async def test_a_transaction_cancelled_while_it_commits_is_whole_or_nothing(
    store: SqlStore,
) -> None:
    writing = asyncio.ensure_future(_write(store))

    def cancel(_: object) -> None:
        writing.cancel()

    event.listen(store.database.writer.sync_engine, "commit", cancel, once=True)
    await asyncio.wait({writing})
    assert writing.cancelled()
    async with store.transaction() as tx:
        assert len(await seen(tx)) in {0, 10}
        assert await tx.ledger.check() == ()


async def _write(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await write_everything(tx)


async def _write_and_crash(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await write_everything(tx)
        raise ZeroDivisionError


async def test_two_transactions_take_turns(store: SqlStore) -> None:
    log: list[str] = []

    async def write(name: str) -> None:
        async with store.transaction() as tx:
            log.append(f"{name} begins")
            await tx.gates.put(Gate(name, 1))
            log.append(f"{name} ends")

    await asyncio.gather(write("one"), write("two"))

    assert log == ["one begins", "one ends", "two begins", "two ends"]


async def test_reading_sees_only_what_is_stored_and_never_waits(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await write_everything(tx)
        async with asyncio.timeout(1):
            readers = [_seen_from_outside(store) for _ in range(20)]
            assert await asyncio.gather(*readers) == [[]] * 20
    assert len(await _seen_from_outside(store)) == 10


async def test_a_reading_keeps_one_view_while_others_write(store: SqlStore) -> None:
    async with store.reading() as before:
        assert await before.gates.get("g") is None
        async with store.transaction() as tx:
            await tx.gates.put(Gate("g", 1))
        assert await before.gates.get("g") is None
    async with store.reading() as after:
        assert await after.gates.get("g") == Gate("g", 1)


async def _seen_from_outside(store: SqlStore) -> list[object]:
    async with store.reading() as tx:
        return await seen(tx)


async def _jobs(tx: Transaction) -> object:
    by_prefix = await tx.jobs.list(JobFilter(OTHER, prefix="a000"))
    return by_prefix + await tx.jobs.list(JobFilter(OTHER, states=frozenset(JobState)))


async def _same_request(tx: Transaction) -> object:
    return await tx.jobs.by_interaction(OTHER, a_job().interaction)


async def _usage(tx: Transaction) -> object:
    return (await tx.usage.total(OTHER, of_person("ana"), "", 0)).videos


async def _journal(tx: Transaction) -> object:
    return await tx.ledger.journal(OTHER, 10)


async def _balance(tx: Transaction) -> object:
    return await tx.ledger.balance(ledger.credits_of(EVE))


async def _rules(tx: Transaction) -> object:
    return await tx.quotas.rules(OTHER)


async def _dropped(tx: Transaction) -> object:
    return await tx.quotas.drop_rule(OTHER, RULE)


async def _videos(tx: Transaction) -> object:
    return await tx.library.find(LibraryFilter(EVE))


@pytest.mark.parametrize(
    "ask", [_jobs, _same_request, _usage, _journal, _balance, _rules, _dropped, _videos]
)
async def test_nothing_crosses_from_one_workspace_to_another(
    store: SqlStore, ask: Callable[[Transaction], Awaitable[object]]
) -> None:
    async with store.transaction() as tx:
        await write_everything(tx)
        await tx.outbox.sent((await tx.outbox.due(NOW, 1, {"web"}))[0], a_message())
        assert not await ask(tx)
