"""The best of each week is told once, on Monday, and only where there is something to tell."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from bot.domain.messages import plain
from bot.domain.workspaces import Choice
from bot.services.digest import Digest
from tests.fakes.core import ANA, BEN, TENANT, Core, World, running
from tests.fakes.typist import BERLIN

HOUR = 3_600_000
DAY = 24 * HOUR


def digest(core: Core) -> Digest:
    return Digest(core.store, core.clock, core.workspaces, core.notices)


async def told(core: Core) -> list[str]:
    """The messages about a week that stand in the chat, as bare text."""
    await core.wait(2_000)
    shown = (post.message.lines for post in core.world.chat.posts.values())
    texts = ["\n".join(map(plain, lines)) for lines in shown]
    return [text for text in texts if "best of last week" in text]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One whose backend needs no time, on a Wednesday in Berlin."""
    world = World(tmp_path)
    world.provider.instant = True
    until(world, "2030-05-15T12:00")
    return world


def until(world: World, moment: str) -> None:
    """Let the clock say a local time in Berlin."""
    at = int(datetime.fromisoformat(moment).replace(tzinfo=BERLIN).timestamp() * 1000)
    world.clock.advance(at - world.clock.now())


async def published(core: Core) -> str:
    """A video that one person likes, in a workspace with a gallery."""
    async with core.store.transaction() as tx:
        await tx.workspaces.choose(TENANT, Choice.GALLERY, "gallery")
        await tx.workspaces.choose(TENANT, Choice.ZONE, "Europe/Berlin")
    job = (await core.create(ANA)).jobs[0]
    await core.wait(2_000)
    async with core.store.transaction() as tx:
        await tx.likes.add(job.id, BEN, "", core.clock.now())
    return job.id


async def test_a_week_is_told_on_monday_at_nine_in_the_zone_of_the_workspace(world: World) -> None:
    async with running(world) as core:
        name = await published(core)
        for moment in ("2030-05-15T12:01", "2030-05-19T23:59", "2030-05-20T08:59"):
            until(world, moment)
            assert await digest(core).run() == 0
        until(world, "2030-05-20T09:00")
        assert await digest(core).run() == 1
        (text,) = await told(core)
        assert f"1. #{name}" in text
        assert "♥ 1" in text
        (place,) = [
            post.place
            for post in world.chat.posts.values()
            if "best of" in plain(post.message.lines[0])
        ]
        assert place.channel == "gallery"


async def test_a_week_is_told_once_also_by_two_at_a_time_and_after_a_restart(world: World) -> None:
    async with running(world) as core:
        await published(core)
        until(world, "2030-05-20T09:00")
        assert sum(await asyncio.gather(digest(core).run(), digest(core).run())) == 1
        assert len(await told(core)) == 1
    async with running(world) as core:
        until(world, "2030-05-20T18:00")
        async with core.store.transaction() as tx:
            await tx.workspaces.choose(TENANT, Choice.ZONE, "America/New_York")
        assert await digest(core).run() == 0
        assert len(await told(core)) == 1


async def test_a_week_is_told_late_but_not_very_late(world: World) -> None:
    async with running(world) as core:
        await published(core)
        until(world, "2030-05-22T09:00")
        assert await digest(core).run() == 0
        until(world, "2030-05-28T07:00")
        assert await digest(core).run() == 0, "nothing came out in the week before"
        assert await told(core) == []


async def test_nothing_is_told_of_a_week_in_which_nothing_was_published(world: World) -> None:
    async with running(world) as core:
        name = await published(core)
        await core.releases.unpublish(ANA, name)
        until(world, "2030-05-20T09:00")
        assert await digest(core).run() == 0
        assert await told(core) == []


async def test_nothing_is_told_where_no_gallery_was_chosen(world: World) -> None:
    async with running(world) as core:
        await published(core)
        async with core.store.transaction() as tx:
            await tx.workspaces.choose(TENANT, Choice.GALLERY, None)
        until(world, "2030-05-20T09:00")
        assert await digest(core).run() == 0
