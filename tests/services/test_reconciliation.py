"""What providers charge and have, beside what is known here; all sums explain each other."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.domain.jobs import JobState
from bot.domain.reconciliation import Comparison
from bot.domain.refs import Person, Place, Tenant
from bot.domain.reports import When
from bot.errors import NotAllowed, Transient
from bot.ports import Capabilities
from bot.services.reconciliation import Reconciliation
from tests.fakes.core import ANA, BEN, MARA, Core, World

BERLIN = ZoneInfo("Europe/Berlin")
ELSEWHERE = Tenant("web", "other")
EXPECTED = 800_000
"""Micros that one video should cost."""


@pytest.fixture
def reconciliation(core: Core) -> Reconciliation:
    return Reconciliation(core.store, core.clock, lambda _: core.world.provider)


async def compared(reconciliation: Reconciliation) -> Comparison:
    [found] = await reconciliation.of(MARA, When.MONTH, BERLIN)
    return found


async def test_what_was_reported_is_set_beside_what_was_expected(
    core: Core, world: World, reconciliation: Reconciliation
) -> None:
    world.provider.cost_micros = 900_000
    world.provider.instant = True
    await core.create(number=2)
    await core.wait(5_000)
    world.provider.instant = False
    await core.create(BEN)
    await core.wait(5_000)
    costs = (await compared(reconciliation)).costs
    assert (costs.jobs, costs.expected, costs.reported) == (3, 3 * EXPECTED, 1_800_000)
    assert (costs.unreported, costs.unexplained) == (1, EXPECTED)
    assert costs.difference == 200_000
    assert costs.reported == costs.expected - costs.unexplained + costs.difference


async def test_a_charged_failure_is_told_apart_and_explains_the_difference(
    core: Core, world: World, reconciliation: Reconciliation
) -> None:
    world.provider.capabilities = replace(world.provider.capabilities, charges_failures=True)
    await core.create()
    await core.work()
    world.provider.now(JobState.FAILED)
    await core.wait(20_000)
    costs = (await compared(reconciliation)).costs
    assert (costs.jobs, costs.expected, costs.unreported) == (1, 0, 0)
    assert (costs.failures, costs.lost, costs.difference) == (1, EXPECTED, EXPECTED)


async def test_what_never_reached_a_provider_costs_nothing(
    core: Core, reconciliation: Reconciliation
) -> None:
    await core.create(number=4)
    await core.work()
    costs = (await compared(reconciliation)).costs
    assert costs.jobs == 2  # as many as there are slots


async def test_what_only_one_side_knows_is_named(
    core: Core, world: World, reconciliation: Reconciliation
) -> None:
    core.clock.advance(300_000)
    await core.create(number=2)
    await core.work()
    core.clock.advance(300_000)
    taken = world.provider.taken
    taken["video_9"] = replace(taken.pop("video_1"), id="video_9")
    found = await compared(reconciliation)
    assert (found.strange, found.missing) == (("video_9",), ("video_1",))


async def test_a_job_of_another_workspace_on_the_same_account_is_not_strange(
    core: Core, reconciliation: Reconciliation
) -> None:
    await core.create()
    await core.create(Person(ELSEWHERE, "max"), place=Place(ELSEWHERE, "studio"))
    await core.work()
    core.clock.advance(300_000)
    found = await compared(reconciliation)
    assert (found.costs.jobs, found.strange, found.missing) == (1, (), ())
    [both] = await reconciliation.compare(None, When.MONTH, BERLIN)
    assert both.costs.jobs == 2


async def test_what_a_provider_took_just_now_is_not_strange_yet(
    core: Core, world: World, reconciliation: Reconciliation
) -> None:
    await core.create()
    await core.work()
    core.clock.advance(300_000)
    known = world.provider.taken["video_1"]
    world.provider.taken["new"] = replace(known, id="new", created_at=core.clock.now())
    assert (await compared(reconciliation)).strange == ()


async def test_a_list_that_is_not_complete_proves_nothing_missing(
    core: Core, world: World, reconciliation: Reconciliation
) -> None:
    world.provider.capabilities = Capabilities(lists=True)
    core.clock.advance(300_000)
    await core.create()
    await core.wait(5_000)
    world.provider.taken.clear()
    found = await compared(reconciliation)
    assert (found.strange, found.missing) == ((), None)


async def test_a_provider_without_a_list_or_without_an_answer_is_told_as_such(
    core: Core, world: World, reconciliation: Reconciliation
) -> None:
    await core.create()
    await core.work()
    world.provider.lists.append(Transient("down"))
    assert not (await compared(reconciliation)).asked
    world.provider.capabilities = Capabilities()
    found = await compared(reconciliation)
    assert (found.asked, found.strange, found.missing) == (True, None, None)


async def test_only_admins_are_told_and_of_their_own_workspace(
    core: Core, reconciliation: Reconciliation
) -> None:
    await core.create()
    await core.work()
    with pytest.raises(NotAllowed):
        await reconciliation.of(ANA, When.MONTH, BERLIN)
    stranger = Person(ELSEWHERE, "eve", admin=True)
    assert await reconciliation.of(stranger, When.MONTH, BERLIN) == ()
