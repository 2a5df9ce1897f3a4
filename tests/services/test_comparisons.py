"""Variations of one order: compared once, when the last of them has ended."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.jobs import Job, JobState
from bot.domain.releases import Stand
from bot.domain.workspaces import Choice
from bot.errors import InvalidRequest
from bot.services.comparisons import Comparisons
from bot.services.line import Allowed
from tests.fakes.chat import Post
from tests.fakes.core import ANA, STUDIO, Core, Options, World, running
from tests.fakes.deeds import deed

S = JobState


def compared(world: World) -> list[Post]:
    return [post for nonce, post in world.chat.posts.items() if nonce.startswith("compare/")]


async def made(core: Core, world: World, number: int, **changes: object) -> list[str]:
    world.provider.instant = True
    order = await core.create(ANA, number=number, **changes)  # pyright: ignore[reportArgumentType] - a test names the fields
    await core.wait(30_000)
    return [job.id for job in order.jobs]


async def test_the_last_one_brings_a_numbered_sheet_with_a_button_for_each(
    core: Core, world: World
) -> None:
    ids = await made(core, world, 3)
    [post] = compared(world)
    assert post.place == STUDIO
    told = "Compare" + "".join(f" · {n} #{name}" for n, name in enumerate(ids, start=1))
    assert post.text == told
    buttons = [(b.label, b.verb, b.args["job"]) for b in post.message.buttons]
    assert buttons == [
        ("Remix 1", "remix", ids[0]),
        ("Remix 2", "remix", ids[1]),
        ("Remix 3", "remix", ids[2]),
        ("Again", "again", ids[0]),
    ]
    assert post.message.picture
    [sheet] = core.charts.sheets
    assert [still is not None and still.is_file() for still in sheet.stills] == [True] * 3


async def test_it_comes_after_the_results_and_only_once(core: Core, world: World) -> None:
    ids = await made(core, world, 2)
    order = [line for line in world.chat.log if line.startswith(("post result/", "post compare/"))]
    assert order[-1] == f"post compare/{ids[0]}"
    await core.wait(60_000)
    assert len(compared(world)) == 1


async def test_one_video_is_compared_with_nothing(core: Core, world: World) -> None:
    await made(core, world, 1)
    assert compared(world) == []


@pytest.mark.parametrize("failing,sheets", [(1, 1), (2, 0)])
async def test_what_failed_is_left_out_and_needs_two_others(
    core: Core, world: World, failing: int, sheets: int
) -> None:
    world.provider.refuse.extend(InvalidRequest("no") for _ in range(failing))
    ids = await made(core, world, 3)
    assert len(compared(world)) == sheets
    good = [name for name in ids if await core.state(name) is S.DONE]
    for post in compared(world):
        assert [b.args["job"] for b in post.message.buttons[:-1]] == good


async def test_it_also_comes_when_the_last_to_end_is_cancelled(core: Core, world: World) -> None:
    order = await core.create(ANA, number=3)
    await core.work()
    first, second, third = (job.id for job in order.jobs)
    world.provider.finish()
    await core.wait(30_000)
    assert [await core.state(name) for name in (first, second)] == [S.DONE, S.DONE]
    assert compared(world) == []
    await core.videos.cancel(ANA, third)
    await core.wait(30_000)
    assert await core.state(third) is S.CANCELLED
    assert len(compared(world)) == 1


async def test_two_that_end_at_once_make_one_comparison(core: Core, world: World) -> None:
    order = await core.create(ANA, number=2)
    await core.work()
    world.provider.finish()
    await asyncio.gather(*(core.worker.advance(job.id) for job in order.jobs))
    await core.wait(30_000)
    assert len(compared(world)) == 1


async def test_what_was_asked_for_in_private_is_compared_in_private(
    core: Core, world: World
) -> None:
    await made(core, world, 2, place=replace(STUDIO, private=True))
    [post] = compared(world)
    assert post.place.private
    assert post.place.channel == "dm-ana"


async def test_where_videos_begin_as_drafts_their_owner_alone_compares_them(
    core: Core, world: World
) -> None:
    await core.workspaces.choose(deed(), Choice.DRAFTS, "all")
    await made(core, world, 2)
    [post] = compared(world)
    assert post.place.channel == "dm-ana"


async def test_what_was_deleted_since_is_not_shown(core: Core, world: World) -> None:
    first, second, third = [await core.job(name) for name in await made(core, world, 3)]
    comparisons = Comparisons(core.blobs, core.charts)
    await stand(core, second, Stand.DELETED)
    async with core.store.reading() as tx:
        seen = await comparisons.read(tx, first, private=False)
    assert seen
    assert [job.id for job in seen.jobs] == [first.id, third.id]
    await stand(core, third, Stand.DRAFT)
    async with core.store.reading() as tx:
        assert await comparisons.read(tx, first, private=False) is None
        assert await comparisons.read(tx, first, private=True)


async def stand(core: Core, job: Job, stand: Stand) -> None:
    async with core.store.transaction() as tx:
        seen = await tx.releases.get(job.id)
        assert seen
        deleted_at = core.clock.now() if stand is Stand.DELETED else None
        assert await tx.releases.change(seen, replace(seen, stand=stand, deleted_at=deleted_at))


async def test_a_crash_before_it_was_sent_loses_nothing(world: World) -> None:
    world.provider.instant = True
    async with running(world, Options(allowed=Allowed(slots=2))) as core:
        order = await core.create(ANA, number=2)
        world.chat.fails.extend(ConnectionError("down") for _ in range(400))
        await core.wait(8_000)
        assert compared(world) == []
    world.chat.fails.clear()
    async with running(world, Options(allowed=Allowed(slots=2))) as core:
        await core.wait(120_000)
        assert [post.ref for post in compared(world)]
        assert f"compare/{order.jobs[0].id}" in world.chat.posts
        assert len(compared(world)) == 1
