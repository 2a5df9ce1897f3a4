"""Attempts, limits, gates, videos, channels and blocks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import usage
from bot.domain.blocks import Block
from bot.domain.gates import Gate
from bot.domain.jobs import HELD, UNCOUNTED, JobState
from bot.domain.quotas import EVERYONE, Extra, Period, Rule, Unit, Window
from bot.domain.refs import Place
from bot.domain.threads import ThreadMode
from bot.domain.usage import Usage
from bot.domain.videos import Video
from bot.domain.workspaces import Choice
from bot.ports import Attempt
from storage.store import SqlStore, SqlUnit
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


async def test_a_rule_of_one_model_stands_beside_that_of_all(store: SqlStore) -> None:
    pro = replace(DAILY, model="sora-2-pro", limit=1)
    async with store.transaction() as tx:
        await tx.quotas.set_rule(DEMO, DAILY)
        await tx.quotas.set_rule(DEMO, pro)
        assert set(await tx.quotas.rules(DEMO)) == {DAILY, pro}
        assert await tx.quotas.drop_rule(DEMO, pro)
        assert await tx.quotas.rules(DEMO) == (DAILY,)


async def test_an_extra_is_given_once_and_ends(store: SqlStore) -> None:
    extra = Extra("grant/1", "ana", Unit.VIDEOS, Period.DAY, "", 5, NOW + 10)
    async with store.transaction() as tx:
        assert await tx.quotas.give(DEMO, extra)
        assert not await tx.quotas.give(DEMO, replace(extra, amount=9))
        assert await tx.quotas.extras(ANA, NOW) == (extra,)
        assert await tx.quotas.extras(ANA, NOW + 10) == ()
        assert await tx.quotas.extras(BEN, NOW) == ()
        assert await tx.quotas.extras(EVE, NOW) == ()


# --- what counts --------------------------------------------------------------------------

ANAS = usage.of_person("ana")
SCOPES = (ANAS, usage.of_channel("general"), usage.WORKSPACE)


async def total(tx: SqlUnit, scope: str, model: str = "", since: int = 0) -> Usage:
    return await tx.usage.total(DEMO, scope, model, since)


async def test_nothing_used_is_nothing(store: SqlStore) -> None:
    async with store.reading() as tx:
        assert await total(tx, ANAS) == Usage()
        assert await tx.usage.first(DEMO, ANAS, "", 0) is None
        assert await tx.usage.held(DEMO, ANAS, "", 0) == Usage()


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("model", ["", "sora-2"])
async def test_every_job_counts_but_those_that_came_to_nothing(
    store: SqlStore, scope: str, model: str
) -> None:
    async with store.transaction() as tx:
        for number, state in enumerate(S):
            await tx.jobs.add(a_job(f"a{number:09d}", state=state, accepted_at=NOW + number))
        counted, held = len(set(S) - UNCOUNTED), len(HELD)
        assert await total(tx, scope, model) == Usage(counted, counted * 8, counted * 80)
        assert await tx.usage.held(DEMO, scope, model, 0) == Usage(held, held * 8, held * 80)
        assert await tx.usage.first(DEMO, scope, model, 0) == usage.slot_of(NOW)


async def test_other_people_channels_models_and_workspaces_do_not_count(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job("a000000001"))
        await tx.jobs.add(a_job("a000000002", BEN))
        await tx.jobs.add(a_job("a000000003", EVE))
        await tx.jobs.add(a_job("a000000004", BEN, place=Place(DEMO, "other")))
        assert (await total(tx, ANAS)).videos == 1
        assert (await total(tx, usage.of_channel("general"))).videos == 2
        assert (await total(tx, usage.WORKSPACE)).videos == 3
        assert (await total(tx, usage.of_provider("simulator"))).videos == 3
        assert (await total(tx, usage.WORKSPACE, "sora-2-pro")).videos == 0


async def test_only_slots_from_then_on_count(store: SqlStore) -> None:
    slot = usage.slot_of(NOW)
    async with store.transaction() as tx:
        await tx.jobs.add(a_job("a000000001", accepted_at=slot - 1))
        await tx.jobs.add(a_job("a000000002", accepted_at=slot))
        await tx.jobs.add(a_job("a000000003", accepted_at=slot + 1, state=S.DONE))
        assert (await total(tx, ANAS, since=slot + 5)).videos == 2
        assert (await total(tx, ANAS, since=slot - 1)).videos == 3
        assert await tx.usage.first(DEMO, ANAS, "", slot + 5) == slot


async def test_a_month_is_summed_up_wherever_in_a_day_it_begins(store: SqlStore) -> None:
    day = usage.day_of(NOW)
    times = [day - 1, day, day + usage.SLOT, *(day + n * usage.DAY - 1 for n in (1, 2, 30))]
    async with store.transaction() as tx:
        for number, at in enumerate(times):
            await tx.jobs.add(a_job(f"a{number:09d}", accepted_at=at))
        for since in (0, *times, day - usage.DAY, day + 31 * usage.DAY):
            expected = sum(at >= usage.slot_of(since) for at in times)
            assert (await total(tx, usage.WORKSPACE, since=since)).videos == expected


@pytest.mark.parametrize("end", sorted(UNCOUNTED))
async def test_a_job_that_ends_without_a_video_counts_no_more(
    store: SqlStore, end: JobState
) -> None:
    job = a_job(state=S.QUEUED, offer=replace(a_job().offer, cost=800_000))
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        assert await total(tx, ANAS) == Usage(1, 8, 80, 800_000)
        await tx.jobs.move(job, end, NOW, "end", due_at=None)
        assert await total(tx, ANAS) == Usage()
        assert await tx.usage.first(DEMO, ANAS, "", 0) is None


async def test_what_the_backend_said_takes_the_place_of_what_was_expected(store: SqlStore) -> None:
    job = a_job(state=S.RENDERING, offer=replace(a_job().offer, cost=800_000))
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        moved = await tx.jobs.move(job, S.FETCHING, NOW, "x", cost_reported=650_000)
        assert moved
        assert await total(tx, usage.of_provider("simulator")) == Usage(1, 8, 80, 650_000)
        await tx.jobs.move(moved, S.FAILED, NOW, "x", due_at=None, cost_reported=650_000)
        assert await total(tx, usage.of_provider("simulator")) == Usage(0, 0, 0, 650_000)


async def test_a_move_that_came_too_late_changes_no_count(store: SqlStore) -> None:
    job = a_job()
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        assert await tx.jobs.move(job, S.CANCELLED, NOW, "x", due_at=None)
        assert await tx.jobs.move(job, S.CANCELLED, NOW, "x", due_at=None) is None
        assert await total(tx, ANAS) == Usage()


async def test_who_used_most_comes_first(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job("a000000001"))
        await tx.jobs.add(a_job("a000000002", BEN))
        await tx.jobs.add(a_job("a000000003", BEN))
        await tx.jobs.add(a_job("a000000004", EVE))
        found = await tx.usage.top(DEMO, usage.PEOPLE, NOW, NOW + 1)
        assert [(scope, used.videos) for scope, used in found] == [("person/ben", 2), (ANAS, 1)]
        assert await tx.usage.top(DEMO, usage.PEOPLE, 0, usage.slot_of(NOW)) == ()


# --- what was chosen ----------------------------------------------------------------------


async def test_a_choice_takes_the_place_of_the_one_before_and_can_be_taken_back(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await tx.workspaces.choose(DEMO, Choice.ALERTS, "general")
        await tx.workspaces.choose(DEMO, Choice.ALERTS, "admins")
        await tx.workspaces.choose(OTHER, Choice.ZONE, "Europe/Berlin")
        assert await tx.workspaces.chosen(DEMO) == {Choice.ALERTS: "admins"}
        await tx.workspaces.choose(DEMO, Choice.ALERTS, None)
        assert await tx.workspaces.chosen(DEMO) == {}
        assert await tx.workspaces.chosen(OTHER) == {Choice.ZONE: "Europe/Berlin"}


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


# --- blocks -------------------------------------------------------------------------------

TOO_MANY = Block("ana", "too many kites", "mara", NOW)


async def test_a_block_takes_the_place_of_the_one_before_and_is_lifted_once(
    store: SqlStore,
) -> None:
    newer = replace(TOO_MANY, reason="", by="olga", at=NOW + 1)
    async with store.transaction() as tx:
        assert await tx.blocks.of(ANA) is None
        await tx.blocks.put(DEMO, TOO_MANY)
        await tx.blocks.put(DEMO, newer)
        assert await tx.blocks.of(ANA) == newer
        assert await tx.blocks.drop(ANA)
        assert not await tx.blocks.drop(ANA)
        assert await tx.blocks.of(ANA) is None


async def test_a_block_is_for_one_person_of_one_workspace(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.blocks.put(DEMO, TOO_MANY)
        assert await tx.blocks.of(BEN) is None
        assert await tx.blocks.of(EVE) is None
        assert not await tx.blocks.drop(EVE)
