"""An admin settles what nobody knows: the backend is asked first, and credits move once."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.audit import Deed
from bot.domain.jobs import Failure, JobState
from bot.domain.refs import Person, Tenant
from bot.domain.unknowns import SURE_AFTER, Answer, Look
from bot.errors import AmbiguousSubmit, NotAllowed, TooLate, Transient, UnknownThing
from bot.ports import Capabilities, RemoteJob, SubmitRequest
from bot.services.unknowns import Unknowns
from tests.fakes.core import ALLOWANCE, ANA, MARA, PRICE, Core, World

S = JobState
LISTS = Capabilities(lists=True, cancels=True)
BLIND = Capabilities()


@pytest.fixture
def unknowns(core: Core) -> Unknowns:
    return Unknowns(core.kit, core.lookup, core.videos)


def deed(person: Person) -> Deed:
    return Deed(person, "admin resolve", "said")


async def lost(core: Core, capabilities: Capabilities, *, taken: bool) -> str:
    """A job whose create got no answer; its id."""
    core.world.provider.capabilities = capabilities
    (core.world.provider.lose if taken else core.world.provider.refuse).append(
        AmbiguousSubmit("cut")
    )
    job_id = (await core.create()).jobs[0].id
    await core.work()
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN
    return job_id


async def test_what_was_never_made_gives_the_credits_back(core: Core, unknowns: Unknowns) -> None:
    job_id = await lost(core, LISTS, taken=False)
    done = await unknowns.resolve(deed(MARA), job_id, "not made")
    assert done.answer is Answer.ENDED
    job = await core.job(job_id)
    assert (job.state, job.failure) == (S.FAILED, Failure.RESOLVED)
    assert await core.purse() == (ALLOWANCE, 0)
    assert await core.lost() == 0
    assert await core.kinds(job_id) == ["hold", "release"]


async def test_what_was_charged_without_a_video_is_the_loss_of_the_workspace(
    core: Core, unknowns: Unknowns
) -> None:
    job_id = await lost(core, BLIND, taken=True)
    await unknowns.resolve(deed(MARA), job_id, "charged")
    assert (await core.job(job_id)).failure is Failure.RESOLVED
    assert await core.purse() == (ALLOWANCE, 0)
    assert await core.lost() == PRICE
    assert await core.kinds(job_id) == ["hold", "release", "loss"]


@pytest.mark.parametrize("wish", ["", "not-made", "charged", "video_404"])
async def test_what_the_backend_has_is_taken_over_whatever_was_said(
    core: Core, world: World, unknowns: Unknowns, wish: str
) -> None:
    job_id = await lost(core, LISTS, taken=True)
    done = await unknowns.resolve(deed(MARA), job_id, wish)
    assert (done.answer, done.names) == (Answer.ADOPTED, ("video_1",))
    world.provider.finish()
    await core.wait(20_000)
    assert await core.state(job_id) is S.DONE
    assert await core.kinds(job_id) == ["hold", "settle"]
    assert world.provider.posts == 1


async def test_a_look_that_finds_nothing_changes_nothing(core: Core, unknowns: Unknowns) -> None:
    job_id = await lost(core, Capabilities(lists=True, list_complete=True), taken=False)
    before = await core.job(job_id)
    for _ in range(3):
        assert (await unknowns.resolve(deed(MARA), job_id, "")).answer is Answer.NOTHING
    assert await core.job(job_id) == before


async def test_a_backend_that_lists_nothing_is_asked_by_the_id_that_an_admin_knows(
    core: Core, world: World, unknowns: Unknowns
) -> None:
    job_id = await lost(core, BLIND, taken=True)
    assert (await unknowns.resolve(deed(MARA), job_id, "")).answer is Answer.IMPOSSIBLE
    assert (await unknowns.resolve(deed(MARA), job_id, "video_1")).answer is Answer.ADOPTED
    world.provider.finish()
    await core.wait(20_000)
    assert await core.state(job_id) is S.DONE
    assert await core.purse() == (ALLOWANCE - PRICE, 0)


async def test_an_id_that_the_backend_does_not_know_is_no_way_out(
    core: Core, unknowns: Unknowns
) -> None:
    job_id = await lost(core, BLIND, taken=True)
    assert (await unknowns.resolve(deed(MARA), job_id, "not-mde")).answer is Answer.ABSENT
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN


async def test_a_video_of_another_job_is_not_taken_from_it(core: Core, unknowns: Unknowns) -> None:
    other = (await core.create()).jobs[0]
    await core.work()
    job_id = await lost(core, BLIND, taken=False)
    assert (await core.job(other.id)).reference == {"id": "video_1"}
    assert (await unknowns.resolve(deed(MARA), job_id, "video_1")).answer is Answer.TAKEN
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN


async def test_a_video_that_is_older_than_the_order_is_not_its_own(
    core: Core, world: World, unknowns: Unknowns
) -> None:
    old = await lost(core, BLIND, taken=True)
    await unknowns.resolve(deed(MARA), old, "not-made")
    core.clock.advance(600_000)
    job_id = await lost(core, BLIND, taken=False)
    assert list(world.provider.taken) == ["video_1"]
    assert (await unknowns.resolve(deed(MARA), job_id, "video_1")).answer is Answer.OLDER


async def test_of_several_that_may_be_it_an_admin_names_one(
    core: Core, world: World, unknowns: Unknowns
) -> None:
    job_id = await lost(core, LISTS, taken=True)
    first = world.provider.taken["video_1"]
    world.provider.taken["video_9"] = replace(first, id="video_9")
    done = await unknowns.resolve(deed(MARA), job_id, "not-made")
    assert (done.answer, set(done.names)) == (Answer.SEVERAL, {"video_1", "video_9"})
    assert await core.purse() == (ALLOWANCE - PRICE, PRICE)
    assert (await unknowns.resolve(deed(MARA), job_id, "video_9")).answer is Answer.ADOPTED
    assert (await core.job(job_id)).reference == {"id": "video_9"}


async def test_a_silent_backend_holds_a_verdict_up_for_a_day_and_no_longer(
    core: Core, world: World, unknowns: Unknowns
) -> None:
    job_id = await lost(core, LISTS, taken=False)
    world.provider.lists.append(Transient("down"))
    assert (await unknowns.resolve(deed(MARA), job_id, "not-made")).answer is Answer.SILENT
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN
    world.clock.advance(SURE_AFTER)
    world.provider.lists.append(Transient("down"))
    done = await unknowns.resolve(deed(MARA), job_id, "not-made")
    assert (done.answer, done.unasked) == (Answer.ENDED, True)


async def test_of_two_admins_at_once_one_wins_and_the_other_is_told(
    core: Core, unknowns: Unknowns
) -> None:
    job_id = await lost(core, BLIND, taken=True)
    wishes = ("not-made", "charged", "video_1") * 2
    outcomes = await asyncio.gather(
        *(unknowns.resolve(deed(MARA), job_id, wish) for wish in wishes),
        return_exceptions=True,
    )
    winners = [one for one in outcomes if not isinstance(one, BaseException)]
    assert len(winners) == 1
    assert sum(isinstance(one, TooLate) for one in outcomes) == 5
    await core.work()
    kinds = await core.kinds(job_id)
    assert kinds in (["hold"], ["hold", "release"], ["hold", "release", "loss"])


async def test_what_is_settled_is_never_settled_again(core: Core, unknowns: Unknowns) -> None:
    job_id = await lost(core, BLIND, taken=True)
    await unknowns.resolve(deed(MARA), job_id, "not-made")
    for wish in ("", "charged", "not-made", "video_1"):
        with pytest.raises(TooLate):
            await unknowns.resolve(deed(MARA), job_id, wish)
    assert await core.lost() == 0
    assert await core.purse() == (ALLOWANCE, 0)


async def test_a_look_under_way_does_not_bring_back_what_an_admin_closed(
    core: Core, world: World, unknowns: Unknowns
) -> None:
    job_id = await lost(core, LISTS, taken=False)
    asked, go_on = asyncio.Event(), asyncio.Event()
    real = world.provider.list_jobs

    async def slow(since: int) -> list[RemoteJob]:
        found = list(await real(since))
        asked.set()
        await go_on.wait()
        return found

    world.provider.list_jobs = slow  # a list that takes its time
    world.clock.advance(10_000)
    look = asyncio.create_task(core.worker.advance(job_id))
    await asked.wait()
    world.provider.list_jobs = real
    await unknowns.resolve(deed(MARA), job_id, "not-made")
    go_on.set()
    await look
    await core.wait(60_000)
    assert await core.state(job_id) is S.FAILED
    assert await core.purse() == (ALLOWANCE, 0)


async def test_an_answer_that_comes_after_all_does_not_bring_back_what_an_admin_closed(
    core: Core, world: World, unknowns: Unknowns
) -> None:
    world.provider.capabilities = BLIND
    gate = asyncio.Event()
    real = world.provider.submit

    async def slow(request: SubmitRequest) -> RemoteJob:
        remote = await real(request)
        await gate.wait()
        return remote

    world.provider.submit = slow  # an answer that takes its time
    job_id = (await core.create()).jobs[0].id
    while await core.state(job_id) is not S.SUBMITTING:  # noqa: ASYNC110 - it is the row that is waited for
        await asyncio.sleep(0)
    await core.worker.recover()
    await unknowns.resolve(deed(MARA), job_id, "charged")
    gate.set()
    await core.wait(5_000)
    assert await core.state(job_id) is S.FAILED
    assert await core.lost() == PRICE
    assert [one.reference for one in await core.attempts(job_id)] == [{"id": "video_1"}]


async def test_only_admins_of_the_same_workspace_settle_anything(
    core: Core, unknowns: Unknowns
) -> None:
    job_id = await lost(core, BLIND, taken=True)
    elsewhere = Person(Tenant("web", "other"), "max", "Max", admin=True)
    for wish in ("", "not-made", "charged", "video_1"):
        with pytest.raises(NotAllowed):
            await unknowns.resolve(deed(ANA), job_id, wish)
        with pytest.raises(UnknownThing):
            await unknowns.resolve(deed(elsewhere), job_id, wish)
    with pytest.raises(NotAllowed):
        await unknowns.list(ANA)
    assert await unknowns.list(elsewhere) == ()
    assert await core.state(job_id) is S.SUBMIT_UNKNOWN


async def test_the_list_says_since_when_and_what_was_found(core: Core, unknowns: Unknowns) -> None:
    began = core.clock.now()
    job_id = await lost(core, LISTS, taken=False)
    await core.wait(60_000)
    [known] = await unknowns.list(MARA)
    assert (known.job.id, known.since, known.last) == (job_id, began, Look.NOTHING)
    assert known.looks > 1
