"""Who is next, when it is their turn, and orders that wait for a time of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import event

from bot.domain.budgets import Budget
from bot.domain.jobs import Job, JobState
from bot.domain.later import NOW, Timing, Window
from bot.domain.order import Lane, Standings
from bot.domain.quotas import Period
from bot.domain.refs import Person
from bot.domain.usage import WORKSPACE
from bot.errors import InvalidInput, NotConfirmed, NotUrgent, RateLimited
from bot.services.line import Allowed
from bot.services.moves import gate_key
from bot.services.orders import CreateRequest
from bot.services.videos import How
from bot.services.views import Outlook
from storage.store import SqlStore
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
RENDER = 1_000
"""Ms that a render takes at a backend which is asked first after a second, and is ready then."""
HOUR = 3_600_000
RELAXED = Timing(Lane.RELAXED)
ALWAYS = Window(0, 24 * 60 - 1)
"""Hours of a test that are open at the time when tests begin."""


async def order(core: Core, person: Person = ANA, timing: Timing = NOW, **more: object) -> Job:
    request = CreateRequest(person, STUDIO, core.world.new_id(), KITE, timing=timing)
    return (await core.videos.create(replace(request, **more))).jobs[0]


def slots(number: int, **more: object) -> Options:
    return replace(Options(allowed=Allowed(slots=number), allowance=1_000_000), **more)


async def sent(core: Core) -> list[str]:
    """Whose jobs were sent to the backend, in order."""
    jobs = [job for job in await core.jobs() if job.intent_at is not None]
    return [job.id for job in sorted(jobs, key=lambda job: (job.intent_at, job.id))]


# --- turns --------------------------------------------------------------------------------


async def test_nine_people_are_served_in_time_although_one_queued_two_hundred(
    world: World,
) -> None:
    world.provider.instant = True
    nine = [Person(TENANT, f"p{number}", f"P{number}") for number in range(9)]
    async with running(world, slots(4)) as core:
        many = [await order(core) for _ in range(200)]
        await core.work()
        began = core.clock.now()
        few = [await order(core, person) for _ in range(2) for person in nine]
        # A tenth of four slots, for two renders.
        alone = 2 * RENDER * (len(nine) + 1) // 4
        await core.wait(2 * alone)
        ended = [(await core.job(job.id)).finished_at for job in few]
        assert all(at is not None and at - began <= 2 * alone for at in ended)
        done = [await core.state(job.id) for job in many]
        # Nobody is kept from what nobody else wants, and no slot was idle.
        assert done.count(S.DONE) >= 4 * (2 * alone // RENDER) - len(few) - 4


async def test_a_try_that_the_backend_refused_costs_nobody_a_turn(world: World) -> None:
    async with running(world, slots(1)) as core:
        world.provider.refuse.append(RateLimited("later", retry_after_ms=2_000))
        first = await order(core)
        await core.work()
        other = await order(core, BEN)
        await core.wait(5_000)
        assert await core.state(first.id) is S.QUEUED
        assert await core.state(other.id) is S.WAITING


async def test_a_restart_forgets_nobodys_turn(world: World) -> None:
    world.provider.instant = True
    async with running(world, slots(1)) as core:
        for _ in range(3):
            await order(core)
        await core.work()
        await core.wait(RENDER // 2)
        other = await order(core, BEN)
    async with running(world, slots(1)) as core:
        await core.wait(2 * RENDER)
        assert (await sent(core))[1] == other.id


# --- places -------------------------------------------------------------------------------


async def places(core: Core) -> dict[str, int | None]:
    """As cards have them."""
    async with core.store.reading() as tx:
        outlook = Outlook(tx, core.horizon, core.clock.now())
        waiting = await tx.jobs.in_state(frozenset({S.WAITING}), 1000)
        return {job.id: (await outlook.view(job)).place_in_line for job in waiting}


async def read_anew(core: Core, gate: str) -> dict[str, int]:
    async with core.store.reading() as tx:
        persons = await tx.jobs.upstream(gate)
        waiting = await tx.jobs.waiting(gate)
    standings = Standings(waiting, persons, core.clock.now())
    return {waiter.job_id: standings.place(waiter.job_id) for waiter in waiting}


async def test_cards_know_the_very_order_in_which_jobs_are_sent(world: World) -> None:
    world.provider.instant = True
    async with running(world, slots(1)) as core:
        first = await order(core)
        await core.work()
        gate = gate_key(first)
        jobs = [await order(core, who) for who in (ANA, ANA, BEN, MARA, BEN)]
        assert await places(core) == await read_anew(core, gate)
        urgent = await order(core, MARA, Timing(Lane.URGENT))
        relaxed = await order(core, BEN, RELAXED)
        assert await places(core) == await read_anew(core, gate)
        cancelled = await core.videos.cancel(ANA, jobs[0].id)
        assert cancelled.done
        shown = await places(core)
        assert shown == await read_anew(core, gate)
        assert sorted(shown.values(), key=str) == list(range(1, 7))
        assert (shown[urgent.id], shown[relaxed.id]) == (1, 6)
        await core.wait(8 * RENDER)
        assert (await sent(core))[1] == urgent.id
        assert (await sent(core))[-1] == relaxed.id


async def test_a_long_line_is_read_once_for_all_its_cards(world: World) -> None:
    async with running(world, slots(1)) as core:
        jobs = [await order(core, (ANA, BEN, MARA)[number % 3]) for number in range(31)]
        await core.work()
        await core.videos.cancel(MARA, jobs[-1].id)
        asked: list[str] = []
        assert isinstance(core.store, SqlStore)
        reader = core.store.database.reader.sync_engine
        event.listen(reader, "before_cursor_execute", lambda *call: asked.append(call[2]))
        assert sorted((await places(core)).values(), key=str) == sorted(range(1, 30), key=str)
        assert len(await places(core)) == 29
        assert sum(_reads_line(statement) for statement in asked) == 1
        asked.clear()
        more = [await order(core) for _ in range(3)]
        shown = await places(core)
        assert [shown[job.id] for job in more] == [30, 31, 32]
        assert not any(_reads_line(statement) for statement in asked)


def _reads_line(statement: str) -> bool:
    return "AS past" in statement and "jobs.id IN" not in statement


async def test_a_card_tells_when_it_is_its_turn_by_what_runs_and_how_long_that_took(
    world: World,
) -> None:
    async with running(world, slots(1)) as core:
        for _ in range(5):
            await order(core)
        await core.work()
        for _ in range(5):
            await core.wait(20_000)
            world.provider.finish()
            await core.wait(10_000)
        took = 30_000
        running_job = await order(core)
        await core.work()
        assert await core.state(running_job.id) is S.QUEUED
        waiting = [await order(core) for _ in range(2)]
        now = core.clock.now()
        starts = [(await core.videos.find(ANA, job.id)).starts_at or 0 for job in waiting]
        assert abs(starts[0] - (now + took)) <= 10_000
        assert abs(starts[1] - (now + 2 * took)) <= 20_000


# --- lanes --------------------------------------------------------------------------------


async def test_urgent_work_is_for_admins_and_whoever_a_reserve_is_for(core: Core) -> None:
    urgent = Timing(Lane.URGENT)
    with pytest.raises(NotUrgent):
        await order(core, ANA, urgent)
    assert await core.jobs() == ()
    assert await core.purse() == (0, 0)
    assert (await order(core, MARA, urgent)).lane is Lane.URGENT
    lead = replace(ANA, roles=("leads",))
    async with core.store.transaction() as tx:
        await tx.budgets.set(TENANT, Budget(WORKSPACE, Period.MONTH, 10**9, 0, "leads"))
    with pytest.raises(NotUrgent):
        await order(core, lead, urgent)
    async with core.store.transaction() as tx:
        await tx.budgets.set(TENANT, Budget(WORKSPACE, Period.MONTH, 10**9, 10**6, "leads"))
    assert (await order(core, lead, urgent)).lane is Lane.URGENT
    with pytest.raises(NotUrgent):
        await order(core, BEN, urgent)


async def test_relaxed_work_waits_for_normal_work_that_came_later(world: World) -> None:
    world.provider.instant = True
    async with running(world, slots(1)) as core:
        await order(core)
        await core.work()
        relaxed = await order(core, BEN, RELAXED)
        normal = [await order(core) for _ in range(2)]
        await core.wait(4 * RENDER)
        assert (await sent(core))[1:] == [*(job.id for job in normal), relaxed.id]


async def test_in_off_peak_hours_relaxed_work_takes_its_turn(world: World) -> None:
    world.provider.instant = True
    async with running(world, slots(1, off_peak=ALWAYS)) as core:
        await order(core)
        await core.work()
        relaxed = await order(core, BEN, RELAXED)
        normal = [await order(core) for _ in range(2)]
        await core.wait(4 * RENDER)
        assert (await sent(core))[1:] == [relaxed.id, *(job.id for job in normal)]


async def test_relaxed_work_is_cheaper_by_whole_credits_and_the_price_stays(
    world: World,
) -> None:
    async with running(world, Options(relaxed_off=33)) as core:
        job = await order(core, ANA, RELAXED)
        # 80 less a third is 53.6; part of a credit counts as one.
        assert job.offer.price == 54
        assert await core.purse() == (ALLOWANCE - 54, 54)
        assert job.offer.cost == (await order(core)).offer.cost
        world.provider.instant = True
        await core.wait(3 * RENDER)
        assert await core.purse() == (ALLOWANCE - 54 - PRICE, 0)


async def test_people_are_asked_for_the_reduced_price(world: World) -> None:
    async with running(world, Options(relaxed_off=20, confirm_above=10)) as core:
        with pytest.raises(NotConfirmed) as asked:
            await order(core, ANA, RELAXED)
        assert asked.value.price == 64


async def test_what_is_ordered_again_stays_relaxed_and_other_work_does_not_become_so(
    world: World,
) -> None:
    async with running(world, Options(relaxed_off=20)) as core:
        relaxed = await order(core, ANA, RELAXED)
        await core.videos.cancel(ANA, relaxed.id)
        retried = (await core.videos.retry(ANA, STUDIO, "r", relaxed.id)).jobs[0]
        assert (retried.lane, retried.offer.price) == (Lane.RELAXED, 64)
        again = (await core.videos.again(ANA, STUDIO, "a", relaxed.id, None)).jobs[0]
        assert again.lane is Lane.RELAXED
        urgent = await order(core, MARA, Timing(Lane.URGENT))
        other = (await core.videos.again(ANA, STUDIO, "b", urgent.id, None)).jobs[0]
        assert other.lane is Lane.NORMAL
        world.provider.instant = True
        world.provider.finish()
        await core.wait(15_000)
        changed = (await core.videos.remix(BEN, STUDIO, "c", again.id, "at night")).jobs[0]
        assert changed.lane is Lane.NORMAL
        changed = (
            await core.videos.remix(BEN, STUDIO, "d", again.id, "in snow", How(RELAXED))
        ).jobs[0]
        assert changed.lane is Lane.RELAXED


async def test_all_variations_of_an_order_start_alike(core: Core) -> None:
    request = CreateRequest(ANA, STUDIO, "x", KITE, 3, timing=Timing(delay=HOUR))
    accepted = await core.videos.create(request)
    assert {job.not_before for job in accepted.jobs} == {core.clock.now() + HOUR}


# --- later --------------------------------------------------------------------------------


async def test_a_job_for_later_holds_its_credits_and_starts_at_its_time(
    core: Core, world: World
) -> None:
    job = await order(core, ANA, Timing(delay=30_000))
    assert await core.purse() == (ALLOWANCE - PRICE, PRICE)
    await core.wait(29_000)
    assert await core.state(job.id) is S.WAITING
    # A morning in September.
    assert "Starts Monday 16:13 Europe/Berlin" in world.chat.posts[f"card/{job.id}"].text
    await core.wait(1_000)
    assert await core.state(job.id) is S.QUEUED
    assert (await core.job(job.id)).intent_at == job.not_before


async def test_the_card_of_a_job_for_later_tells_its_place_once_its_time_has_come(
    world: World,
) -> None:
    async with running(world, slots(1)) as core:
        await order(core, BEN)
        job = await order(core, ANA, Timing(delay=10_000))
        await core.wait(12_000)
        assert await core.state(job.id) is S.WAITING
        assert "Waiting · 1st in line" in world.chat.posts[f"card/{job.id}"].text


async def test_a_picture_is_fitted_at_once_and_sent_at_the_chosen_time(core: Core) -> None:
    spec = replace(KITE, image=await core.picture())
    job = await order(core, ANA, Timing(delay=10_000), spec=spec)
    assert job.state is S.ACCEPTED
    await core.work()
    fitted = await core.job(job.id)
    assert (fitted.state, fitted.due_at) == (S.WAITING, job.not_before)
    await core.wait(10_000)
    assert await core.state(job.id) is S.QUEUED


async def test_a_job_for_later_survives_restarts(world: World) -> None:
    async with running(world) as core:
        job = await order(core, ANA, Timing(delay=10_000))
    async with running(world) as core:
        await core.work()
        assert await core.state(job.id) is S.WAITING
    world.clock.advance(60_000)
    async with running(world) as core:
        await core.work()
        assert await core.state(job.id) is S.QUEUED
    assert world.provider.posts == 1


async def test_a_job_for_later_can_be_cancelled_and_is_never_sent(core: Core, world: World) -> None:
    job = await order(core, ANA, Timing(delay=10_000))
    assert (await core.videos.cancel(ANA, job.id)).done
    assert await core.purse() == (ALLOWANCE, 0)
    await core.wait(20_000)
    assert world.provider.posts == 0


async def test_a_job_for_later_keeps_nobody_from_a_slot(core: Core) -> None:
    await order(core, ANA, Timing(delay=HOUR))
    jobs = [await order(core, BEN) for _ in range(2)]
    await core.work()
    assert [await core.state(job.id) for job in jobs] == [S.QUEUED] * 2


async def test_off_peak_work_waits_for_the_window_of_the_workspace(world: World) -> None:
    async with running(world, Options(off_peak=Window(22 * 60, 7 * 60))) as core:
        job = await order(core, ANA, Timing(Lane.RELAXED, off_peak=True))
        assert job.not_before == job.off_peak_at == job.due_at
        assert (job.not_before or 0) > core.clock.now()
        await core.wait(5_000)
        assert await core.state(job.id) is S.WAITING


async def test_without_off_peak_hours_nothing_can_wait_for_them(core: Core) -> None:
    with pytest.raises(InvalidInput, match="when"):
        await order(core, ANA, Timing(Lane.RELAXED, off_peak=True))
    assert await core.jobs() == ()
