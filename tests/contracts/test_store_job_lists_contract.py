"""Jobs: found by what people ask for, and by what is to do next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.jobs import LIVE, TERMINAL, UNCOUNTED, UPSTREAM, Job, JobState
from bot.domain.order import Lane, Run, Waiter
from bot.domain.videos import Size
from bot.ports import Attempt, JobFilter
from storage.store import SqlStore
from tests.storage.examples import ANA, BEN, DEMO, EVE, GATE, NOW, a_job

S = JobState
KITE = ("sora-2", 1280, 720, 8)


async def added(store: SqlStore, *jobs: Job) -> None:
    async with store.transaction() as tx:
        for job in jobs:
            await tx.jobs.add(job)


# --- lists --------------------------------------------------------------------------------


async def ids(store: SqlStore, which: JobFilter) -> list[str]:
    async with store.reading() as tx:
        return [job.id for job in await tx.jobs.list(which)]


async def test_jobs_are_listed_newest_first_up_to_the_limit(store: SqlStore) -> None:
    await added(
        store,
        a_job("a000000001", accepted_at=NOW + 2),
        a_job("a000000002", accepted_at=NOW + 3),
        a_job("a000000003", accepted_at=NOW + 1),
        a_job("a000000004", accepted_at=NOW + 1),
    )
    assert await ids(store, JobFilter(DEMO)) == [
        "a000000002",
        "a000000001",
        "a000000004",
        "a000000003",
    ]
    assert await ids(store, JobFilter(DEMO, limit=1)) == ["a000000002"]


async def test_jobs_are_listed_by_person_and_state(store: SqlStore) -> None:
    await added(
        store,
        a_job("a000000001"),
        a_job("a000000002", state=S.FAILED),
        a_job("a000000003", BEN, state=S.FAILED),
        a_job("a000000004", BEN, state=S.RENDERING),
    )
    assert await ids(store, JobFilter(DEMO, "ben")) == ["a000000004", "a000000003"]
    assert await ids(store, JobFilter(DEMO, "ana", UNCOUNTED)) == ["a000000002"]
    assert await ids(store, JobFilter(DEMO, states=LIVE)) == ["a000000004", "a000000001"]
    assert await ids(store, JobFilter(DEMO, states=frozenset())) == []


@pytest.mark.parametrize(
    "prefix, found",
    [
        ("abcd", ["abcd000001", "abcd000000"]),
        ("abcd000001", ["abcd000001"]),
        ("abcd0000010", []),
        ("ABCD", []),
        ("a%", []),
        ("abc_", []),
        ("____", []),
        ("%", []),
        ("*", []),
        ("\\", []),
        ("", ["abcd000001", "abcd000000", "abce000000", "abc\U0010ffff"]),
        ("abc\U0010ffff", ["abc\U0010ffff"]),
        ("\U0010ffff", []),
        ("\ud7ff", []),
    ],
)
async def test_a_prefix_is_taken_letter_by_letter(
    store: SqlStore, prefix: str, found: list[str]
) -> None:
    await added(
        store,
        a_job("abcd000000", accepted_at=NOW + 1),
        a_job("abcd000001", accepted_at=NOW + 2),
        a_job("abce000000"),
        a_job("abc\U0010ffff", accepted_at=NOW - 1),
        a_job("abcd000009", EVE),
    )
    assert await ids(store, JobFilter(DEMO, prefix=prefix)) == found


# --- what is to do ------------------------------------------------------------------------


async def test_due_jobs_are_live_ones_that_take_steps_the_longest_due_first(
    store: SqlStore,
) -> None:
    states = {state: f"a{number:09d}" for number, state in enumerate(S)}
    await added(store, *(a_job(name, state=state, due_at=NOW) for state, name in states.items()))
    await added(
        store,
        a_job("b000000001", state=S.RENDERING, due_at=NOW + 1),
        a_job("b000000002", state=S.RENDERING, due_at=NOW - 1),
        a_job("b000000003", state=S.SUBMIT_UNKNOWN, due_at=None),
    )
    async with store.reading() as tx:
        due = [job.id for job in await tx.jobs.due(NOW, 100)]
        first = [job.id for job in await tx.jobs.due(NOW, 1)]
    stepping = sorted(states[state] for state in LIVE - {S.WAITING})
    assert due == ["b000000002", *stepping]
    assert first == ["b000000002"]


async def test_timers_are_those_of_live_jobs(store: SqlStore) -> None:
    await added(
        store,
        a_job("a000000001", due_at=NOW + 1),
        a_job("a000000002", state=S.QUEUED, due_at=NOW + 2),
        a_job("a000000003", state=S.SUBMIT_UNKNOWN, due_at=None),
        a_job("a000000004", EVE, state=S.FETCHING, due_at=NOW + 3),
        *(a_job(f"b{n:09d}", state=state, due_at=NOW) for n, state in enumerate(TERMINAL)),
    )
    async with store.reading() as tx:
        assert sorted(await tx.jobs.timers()) == [
            ("a000000001", NOW + 1),
            ("a000000002", NOW + 2),
            ("a000000004", NOW + 3),
        ]


async def test_jobs_in_a_state_come_from_all_workspaces_the_oldest_first(
    store: SqlStore,
) -> None:
    await added(
        store,
        a_job("a000000001", state=S.QUEUED, accepted_at=NOW + 2),
        a_job("a000000002", EVE, state=S.QUEUED, accepted_at=NOW + 1),
        a_job("a000000003", state=S.DONE, accepted_at=NOW),
        a_job("a000000004", state=S.RENDERING, accepted_at=NOW),
    )
    async with store.reading() as tx:

        async def found(*states: S, limit: int = 9) -> list[str]:
            return [job.id for job in await tx.jobs.in_state(frozenset(states), limit)]

        assert await found(S.QUEUED) == ["a000000002", "a000000001"]
        assert await found(S.QUEUED, S.DONE) == ["a000000003", "a000000002", "a000000001"]
        assert await found(S.QUEUED, limit=1) == ["a000000002"]


async def test_the_line_and_the_slots_belong_to_one_gate(store: SqlStore) -> None:
    elsewhere = replace(a_job().offer, account="second")
    running = sorted(LIVE - {S.WAITING})
    await added(
        store,
        a_job("a000000001", due_at=NOW + 5, version=3),
        a_job("a000000002", EVE),
        a_job("a000000003", BEN, offer=elsewhere),
        *(a_job(f"b{n:09d}", BEN, state=state) for n, state in enumerate(running)),
        *(a_job(f"c{n:09d}", state=state) for n, state in enumerate(sorted(TERMINAL))),
    )
    async with store.reading() as tx:
        assert sorted(await tx.jobs.waiting(GATE), key=lambda waiter: waiter.job_id) == [
            Waiter("a000000001", 3, ANA.key, NOW, NOW + 5, kind=KITE),
            Waiter("a000000002", 1, EVE.key, NOW, NOW, kind=KITE),
        ]
        assert await tx.jobs.upstream(GATE) == (BEN.key,) * len(UPSTREAM)
        assert [waiter.person for waiter in await tx.jobs.waiting("simulator/second")] == [BEN.key]
        assert await tx.jobs.upstream("simulator/second") == ()
        assert await tx.jobs.waiting("simulator/%") == ()


async def test_a_line_knows_hurry_wishes_and_when_each_person_was_served(
    store: SqlStore,
) -> None:
    taken: dict[str, Any] = {"state": S.DONE, "due_at": None}
    await added(
        store,
        a_job("a000000001", lane=Lane.RELAXED, off_peak_at=NOW + 7),
        a_job("a000000002", BEN, not_before=NOW + 9, due_at=NOW + 9),
        a_job("a000000003", EVE, lane=Lane.URGENT),
        a_job("b000000001", BEN, submitted_at=NOW - 90, finished_at=NOW - 50, **taken),
        a_job("b000000002", BEN, submitted_at=NOW - 80, finished_at=NOW - 30, **taken),
        a_job("b000000003", BEN, submitted_at=NOW - 70, finished_at=NOW - 40, **taken),
        # One that was cancelled before it was sent cost nobody a turn.
        a_job("b000000004", BEN, finished_at=NOW - 5, state=S.CANCELLED, due_at=None),
        a_job("b000000005", EVE, submitted_at=NOW - 9, state=S.RENDERING),
    )
    async with store.reading() as tx:
        line = await tx.jobs.waiting(GATE)
        assert sorted(line, key=lambda waiter: waiter.job_id) == [
            Waiter(
                *("a000000001", 1, ANA.key, NOW, NOW, False),
                *(Lane.RELAXED, NOW + 7, 0, KITE),
            ),
            Waiter(
                *("a000000002", 1, BEN.key, NOW + 9, NOW + 9, False),
                *(Lane.NORMAL, None, NOW - 30, KITE),
            ),
            Waiter("a000000003", 1, EVE.key, NOW, NOW, lane=Lane.URGENT, kind=KITE),
        ]
        some = await tx.jobs.joining(["a000000002", "b000000001", "none"])
        assert some == tuple(one for one in line if one.job_id == "a000000002")


async def test_the_runs_of_a_gate_say_since_when_and_of_what_kind(store: SqlStore) -> None:
    sent: dict[str, Any] = {"intent_at": NOW + 1, "accepted_at": NOW}
    await added(
        store,
        a_job("a000000001", state=S.RENDERING, submitted_at=NOW + 2, **sent),
        a_job("a000000002", BEN, state=S.SUBMITTING, **sent),
        a_job("a000000003", EVE),
        a_job("a000000004", state=S.DONE, due_at=None, submitted_at=NOW),
    )
    async with store.reading() as tx:
        assert sorted(await tx.jobs.runs(GATE), key=lambda run: -run.since) == [
            Run(ANA.key, NOW + 2, KITE),
            Run(BEN.key, NOW + 1, KITE),
        ]
        assert await tx.jobs.runs("simulator/second") == ()


async def test_nobody_can_wait_without_a_time(store: SqlStore) -> None:
    with pytest.raises(IntegrityError):
        await added(store, a_job(due_at=None))


async def test_a_job_is_found_by_the_name_that_its_account_has_for_it(store: SqlStore) -> None:
    elsewhere = replace(a_job().offer, account="second")
    await added(
        store,
        a_job("a000000001", state=S.QUEUED, reference={"id": "video_1"}),
        a_job("a000000002", EVE, state=S.DONE, reference={"id": "video_2"}, due_at=None),
        a_job("a000000003", state=S.QUEUED, reference={"id": "video_1"}, offer=elsewhere),
        a_job("a000000004", state=S.SUBMITTING),
    )
    async with store.reading() as tx:

        async def found(account: str, name: str) -> list[str]:
            return [job.id for job in await tx.jobs.named("simulator", account, name)]

        assert await found("main", "video_1") == ["a000000001"]
        assert await found("main", "video_2") == ["a000000002"]
        assert await found("second", "video_1") == ["a000000003"]
        assert await found("main", "video_3") == []
        assert await tx.jobs.named("other", "main", "video_1") == ()


# --- the past -----------------------------------------------------------------------------


async def test_durations_are_of_the_last_jobs_of_a_kind_that_went_well(store: SqlStore) -> None:
    def finished(name: str, took: int, at: int, state: S = S.DONE) -> Job:
        return a_job(name, state=state, submitted_at=at - took, finished_at=at, due_at=None)

    small = replace(a_job().spec, size=Size(720, 1280))
    await added(
        store,
        finished("a000000001", 10, NOW + 1),
        finished("a000000002", 20, NOW + 3, S.DELIVERING),
        finished("a000000003", 30, NOW + 2),
        finished("a000000004", 40, NOW + 4, S.FAILED),
        finished("a000000005", 50, NOW + 5, S.FETCHING),
        replace(finished("a000000006", 60, NOW + 6), spec=small),
        a_job("a000000007", state=S.DONE, due_at=None),
    )
    async with store.reading() as tx:
        assert await tx.jobs.durations("sora-2", "1280x720", 8, 10) == (20, 30, 10)
        assert await tx.jobs.durations("sora-2", "1280x720", 8, 2) == (20, 30)
        assert await tx.jobs.durations("sora-2", "720x1280", 8, 10) == (60,)
        assert await tx.jobs.durations("sora-2", "1280x720", 4, 10) == ()
        assert await tx.jobs.durations("sora-3", "1280x720", 8, 10) == ()
        assert await tx.jobs.durations("sora-2", "huge", 8, 10) == ()


async def test_a_backends_job_is_claimed_by_jobs_and_by_earlier_attempts(store: SqlStore) -> None:
    job = a_job(state=S.SUBMITTING)
    await added(store, job)
    async with store.transaction() as tx:
        await tx.attempts.open(Attempt(job.id, 1, "simulator", "main", NOW))
        await tx.attempts.referenced(job.id, 1, {"id": "first"})
        await tx.jobs.move(job, S.QUEUED, NOW, "submit:taken", reference={"id": 2})
        ids = ["first", "2", "third"]
        assert await tx.jobs.claimed("simulator", ids) == {"first", "2"}
        assert await tx.jobs.claimed("backup", ids) == frozenset()
        assert await tx.jobs.claimed("simulator", []) == frozenset()
