"""The bot proves its books by itself, and tells of each fault once a day."""

from collections.abc import AsyncIterator, Sequence

import pytest
from sqlalchemy import text

from bot.domain.checks import Fault
from bot.domain.jobs import JobState
from bot.domain.refs import Person, Place, Tenant
from bot.domain.workspaces import Choice
from bot.errors import AmbiguousSubmit, RateLimited
from bot.services.line import Allowed
from bot.services.scheduler import Scheduler
from bot.services.selfcheck import INTERVAL, SelfCheck, to_admins
from storage.store import SqlStore
from tests.fakes.core import ANA, BEN, TENANT, Core, Options, World, running

DAY = 86_400_000
ELSEWHERE = Tenant("web", "other")


class Told:
    """Admins who listen."""

    def __init__(self) -> None:
        self.heard: list[tuple[Tenant, list[str]]] = []

    async def __call__(self, tenant: Tenant, faults: Sequence[Fault]) -> None:
        self.heard.append((tenant, [fault.key for fault in faults]))


async def spoil(core: Core, *statements: str) -> None:
    assert isinstance(core.store, SqlStore)
    async with core.store.database.writing() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def test_a_day_with_everything_in_it_leaves_the_books_whole(core: Core, world: World) -> None:
    check = SelfCheck(core.store, core.clock)
    world.provider.lose.append(AmbiguousSubmit("cut"))
    world.provider.refuse.append(RateLimited())
    await core.create(number=2)
    await core.create(BEN)
    assert await check.faults() == ()
    await core.work()
    assert await check.faults() == ()
    world.provider.now(JobState.MODERATED)
    await core.wait(30_000)
    cancelled = (await core.create()).jobs[0]
    await core.videos.cancel(ANA, cancelled.id)
    world.provider.instant = True
    await core.create(BEN, number=2)
    await core.wait(30_000)
    assert await check.faults() == ()


@pytest.fixture
async def still(world: World) -> AsyncIterator[Core]:
    """A core in which nothing moves by itself."""
    async with running(world, Options(allowed=Allowed(slots=0))) as core:
        yield core


async def unbalance(core: Core, account: str) -> None:
    await spoil(core, f"UPDATE accounts SET balance = 1 WHERE name = '{account}'")  # noqa: S608 - our own word


async def test_each_fault_is_told_once_a_day_to_its_own_workspace(still: Core) -> None:
    told = Told()
    check = SelfCheck(still.store, still.clock, told)
    await still.create()
    stranger = Person(ELSEWHERE, "max", "Max")
    await still.create(stranger, place=Place(ELSEWHERE, "studio"))
    await unbalance(still, f"person/{ANA.key}")
    await unbalance(still, f"person/{stranger.key}")
    assert len(await check.run()) == 2
    assert told.heard == [
        (TENANT, [f"balance/person/{ANA.key}"]),
        (ELSEWHERE, [f"balance/person/{stranger.key}"]),
    ]
    await check.run()
    assert len(told.heard) == 2
    await unbalance(still, f"held/{ANA.key}")
    await check.run()
    assert told.heard[2:] == [(TENANT, [f"balance/held/{ANA.key}"])]
    still.clock.advance(DAY)
    await check.run()
    assert len(told.heard) == 5
    await spoil(
        still,
        "UPDATE accounts SET balance = "
        "(SELECT coalesce(sum(amount), 0) FROM entries WHERE account = accounts.name)",
    )
    assert await check.run() == ()


async def test_a_report_that_did_not_get_through_is_made_again(still: Core) -> None:
    told = Told()

    async def broken(tenant: Tenant, faults: Sequence[Fault]) -> None:
        await told(tenant, faults)
        if len(told.heard) == 1:
            raise OSError("no way")

    check = SelfCheck(still.store, still.clock, broken)
    await still.create()
    await unbalance(still, f"person/{ANA.key}")
    with pytest.raises(OSError, match="no way"):
        await check.run()
    await check.run()
    assert len(told.heard) == 2


async def test_a_chore_is_done_at_the_start_and_at_each_interval(core: Core) -> None:
    done: list[int] = []

    async def chore() -> None:
        done.append(core.clock.now())

    scheduler = Scheduler(core.kit, core.wakeups, core.worker, core.line, core.credits)
    scheduler.also("books", INTERVAL, chore)
    await scheduler.start()
    interval, wake = core.wakeups.repeating["books"]
    await wake("books")
    await scheduler.stop(1)
    assert interval == INTERVAL
    assert len(done) == 2


async def test_admins_read_of_it_in_their_channel_once_a_day_also_after_a_restart(
    still: Core,
) -> None:
    async with still.store.transaction() as tx:
        await tx.workspaces.choose(TENANT, Choice.ALERTS, "admins")
    await still.create()
    await unbalance(still, f"person/{ANA.key}")
    for _ in range(2):  # two lives of the bot
        report = to_admins(still.store, still.notices, still.clock)
        await SelfCheck(still.store, still.clock, report).run()
    await still.work()
    posted = [post for key, post in still.world.chat.posts.items() if key.startswith("notice/")]
    assert len(posted) == 1
    assert f"person/{ANA.key}: the balance is 1, its entries add up to 1,920" in posted[0].text
