"""What one account cannot make, another one makes: never twice, never dearer without a yes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot import errors
from bot.domain import retry
from bot.domain.budgets import Budget
from bot.domain.circuits import OPENS_AFTER
from bot.domain.jobs import Failure, Job, JobState, Moved
from bot.domain.quotas import EVERYONE, Period, Rule, Unit
from bot.domain.switches import Mode
from bot.domain.usage import of_provider
from bot.errors import Billing, ModelRetired, TooLate, Transient, UnknownThing
from bot.services.switches import Switches
from bot.services.videos import Anew
from tests.fakes.backups import with_backup
from tests.fakes.core import ALLOWANCE, ANA, BEN, KITE, MARA, PRICE, Core, World, running
from tests.fakes.deeds import deed
from tests.fakes.provider import FakeProvider

S = JobState
FIRST, BACKUP = "simulator/default", "backup/spare"
FAULT = Transient("no connection")
SHORT_OF_IT = 6
"""Credits a second at a backup that is cheaper."""


@pytest.fixture
async def same(world: World, store_url: str) -> AsyncIterator[Core]:
    """A core with a backup for the same price, on each kind of database."""
    async with chained(replace(world, database=store_url)) as core:
        yield core


@asynccontextmanager
async def chained(world: World, per_second: int = 10, **options: object) -> AsyncGenerator[Core]:
    """A core with a backup; in the end its books are whole."""
    async with running(world, with_backup(world, per_second, **options)) as core:  # type: ignore[arg-type] - passed on
        yield core
        async with core.store.reading() as tx:
            assert await tx.checks.faults() == ()


def backup_of(core: Core) -> FakeProvider:
    return core.world.others["backup"]


async def order(core: Core) -> str:
    return (await core.create()).jobs[0].id


async def break_first(core: Core) -> str:
    """The first account takes nothing more; a job that met all its faults waits there."""
    core.world.provider.refuse.extend([FAULT] * OPENS_AFTER)
    job = await order(core)
    while core.world.provider.refuse:
        await core.wait(1_000)
    core.world.provider.refuse.extend([FAULT] * 50)
    return job


async def look_for_others(core: Core) -> None:
    """What time does each ten seconds."""
    await core.failover.run()
    await core.work()


def card(core: Core, job: str) -> str:
    return core.world.chat.posts[f"card/{job}"].text


async def at(core: Core, job: str) -> Job:
    return await core.job(job)


# --- by itself ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [Billing("pay"), errors.BadCredentials("no"), ModelRetired("gone")],
    ids=lambda error: type(error).__name__,
)
async def test_what_was_refused_for_the_sake_of_the_account_is_made_by_the_next_one(
    same: Core, error: errors.ProviderError
) -> None:
    same.world.provider.refuse.append(error)
    job = await order(same)
    await same.work()
    moved = await at(same, job)
    assert (moved.state, moved.offer.gate) == (S.QUEUED, BACKUP)
    assert (moved.offer.upstream_model, moved.offer.base_url) == (
        "sora-2-at-backup",
        "http://backup/v1",
    )
    assert moved.moved == Moved(1, FIRST, PRICE)
    first, second = await same.attempts(job)
    assert first.outcome == retry.final_failure(error)
    assert (second.provider, second.account, second.outcome) == ("backup", "spare", None)
    assert (same.world.provider.posts, backup_of(same).posts) == (1, 1)
    assert await same.purse() == (ALLOWANCE - PRICE, PRICE)


async def test_a_moved_job_is_paid_once_and_its_video_delivered(same: Core) -> None:
    same.world.provider.refuse.append(Billing("pay"))
    job = await order(same)
    await same.work()
    backup_of(same).finish()
    await same.wait(20_000)
    assert await same.state(job) is S.DONE
    assert await same.purse() == (ALLOWANCE - PRICE, 0)
    assert await same.kinds(job) == ["hold", "release", "settle"]


async def test_a_moved_job_that_fails_gives_everything_back(same: Core) -> None:
    same.world.provider.refuse.append(Billing("pay"))
    backup_of(same).refuse.append(Billing("pay too"))
    job = await order(same)
    await same.work()
    ended = await at(same, job)
    assert (ended.state, ended.failure) == (S.FAILED, Failure.BILLING)
    assert await same.purse() == (ALLOWANCE, 0)


async def test_what_waits_moves_once_its_account_is_dead_for_a_while(same: Core) -> None:
    jobs = [await break_first(same), await order(same)]
    await look_for_others(same)
    assert (await at(same, jobs[0])).offer.gate == FIRST
    await same.wait(60_000)
    await look_for_others(same)
    assert [(await at(same, job)).offer.gate for job in jobs] == [BACKUP, BACKUP]
    assert [await same.state(job) for job in jobs] == [S.QUEUED, S.QUEUED]


async def test_the_card_tells_where_it_went_and_for_how_much(world: World) -> None:
    async with chained(world, SHORT_OF_IT) as core:
        core.world.provider.refuse.append(Billing("pay"))
        job = await order(core)
        await core.work()
        told = "Moved from simulator, which could not make it, to backup for 48 instead of 80"
        assert told in card(core, job)
        assert await core.purse() == (ALLOWANCE - 48, 48)
        backup_of(core).finish()
        await core.wait(20_000)
        assert await core.purse() == (ALLOWANCE - 48, 0)


async def test_orders_go_straight_to_who_takes_them(same: Core) -> None:
    await break_first(same)
    job = await order(same)
    await same.work()
    assert (await at(same, job)).offer.gate == BACKUP
    assert (await at(same, job)).moved is None


async def test_a_first_account_that_is_well_again_gets_the_orders_again(same: Core) -> None:
    await break_first(same)
    same.world.provider.refuse.clear()
    same.clock.advance(60_000)
    job = await order(same)
    assert (await at(same, job)).offer.gate == FIRST


async def test_a_retired_model_leaves_every_chain_by_itself(same: Core) -> None:
    same.world.provider.refuse.append(ModelRetired("gone"))
    await order(same)
    await same.work()
    for _ in range(3):
        job = await order(same)
        await same.work()
        assert (await at(same, job)).offer.gate == BACKUP
    assert same.world.provider.posts == 1


async def test_a_model_that_nobody_has_any_more_is_refused(same: Core) -> None:
    for provider in (same.world.provider, backup_of(same)):
        provider.refuse.append(ModelRetired("gone"))
    await order(same)
    await same.work()
    with pytest.raises(errors.InvalidInput, match="sora-2"):
        await order(same)
    assert await same.purse() == (ALLOWANCE, 0)


# --- never twice ----------------------------------------------------------------------------


async def test_what_may_have_been_taken_never_moves(same: Core) -> None:
    same.world.provider.capabilities = replace(same.world.provider.capabilities, lists=False)
    same.world.provider.refuse.append(errors.AmbiguousSubmit("cut"))
    job = await order(same)
    await same.work()
    await break_first(same)
    await same.wait(120_000)
    await look_for_others(same)
    assert (await at(same, job)).state is S.SUBMIT_UNKNOWN
    assert (await at(same, job)).offer.gate == FIRST


async def test_what_was_taken_stays_whatever_its_account_comes_to(same: Core) -> None:
    job = await order(same)
    await same.work()
    await break_first(same)
    same.world.provider.asks.extend([FAULT] * 10)
    await same.wait(120_000)
    await look_for_others(same)
    assert (await at(same, job)).offer.gate == FIRST


async def test_what_ends_for_its_own_sake_does_not_move(same: Core) -> None:
    same.world.provider.refuse.append(errors.Moderated("no"))
    job = await order(same)
    await same.work()
    assert await same.state(job) is S.MODERATED
    assert backup_of(same).posts == 0


async def test_of_many_who_move_jobs_at_once_each_is_moved_by_one(same: Core) -> None:
    same.world.provider.refuse.extend([FAULT] * 50)
    jobs = [job.id for job in (await same.create(number=4)).jobs]
    await same.wait(20_000)
    same.clock.advance(60_000)
    await asyncio.gather(*(same.failover.run() for _ in range(4)))
    await same.work()
    moved = [(await at(same, job)).moved for job in jobs]
    assert moved == [Moved(1, FIRST, PRICE)] * 4
    assert await same.purse() == (ALLOWANCE - 4 * PRICE, 4 * PRICE)
    assert backup_of(same).posts == 2


async def test_a_job_moves_on_in_its_chain_and_never_back(same: Core) -> None:
    same.world.provider.refuse.append(Billing("pay"))
    backup_of(same).refuse.extend([FAULT] * 30)
    job = await order(same)
    await same.wait(600_000)
    await look_for_others(same)
    ended = await at(same, job)
    assert (ended.failure, ended.offer.gate) == (Failure.TOO_MANY_TRIES, BACKUP)
    assert same.world.provider.posts == 1


async def test_a_cancelled_job_does_not_go_elsewhere(same: Core) -> None:
    job = await break_first(same)
    await same.videos.cancel(ANA, job)
    await same.wait(60_000)
    await look_for_others(same)
    assert await same.state(job) is S.CANCELLED
    assert await same.purse() == (ALLOWANCE, 0)


# --- what is against it -------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(Mode))
async def test_what_admins_hold_back_is_no_way_out(same: Core, mode: Mode) -> None:
    switches = Switches(same.store, same.clock, same.moves, same.videos.shop)
    await switches.throw(deed(), "backup", mode)
    job = await break_first(same)
    await same.wait(60_000)
    await look_for_others(same)
    assert (await at(same, job)).offer.gate == FIRST


async def test_what_an_admin_holds_back_waits_for_the_admin(same: Core) -> None:
    job = await break_first(same)
    switches = Switches(same.store, same.clock, same.moves, same.videos.shop)
    await switches.throw(deed(), "simulator", Mode.PAUSE)
    await same.wait(60_000)
    await look_for_others(same)
    assert (await at(same, job)).offer.gate == FIRST
    await switches.resume(deed(), "simulator")
    await same.work()
    await look_for_others(same)
    assert (await at(same, job)).offer.gate == BACKUP


async def test_the_budget_of_a_provider_holds_for_what_moves_there(same: Core) -> None:
    budget = Budget(of_provider("backup"), Period.MONTH, 1_000_000)
    await same.budgets.set(deed(), budget)
    jobs = [await break_first(same), await order(same)]
    await same.wait(60_000)
    await look_for_others(same)
    there = [(await at(same, job)).offer.gate for job in jobs]
    assert sorted(there) == [BACKUP, FIRST]


async def test_who_makes_it_from_words_only_gets_no_picture(world: World) -> None:
    async with chained(world, more="takes_image = false") as core:
        core.world.provider.refuse.append(Billing("pay"))
        spec = replace(KITE, image=await core.picture())
        job = (await core.create(spec=spec)).jobs[0].id
        await core.work()
        assert (await core.job(job)).failure is Failure.BILLING
        assert backup_of(core).posts == 0


# --- dearer -------------------------------------------------------------------------------


@pytest.fixture
async def dear(world: World, store_url: str) -> AsyncIterator[Core]:
    """A core whose backup takes 15 credits a second."""
    async with chained(replace(world, database=store_url), 15) as core:
        yield core


async def test_nobody_pays_more_without_a_yes(dear: Core) -> None:
    job = await break_first(dear)
    await dear.wait(120_000)
    await look_for_others(dear)
    assert (await at(dear, job)).offer.gate == FIRST
    assert await dear.purse() == (ALLOWANCE - PRICE, PRICE)
    button = dear.world.chat.posts[f"card/{job}"].message.buttons[0]
    assert button.label == "Continue with backup for 120 credits"
    assert (button.verb, button.args) == ("retry", {"job": job, "most": "120"})


async def test_with_a_yes_it_goes_on_at_once(dear: Core) -> None:
    job = await break_first(dear)
    await dear.failover.agree(ANA, job, 120)
    await dear.work()
    assert (await at(dear, job)).state is S.QUEUED
    assert (await at(dear, job)).offer.gate == BACKUP
    assert await dear.purse() == (ALLOWANCE - 120, 120)


async def test_the_same_yes_twice_moves_it_once(dear: Core) -> None:
    job = await break_first(dear)
    both = await asyncio.gather(
        *(dear.failover.agree(ANA, job, 120) for _ in range(2)), return_exceptions=True
    )
    await dear.work()
    assert sum(isinstance(one, Job) for one in both) == 1
    assert await dear.purse() == (ALLOWANCE - 120, 120)


async def test_a_yes_to_less_than_it_costs_now_moves_nothing(dear: Core) -> None:
    job = await break_first(dear)
    with pytest.raises(TooLate):
        await dear.failover.agree(ANA, job, 119)
    assert await dear.purse() == (ALLOWANCE - PRICE, PRICE)


@pytest.mark.parametrize("person", [BEN, MARA])
async def test_nobody_says_yes_for_somebody_else(dear: Core, person: object) -> None:
    job = await break_first(dear)
    with pytest.raises(UnknownThing):
        await dear.failover.agree(person, job, 120)  # type: ignore[arg-type] - of the two above
    assert (await at(dear, job)).offer.gate == FIRST


async def test_who_cannot_pay_more_stays_and_keeps_the_hold(world: World) -> None:
    async with chained(world, 15, allowance=100) as core:
        job = await break_first(core)
        with pytest.raises(errors.NotEnoughCredits):
            await core.failover.agree(ANA, job, 120)
        assert (await core.job(job)).offer.gate == FIRST
        assert await core.purse() == (100 - PRICE, PRICE)


async def test_who_may_not_spend_more_stays(world: World) -> None:
    limit = Rule(EVERYONE, Unit.CREDITS, Period.DAY, 100)
    async with chained(world, 15, quotas=(limit,)) as core:
        job = await break_first(core)
        with pytest.raises(errors.QuotaExceeded):
            await core.failover.agree(ANA, job, 120)
        assert await core.purse() == (ALLOWANCE - PRICE, PRICE)


async def test_one_that_ended_can_be_ordered_anew_for_more(dear: Core) -> None:
    dear.world.provider.refuse.append(Billing("pay"))
    job = await order(dear)
    await dear.work()
    assert (await at(dear, job)).failure is Failure.BILLING
    buttons = {
        button.label: button for button in dear.world.chat.posts[f"card/{job}"].message.buttons
    }
    assert "Continue with backup for 120 credits" in buttons
    accepted = await dear.videos.retry(
        ANA, (await at(dear, job)).place, "anew", job, Anew(most=120)
    )
    await dear.work()
    assert accepted.jobs[0].offer.gate == BACKUP
    assert await dear.purse() == (ALLOWANCE - 120, 120)
