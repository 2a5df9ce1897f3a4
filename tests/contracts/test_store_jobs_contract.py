"""Jobs: stored as they are, moved only by whoever saw them last."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from bot.domain.jobs import MOVES, Failure, Job, JobState
from bot.domain.refs import Place
from bot.ports import JobFilter
from storage.store import SqlStore
from tests.storage.examples import (
    ANA,
    BEN,
    DEMO,
    EVE,
    NOW,
    OTHER,
    PICTURE,
    a_full_job,
    a_job,
)

S = JobState
NAUGHTY = (
    Path(os.environ.get("SORA_BOT_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
    / "naughty-strings.json"
)


async def added(store: SqlStore, *jobs: Job) -> None:
    async with store.transaction() as tx:
        for job in jobs:
            await tx.jobs.add(job)


# --- stored as they are -------------------------------------------------------------------


@pytest.mark.parametrize("job", [a_job(), a_full_job()], ids=["plain", "full"])
async def test_a_job_comes_back_as_it_was(store: SqlStore, job: Job) -> None:
    await added(store, a_job("0000000000"), job)
    async with store.reading() as tx:
        found = await tx.jobs.get(job.id)
    assert found
    assert found == job
    assert found.person.name == "Ana"


async def test_rights_are_not_remembered_with_a_job(store: SqlStore) -> None:
    await added(store, a_job(person=replace(ANA, admin=True)))
    async with store.reading() as tx:
        found = await tx.jobs.get("a000000001")
    assert found
    assert not found.person.admin


async def test_an_unknown_job_is_none(store: SqlStore) -> None:
    async with store.reading() as tx:
        assert await tx.jobs.get("a000000001") is None
        assert await tx.jobs.history("a000000001") == ()


async def test_naughty_strings_come_back_as_prompts(store: SqlStore) -> None:
    if not NAUGHTY.exists():
        pytest.skip(f"no {NAUGHTY.name} on this machine")
    prompts: list[str] = json.loads(NAUGHTY.read_text())
    spec = a_job().spec
    jobs = [
        a_job(f"{number:010d}", spec=replace(spec, prompt=prompt), reason=prompt)
        for number, prompt in enumerate(prompts)
    ]
    await added(store, *jobs)
    async with store.reading() as tx:
        found = await tx.jobs.list(JobFilter(DEMO, limit=len(jobs)))
    assert sorted(found, key=lambda job: job.id) == jobs


# PostgreSQL has no place for the letter 0; see tests/storage/test_postgres.py.
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompt=words, name=words, request=words)
async def test_any_words_come_back(store: SqlStore, prompt: str, name: str, request: str) -> None:
    job = a_job(spec=replace(a_job().spec, prompt=prompt), person=replace(ANA, name=name))
    job = replace(job, interaction=request)
    with pytest.raises(Undo):
        await _add_read_undo(store, job)


class Undo(Exception):
    """Takes back what a transaction wrote, for the next example."""


async def _add_read_undo(store: SqlStore, job: Job) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        found = await tx.jobs.by_interaction(DEMO, job.interaction)
        assert found == (job,)
        assert found[0].person.name == job.person.name
        raise Undo


async def test_an_id_is_used_once(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        with pytest.raises(ValueError, match="a000000001"):
            await tx.jobs.add(a_job(interaction="another"))
        assert await tx.jobs.get("a000000001") == a_job()
        assert len(await tx.jobs.history("a000000001")) == 1


async def test_the_same_part_of_a_request_is_stored_once(store: SqlStore) -> None:
    await added(store, a_job("a000000001", interaction="i"))
    with pytest.raises(ValueError, match="a000000002"):
        await added(store, a_job("a000000002", interaction="i"))
    await added(store, a_job("a000000003", interaction="i", part=1))
    await added(store, a_job("a000000004", EVE, interaction="i"))
    async with store.reading() as tx:
        found = await tx.jobs.by_interaction(DEMO, "i")
    assert [job.id for job in found] == ["a000000001", "a000000003"]


async def test_a_job_cannot_be_posted_in_another_workspace(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="another workspace"):
        await added(store, a_job(place=Place(OTHER, "general")))


async def test_a_retry_needs_the_job_that_it_repeats(store: SqlStore) -> None:
    with pytest.raises(IntegrityError):
        await added(store, a_job(retry_of="zzzzzzzzzz"))


# --- moves --------------------------------------------------------------------------------


async def test_a_move_changes_what_it_says_and_raises_the_version(store: SqlStore) -> None:
    job = a_job()
    await added(store, job)
    async with store.transaction() as tx:
        moved = await tx.jobs.move(
            job,
            S.SUBMITTING,
            NOW + 5,
            "gate:open",
            attempt=1,
            intent_at=NOW + 5,
            due_at=NOW + 9,
        )
    expected = replace(
        job,
        state=S.SUBMITTING,
        version=2,
        updated_at=NOW + 5,
        attempt=1,
        intent_at=NOW + 5,
        due_at=NOW + 9,
    )
    assert moved == expected
    async with store.reading() as tx:
        assert await tx.jobs.get(job.id) == expected


async def test_every_field_that_a_move_may_change_is_stored(store: SqlStore) -> None:
    job = a_job(state=S.RENDERING)
    await added(store, job)
    async with store.transaction() as tx:
        moved = await tx.jobs.move(
            job,
            S.FAILED,
            NOW + 1,
            "end:bad_file",
            due_at=None,
            tries=4,
            attempt=2,
            reference={"id": "v"},
            intent_at=1,
            submitted_at=2,
            finished_at=3,
            progress=50,
            failure=Failure.BAD_FILE,
            reason="why",
            cancel_asked=True,
            spec=replace(job.spec, image=PICTURE),
        )
        assert moved
        assert await tx.jobs.get(job.id) == moved
    assert (moved.failure, moved.spec.image) == (Failure.BAD_FILE, PICTURE)


async def test_a_stale_view_moves_nothing(store: SqlStore) -> None:
    stale = a_job()
    await added(store, stale)
    async with store.transaction() as tx:
        newer = await tx.jobs.move(stale, S.WAITING, NOW, "again", due_at=NOW + 1)
        assert await tx.jobs.move(stale, S.CANCELLED, NOW, "cancel", due_at=None) is None
        assert await tx.jobs.get(stale.id) == newer
        assert len(await tx.jobs.history(stale.id)) == 2


async def test_a_job_that_is_not_stored_cannot_be_moved(store: SqlStore) -> None:
    async with store.transaction() as tx:
        assert await tx.jobs.move(a_job(), S.CANCELLED, NOW, "cancel", due_at=None) is None


async def test_of_two_concurrent_moves_one_wins(store: SqlStore) -> None:
    job = a_job()
    await added(store, job)

    async def submit() -> Job | None:
        async with store.transaction() as tx:
            return await tx.jobs.move(job, S.SUBMITTING, NOW, "gate:open")

    async def cancel() -> Job | None:
        async with store.transaction() as tx:
            return await tx.jobs.move(job, S.CANCELLED, NOW, "cancel", due_at=None)

    results = await asyncio.gather(submit(), cancel(), submit(), cancel())

    winners = [result for result in results if result]
    assert len(winners) == 1
    async with store.reading() as tx:
        assert await tx.jobs.get(job.id) == winners[0]
        assert len(await tx.jobs.history(job.id)) == 2


async def test_impossible_moves_are_refused(store: SqlStore) -> None:
    impossible = [(old, new) for old in S for new in S if new is not old and new not in MOVES[old]]
    async with store.transaction() as tx:
        for number, (old, new) in enumerate(impossible):
            job = a_job(f"{number:010d}", state=old)
            await tx.jobs.add(job)
            with pytest.raises(ValueError, match=f"{old} to {new}"):
                await tx.jobs.move(job, new, NOW, "test")
            assert await tx.jobs.get(job.id) == job


@pytest.mark.parametrize(
    "changes",
    [{"price": 1}, {"id": "b"}, {"person": BEN}, {"offer": None}, {"part": 1}, {"accepted_at": 1}],
    ids=str,
)
async def test_what_was_agreed_cannot_be_changed_by_a_move(
    store: SqlStore, changes: dict[str, object]
) -> None:
    await added(store, a_job())
    async with store.transaction() as tx:
        with pytest.raises(ValueError, match="cannot change"):
            await tx.jobs.move(a_job(), S.SUBMITTING, NOW, "test", **changes)


async def test_a_move_may_change_only_the_pictures_of_a_spec(store: SqlStore) -> None:
    job = a_job()
    await added(store, job)
    async with store.transaction() as tx:
        with pytest.raises(ValueError, match="spec"):
            await tx.jobs.move(
                job, S.SUBMITTING, NOW, "test", spec=replace(job.spec, prompt="else")
            )


async def test_history_tells_every_move_in_order(store: SqlStore) -> None:
    job = a_job(state=S.ACCEPTED)
    await added(store, job)
    async with store.transaction() as tx:
        waiting = await tx.jobs.move(job, S.WAITING, NOW + 1, "image:none")
        assert waiting
        await tx.jobs.move(waiting, S.CANCELLED, NOW + 2, "end:cancelled", due_at=None)
    async with store.reading() as tx:
        assert await tx.jobs.history(job.id) == (
            (NOW, "accepted", "accepted"),
            (NOW + 1, "waiting", "image:none"),
            (NOW + 2, "cancelled", "end:cancelled"),
        )


async def test_progress_moves_nothing_and_leaves_no_history(store: SqlStore) -> None:
    job = a_job(state=S.RENDERING)
    await added(store, job)
    async with store.transaction() as tx:
        seen = await tx.jobs.show_progress(job, 40, NOW + 2, NOW + 1)
        assert seen == replace(job, progress=40, due_at=NOW + 2, updated_at=NOW + 1)
        assert await tx.jobs.get(job.id) == seen
        assert len(await tx.jobs.history(job.id)) == 1


async def test_progress_of_a_job_that_moved_meanwhile_is_lost(store: SqlStore) -> None:
    job = a_job(state=S.RENDERING)
    await added(store, job)
    async with store.transaction() as tx:
        moved = await tx.jobs.move(job, S.FETCHING, NOW, "poll:finished")
        assert await tx.jobs.show_progress(job, 40, NOW, NOW) is None
        assert await tx.jobs.get(job.id) == moved
