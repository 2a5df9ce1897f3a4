"""Who pays for an order: whoever asks, their channel, or a sponsor of the video."""

from dataclasses import replace

import pytest

from bot.domain import ledger
from bot.domain.jobs import Job, JobState
from bot.domain.ledger import Owner, Pot
from bot.domain.refs import Channel, Tenant
from bot.errors import InvalidInput, NotEnoughCredits, TooFewCredits, TooLate, UnknownThing
from bot.services.orders import Accepted
from bot.services.sponsors import Sponsors
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
    World,
    running,
)
from tests.fakes.deeds import deed

ROOM = Channel(TENANT, "studio", "studio")


async def purse(core: Core, owner: Owner) -> tuple[int, int]:
    async with core.store.reading() as tx:
        return (
            await tx.ledger.balance(ledger.credits_of(owner)),
            await tx.ledger.balance(ledger.held_for(owner)),
        )


async def filled(core: Core, amount: int, channel: Channel = ROOM) -> None:
    await core.credits.grant(deed(interaction=f"fill {channel.id}"), channel, amount)


async def finished(core: Core) -> Job:
    core.world.provider.instant = True
    job = (await core.create(ANA)).jobs[0]
    await core.wait(2_000)
    return await core.job(job.id)


def sponsors(core: Core) -> Sponsors:
    return Sponsors(core.store, core.clock, core.credits, core.videos)


async def remixed(core: Core, video: Job, *, private: bool = False) -> Accepted:
    place = replace(STUDIO, private=private)
    return await core.videos.remix(BEN, place, core.world.new_id(), video.id, "at night")


# --- channels -----------------------------------------------------------------------------


async def test_a_channel_with_credits_pays_for_what_is_asked_for_in_it(core: Core) -> None:
    await filled(core, 200)
    accepted = await core.create(ANA)
    assert (accepted.payer, accepted.left) == (ROOM, 200 - PRICE)
    assert await purse(core, ROOM) == (200 - PRICE, PRICE)
    assert await core.purse(ANA) == (0, 0)


async def test_threads_of_a_channel_are_the_channel(core: Core) -> None:
    await filled(core, 200)
    accepted = await core.create(ANA, place=replace(STUDIO, thread="t1"))
    assert accepted.payer == ROOM


async def test_other_channels_and_workspaces_pay_nothing(core: Core) -> None:
    await filled(core, 200, Channel(TENANT, "garden"))
    async with core.store.transaction() as tx:
        other = Channel(Tenant("web", "other"), "studio")
        await tx.ledger.post(ledger.grant("x", other, 500, "bot", "test:grant", 1))
    assert (await core.create(ANA)).payer is None
    assert await core.purse(ANA) == (ALLOWANCE - PRICE, PRICE)


async def test_a_channel_pays_for_a_whole_order_or_for_nothing_of_it(core: Core) -> None:
    await filled(core, 2 * PRICE - 1)
    assert (await core.create(ANA, number=2)).payer is None
    assert await purse(core, ROOM) == (2 * PRICE - 1, 0)
    assert (await core.create(ANA)).payer == ROOM


async def test_what_is_private_is_never_paid_by_a_channel(core: Core) -> None:
    await filled(core, 500)
    assert (await core.create(ANA, place=replace(STUDIO, private=True))).payer is None
    assert await purse(core, ROOM) == (500, 0)


async def test_what_a_channel_paid_goes_back_to_it_also_after_a_restart(world: World) -> None:
    async with running(world) as core:
        await filled(core, PRICE)
        job = (await core.create(ANA)).jobs[0]
        # Nobody is asked for more in the meantime.
        assert (await core.create(BEN)).payer is None
    async with running(world) as core:
        await core.videos.cancel(ANA, job.id)
        assert await purse(core, ROOM) == (PRICE, 0)
        assert await core.purse(ANA) == (0, 0)
        assert await core.faults() == ()


async def test_a_finished_video_is_spent_from_the_channel(core: Core) -> None:
    await filled(core, 100)
    job = await finished(core)
    assert (job.state, job.payer) == (JobState.DONE, "channel/web/demo/studio")
    assert await purse(core, ROOM) == (100 - PRICE, 0)
    assert await core.kinds(job.id) == ["hold", "settle"]


async def test_the_same_order_twice_is_paid_once_by_the_channel(core: Core) -> None:
    await filled(core, 1000)
    first = await core.create(ANA, interaction="click")
    again = await core.create(ANA, interaction="click")
    assert again.again
    assert (again.payer, again.left) == (first.payer, 1000 - PRICE)


async def test_somebody_without_credits_can_order_where_a_channel_pays(core: Core) -> None:
    dear = replace(KITE, seconds=12)
    await core.create(ANA, dear, number=4)
    for _ in range(20):
        try:
            await core.create(ANA)
        except NotEnoughCredits:
            break
    left, held = await core.purse(ANA)
    assert left < PRICE
    await filled(core, PRICE)
    assert (await core.create(ANA)).payer == ROOM
    assert await core.purse(ANA) == (left, held)


# --- sponsors -----------------------------------------------------------------------------


async def test_a_sponsor_pays_for_remixes_of_the_whole_family_up_to_the_cap(core: Core) -> None:
    root = await finished(core)
    put = await sponsors(core).sponsor(ANA, root.id, 2 * PRICE, "put")
    assert (put.root, put.inside, put.left) == (root.id, 2 * PRICE, ALLOWANCE - 3 * PRICE)
    first = await remixed(core, root)
    await core.wait(2_000)
    second = await remixed(core, first.jobs[0])
    third = await remixed(core, root)
    assert (first.payer, second.payer, third.payer) == (ANA, ANA, None)
    assert first.payer is not None
    assert getattr(first.payer, "name", "") == "Ana"
    assert (first.left, second.left) == (PRICE, 0)
    assert await core.purse(BEN) == (ALLOWANCE - PRICE, PRICE)
    assert await core.faults() == ()


async def test_a_sponsor_pays_before_the_channel_and_only_for_remixes(core: Core) -> None:
    root = await finished(core)
    await sponsors(core).sponsor(ANA, root.id, 500, "put")
    await filled(core, 500)
    assert (await core.create(BEN)).payer == ROOM
    assert (await remixed(core, root)).payer == ANA


async def test_of_two_sponsors_the_first_pays_while_it_covers_the_order(core: Core) -> None:
    root = await finished(core)
    await sponsors(core).sponsor(MARA, root.id, PRICE, "one")
    await sponsors(core).sponsor(ANA, root.id, PRICE, "two")
    payers = [(await remixed(core, root)).payer for _ in range(3)]
    assert payers == [MARA, ANA, None]


async def test_what_failed_goes_back_into_the_pot(core: Core, world: World) -> None:
    root = await finished(core)
    await sponsors(core).sponsor(ANA, root.id, PRICE, "put")
    world.provider.instant = False
    job = (await remixed(core, root)).jobs[0]
    pot = Pot(TENANT, root.id, "ana")
    assert await purse(core, pot) == (0, PRICE)
    await core.videos.cancel(BEN, job.id)
    await core.wait(2_000)
    assert await purse(core, pot) == (PRICE, 0)


async def test_a_sponsor_takes_back_what_is_left(core: Core) -> None:
    root = await finished(core)
    before = await core.purse(ANA)
    await sponsors(core).sponsor(ANA, root.id, 300, "put")
    await sponsors(core).sponsor(ANA, root.id, 300, "put")
    back = await sponsors(core).sponsor(ANA, root.id, 0, "back")
    assert (back.moved, back.inside) == (-300, 0)
    assert await core.purse(ANA) == before
    assert (await sponsors(core).sponsor(ANA, root.id, 0, "again")).moved == 0


async def test_nobody_takes_back_what_others_put_in(core: Core) -> None:
    root = await finished(core)
    await sponsors(core).sponsor(ANA, root.id, 300, "put")
    assert (await sponsors(core).sponsor(BEN, root.id, 0, "back")).moved == 0
    assert await purse(core, Pot(TENANT, root.id, "ana")) == (300, 0)


async def test_nobody_sponsors_more_than_they_have(core: Core) -> None:
    root = await finished(core)
    with pytest.raises(TooFewCredits) as refused:
        await sponsors(core).sponsor(BEN, root.id, ALLOWANCE + 1, "put")
    assert refused.value.available == ALLOWANCE
    with pytest.raises(InvalidInput):
        await sponsors(core).sponsor(BEN, root.id, -5, "put")


async def test_only_finished_videos_of_the_workspace_can_be_sponsored(core: Core) -> None:
    waiting = (await core.create(ANA)).jobs[0]
    with pytest.raises(TooLate):
        await sponsors(core).sponsor(ANA, waiting.id, 10, "put")
    root = await finished(core)
    with pytest.raises(UnknownThing):
        await sponsors(core).sponsor(
            replace(ANA, tenant=Tenant("web", "other")), root.id, 10, "put"
        )


async def test_a_retry_of_a_sponsored_remix_is_sponsored_too(core: Core, world: World) -> None:
    root = await finished(core)
    await sponsors(core).sponsor(ANA, root.id, PRICE, "put")
    world.provider.instant = False
    job = (await remixed(core, root)).jobs[0]
    await core.videos.cancel(BEN, job.id)
    await core.wait(2_000)
    again = await core.videos.retry(BEN, STUDIO, "again", job.id)
    assert again.payer == ANA


# --- the head of a thread -----------------------------------------------------------------


async def head_of(core: Core, root: Job) -> str:
    await core.wait(5_000)
    return core.world.chat.posts[f"banner/{root.id}"].text


async def test_the_head_of_a_thread_tells_who_pays_and_what_is_left_of_it(core: Core) -> None:
    root = await finished(core)
    await remixed(core, root)
    assert "1 version finished · each remix is charged to who asks" in await head_of(core, root)
    await sponsors(core).sponsor(ANA, root.id, 2 * PRICE, "put")
    await sponsors(core).sponsor(MARA, root.id, PRICE, "put too")
    assert (
        "1 version finished · @Ana pays up to 160 credits more · @Mara pays up to 80 credits more"
        " · then each remix is charged to who asks for it"
    ) in await head_of(core, root)
    await remixed(core, root)
    assert "@Ana pays up to 80 credits more" in await head_of(core, root)
    await sponsors(core).sponsor(ANA, root.id, 0, "back")
    assert "· @Mara pays up to 80" in await head_of(core, root)
    assert "@Ana pays" not in await head_of(core, root)


async def test_the_head_of_a_thread_knows_what_a_remix_elsewhere_took(core: Core) -> None:
    root = await finished(core)
    await sponsors(core).sponsor(ANA, root.id, 3 * PRICE, "put")
    await remixed(core, root)
    assert "@Ana pays up to 160 credits more" in await head_of(core, root)
    await remixed(core, root, private=True)
    assert "@Ana pays up to 80 credits more" in await head_of(core, root)
    assert "2 versions" not in await head_of(core, root)


async def test_a_sponsor_opens_no_thread_before_there_is_a_remix(core: Core) -> None:
    root = await finished(core)
    await sponsors(core).sponsor(ANA, root.id, PRICE, "put")
    await core.wait(5_000)
    assert f"banner/{root.id}" not in core.world.chat.posts
