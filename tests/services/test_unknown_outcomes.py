"""Invariant 3: a create whose outcome is unknown is looked up, never sent again."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.jobs import JobState
from bot.errors import AmbiguousSubmit, RateLimited, Transient
from bot.ports import Capabilities, RemoteJob, SubmitRequest
from tests.fakes.core import ALLOWANCE, ANA, BEN, KITE, PRICE, Core, World, running

S = JobState


async def test_a_lost_answer_is_found_in_the_list_and_not_sent_again(
    core: Core, world: World
) -> None:
    world.provider.lose.append(AmbiguousSubmit("cut"))
    job_id = (await core.create()).jobs[0].id
    await core.work()
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN
    assert "do not resubmit" in world.chat.posts[f"card/{job_id}"].text
    assert await core.purse() == (ALLOWANCE - PRICE, PRICE)
    world.provider.finish()
    await core.wait(20_000)
    assert await core.state(job_id) is S.DONE
    assert world.provider.posts == 1
    assert await core.kinds(job_id) == ["hold", "settle"]


async def test_a_create_that_surely_never_arrived_is_sent_once_more(
    core: Core, world: World
) -> None:
    world.provider.refuse.append(AmbiguousSubmit("cut on the way"))
    job_id = (await core.create()).jobs[0].id
    await core.wait(4_000)
    assert world.provider.posts == 1
    await core.wait(20_000)
    assert world.provider.posts == 2
    assert await core.state(job_id) is S.QUEUED
    assert [one.outcome for one in await core.attempts(job_id)] == ["absent", None]


async def test_a_cancelled_create_that_never_arrived_is_not_sent_again(
    core: Core, world: World
) -> None:
    world.provider.refuse.append(AmbiguousSubmit("cut on the way"))
    job_id = (await core.create()).jobs[0].id
    await core.wait(1_000)
    assert not (await core.videos.cancel(ANA, job_id)).done
    await core.wait(20_000)
    assert await core.state(job_id) is S.CANCELLED
    assert world.provider.posts == 1
    assert await core.kinds(job_id) == ["hold", "release"]


async def test_where_a_list_may_lag_an_absent_job_stays_unknown(core: Core, world: World) -> None:
    world.provider.capabilities = Capabilities(lists=True)
    world.provider.refuse.append(AmbiguousSubmit("cut"))
    job_id = (await core.create()).jobs[0].id
    await core.wait(3_600_000)
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN
    assert world.provider.posts == 1
    assert await core.purse() == (ALLOWANCE - PRICE, PRICE)


async def test_where_nothing_can_be_listed_the_credits_stay_held_for_an_admin(
    core: Core, world: World
) -> None:
    world.provider.capabilities = Capabilities()
    world.provider.lose.append(AmbiguousSubmit("cut"))
    job_id = (await core.create()).jobs[0].id
    await core.wait(3_600_000)
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN
    assert (await core.job(job_id)).due_at is None
    assert world.provider.posts == 1


async def test_a_list_that_cannot_be_had_is_asked_for_again(core: Core, world: World) -> None:
    world.provider.lose.append(AmbiguousSubmit("cut"))
    world.provider.lists.extend([Transient("down"), Transient("down")])
    job_id = (await core.create()).jobs[0].id
    await core.wait(120_000)
    assert await core.state(job_id) is S.QUEUED
    assert world.provider.posts == 1


async def test_somebody_elses_job_with_other_words_is_not_adopted(core: Core, world: World) -> None:
    world.provider.capabilities = Capabilities(lists=True)
    other = (await core.create(BEN)).jobs[0]
    await core.work()
    world.provider.refuse.append(AmbiguousSubmit("cut"))
    job_id = (await core.create()).jobs[0].id
    await core.wait(60_000)
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN
    assert (await core.job(other.id)).reference == {"id": "video_1"}


async def test_twins_that_both_lost_their_answers_are_both_found(core: Core, world: World) -> None:
    world.provider.lose.extend([AmbiguousSubmit("cut"), AmbiguousSubmit("cut")])
    ids = [job.id for job in (await core.create(number=2)).jobs]
    await core.wait(60_000)
    references = {str((await core.job(job_id)).reference) for job_id in ids}
    assert references == {"{'id': 'video_1'}", "{'id': 'video_2'}"}
    assert world.provider.posts == 2


async def test_a_job_that_is_looked_for_takes_nothing_that_its_twin_is_just_ordering(
    core: Core, world: World
) -> None:
    world.provider.refuse.append(AmbiguousSubmit("cut on the way"))
    first = (await core.create()).jobs[0].id
    await core.work()
    taken, answered = asyncio.Event(), asyncio.Event()
    real = world.provider.submit

    async def slow(request: SubmitRequest) -> RemoteJob:
        remote = await real(request)
        taken.set()
        await answered.wait()
        return remote

    world.provider.submit = slow  # an answer that takes its time
    second = (await core.create()).jobs[0].id
    await taken.wait()
    core.clock.advance(6_000)
    await core.worker.advance(first)
    assert await core.state(first) is S.SUBMIT_UNKNOWN
    answered.set()
    await core.wait(60_000)
    references = {str((await core.job(job_id)).reference) for job_id in (first, second)}
    assert references == {"{'id': 'video_2'}", "{'id': 'video_3'}"}


async def test_more_matches_than_jobs_that_look_for_one_settle_nothing(
    core: Core, world: World
) -> None:
    world.provider.capabilities = Capabilities(lists=True)
    world.provider.lose.append(AmbiguousSubmit("cut"))
    job_id = (await core.create()).jobs[0].id
    await core.work()
    taken = world.provider.taken["video_1"]
    world.provider.taken["video_9"] = type(taken)("video_9", taken.request, taken.created_at)
    await core.wait(60_000)
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN


async def test_a_fault_of_our_own_in_the_middle_of_a_create_is_an_unknown_outcome(
    core: Core, world: World
) -> None:
    world.provider.capabilities = Capabilities()
    world.provider.lose.append(KeyError("bug"))
    job_id = (await core.create()).jobs[0].id
    await core.work()
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN
    assert world.provider.posts == 1


async def test_a_create_that_was_under_way_when_the_bot_died_is_looked_up(world: World) -> None:
    async with running(world) as core:
        stuck = asyncio.Event()
        real = world.provider.submit

        async def hang(request: SubmitRequest) -> RemoteJob:
            await real(request)
            await stuck.wait()
            raise AssertionError

        world.provider.submit = hang  # the answer never comes
        job_id = (await core.create()).jobs[0].id
        while not world.provider.posts:  # noqa: ASYNC110 - it is the POST that is waited for
            await asyncio.sleep(0)
    world.provider.submit = real  # the next life
    async with running(world) as core:
        await core.wait(20_000)
        assert await core.state(job_id) is S.QUEUED
        assert world.provider.posts == 1


@pytest.mark.parametrize("answer", [RateLimited(), AmbiguousSubmit("cut")])
async def test_a_cancel_while_the_create_is_under_way_is_kept(
    core: Core, world: World, answer: Exception
) -> None:
    gate = asyncio.Event()
    real = world.provider.submit

    async def slow(request: SubmitRequest) -> RemoteJob:
        await gate.wait()
        return await real(request)

    world.provider.submit = slow  # an answer that takes its time
    job = (await core.create()).jobs[0]
    while await core.state(job.id) is not S.SUBMITTING:  # noqa: ASYNC110 - it is the row that is waited for
        await asyncio.sleep(0)
    outcome = await core.videos.cancel(job.person, job.id)
    assert not outcome.done
    if isinstance(answer, RateLimited):
        world.provider.refuse.append(answer)
    gate.set()
    await core.wait(20_000)
    assert await core.state(job.id) is S.CANCELLED
    assert await core.purse() == (ALLOWANCE, 0)


async def test_two_that_differ_only_in_their_picture_are_never_swapped(
    core: Core, world: World
) -> None:
    world.provider.lose.append(AmbiguousSubmit("cut"))
    first = (await core.create(spec=replace(KITE, image=await core.picture(b"one")))).jobs[0].id
    await core.work()
    world.provider.refuse.append(AmbiguousSubmit("cut on the way"))
    second = (await core.create(spec=replace(KITE, image=await core.picture(b"two")))).jobs[0].id
    await core.wait(120_000)
    references = [(await core.job(job_id)).reference for job_id in (first, second)]
    assert references[1] != {"id": "video_1"}
    assert world.provider.posts == 2


async def test_a_look_that_failed_proves_nothing(core: Core, world: World) -> None:
    world.provider.refuse.append(AmbiguousSubmit("cut on the way"))
    world.provider.lists.append(Transient("down"))
    await core.create()
    await core.wait(12_000)
    assert world.provider.posts == 1
    await core.wait(20_000)
    assert world.provider.posts == 2


FINDS = Capabilities(finds=True)


async def test_a_lost_answer_is_found_by_our_name_where_nothing_is_listed(
    core: Core, world: World
) -> None:
    world.provider.capabilities = FINDS
    world.provider.lose.append(AmbiguousSubmit("cut"))
    lost, twin = (await core.create(number=2)).jobs
    await core.work()
    assert {await core.state(job.id) for job in (lost, twin)} == {S.SUBMIT_UNKNOWN, S.QUEUED}
    await core.wait(20_000)
    world.provider.finish()
    await core.wait(60_000)
    assert [await core.state(job.id) for job in (lost, twin)] == [S.DONE, S.DONE]
    references = [(await core.job(job.id)).reference for job in (lost, twin)]
    names = [world.provider.taken[str((one or {})["id"])].request.name for one in references]
    assert names == [f"{lost.id}-1", f"{twin.id}-1"]
    assert world.provider.posts == 2


async def test_that_a_name_is_not_known_proves_nothing(core: Core, world: World) -> None:
    world.provider.capabilities = FINDS
    world.provider.refuse.append(AmbiguousSubmit("cut"))
    job_id = (await core.create()).jobs[0].id
    await core.wait(3_600_000, 300_000)
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN
    assert world.provider.posts == 1
    assert await core.purse() == (ALLOWANCE - PRICE, PRICE)


async def test_a_name_that_cannot_be_asked_for_is_asked_for_again(core: Core, world: World) -> None:
    world.provider.capabilities = FINDS
    world.provider.lose.append(AmbiguousSubmit("cut"))
    world.provider.finds.extend([Transient("down"), Transient("down")])
    job_id = (await core.create()).jobs[0].id
    await core.wait(60_000)
    assert await core.state(job_id) is S.QUEUED
    assert not world.provider.finds


async def test_a_name_finds_nothing_that_is_older_than_the_create(core: Core, world: World) -> None:
    world.provider.capabilities = FINDS
    world.provider.lose.append(AmbiguousSubmit("cut"))
    job_id = (await core.create()).jobs[0].id
    await core.work()
    # As after a restore of an older copy of the database, which gives a name a second time.
    [taken] = world.provider.taken.values()
    taken.created_at -= 3_600_000
    await core.wait(60_000)
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN


async def test_each_attempt_has_a_name_of_its_own(core: Core, world: World) -> None:
    world.provider.capabilities = FINDS
    world.provider.refuse.append(RateLimited("slow down", retry_after_ms=1000))
    job_id = (await core.create()).jobs[0].id
    await core.wait(60_000)
    [taken] = world.provider.taken.values()
    assert (world.provider.posts, taken.request.name) == (2, f"{job_id}-2")


async def test_where_a_name_says_nothing_a_list_may(core: Core, world: World) -> None:
    world.provider.capabilities = Capabilities(lists=True, list_complete=True, finds=True)
    world.provider.refuse.append(AmbiguousSubmit("cut on the way"))
    job_id = (await core.create()).jobs[0].id
    await core.wait(20_000)
    assert world.provider.posts == 2
    assert await core.state(job_id) is S.QUEUED
