"""What an admin was told is held back is never sent, and nobody else waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from bot.domain.jobs import JobState
from bot.domain.refs import Place, Tenant
from bot.domain.switches import Mode
from bot.errors import (
    AssetExpired,
    Closed,
    ConcurrencyLimited,
    InvalidInput,
    NotAllowed,
    RateLimited,
)
from bot.ports import Capabilities, Store, Unit
from bot.services.line import Allowed, Line
from bot.services.moves import Kit
from bot.services.switches import Switches
from tests.fakes.core import (
    ALLOWANCE,
    ANA,
    BEN,
    KITE,
    MARA,
    PRICE,
    STUDIO,
    Core,
    Options,
    World,
    running,
)
from tests.fakes.deeds import deed

S = JobState
GATE = "simulator/default"
PRO = replace(KITE, model="sora-2-pro")
ELSEWHERE = Tenant("web", "other")
EVE = replace(ANA, tenant=ELSEWHERE)


def switches_of(core: Core) -> Switches:
    return Switches(core.store, core.clock, core.moves, core.videos.shop)


async def throw(core: Core, mode: Mode, what: str = "", reason: str = "trouble") -> None:
    await switches_of(core).throw(deed(reason=reason), what, mode)


async def resume(core: Core, what: str = "") -> None:
    await switches_of(core).resume(deed(), what)


async def order(core: Core, **what: object) -> str:
    return (await core.create(**what)).jobs[0].id  # pyright: ignore[reportArgumentType] - passed on


# --- pause ----------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["", "all", "simulator", "Sora-2"])
async def test_while_paused_orders_are_taken_and_none_is_sent(
    core: Core, world: World, what: str
) -> None:
    await throw(core, Mode.PAUSE, what)
    first, second = await order(core), await order(core)
    await core.wait(60_000)
    assert await core.state(first) is await core.state(second) is S.WAITING
    assert world.provider.posts == 0
    assert await core.purse() == (ALLOWANCE - 2 * PRICE, 2 * PRICE)
    card = world.chat.posts[f"card/{second}"].text
    assert "Paused by an admin (“trouble”) · 2nd in line" in card
    assert "starts" not in card


async def test_what_was_sent_before_a_pause_goes_on_to_its_end(core: Core, world: World) -> None:
    job = await order(core)
    await core.work()
    await throw(core, Mode.PAUSE)
    world.provider.finish()
    await core.wait(5_000)
    assert await core.state(job) is S.DONE


async def test_cards_tell_of_a_pause_and_of_its_end(core: Core, world: World) -> None:
    jobs = [await order(core) for _ in range(3)]
    await core.work()
    last = f"card/{jobs[2]}"
    await throw(core, Mode.PAUSE)
    await core.wait(30_000)
    assert world.chat.posts[last].text.startswith("Paused by an admin")
    await resume(core)
    await core.wait(30_000)
    assert world.chat.posts[last].text.startswith("Waiting · 1st in line")


async def test_a_resume_wakes_the_line_at_once(core: Core, world: World) -> None:
    await throw(core, Mode.PAUSE)
    job = await order(core)
    await core.work()
    await resume(core)
    await core.work()
    assert world.provider.posts == 1
    assert await core.state(job) is S.QUEUED


async def test_a_paused_model_holds_up_no_other_and_stands_behind_it(world: World) -> None:
    async with running(world, Options(allowed=Allowed(slots=1))) as core:
        await throw(core, Mode.PAUSE, "sora-2")
        held = [await order(core) for _ in range(3)]
        others = [await order(core, spec=PRO) for _ in range(2)]
        await core.work()
        assert await core.state(others[0]) is S.QUEUED
        assert "1st in line" in world.chat.posts[f"card/{others[1]}"].text
        assert "4th in line" in world.chat.posts[f"card/{held[2]}"].text
        assert {await core.state(job) for job in held} == {S.WAITING}


@pytest.mark.parametrize("refusal", [ConcurrencyLimited(), RateLimited()])
async def test_a_job_that_the_provider_sends_back_waits_for_the_end_of_the_pause(
    core: Core, world: World, refusal: Exception
) -> None:
    world.provider.refuse.append(refusal)
    job = await order(core)
    await core.work()
    assert world.provider.posts == 1
    await throw(core, Mode.PAUSE)
    await core.wait(300_000)
    assert world.provider.posts == 1
    await resume(core)
    await core.wait(5_000)
    assert world.provider.posts == 2
    assert await core.state(job) is S.QUEUED


async def test_a_pause_outlives_a_restart(world: World) -> None:
    async with running(world) as core:
        await throw(core, Mode.PAUSE)
        await order(core)
    async with running(world) as core:
        await core.sweep()
        await core.wait(60_000)
        assert world.provider.posts == 0
        await resume(core)
        await core.work()
        assert world.provider.posts == 1


async def test_a_provider_that_is_paused_in_one_workspace_works_in_others(
    core: Core, world: World
) -> None:
    await throw(core, Mode.PAUSE, "simulator")
    here = await order(core)
    there = await order(core, person=EVE, place=Place(ELSEWHERE, "studio"))
    core.platforms[ELSEWHERE.platform] = world.chat
    await core.work()
    assert await core.state(here) is S.WAITING
    assert await core.state(there) is S.QUEUED


@dataclass
class Meanwhile:
    """A store in which something happens just before the next transaction."""

    store: Store
    happens: Callable[[], Awaitable[None]] | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Unit]:
        happens, self.happens = self.happens, None
        if happens:
            await happens()
        async with self.store.transaction() as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Unit]:
        async with self.store.reading() as tx:
            yield tx

    async def aclose(self) -> None:
        await self.store.aclose()


@pytest.mark.parametrize("mode", [Mode.PAUSE, Mode.STOP])
async def test_no_submit_follows_a_pause_that_came_after_the_line_had_chosen(
    world: World, mode: Mode
) -> None:
    async with running(world, Options(allowed=Allowed(slots=0))) as core:
        job = await order(core)
        store = Meanwhile(core.store, lambda: throw(core, mode))
        kit = Kit(
            store,
            core.clock,
            core.moves,
            lambda _: world.provider,
            world.media,
            core.blobs,
            core.videos.shop.typical,
        )
        line = Line(kit, Allowed(slots=2), core.circuits, core.failover.elsewhere)
        passed = await line.let_through(GATE)
        assert store.happens is None
        assert passed.jobs == ()
        assert await core.state(job) is (S.WAITING if mode is Mode.PAUSE else S.CANCELLED)
        assert await core.attempts(job) == ()


# --- drain ----------------------------------------------------------------------------------


async def test_while_draining_no_order_is_taken_and_the_accepted_ones_are_made(
    core: Core, world: World
) -> None:
    world.provider.instant = True
    jobs = [await order(core) for _ in range(4)]
    await throw(core, Mode.DRAIN)
    with pytest.raises(Closed):
        await core.create()
    await core.wait(10_000)
    assert {await core.state(job) for job in jobs} == {S.DONE}
    with pytest.raises(Closed):
        await core.videos.again(ANA, STUDIO, "a", jobs[0], None)
    with pytest.raises(Closed):
        await core.videos.remix(ANA, STUDIO, "r", jobs[0], "at night")
    assert await core.purse() == (ALLOWANCE - 4 * PRICE, 0)


async def test_a_drained_model_leaves_the_others_on_sale(core: Core) -> None:
    await throw(core, Mode.DRAIN, "sora-2-pro")
    with pytest.raises(Closed):
        await core.create(spec=PRO)
    await core.create()
    await resume(core, "sora-2-pro")
    await core.create(spec=PRO)


async def test_a_request_that_was_accepted_before_is_still_that_order(core: Core) -> None:
    first = await core.create(interaction="click")
    await throw(core, Mode.STOP)
    again = await core.create(interaction="click")
    assert again.again
    assert [job.id for job in again.jobs] == [job.id for job in first.jobs]


# --- stop -----------------------------------------------------------------------------------


async def test_a_stop_cancels_what_waits_and_asks_what_runs_to_stop(
    core: Core, world: World
) -> None:
    image = await core.picture()
    jobs = [await order(core) for _ in range(4)]
    await core.work()
    jobs.append(await order(core, spec=replace(KITE, image=image)))
    assert await core.purse() == (ALLOWANCE - 5 * PRICE, 5 * PRICE)
    await throw(core, Mode.STOP)
    # Those that waited are over, and paid back, when the admin is answered.
    assert [await core.state(job) for job in jobs[2:]] == [S.CANCELLED] * 3
    assert await core.purse() == (ALLOWANCE - 2 * PRICE, 2 * PRICE)
    await core.wait(5_000)
    assert {await core.state(job) for job in jobs} == {S.CANCELLED}
    assert len(world.provider.stopped) == 2
    assert world.provider.posts == 2
    assert await core.purse() == (ALLOWANCE, 0)
    with pytest.raises(Closed):
        await core.create()


async def test_a_stopped_job_that_the_provider_sends_back_is_over(core: Core, world: World) -> None:
    world.provider.refuse.append(RateLimited())
    job = await order(core)
    (sent,) = (await core.line.let_through(GATE)).jobs
    await throw(core, Mode.STOP)
    await core.line.submit(sent)
    await core.wait(60_000)
    assert await core.state(job) is S.CANCELLED
    assert await core.purse() == (ALLOWANCE, 0)
    assert world.provider.posts == 1


async def test_a_stopped_remix_is_not_ordered_in_words_instead(core: Core, world: World) -> None:
    world.provider.capabilities = Capabilities(remixes=True, cancels=True)
    world.provider.instant = True
    source = await order(core)
    await core.wait(5_000)
    world.provider.refuse.append(AssetExpired())
    # From now on nothing happens by itself.
    await core.scheduler.stop(0)
    remix = (await core.videos.remix(BEN, STUDIO, "r", source, "at night")).jobs[0].id
    await core.worker.advance(remix)
    (sent,) = (await core.line.let_through(GATE)).jobs
    await throw(core, Mode.STOP)
    await core.line.submit(sent)
    assert await core.state(remix) is S.CANCELLED
    assert world.provider.posts == 2
    assert await core.purse(BEN) == (ALLOWANCE, 0)


async def test_a_stop_leaves_finished_work_alone(core: Core, world: World) -> None:
    world.provider.instant = True
    job = await order(core)
    await core.wait(5_000)
    await throw(core, Mode.STOP)
    assert await core.state(job) is S.DONE
    assert await core.purse() == (ALLOWANCE - PRICE, 0)


# --- who, what and at once ------------------------------------------------------------------


async def test_only_admins_throw_and_resume(core: Core) -> None:
    switches = switches_of(core)
    with pytest.raises(NotAllowed):
        await switches.throw(deed(ANA), "", Mode.STOP)
    await throw(core, Mode.DRAIN)
    with pytest.raises(NotAllowed):
        await switches.resume(deed(ANA), "")
    with pytest.raises(Closed):
        await core.create()


async def test_what_nobody_knows_is_refused_with_what_there_is(core: Core) -> None:
    with pytest.raises(InvalidInput) as no:
        await throw(core, Mode.PAUSE, "sora2")
    assert no.value.allowed.startswith("all, simulator")
    assert "sora-2-pro" in no.value.allowed
    await core.create()


async def test_the_last_of_two_admins_counts_and_both_are_on_record(core: Core) -> None:
    other = replace(MARA, id="olga", name="Olga")
    switches = switches_of(core)
    await asyncio.gather(
        switches.throw(deed(), "", Mode.PAUSE), switches.throw(deed(other), "", Mode.DRAIN)
    )
    async with core.store.reading() as tx:
        (switch,) = await tx.switches.of(MARA.tenant)
        last, first = await tx.audit.newest(MARA.tenant, 9)
    assert (last.change.before, last.change.after) == (first.change.after, switch.mode)
    assert {last.actor.id, first.actor.id} == {"mara", "olga"}
    assert last.actor.id == switch.by


async def test_orders_that_race_with_a_stop_are_refused_or_paid_back(
    core: Core, world: World
) -> None:
    orders = [core.create(number=1) for _ in range(10)]
    came = await asyncio.gather(
        *orders[:5], throw(core, Mode.STOP), *orders[5:], return_exceptions=True
    )
    assert all(isinstance(one, Closed) for one in came if isinstance(one, BaseException))
    await core.wait(10_000)
    assert await core.purse() == (ALLOWANCE, 0)
    assert all(taken.state is S.CANCELLED for taken in world.provider.taken.values())
