"""Accepting, cancelling and repeating orders; what is refused leaves no trace."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.jobs import LIVE, Job, JobState
from bot.domain.order import Caps
from bot.domain.quotas import EVERYONE, Period, Rule, Unit
from bot.domain.refs import Person, Tenant
from bot.domain.videos import Size
from bot.errors import (
    CannotPost,
    InvalidInput,
    NotEnoughCredits,
    QuotaExceeded,
    TooLate,
    UnknownThing,
    Unpriced,
)
from bot.ports import Capabilities, JobFilter
from bot.services.line import Allowed
from tests.fakes.core import (
    ALLOWANCE,
    ANA,
    BEN,
    KITE,
    MARA,
    PRICE,
    STUDIO,
    TENANT,
    Core,
    Options,
    World,
    running,
)

S = JobState


@pytest.fixture
def world(tmp_path: Path, store_url: str) -> World:
    """Whose money is at stake here, on each database."""
    return World(tmp_path, store_url)


async def stored(core: Core) -> tuple[Job, ...]:
    async with core.store.reading() as tx:
        return await tx.jobs.list(JobFilter(TENANT, limit=100))


async def finished(core: Core, world: World) -> Job:
    world.provider.instant = True
    job = (await core.create()).jobs[0]
    await core.wait(2_000)
    return await core.job(job.id)


async def failed(core: Core, world: World) -> Job:
    job = (await core.create()).jobs[0]
    await core.work()
    world.provider.now(S.FAILED)
    await core.wait(2_000)
    return await core.job(job.id)


async def test_the_same_interaction_twice_is_one_order(core: Core, world: World) -> None:
    first = await core.create(interaction="click")
    again = await core.create(interaction="click")
    await core.work()
    assert not first.again
    assert again.again
    assert again.jobs[0].id == first.jobs[0].id
    assert world.provider.posts == 1
    assert await core.purse() == (ALLOWANCE - PRICE, PRICE)


async def test_variations_are_jobs_of_one_order(core: Core) -> None:
    accepted = await core.create(number=3)
    assert [job.part for job in accepted.jobs] == [0, 1, 2]
    assert accepted.price == 3 * PRICE
    assert await core.purse() == (ALLOWANCE - 3 * PRICE, 3 * PRICE)


async def test_an_order_above_the_balance_is_refused_whole(world: World) -> None:
    async with running(world, Options(allowance=PRICE * 2)) as core:
        with pytest.raises(NotEnoughCredits) as refusal:
            await core.create(number=3)
        assert (refusal.value.price, refusal.value.available) == (3 * PRICE, 2 * PRICE)
        assert await stored(core) == ()
        await core.create(number=2)
        assert await core.purse() == (0, 2 * PRICE)


async def test_somebody_without_any_allowance_can_order_nothing(world: World) -> None:
    async with running(world, Options(allowance=0)) as core:
        with pytest.raises(NotEnoughCredits):
            await core.create()
        assert await stored(core) == ()


async def test_a_quota_refuses_before_anything_is_stored_and_failed_work_does_not_count(
    world: World,
) -> None:
    rule = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 1)
    async with running(world, Options(quotas=(rule,))) as core:
        await failed(core, world)
        await core.create()
        with pytest.raises(QuotaExceeded) as refusal:
            await core.create()
        assert (refusal.value.used, refusal.value.limit.number) == (1, 1)
        assert len(await stored(core)) == 2
        await core.create(BEN)


@pytest.mark.parametrize(
    "spec,error",
    [
        (replace(KITE, model="sora-9"), InvalidInput),
        (replace(KITE, size=Size(640, 480)), Unpriced),
    ],
)
async def test_what_is_not_on_sale_is_refused(core: Core, spec: object, error: type) -> None:
    with pytest.raises(error):
        await core.create(spec=spec)  # type: ignore[arg-type] - parametrized
    assert await stored(core) == ()


async def test_a_place_where_the_bot_cannot_post_is_refused_before_any_hold(
    core: Core, world: World
) -> None:
    world.chat.problems = ("may not attach files",)
    with pytest.raises(CannotPost):
        await core.create()
    assert await stored(core) == ()


async def test_a_waiting_job_is_cancelled_at_once(core: Core, world: World) -> None:
    ids = [(await core.create()).jobs[0].id for _ in range(3)]
    await core.work()
    outcome = await core.videos.cancel(ANA, ids[2])
    assert outcome.done
    assert await core.purse() == (ALLOWANCE - 2 * PRICE, 2 * PRICE)
    await core.work()
    assert "Cancelled" in world.chat.posts[f"card/{ids[2]}"].text


async def test_a_running_job_is_stopped_at_the_backend(core: Core, world: World) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    outcome = await core.videos.cancel(ANA, job_id)
    assert not outcome.done
    await core.work()
    assert await core.state(job_id) is S.CANCELLED
    assert world.provider.stopped == ["video_1"]
    assert await core.purse() == (ALLOWANCE, 0)
    assert await core.lost() == 0


async def test_where_a_render_cannot_be_stopped_the_workspace_bears_it(
    core: Core, world: World
) -> None:
    world.provider.capabilities = Capabilities()
    job_id = (await core.create()).jobs[0].id
    await core.work()
    await core.videos.cancel(ANA, job_id)
    await core.work()
    assert await core.state(job_id) is S.CANCELLED
    assert await core.purse() == (ALLOWANCE, 0)
    assert await core.lost() == PRICE


async def test_a_render_that_was_stopped_before_a_crash_costs_nobody_anything(
    core: Core, world: World
) -> None:
    job_id = (await core.create()).jobs[0].id
    await core.work()
    # A life before stopped it, and died before it could note that.
    world.provider.now(S.CANCELLED)
    await core.videos.cancel(ANA, job_id)
    await core.work()
    assert await core.state(job_id) is S.CANCELLED
    assert await core.purse() == (ALLOWANCE, 0)
    assert await core.lost() == 0


async def test_a_finished_job_cannot_be_cancelled(core: Core, world: World) -> None:
    job = await finished(core, world)
    with pytest.raises(TooLate):
        await core.videos.cancel(ANA, job.id)


async def test_an_admin_may_cancel_for_others_and_nobody_else(core: Core) -> None:
    job = (await core.create()).jobs[0]
    with pytest.raises(UnknownThing):
        await core.videos.cancel(BEN, job.id)
    assert (await core.videos.cancel(MARA, job.id)).job.id == job.id


async def test_retry_is_a_new_job_with_a_hold_of_its_own(core: Core, world: World) -> None:
    old = await failed(core, world)
    accepted = await core.videos.retry(ANA, STUDIO, "press", old.id)
    await core.work()
    new = accepted.jobs[0]
    assert (new.id != old.id, new.spec, new.retry_of) == (True, old.spec, old.id)
    assert await core.purse() == (ALLOWANCE - PRICE, PRICE)
    assert (await core.videos.retry(ANA, STUDIO, "press", old.id)).again


async def test_only_what_ended_without_a_video_can_be_retried(core: Core, world: World) -> None:
    job = await finished(core, world)
    with pytest.raises(TooLate):
        await core.videos.retry(ANA, STUDIO, "press", job.id)


async def test_show_posts_a_finished_video_again_with_its_buttons(core: Core, world: World) -> None:
    job = await finished(core, world)
    await core.videos.show(BEN, STUDIO, job.id[:10], "shown")
    await core.work()
    again = world.chat.posts["show/web/demo/shown"]
    assert again.message.video is not None
    assert again.message.buttons


async def test_show_needs_a_finished_video(core: Core) -> None:
    job = (await core.create()).jobs[0]
    with pytest.raises(TooLate):
        await core.videos.show(ANA, STUDIO, job.id, "shown")


async def test_a_private_job_is_unknown_to_others_but_not_to_an_admin(core: Core) -> None:
    job = (await core.create(place=replace(STUDIO, private=True))).jobs[0]
    with pytest.raises(UnknownThing):
        await core.videos.find(BEN, job.id)
    assert (await core.videos.find(MARA, job.id)).job.id == job.id
    assert await core.videos.jobs(BEN, "all") == ()
    assert len(await core.videos.jobs(ANA, "mine")) == 1


async def test_nothing_crosses_tenants(core: Core) -> None:
    job = (await core.create()).jobs[0]
    stranger = Person(Tenant("web", "other"), "ana", "Ana", admin=True)
    with pytest.raises(UnknownThing):
        await core.videos.find(stranger, job.id)
    assert await core.videos.jobs(stranger, "all") == ()


@pytest.mark.parametrize("typed", ["", "zzzz", "not-an-id", "%%%%"])
async def test_an_unknown_id_is_refused(core: Core, typed: str) -> None:
    await core.create()
    with pytest.raises(UnknownThing):
        await core.videos.find(ANA, typed)


async def test_the_beginning_of_an_id_is_enough_unless_it_fits_two(core: Core) -> None:
    first = (await core.create(number=2)).jobs[0]
    assert (await core.videos.find(ANA, f"#{first.id.upper()}")).job.id == first.id
    with pytest.raises(InvalidInput, match=first.id):
        await core.videos.find(ANA, first.id[:5])


async def test_lists_say_what_runs_what_waits_and_what_failed(core: Core, world: World) -> None:
    await failed(core, world)
    world.provider.taken.clear()
    for person in (ANA, ANA, BEN):
        await core.create(person)
    await core.work()
    queue = await core.videos.queue(BEN)
    assert [view.job.state for view in queue.running] == [S.QUEUED, S.QUEUED]
    assert [view.place_in_line for view in queue.waiting] == [1]
    assert [view.job.state for view in await core.videos.jobs(ANA, "failed")] == [S.FAILED]
    assert len(await core.videos.jobs(BEN, "mine")) == 1
    assert len(await core.videos.jobs(BEN, "all")) == 4


async def test_one_person_cannot_take_all_slots(world: World) -> None:
    options = Options(allowed=Allowed(slots=4, caps=Caps(person=1)))
    async with running(world, options) as core:
        for person in (ANA, ANA, BEN):
            await core.create(person)
        await core.work()
        async with core.store.reading() as tx:
            live = await tx.jobs.in_state(LIVE, 10)
        running_now = [job.person.id for job in live if job.state is S.QUEUED]
        assert sorted(running_now) == ["ana", "ben"]


async def test_orders_are_sent_as_far_apart_as_the_operator_said(world: World) -> None:
    async with running(world, Options(allowed=Allowed(slots=9, spacing=10_000))) as core:
        await core.create(number=3)
        await core.work()
        assert world.provider.posts == 1
        await core.wait(10_000)
        assert world.provider.posts == 2
        await core.wait(10_000)
        assert world.provider.posts == 3
