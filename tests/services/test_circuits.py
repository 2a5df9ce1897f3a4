"""An account in trouble is left alone; who waits for it loses nothing, and hears why."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.domain.circuits import LEASE, OPENS_AFTER, Circuit, Trouble
from bot.domain.jobs import JobState
from bot.domain.workspaces import Choice
from bot.errors import BadCredentials, Billing, Moderated, ProviderError, Transient
from bot.services.switches import Switches
from tests.fakes.core import ALLOWANCE, PRICE, Core, Options, World, running
from tests.fakes.deeds import deed

S = JobState
GATE = "simulator/default"
FAULT = Transient("no connection")


async def ordered(core: Core, number: int = 1) -> list[str]:
    return [job.id for job in (await core.create(number=number)).jobs]


async def circuit(core: Core) -> Circuit:
    async with core.store.reading() as tx:
        return await tx.circuits.get(GATE)


async def down(core: Core, errors: Sequence[ProviderError] = (FAULT,) * OPENS_AFTER) -> str:
    """One job meets these errors, one after the other; its id."""
    core.world.provider.refuse.extend(errors)
    (job,) = await ordered(core)
    while core.world.provider.refuse:
        await core.wait(1_000)
    return job


def card(world: World, job: str) -> str:
    return world.chat.posts[f"card/{job}"].text


async def test_after_faults_in_a_row_nothing_is_sent_and_who_waits_loses_no_try(
    core: Core, world: World
) -> None:
    await down(core)
    late = await ordered(core, 2)
    await core.wait(20_000)
    assert world.provider.posts == OPENS_AFTER
    for job in late:
        assert ((await core.job(job)).state, (await core.job(job)).tries) == (S.WAITING, 0)
    assert await core.purse() == (ALLOWANCE - 3 * PRICE, 3 * PRICE)
    assert "The provider does not answer as it should · next try" in card(world, late[0])
    assert "in line · 80 credits stay held" in card(world, late[0])


async def test_one_create_finds_out_that_it_is_well_again_and_then_all_go(
    core: Core, world: World
) -> None:
    jobs = [await down(core), *await ordered(core)]
    await core.wait(60_000)
    await core.sweep()
    assert world.provider.posts == OPENS_AFTER + 2
    assert await circuit(core) == Circuit(GATE)
    assert [await core.state(job) for job in jobs] == [S.QUEUED, S.QUEUED]


async def test_while_one_create_finds_out_nobody_else_is_sent(world: World) -> None:
    async with running(world) as core:
        await down(core)
        await ordered(core, 3)
        await core.work()
        core.clock.advance(60_000)
        passed = await core.line.let_through(GATE)
        assert len(passed.jobs) == 1
        assert (await core.line.let_through(GATE)).jobs == ()
        core.clock.advance(LEASE)
        assert len((await core.line.let_through(GATE)).jobs) == 1


async def test_a_good_answer_in_between_starts_the_count_anew(core: Core, world: World) -> None:
    refusals = [*[FAULT] * (OPENS_AFTER - 1), Moderated("no"), *[FAULT] * (OPENS_AFTER - 1)]
    world.provider.refuse.extend(refusals)
    await ordered(core, 2)
    await core.wait(120_000)
    assert world.provider.posts > OPENS_AFTER + 1
    assert (await circuit(core)).trouble is None


@pytest.mark.parametrize(
    "error, words",
    [
        (Billing("pay"), "The bot’s account at the provider is out of money · admins are told"),
        (BadCredentials("no"), "The provider does not accept the bot’s key · admins are told"),
    ],
)
async def test_what_an_admin_must_mend_stops_everything_and_tells_them_once(
    core: Core, world: World, error: ProviderError, words: str
) -> None:
    await core.workspaces.choose(deed(), Choice.ALERTS, "office")
    await down(core, [error])
    waiting = await ordered(core, 2)
    await core.wait(10_000)
    assert words in card(world, waiting[0])
    # Those that try it now and then meet the same, and tell nobody again.
    world.provider.refuse.extend([error] * 3)
    await core.wait(300_000)
    notices = [post for key, post in world.chat.posts.items() if key.startswith("notice/")]
    assert len(notices) == 1
    assert "/sora-admin resume simulator" in notices[0].text
    assert [await core.state(job) for job in waiting] == [S.WAITING, S.WAITING]
    assert {(await core.job(job)).tries for job in waiting} == {0}


async def test_who_tries_an_account_out_of_money_in_vain_goes_on_waiting(
    core: Core, world: World
) -> None:
    await down(core, [Billing("pay")])
    (job,) = await ordered(core)
    world.provider.refuse.append(Billing("pay"))
    await core.wait(40_000)
    assert world.provider.posts == 2
    assert await core.state(job) is S.WAITING
    assert [one.outcome for one in await core.attempts(job)] == ["Billing"]
    await core.wait(120_000)
    assert await core.state(job) is S.QUEUED


async def test_an_admin_who_resumes_has_the_next_order_try_it_at_once(
    core: Core, world: World
) -> None:
    await down(core, [Billing("pay")])
    (job,) = await ordered(core)
    await core.work()
    switches = Switches(core.store, core.clock, core.moves, core.videos.shop)
    resumed = await switches.resume(deed(), "simulator")
    await core.work()
    assert resumed.tried == (GATE,)
    assert await core.state(job) is S.QUEUED
    assert (await circuit(core)).trouble is None


async def test_an_open_circuit_outlives_a_restart(world: World, store_url: str) -> None:
    world.database = store_url
    async with running(world) as core:
        await down(core)
        assert (await circuit(core)).trouble is Trouble.FAULTS
    async with running(world) as core:
        (job,) = await ordered(core)
        await core.work()
        assert world.provider.posts == OPENS_AFTER
        assert await core.state(job) is S.WAITING


async def test_two_processes_let_one_create_through_between_them(
    world: World, store_url: str
) -> None:
    world.database = store_url
    async with running(world, Options()) as core:
        await down(core)
        await ordered(core, 3)
        await core.work()
        core.clock.advance(60_000)
        other = Core(world, core.store, Options())
        passed = [await one.line.let_through(GATE) for one in (core, other)]
        assert sum(len(one.jobs) for one in passed) == 1


async def test_cards_tell_when_an_account_is_well_again(core: Core, world: World) -> None:
    await down(core)
    jobs = await ordered(core, 3)
    await core.wait(10_000)
    assert "does not answer" in card(world, jobs[2])
    await core.wait(60_000)
    assert "does not answer" not in card(world, jobs[2])
