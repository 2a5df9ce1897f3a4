"""Credits that come by themselves: once for each period, whatever clocks and restarts do."""

from datetime import UTC, datetime

import pytest

from bot.domain import ledger
from bot.domain.ledger import Owner
from bot.domain.quotas import EVERYONE, Period, for_channel
from bot.domain.refs import Channel
from bot.domain.schedules import Schedule
from bot.domain.workspaces import Choice
from bot.errors import InvalidInput, NotAllowed
from bot.services.schedules import Schedules
from bot.services.transfers import Transfers
from tests.fakes.core import ALLOWANCE, ANA, BEN, MARA, PRICE, TENANT, Core, Options, World, running
from tests.fakes.deeds import deed

DAY = 86_400_000
HOUR = 3_600_000
ROOM = Channel(TENANT, "studio")
DAILY = Schedule("ana", 100, Period.DAY)
NOBODY = Options(allowance=0)


def schedules(core: Core) -> Schedules:
    return Schedules(core.store, core.clock, core.credits)


async def put(core: Core, schedule: Schedule, owner: Owner | None = ANA) -> None:
    name = core.world.new_id()
    await schedules(core).put(deed(interaction=name), schedule, owner)


async def has(core: Core, owner: Owner = ANA) -> int:
    async with core.store.reading() as tx:
        return await tx.ledger.balance(ledger.credits_of(owner))


async def spend(core: Core, amount: int, owner: Owner = ANA) -> None:
    """What is taken has gone, as what is spent."""
    transfers = Transfers(core.store, core.clock, core.credits, core.videos)
    await transfers.take(deed(interaction=core.world.new_id()), owner, amount)


def at(core: Core, text: str) -> None:
    """Set the clock, to any time."""
    wanted = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
    core.clock.advance(wanted - core.clock.now())


async def test_a_schedule_brings_credits_at_once_and_once_each_period(world: World) -> None:
    async with running(world, NOBODY) as core:
        await put(core, DAILY)
        assert await has(core) == 100
        await core.credits.renew()
        assert await has(core) == 100
        core.clock.advance(DAY)
        assert await core.credits.renew() == 1
        assert await core.credits.renew() == 0
        assert await has(core) == 200
        assert await core.faults() == ()


async def test_a_bot_that_slept_over_several_periods_pays_the_present_one_alone(
    world: World,
) -> None:
    async with running(world, NOBODY) as core:
        await put(core, DAILY)
    world.clock.advance(5 * DAY)
    for _ in range(2):
        async with running(world, NOBODY) as core:
            assert await has(core) == 200


async def test_a_schedule_of_ones_own_takes_the_place_of_everyones(world: World) -> None:
    async with running(world, Options()) as core:
        await put(core, Schedule(EVERYONE, 70, Period.DAY), None)
        await put(core, DAILY)
        assert (await core.quotas.standing(BEN)).available == 70
        assert await has(core) == 100
        core.clock.advance(DAY)
        await core.credits.renew()
        assert (await has(core), await has(core, BEN)) == (200, 140)


async def test_what_the_settings_give_comes_again_when_no_schedule_is_left(core: Core) -> None:
    everyone = Schedule(EVERYONE, 70, Period.WEEK)
    await put(core, everyone, None)
    assert await schedules(core).all(MARA) == (everyone,)
    assert await schedules(core).drop(deed(), EVERYONE)
    assert not await schedules(core).drop(deed(), EVERYONE)
    assert await schedules(core).all(MARA) == (Schedule(EVERYONE, ALLOWANCE, Period.MONTH),)
    assert (await core.quotas.standing(ANA)).available == ALLOWANCE


async def test_a_channel_gets_what_is_made_for_it_but_nothing_of_everyones(world: World) -> None:
    async with running(world, NOBODY) as core:
        await put(core, Schedule(EVERYONE, 70, Period.DAY), None)
        await put(core, Schedule(for_channel("studio"), 500, Period.DAY), ROOM)
        assert await has(core, ROOM) == 500
        await core.credits.grant(deed(), Channel(TENANT, "garden"), 5)
        core.clock.advance(DAY)
        await core.credits.renew()
        assert await has(core, ROOM) == 1000
        assert await has(core, Channel(TENANT, "garden")) == 5


async def test_other_workspaces_keep_their_own(world: World) -> None:
    async with running(world, NOBODY) as core:
        await put(core, Schedule(EVERYONE, 70, Period.DAY), None)
        other = Channel(ANA.tenant, "x")
        assert await has(core, other) == 0
        async with core.store.reading() as tx:
            assert await tx.schedules.of(ANA.tenant) != ()
            assert [tenant for tenant, _ in await tx.schedules.everywhere()] == [TENANT]


# --- caps and ends ------------------------------------------------------------------------


async def test_a_cap_is_never_exceeded(world: World) -> None:
    async with running(world, NOBODY) as core:
        await put(core, Schedule("ana", 100, Period.DAY, cap=150))
        for expected in (150, 150):
            core.clock.advance(DAY)
            await core.credits.renew()
            assert await has(core) == expected
        await spend(core, 20)
        await core.credits.renew()
        assert await has(core) == 150


async def test_what_is_left_goes_when_the_next_comes(world: World) -> None:
    async with running(world, NOBODY) as core:
        await put(core, Schedule("ana", 100, Period.DAY, expires=True))
        await core.credits.grant(deed(), ANA, 1000)
        await spend(core, 30)
        core.clock.advance(DAY)
        await core.credits.renew()
        # 70 of the first 100 are gone; what was given besides stays.
        assert await has(core) == 1000 + 100
        await spend(core, 130)
        core.clock.advance(DAY)
        await core.credits.renew()
        assert await has(core) == 970 + 100
        await core.credits.renew()
        assert await has(core) == 1070
        assert await core.faults() == ()


async def test_what_a_running_job_holds_counts_as_spent_until_it_is_given_back(
    world: World,
) -> None:
    async with running(world, NOBODY) as core:
        await put(core, Schedule("ana", 100, Period.DAY, expires=True))
        job = (await core.create(ANA)).jobs[0]
        core.clock.advance(DAY)
        await core.credits.renew()
        assert await core.purse(ANA) == (100, PRICE)
        await core.videos.cancel(ANA, job.id)
        await core.wait(2_000)
        assert await has(core) == 100 + PRICE
        core.clock.advance(DAY)
        await core.credits.renew()
        assert await has(core) == PRICE + 100


async def test_a_schedule_that_no_longer_expires_still_ends_what_was_given_to_expire(
    world: World,
) -> None:
    async with running(world, NOBODY) as core:
        await put(core, Schedule("ana", 100, Period.DAY, expires=True))
        await put(core, DAILY)
        for expected in (100, 200):
            core.clock.advance(DAY)
            await core.credits.renew()
            assert await has(core) == expected


# --- clocks -------------------------------------------------------------------------------


async def test_a_clock_that_is_set_back_pays_nothing_twice(world: World) -> None:
    async with running(world, NOBODY) as core:
        at(core, "2027-03-10T12:00:00")
        await put(core, DAILY)
        for moment in ("2027-03-09T12:00:00", "2027-02-01T12:00:00", "2027-03-10T22:00:00"):
            at(core, moment)
            await core.credits.renew()
            assert await has(core) == 100
        at(core, "2027-03-11T00:30:00")
        await core.credits.renew()
        assert await has(core) == 200


async def test_days_begin_at_local_midnight_also_where_clocks_change(world: World) -> None:
    async with running(world, NOBODY) as core:
        at(core, "2027-03-27T12:00:00")
        await put(core, DAILY)
        # In Berlin the 28th has 23 hours: it ends at 22:00 UTC.
        for moment, expected in (
            ("2027-03-27T22:59:00", 100),
            ("2027-03-27T23:01:00", 200),
            ("2027-03-28T21:59:00", 200),
            ("2027-03-28T22:01:00", 300),
        ):
            at(core, moment)
            await core.credits.renew()
            assert await has(core) == expected


async def test_a_workspace_has_days_of_its_own(world: World) -> None:
    async with running(world, NOBODY) as core:
        at(core, "2027-03-10T12:00:00")
        await core.workspaces.choose(deed(), Choice.ZONE, "Pacific/Auckland")
        await put(core, DAILY)
        at(core, "2027-03-10T23:30:00")
        await core.credits.renew()
        assert await has(core) == 100
        at(core, "2027-03-11T11:30:00")
        await core.credits.renew()
        assert await has(core) == 200


async def test_who_moves_to_another_period_gets_none_twice(world: World) -> None:
    async with running(world, NOBODY) as core:
        at(core, "2027-03-10T12:00:00")
        await put(core, Schedule("ana", 100, Period.MONTH))
        await put(core, Schedule("ana", 100, Period.MONTH))
        await put(core, Schedule("ana", 10, Period.DAY))
        await put(core, Schedule("ana", 100, Period.MONTH))
        assert await has(core) == 110


# --- rights -------------------------------------------------------------------------------


async def test_members_neither_see_nor_change_schedules(core: Core) -> None:
    with pytest.raises(NotAllowed):
        await schedules(core).put(deed(BEN), DAILY, ANA)
    with pytest.raises(NotAllowed):
        await schedules(core).drop(deed(BEN), "ana")
    with pytest.raises(NotAllowed):
        await schedules(core).all(BEN)


@pytest.mark.parametrize("amount, cap", [(0, None), (-5, None), (10**9, None), (5, 0)])
async def test_a_schedule_is_a_reasonable_number(core: Core, amount: int, cap: int | None) -> None:
    with pytest.raises(InvalidInput):
        await put(core, Schedule("ana", amount, Period.DAY, cap))
