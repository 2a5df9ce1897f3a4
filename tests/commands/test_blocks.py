"""Who is blocked looks and spends nothing; what they ordered before is in the admins' hands."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.jobs import JobState
from bot.domain.refs import Place, Tenant
from bot.errors import Blocked, NotAllowed
from bot.services.blocks import Blocks
from bot.services.orders import CreateRequest
from tests.fakes.core import ANA, BEN, KITE, MARA, STUDIO
from tests.fakes.deeds import deed
from tests.fakes.typist import Typist, words

BLOCK = "/sora-admin block @ben too many kites"
REFUSAL = (
    "An admin has blocked @Ben from ordering and from showing videos to others, "
    "because of this: “too many kites”. Looking still works. "
    "An admin of this workspace can lift it. Nothing was started or charged."
)
PRIVATE = replace(STUDIO, private=True)


async def with_a_video_and_a_failure(chat: Typist) -> tuple[str, str]:
    """Ben's: one job that is done, and one that he cancelled."""
    chat.core.world.provider.instant = True
    done = (await chat.says("a kite", BEN)).jobs[0]
    await chat.core.wait(5_000)
    chat.core.world.provider.instant = False
    ended = (await chat.says("a boat", BEN)).jobs[0]
    await chat.says(f"/sora cancel {ended}", BEN)
    await chat.core.wait(5_000)
    assert await chat.core.state(done) is JobState.DONE
    assert await chat.core.state(ended) is JobState.CANCELLED
    return done, ended


async def test_a_blocked_person_is_told_that_an_admin_did_it_and_why(chat: Typist) -> None:
    reply = await chat.says(BLOCK, MARA)
    assert words(reply) == (
        "@Ben can look but order nothing from now on. They have no jobs on the way. "
        "Lift it: /sora-admin unblock @Ben"
    )
    refused = await chat.says("a kite", BEN)
    assert refused.refused
    assert words(refused) == REFUSAL
    assert await chat.core.purse(BEN) == (0, 0)
    assert not (await chat.says("a kite", ANA)).refused


async def test_nothing_that_spends_works_for_a_blocked_person(busy_chat: Typist) -> None:
    done, ended = await with_a_video_and_a_failure(busy_chat)
    purse = await busy_chat.core.purse(BEN)
    await busy_chat.says(BLOCK, MARA)
    pressed = [
        await busy_chat.presses("again", {"job": done}, BEN),
        await busy_chat.presses("remix", {"job": done, "prompt": "at night"}, BEN),
        await busy_chat.presses("retry", {"job": ended}, BEN),
        await busy_chat.presses("show", {"job": done}, BEN),
        await busy_chat.presses("sponsor", {"job": done, "credits": "50"}, BEN),
        await busy_chat.presses("give", {"person": "ana", "amount": "50"}, BEN),
    ]
    assert {words(reply) for reply in pressed} == {REFUSAL}
    assert await busy_chat.core.purse(BEN) == purse


async def test_a_blocked_person_still_looks(busy_chat: Typist) -> None:
    done, _ = await with_a_video_and_a_failure(busy_chat)
    await busy_chat.says(BLOCK, MARA)
    for line in ("status", f"status {done}", "jobs", "queue", "quota", "help"):
        assert not (await busy_chat.says(f"/sora {line}", BEN)).refused
    shown = await busy_chat.says(f"/sora show {done}", BEN, PRIVATE)
    assert not shown.refused


async def test_what_was_ordered_before_goes_on_and_an_admin_can_stop_it(chat: Typist) -> None:
    job = (await chat.says("a kite x2", BEN)).jobs[0]
    assert words(await chat.says(BLOCK, MARA)) == (
        "@Ben can look but order nothing from now on. 2 jobs of theirs go on: "
        "/sora-admin jobs @Ben, stop one with /sora cancel."
    )
    assert await chat.core.state(job) is JobState.WAITING
    assert words(await chat.says(f"/sora cancel {job}", MARA)).startswith("Cancelled")


async def test_an_order_that_was_taken_before_the_block_is_still_that_order(chat: Typist) -> None:
    await chat.says("a kite", BEN, interaction="click")
    await chat.says(BLOCK, MARA)
    again = await chat.says("a kite", BEN, interaction="click")
    assert words(again).startswith("This request is already on its way")


async def test_an_unblocked_person_orders_again(chat: Typist) -> None:
    await chat.says(BLOCK, MARA)
    assert words(await chat.says("/sora-admin unblock @ben", MARA)) == "@Ben can order again."
    assert not (await chat.says("a kite", BEN)).refused
    assert words(await chat.says("/sora-admin unblock @ben", MARA)) == "@Ben was not blocked."


async def test_an_admin_cannot_block_themself(chat: Typist) -> None:
    reply = await chat.says("/sora-admin block @mara", MARA)
    assert words(reply) == (
        "Person cannot be “@Mara”. Possible: somebody else than you. "
        "Nothing was started or charged."
    )
    assert not (await chat.says("a kite", MARA)).refused


async def test_a_block_of_another_workspace_is_none_here(chat: Typist) -> None:
    elsewhere = Tenant("web", "other")
    blocks = Blocks(chat.core.store, chat.core.clock)
    await blocks.block(deed(replace(MARA, tenant=elsewhere)), replace(BEN, tenant=elsewhere))
    assert not (await chat.says("a kite", BEN)).refused
    eve = replace(BEN, tenant=elsewhere)
    assert (await chat.says("a kite", eve, Place(elsewhere, "studio"))).refused


async def test_the_services_themselves_are_for_admins(chat: Typist) -> None:
    blocks = Blocks(chat.core.store, chat.core.clock)
    with pytest.raises(NotAllowed):
        await blocks.block(deed(BEN), ANA)
    with pytest.raises(NotAllowed):
        await blocks.unblock(deed(BEN), BEN)
    assert not (await chat.says("a kite", ANA)).refused


async def test_orders_that_race_with_a_block_are_whole_or_refused(chat: Typist) -> None:
    blocks = Blocks(chat.core.store, chat.core.clock)
    orders = [
        chat.core.videos.create(CreateRequest(BEN, STUDIO, f"click {n}", KITE)) for n in range(5)
    ]
    more = [
        chat.core.videos.create(CreateRequest(BEN, STUDIO, f"later {n}", KITE)) for n in range(5)
    ]
    came = await asyncio.gather(*orders, blocks.block(deed(), BEN), *more, return_exceptions=True)
    accepted = [one for one in came if not isinstance(one, BaseException | int)]
    assert came[5] == len(accepted)
    assert all(isinstance(one, Blocked) for one in came if isinstance(one, BaseException))
    assert await chat.core.faults() == ()
