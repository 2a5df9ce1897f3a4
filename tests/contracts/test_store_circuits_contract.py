"""The law of circuits and of other terms: what was stored last counts, and no job is sent twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.circuits import Circuit, Trouble
from bot.domain.jobs import JobState, Moved, Offer
from bot.domain.usage import ANY_MODEL, WORKSPACE, Usage, of_person, of_provider
from storage.store import SqlStore
from tests.storage.examples import ANA, DEMO, GATE, NOW, a_job

S = JobState
OPEN = Circuit(GATE, "", 5, Trouble.FAULTS, NOW, 1, NOW + 30_000, "a000000001/1")
BACKUP = Offer("backup", "main", "http://127.0.0.1:10", "sora-2-at-backup", 60, 500_000)


async def test_a_circuit_is_closed_until_another_one_is_stored(store: SqlStore) -> None:
    of_model = replace(OPEN, model="sora-2", trouble=Trouble.RETIRED, probe=None)
    async with store.transaction() as tx:
        assert await tx.circuits.get(GATE) == Circuit(GATE)
        await tx.circuits.put(replace(OPEN, faults=1))
        await tx.circuits.put(OPEN)
        await tx.circuits.put(of_model)
        await tx.circuits.put(Circuit("other/main", faults=2))
    async with store.reading() as tx:
        assert await tx.circuits.get(GATE) == OPEN
        assert await tx.circuits.get(GATE, "sora-2") == of_model
        assert await tx.circuits.open() == (OPEN, of_model)


async def test_a_job_that_moves_has_the_new_terms_and_tells_the_old_ones(store: SqlStore) -> None:
    job = a_job(tries=3)
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        moved = await tx.jobs.reoffer(job, BACKUP, NOW + 1, "failover:backup/main", NOW + 2)
    async with store.reading() as tx:
        assert moved == await tx.jobs.get(job.id)
        history = await tx.jobs.history(job.id)
        waiting = [waiter.job_id for waiter in await tx.jobs.waiting("backup/main")]
        assert await tx.jobs.waiting(GATE) == ()
    assert moved is not None
    assert (moved.offer, moved.moved) == (BACKUP, Moved(1, GATE, 80))
    assert (moved.version, moved.tries, moved.due_at) == (2, 0, NOW + 2)
    assert (moved.hold, waiting) == (f"{job.id}/1", [job.id])
    assert history[-1] == (NOW + 1, "waiting", "failover:backup/main")


async def test_what_a_moved_job_counts_for_moves_with_it(store: SqlStore) -> None:
    job = a_job()
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        await tx.jobs.reoffer(job, BACKUP, NOW, "failover", NOW)
        for scope in (WORKSPACE, of_person(ANA.id), of_provider("backup")):
            assert await tx.usage.total(DEMO, scope, ANY_MODEL, 0) == Usage(1, 8, 60, 500_000)
        there = await tx.usage.total(DEMO, of_provider("simulator"), ANY_MODEL, 0)
        assert there == Usage()
        faults = [fault.key for fault in await tx.checks.faults()]
    assert not [key for key in faults if key.startswith(("tally/", "day/"))]


async def test_an_older_view_of_a_job_moves_nothing(store: SqlStore) -> None:
    job = a_job()
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        await tx.jobs.move(job, S.SUBMITTING, NOW, "gate:open", attempt=1)
        assert await tx.jobs.reoffer(job, BACKUP, NOW, "failover", NOW) is None
        now = await tx.jobs.get(job.id)
    assert now is not None
    assert (now.state, now.offer, now.moved) == (S.SUBMITTING, job.offer, None)


@pytest.mark.parametrize("state", [s for s in S if s not in {S.WAITING, S.SUBMITTING}])
async def test_what_may_be_at_a_backend_or_has_ended_never_moves(
    store: SqlStore, state: JobState
) -> None:
    job = a_job(state=state)
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        with pytest.raises(ValueError, match="may be at a backend"):
            await tx.jobs.reoffer(job, BACKUP, NOW, "failover", NOW)


async def test_what_a_backend_gave_a_name_never_moves(store: SqlStore) -> None:
    job = a_job(state=S.SUBMITTING, reference={"id": "video_1"})
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        with pytest.raises(ValueError, match="may be at a backend"):
            await tx.jobs.reoffer(job, BACKUP, NOW, "failover", NOW)
