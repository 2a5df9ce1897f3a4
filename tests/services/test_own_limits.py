"""Accounts with limits of their own: each is held to its own, and to no other's."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.gates import Limits, Style
from bot.domain.jobs import JobState
from bot.errors import ConcurrencyLimited
from bot.services.line import Allowed
from bot.services.views import Outlook
from tests.fakes.backups import BACKUP, FIRST, side_by_side
from tests.fakes.core import KITE, Core, Options, World, running
from tests.fakes.provider import FakeProvider

SPARE = replace(KITE, model="spare")
MINUTE = 60_000


def own(world: World, usual: Allowed, spare: Limits) -> Options:
    """All accounts take what is `usual`, the backup takes what `spare` says."""
    return side_by_side(world, allowed=replace(usual, own={BACKUP.gate: spare}), allowance=100_000)


async def ordered(core: Core, number: int) -> None:
    """So many of each account, and all that is due."""
    for _ in range(number):
        await core.create()
        await core.create(spec=SPARE)
    await core.work()


def backup(world: World) -> FakeProvider:
    return world.others["backup"]


async def test_each_account_renders_as_many_at_once_as_it_may(world: World) -> None:
    async with running(world, own(world, Allowed(slots=1), Limits(slots=3))) as core:
        await ordered(core, 5)
        await core.wait(30_000)
        assert (world.provider.posts, backup(world).posts) == (1, 3)
        world.provider.finish()
        backup(world).finish()
        await core.wait(30_000)
        assert (world.provider.posts, backup(world).posts) == (2, 5)


async def test_each_account_is_sent_as_many_a_minute_as_it_takes(world: World) -> None:
    usual = Allowed(slots=9, per_minute=1, style=Style.WINDOW)
    spare = Limits(slots=9, per_minute=4, style=Style.WINDOW)
    async with running(world, own(world, usual, spare)) as core:
        await ordered(core, 5)
        await core.wait(MINUTE - 5_000)
        assert (world.provider.posts, backup(world).posts) == (1, 4)
        await core.wait(10_000)
        assert (world.provider.posts, backup(world).posts) == (2, 5)


async def test_what_a_backend_teaches_narrows_its_own_limit_alone(world: World) -> None:
    async with running(world, own(world, Allowed(slots=2), Limits(slots=3))) as core:
        await ordered(core, 1)
        backup(world).refuse.append(ConcurrencyLimited("too many"))
        await ordered(core, 4)
        await core.wait(30_000)
        taken = len(backup(world).taken)
        assert (len(world.provider.taken), taken) == (2, 1)
        async with core.store.reading() as tx:
            first, spare = await tx.gates.get(FIRST.gate), await tx.gates.get(BACKUP.gate)
        assert first is not None
        assert spare is not None
        assert (first.slots, spare.slots) == (None, 1)


async def test_cards_foretell_with_the_limits_of_the_account(world: World) -> None:
    usual = Allowed(slots=9, per_minute=1, style=Style.WINDOW)
    spare = Limits(slots=9, per_minute=2, style=Style.WINDOW)
    async with running(world, own(world, usual, spare)) as core:
        await ordered(core, 4)
        now = core.clock.now()
        async with core.store.reading() as tx:
            outlook = Outlook(tx, core.horizon, now)
            waiting = await tx.jobs.in_state(frozenset({JobState.WAITING}), 1000)
            views = [(job.spec.model, await outlook.view(job)) for job in waiting]
        last = {
            model: max(view.starts_at or 0 for name, view in views if name == model) - now
            for model in ("sora-2", "spare")
        }
        assert 2 * MINUTE <= last["sora-2"] < 4 * MINUTE
        assert MINUTE <= last["spare"] < 2 * MINUTE
