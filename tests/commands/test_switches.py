"""Holding back and letting go, in the words of admins and of those who wait."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.domain.jobs import JobState
from tests.fakes.core import ANA, BEN, MARA
from tests.fakes.typist import Typist, words

ANSWERS: Mapping[str, str] = {
    "pause sora-2 the provider has trouble": (
        "Paused: sora-2 · Orders are taken, and none is sent: 2 waiting jobs held back, "
        "0 already sent will go on. Go on with /sora-admin resume sora-2"
    ),
    "drain": (
        "Draining: everything · No order is taken; what was accepted is made: 2 waiting jobs, "
        "0 already sent. Go on with /sora-admin resume"
    ),
    "stop all far too dear": (
        "Stopped: everything · No order is taken and none is sent. 2 waiting jobs cancelled, "
        "the credits are back; 0 already sent are asked to stop. Go on with /sora-admin resume"
    ),
}


@pytest.mark.parametrize("line, answer", ANSWERS.items())
async def test_an_admin_is_told_what_it_does_and_how_to_go_on(
    chat: Typist, line: str, answer: str
) -> None:
    await chat.says("a kite x2")
    assert words(await chat.says(f"/sora-admin {line}", MARA)) == answer


async def test_a_paused_order_says_so_at_once_and_in_every_list(chat: Typist) -> None:
    await chat.says("/sora-admin pause all back at noon", MARA)
    accepted = words(await chat.says("a kite"))
    assert "80 credits held" in accepted
    paused = "Paused by an admin (“back at noon”) · 1st in line · its credits stay held"
    assert paused in accepted
    assert paused in words(await chat.says("/sora status"))
    assert "1st in line, paused by an admin · @Ana" in words(await chat.says("/sora queue"))


@pytest.mark.parametrize(
    "line, refusal",
    [
        (
            "drain",
            "The bot takes no orders for now: an admin lets the line run empty. Try again later.",
        ),
        (
            "stop sora-2 too dear",
            (
                "The bot takes no orders for sora-2 for now: an admin stopped it (“too dear”). "
                "Try another model, or again later."
            ),
        ),
    ],
)
async def test_who_orders_meanwhile_is_told_why_not(chat: Typist, line: str, refusal: str) -> None:
    await chat.says(f"/sora-admin {line}", MARA)
    reply = await chat.says("a kite")
    assert reply.refused
    assert words(reply) == f"{refusal} Nothing was started or charged."
    assert await chat.core.purse() == (0, 0)


async def test_resuming_tells_what_goes_on_and_what_is_still_held_back(chat: Typist) -> None:
    await chat.says("/sora-admin pause", MARA)
    await chat.says("/sora-admin drain sora-2-pro too dear", MARA)
    await chat.says("a kite")
    assert words(await chat.says("/sora-admin resume", MARA)).splitlines() == [
        "Resumed: everything · 1 job in line.",
        "Still in force: drain of sora-2-pro (“too dear”)",
    ]
    assert words(await chat.says("/sora-admin resume", MARA)).splitlines() == [
        "Nothing was held back for everything.",
        "Still in force: drain of sora-2-pro (“too dear”)",
    ]


async def test_a_misspelt_name_holds_back_nothing(chat: Typist) -> None:
    reply = await chat.says("/sora-admin stop sora2 too dear", MARA)
    assert words(reply).startswith("What cannot be “sora2”. Possible: all, simulator")
    job = (await chat.says("a kite")).jobs[0]
    assert await chat.core.state(job) is JobState.WAITING


async def test_stopping_by_a_member_stops_nothing(chat: Typist) -> None:
    job = (await chat.says("a kite", ANA)).jobs[0]
    for verb in ("pause", "drain", "stop", "resume"):
        assert (await chat.says(f"/sora-admin {verb}", BEN)).refused
    assert await chat.core.state(job) is JobState.WAITING
    assert not (await chat.says("a kite", ANA)).refused


async def test_what_was_switched_is_on_record(chat: Typist) -> None:
    await chat.says("/sora-admin pause sora-2 trouble", MARA)
    await chat.says("/sora-admin stop sora-2 more trouble", MARA)
    await chat.says("/sora-admin resume sora-2", MARA)
    shown = words(await chat.says("/sora-admin audit", MARA)).splitlines()
    assert [line.rpartition(" · ")[0] for line in shown] == [
        "@Mara · resume · model:sora-2: stop → none",
        "@Mara · stop · model:sora-2: pause → stop · “more trouble”",
        "@Mara · pause · model:sora-2: pause · “trouble”",
    ]
