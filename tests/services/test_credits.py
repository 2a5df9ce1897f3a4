"""Who has how many credits, and what admins may do about it."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.quotas import EVERYONE, Period, Rule, Unit, Window, for_role
from bot.errors import InvalidInput, NotAllowed, QuotaExceeded
from tests.fakes.core import ALLOWANCE, ANA, BEN, MARA, PRICE, Core, Options, World, running
from tests.fakes.deeds import deed

MONTH = 31 * 86_400_000


@pytest.fixture
def world(tmp_path: Path, store_url: str) -> World:
    """Whose money is at stake here, on each database."""
    return World(tmp_path, store_url)


async def test_a_newcomer_gets_the_allowance_once(core: Core) -> None:
    await core.quotas.standing(ANA)
    allowance = await core.quotas.standing(ANA)
    assert (allowance.available, allowance.held) == (ALLOWANCE, 0)


async def test_the_allowance_comes_again_with_the_next_period(core: Core) -> None:
    await core.create()
    # At rest: a step still on its way would see a month go by, and give up.
    await core.work()
    assert await core.credits.renew() == 0
    core.clock.advance(MONTH)
    assert await core.credits.renew() == 1
    assert await core.credits.renew() == 0
    assert await core.purse() == (2 * ALLOWANCE - PRICE, PRICE)


async def test_a_bot_that_slept_over_the_turn_of_the_month_catches_up_at_start(
    world: World,
) -> None:
    async with running(world) as core:
        await core.quotas.standing(ANA)
    world.clock.advance(MONTH)
    async with running(world) as core:
        assert await core.purse() == (2 * ALLOWANCE, 0)


async def test_a_grant_is_given_once_for_each_interaction(core: Core) -> None:
    click = deed(reason="spring film")
    await core.credits.grant(click, BEN, 500)
    balance = await core.credits.grant(click, BEN, 500)
    assert balance == ALLOWANCE + 500
    assert await core.faults() == ()


async def test_only_admins_grant(core: Core) -> None:
    with pytest.raises(NotAllowed):
        await core.credits.grant(deed(ANA), ANA, 500)
    assert await core.purse() == (0, 0)


@pytest.mark.parametrize("amount", [0, -5, 10**9])
async def test_a_grant_is_a_reasonable_number(core: Core, amount: int) -> None:
    with pytest.raises(InvalidInput):
        await core.credits.grant(deed(), ANA, amount)


async def test_without_an_allowance_nothing_is_renewed(world: World) -> None:
    async with running(world, Options(allowance=0)) as core:
        await core.credits.grant(deed(), ANA, 10)
        core.clock.advance(MONTH)
        assert await core.credits.renew() == 0


async def test_a_rule_that_an_admin_sets_holds_at_once_and_can_be_taken_away(core: Core) -> None:
    rule = Rule("ana", Unit.VIDEOS, Period.WEEK, 0)
    await core.quotas.set_rule(deed(), rule)
    with pytest.raises(QuotaExceeded):
        await core.create()
    assert await core.quotas.rules(MARA) == (rule,)
    assert await core.quotas.drop_rule(deed(), rule)
    assert not await core.quotas.drop_rule(deed(), rule)
    await core.create()


async def test_a_rule_of_a_role_holds_while_the_chat_says_that_one_has_it(world: World) -> None:
    nothing = Rule(EVERYONE, Unit.VIDEOS, Period.WEEK, 0)
    async with running(world, Options(quotas=(nothing,))) as core:
        rule = Rule(for_role("77"), Unit.VIDEOS, Period.WEEK, 1, Window.ROLLING)
        await core.quotas.set_rule(deed(), rule)
        assert set(await core.quotas.rules(MARA)) == {nothing, rule}
        await core.create(person=replace(ANA, roles=("77",)))
        with pytest.raises(QuotaExceeded) as refusal:
            await core.create(person=ANA)
        assert refusal.value.limit.number == 0
        assert [s.rule for s in (await core.quotas.standing(ANA)).standings] == [nothing]


async def test_a_stored_rule_shows_in_place_of_the_default(world: World) -> None:
    default = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 5)
    async with running(world, Options(quotas=(default,))) as core:
        assert await core.quotas.rules(MARA) == (default,)
        stricter = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, 1)
        await core.quotas.set_rule(deed(), stricter)
        assert await core.quotas.rules(MARA) == (stricter,)


async def test_members_neither_see_nor_change_rules(core: Core) -> None:
    rule = Rule("ana", Unit.VIDEOS, Period.WEEK, 99)
    with pytest.raises(NotAllowed):
        await core.quotas.rules(ANA)
    with pytest.raises(NotAllowed):
        await core.quotas.set_rule(deed(ANA), rule)
    with pytest.raises(NotAllowed):
        await core.quotas.drop_rule(deed(ANA), rule)


async def test_standing_says_what_is_used_and_what_running_jobs_hold(world: World) -> None:
    rule = Rule(EVERYONE, Unit.SECONDS, Period.WEEK, 60)
    async with running(world, Options(quotas=(rule,))) as core:
        await core.create()
        standing = (await core.quotas.standing(ANA)).standings[0]
        assert (standing.used, standing.left, standing.held.seconds) == (8, 52, 8)


async def test_the_renewal_timer_tells_how_many_were_renewed(core: Core) -> None:
    await core.quotas.standing(ANA)
    core.clock.advance(MONTH)
    _, renew = core.wakeups.repeating["renew"]
    await renew("renew")
    assert await core.purse() == (2 * ALLOWANCE, 0)
