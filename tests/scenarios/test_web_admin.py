"""Admins in the web chat: what they type, and what everybody else finds there."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from adapters.web.platform import PEOPLE, TENANT
from bot.commands.grammar import GRAMMAR, Right
from bot.domain.messages import plain
from bot.domain.refs import Person
from tests.fakes.core import ALLOWANCE, Core, World, running
from tests.fakes.web_life import STUDIO, WebLife, in_channel, on_the_web, told, words

ANA, BEN, MARA = PEOPLE


@pytest.fixture
async def life(tmp_path: Path) -> AsyncGenerator[WebLife]:
    """The real core and the real chat, with a backend of ours."""
    async with running(World(tmp_path)) as core:
        yield await on_the_web(core)


async def cards(life: WebLife, core: Core, viewer: Person) -> list[str]:
    """What stands in the channel, as somebody finds it."""
    await core.wait(15_000)
    return [words(message) for message in await in_channel(life, viewer)]


async def test_a_pause_holds_back_what_is_ordered_and_a_resume_sends_it(
    life: WebLife,
) -> None:
    core = life.core
    assert "Paused: sora-2" in await told(life, MARA, "/sora-admin pause sora-2 trouble")
    await told(life, ANA, "a kite")
    shown = await cards(life, core, BEN)
    assert any("Paused by an admin (“trouble”)" in card for card in shown)
    assert core.world.provider.posts == 0
    await told(life, MARA, "/sora-admin resume sora-2")
    shown = await cards(life, core, BEN)
    assert not any("Paused" in card for card in shown)
    assert core.world.provider.posts == 1


async def test_a_stop_ends_what_runs_and_pays_it_back(life: WebLife) -> None:
    for prompt in ("a kite", "a boat", "a cloud"):
        await told(life, ANA, prompt)
    await life.work()
    said = await told(life, MARA, "/sora-admin stop all far too dear")
    assert "1 waiting job cancelled" in said
    assert "2 already sent are asked to stop" in said
    await life.wait(5_000)
    assert await life.core.purse(ANA) == (ALLOWANCE, 0)
    assert "“far too dear”" in await told(life, ANA, "a moon")
    assert len(await life.jobs()) == 3


async def test_a_blocked_person_looks_and_orders_nothing(life: WebLife) -> None:
    await told(life, MARA, "/sora-admin block ben too many kites")
    assert "An admin has blocked @Ben" in await told(life, BEN, "a kite")
    assert "credits to spend" in await told(life, BEN, "/sora quota")
    await told(life, MARA, "/sora-admin unblock Ben")
    assert "80 credits held" in await told(life, BEN, "a kite")


async def test_a_member_is_refused_and_an_admin_reads_of_it(life: WebLife) -> None:
    await told(life, BEN, "a kite")
    for line in ("stop", "pause", "drain", "resume", "jobs", "audit", "block @ben", "unblock @ben"):
        refusal = await told(life, ANA, f"/sora-admin {line}")
        assert refusal.startswith("Only an admin of this workspace can do that.")
    await life.work()
    assert life.core.world.provider.posts == 1
    assert "80 credits held" in await told(life, BEN, "a boat")
    shown = await told(life, MARA, "/sora-admin audit @ana")
    assert shown.count("tried") == 8
    assert "@Ana · tried block · @Ben · refused: not an admin" in shown
    assert "a boat" in await told(life, MARA, "/sora-admin jobs @ben")


async def test_a_member_is_refused_every_verb_of_admins_and_is_on_record(
    life: WebLife,
) -> None:
    lines = [line for verb in GRAMMAR if verb.right is Right.ADMIN for line in verb.examples]
    for line in lines:
        refusal = await told(life, ANA, line)
        assert refusal.startswith("Only an admin of this workspace can do that."), line
    async with life.core.store.reading() as tx:
        assert len(await tx.audit.newest(TENANT, 1_000)) == len(lines)


async def test_a_budget_holds_and_is_told_of_where_the_admin_chose(life: WebLife) -> None:
    assert "Alerts go to" in await told(life, MARA, "/sora-admin settings alerts here")
    await told(life, MARA, "/sora-admin budget set 1 per month")
    await told(life, BEN, "a kite")
    assert "The budget of this workspace for this month" in await told(life, ANA, "a boat")
    shown = await cards(life, life.core, MARA)
    assert [text.split(" %")[0] for text in shown if "of the budget is spent" in text] == [
        "50",
        "75",
    ]


async def test_an_admin_reads_what_was_made_as_lines_and_as_a_picture(
    life: WebLife,
) -> None:
    await told(life, BEN, "a kite")
    reply = (await life.chat.type(MARA, STUDIO, "/sora-admin report")).reply
    assert "1 video, 8 seconds · 80 credits · $0.80" in plain(reply.message.lines[0])
    (picture,) = reply.message.attachments
    assert picture.is_picture
    file = (await life.chat.type(MARA, STUDIO, "/sora-admin credits export")).reply
    assert file.message.attachments[0].name == "ledger.csv"
