"""What was deleted is gone once its time to be restored is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain import ledger
from bot.domain.jobs import Job
from bot.domain.library import LibraryFilter
from bot.domain.releases import RESTORABLE, Stand
from bot.errors import JobNotFound, Transient, UnknownThing
from bot.ports import Capabilities
from tests.fakes.core import ANA, BEN, Core, World

DELETES = Capabilities(lists=True, list_complete=True, deletes=True)


def files(world: World) -> list[Path]:
    return [path for path in (world.folder / "media").rglob("*") if path.is_file()]


async def deleted(core: Core, world: World, *, liked: bool = False) -> Job:
    world.provider.instant = True
    world.provider.capabilities = DELETES
    job = (await core.create(ANA)).jobs[0]
    await core.wait(2_000)
    if liked:
        async with core.store.transaction() as tx:
            assert await tx.likes.add(job.id, BEN, "", 1)
    await core.releases.delete(ANA, job.id)
    await core.wait(1_000)
    return await core.job(job.id)


async def test_nothing_is_erased_while_it_can_be_restored(core: Core, world: World) -> None:
    job = await deleted(core, world)
    kept = files(world)
    assert kept
    world.clock.advance(RESTORABLE - 10_000)
    assert await core.erasure.run() == 0
    assert files(world) == kept
    assert (await core.releases.restore(ANA, job.id)).release.stand is Stand.DRAFT


async def test_after_that_no_file_no_message_no_word_and_no_asset_is_left(
    core: Core, world: World
) -> None:
    job = await deleted(core, world, liked=True)
    assert world.chat.posts == {}, "all messages went when it was deleted"
    world.clock.advance(RESTORABLE)
    assert await core.erasure.run() == 1
    assert files(world) == []
    assert world.provider.deleted == [job.reference]
    async with core.store.reading() as tx:
        kept, release = await tx.jobs.get(job.id), await tx.releases.get(job.id)
        assert await tx.videos.of(job.id) is None
        assert await tx.outbox.of_job(job.id) == ()
        assert await tx.likes.count(job.id) == 0
        assert await tx.library.find(LibraryFilter(ANA, words="kite")) == ()
        assert [one.reference for one in await tx.attempts.of(job.id)] == [None]
        assert await tx.ledger.check() == ()
        assert len(await tx.ledger.of_job(job.id)) > 1, "the books stay"
        balance = await tx.ledger.balance(ledger.credits_of(ANA))
    assert kept
    assert (kept.spec.prompt, kept.reference) == ("", None)
    assert release
    assert release.stand is Stand.ERASED
    assert balance == 2_000 - job.offer.price
    with pytest.raises(UnknownThing):
        await core.releases.restore(ANA, job.id)
    assert await core.erasure.run() == 0


async def test_a_file_that_another_video_has_too_stays(core: Core, world: World) -> None:
    world.provider.instant = True
    other = (await core.create(ANA)).jobs[0]
    await core.wait(2_000)
    await deleted(core, world)
    world.clock.advance(RESTORABLE)
    await core.erasure.run()
    async with core.store.reading() as tx:
        video = await tx.videos.of(other.id)
    assert video
    assert core.blobs.open(video.blob).is_file()


async def test_a_backend_that_does_not_answer_is_asked_again(core: Core, world: World) -> None:
    job = await deleted(core, world)
    world.clock.advance(RESTORABLE)
    world.provider.refuse_deletes = [Transient("busy")]
    assert await core.erasure.run() == 0
    assert files(world)
    assert await core.erasure.run() == 1
    assert world.provider.deleted == [job.reference]


async def test_what_a_backend_has_forgotten_by_itself_is_fine(core: Core, world: World) -> None:
    await deleted(core, world)
    world.clock.advance(RESTORABLE)
    world.provider.refuse_deletes = [JobNotFound("expired")]
    assert await core.erasure.run() == 1
    assert files(world) == []
