"""Attempts, limits, gates, videos and channels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.jobs import HELD, UNCOUNTED, JobState
from bot.domain.limits import Gate
from bot.domain.quotas import EVERYONE, Period, Rule, Unit, Usage, Window
from bot.domain.refs import Place
from bot.domain.threads import ThreadMode
from bot.domain.videos import Video
from bot.ports import Attempt
from storage.store import SqlStore
from tests.storage.examples import ANA, BEN, DEMO, EVE, GATE, NOW, OTHER, a_job, a_video

S = JobState
FIRST = Attempt("a000000001", 1, "simulator", "main", NOW)

# --- attempts -----------------------------------------------------------------------------


async def test_an_attempt_is_opened_referenced_and_closed(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        await tx.attempts.open(FIRST)
        assert await tx.attempts.of("a000000001") == (FIRST,)
        await tx.attempts.referenced("a000000001", 1, {"id": "v1", "more": [1]})
        await tx.attempts.close("a000000001", 1, "done", NOW + 5)
    async with store.reading() as tx:
        assert await tx.attempts.of("a000000001") == (
            replace(FIRST, reference={"id": "v1", "more": [1]}, ended_at=NOW + 5, outcome="done"),
        )


async def test_the_first_outcome_of_an_attempt_stays(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        await tx.attempts.open(FIRST)
        await tx.attempts.close("a000000001", 1, "RateLimited", NOW + 1)
        await tx.attempts.close("a000000001", 1, "done", NOW + 2)
        await tx.attempts.close("a000000001", 0, "never opened", NOW + 2)
        (attempt,) = await tx.attempts.of("a000000001")
        assert (attempt.outcome, attempt.ended_at) == ("RateLimited", NOW + 1)


async def test_a_number_is_used_once_and_attempts_come_in_order(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        second = replace(FIRST, number=2, reference={"no": "id"}, ended_at=1, outcome="x")
        await tx.attempts.open(second)
        await tx.attempts.open(FIRST)
        with pytest.raises(ValueError, match="attempt 1 of job a000000001"):
            await tx.attempts.open(FIRST)
    async with store.reading() as tx:
        assert await tx.attempts.of("a000000001") == (FIRST, second)
        assert await tx.attempts.of("a000000002") == ()


# --- limits -------------------------------------------------------------------------------

DAILY = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)


async def test_a_rule_takes_the_place_of_the_one_it_matches(store: SqlStore) -> None:
    anas = Rule("ana", Unit.CREDITS, Period.MONTH, 0, Window.ROLLING)
    async with store.transaction() as tx:
        await tx.quotas.set_rule(DEMO, DAILY)
        await tx.quotas.set_rule(DEMO, anas)
        await tx.quotas.set_rule(OTHER, DAILY)
        newer = replace(DAILY, limit=9, window=Window.ROLLING)
        await tx.quotas.set_rule(DEMO, newer)
        assert set(await tx.quotas.rules(DEMO)) == {newer, anas}
        assert await tx.quotas.rules(OTHER) == (DAILY,)


async def test_a_rule_is_dropped_by_what_it_limits(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.quotas.set_rule(DEMO, DAILY)
        assert not await tx.quotas.drop_rule(DEMO, replace(DAILY, period=Period.WEEK))
        assert await tx.quotas.drop_rule(DEMO, replace(DAILY, limit=99))
        assert not await tx.quotas.drop_rule(DEMO, DAILY)
        assert await tx.quotas.rules(DEMO) == ()


async def test_nothing_used_is_nothing(store: SqlStore) -> None:
    async with store.reading() as tx:
        assert await tx.quotas.usage(ANA, 0) == (Usage(), None)


async def test_every_job_counts_but_those_that_came_to_nothing(store: SqlStore) -> None:
    async with store.transaction() as tx:
        for number, state in enumerate(S):
            await tx.jobs.add(a_job(f"a{number:09d}", state=state, accepted_at=NOW + number))
        usage, oldest = await tx.quotas.usage(ANA, 0)
    counted, held = len(set(S) - UNCOUNTED), len(HELD)
    assert usage == Usage(counted, counted * 8, counted * 80, held, held * 8, held * 80)
    assert oldest == NOW


async def test_only_the_persons_own_jobs_since_then_count(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job("a000000001", accepted_at=NOW - 1))
        await tx.jobs.add(a_job("a000000002", accepted_at=NOW, state=S.DONE))
        await tx.jobs.add(a_job("a000000003", accepted_at=NOW + 1, state=S.DONE))
        await tx.jobs.add(a_job("a000000004", BEN, accepted_at=NOW))
        await tx.jobs.add(a_job("a000000005", EVE, accepted_at=NOW))
        assert await tx.quotas.usage(ANA, NOW) == (Usage(2, 16, 160), NOW)


# --- gates --------------------------------------------------------------------------------


async def test_a_gate_is_what_was_stored_last(store: SqlStore) -> None:
    async with store.transaction() as tx:
        assert await tx.gates.get(GATE) is None
        await tx.gates.put(Gate(GATE, NOW + 9))
        await tx.gates.put(Gate(GATE, NOW + 1))
        await tx.gates.put(Gate("other/main", 0))
        assert await tx.gates.get(GATE) == Gate(GATE, NOW + 1)


# --- videos -------------------------------------------------------------------------------


@pytest.mark.parametrize("video", [a_video(), a_video(poster=None, simulated=False)])
async def test_a_video_comes_back_as_it_was_and_is_stored_once(
    store: SqlStore, video: Video
) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        assert await tx.videos.of("a000000001") is None
        await tx.videos.add(video)
        with pytest.raises(ValueError, match="a000000001"):
            await tx.videos.add(video)
        assert await tx.videos.of("a000000001") == video


async def test_a_workspaces_newest_videos_leave_out_private_ones(store: SqlStore) -> None:
    jobs = [
        a_job("a000000001", state=S.DONE),
        a_job("a000000002", state=S.DELIVERING),
        a_job("a000000003", state=S.DONE, place=Place(DEMO, "general", private=True)),
        a_job("a000000004", EVE, state=S.DONE),
        a_job("a000000005", state=S.RENDERING),
    ]
    async with store.transaction() as tx:
        for number, job in enumerate(jobs):
            await tx.jobs.add(job)
            if job.state is not S.RENDERING:
                await tx.videos.add(a_video(job.id, made_at=NOW + number))
        newest = await tx.videos.newest(DEMO, 10)
        assert newest == (
            (jobs[1], a_video("a000000002", made_at=NOW + 1)),
            (jobs[0], a_video("a000000001", made_at=NOW)),
        )
        assert await tx.videos.newest(DEMO, 1) == newest[:1]


# --- channels -----------------------------------------------------------------------------

STUDIO = Place(DEMO, "studio")


async def test_a_channel_listens_to_mentions_until_something_else_is_chosen(
    store: SqlStore,
) -> None:
    async with store.reading() as tx:
        assert await tx.channels.mode(STUDIO) is ThreadMode.MENTION


async def test_the_last_choice_for_a_channel_counts_in_all_its_threads(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.channels.set_mode(DEMO, "studio", ThreadMode.OFF)
        await tx.channels.set_mode(DEMO, "studio", ThreadMode.THREAD)
        assert await tx.channels.mode(STUDIO) is ThreadMode.THREAD
        assert await tx.channels.mode(replace(STUDIO, thread="t1")) is ThreadMode.THREAD


async def test_a_choice_is_for_one_channel_of_one_workspace(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.channels.set_mode(DEMO, "studio", ThreadMode.OFF)
        assert await tx.channels.mode(Place(DEMO, "general")) is ThreadMode.MENTION
        assert await tx.channels.mode(Place(OTHER, "studio")) is ThreadMode.MENTION
