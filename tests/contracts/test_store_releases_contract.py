"""The law of releases: one for each video, changed only by whoever saw it as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.library import LibraryFilter
from bot.domain.refs import MessageRef
from bot.domain.releases import Release, Remixers, Stand
from bot.domain.workspaces import Choice
from bot.ports import Attempt
from storage.store import SqlStore
from tests.storage.examples import (
    ANA,
    BEN,
    DEMO,
    EVE,
    GENERAL,
    NOW,
    OTHER,
    a_full_job,
    a_job,
    a_video,
)

S = Stand


def a_release(job_id: str = "a000000001", stand: Stand = S.DRAFT, at: int = NOW) -> Release:
    published = at if stand is S.PUBLISHED else None
    deleted = at if stand is S.DELETED else None
    key, author = f"result/{job_id}", EVE if job_id.startswith("e") else ANA
    return Release(
        *(job_id, author, "general", "sora-2", stand, at, key),
        published_at=published,
        deleted_at=deleted,
    )


async def stored(store: SqlStore, *releases: Release) -> None:
    async with store.transaction() as tx:
        for release in releases:
            await tx.jobs.add(a_job(release.job_id, release.author))
            await tx.videos.add(a_video(release.job_id))
            await tx.releases.add(release)


async def test_a_release_comes_back_as_it_was_stored(store: SqlStore) -> None:
    full = replace(
        a_release(),
        title="Kite, at “dusk”",
        description="für alle 🪁",
        tags=("kite", "düne"),
        remixers=Remixers.ASK,
        rounds=2,
        published_at=NOW + 2,
        deleted_at=NOW + 3,
        reviewer=BEN,
        reason="too dark",
        moderated=True,
    )
    await stored(store, full)
    async with store.reading() as tx:
        found = await tx.releases.get(full.job_id)
        assert found == full
        assert found
        assert found.reviewer
        assert found.reviewer.name == "Ben"
        assert await tx.releases.get("nothing000") is None


async def test_a_video_has_one_release(store: SqlStore) -> None:
    await stored(store, a_release())
    async with store.transaction() as tx:
        with pytest.raises(ValueError, match="stands already"):
            await tx.releases.add(a_release(stand=S.PUBLISHED))
        assert (await tx.releases.get("a000000001")) == a_release()


async def test_only_whoever_saw_it_as_it_is_changes_a_release(store: SqlStore) -> None:
    seen = a_release()
    await stored(store, seen)
    claim = replace(seen, stand=S.REVIEW, reviewer=BEN)
    async with store.transaction() as tx:
        won = await tx.releases.change(seen, claim)
        assert won == replace(claim, version=2)
        assert await tx.releases.change(seen, replace(claim, reviewer=ANA)) is None
    async with store.reading() as tx:
        assert await tx.releases.get(seen.job_id) == won


async def test_no_release_makes_a_move_that_there_is_not(store: SqlStore) -> None:
    seen = a_release()
    await stored(store, seen)
    async with store.transaction() as tx:
        with pytest.raises(ValueError, match="draft to erased"):
            await tx.releases.change(seen, replace(seen, stand=S.ERASED))


async def test_releases_are_listed_by_how_they_stand_and_whose_they_are(store: SqlStore) -> None:
    drafts = [a_release(f"a00000000{n}", at=NOW + n) for n in range(3)]
    other = a_release("a000000009", S.PUBLISHED)
    await stored(store, *drafts, other, a_release("e000000001"))
    async with store.reading() as tx:
        found = await tx.releases.list(DEMO, [S.DRAFT, S.REVIEW], None, 2)
        assert found == (drafts[2], drafts[1])
        assert await tx.releases.list(DEMO, list(S), BEN.id, 9) == ()
        assert len(await tx.releases.list(DEMO, list(S), ANA.id, 9)) == 4
        assert len(await tx.releases.list(OTHER, list(S), EVE.id, 9)) == 1


async def test_the_newest_videos_are_those_published_last(store: SqlStore) -> None:
    first, second = a_release("a000000001", S.PUBLISHED), a_release("a000000002", at=NOW + 1)
    await stored(store, first, second, a_release("e000000001", S.PUBLISHED))
    async with store.transaction() as tx:
        assert [one.job.id for one in await tx.library.find(LibraryFilter(ANA))] == [first.job_id]
        await tx.releases.change(second, replace(second, stand=S.PUBLISHED, published_at=NOW + 9))
        newest = await tx.library.find(LibraryFilter(ANA))
        assert [one.job.id for one in newest] == [second.job_id, first.job_id]
        assert newest[0].video == a_video(second.job_id)
        assert len(await tx.library.find(LibraryFilter(ANA, limit=1))) == 1


async def test_of_some_jobs_those_with_a_published_video_are_found(store: SqlStore) -> None:
    await stored(store, a_release(), a_release("a000000002", S.PUBLISHED))
    async with store.reading() as tx:
        names = ["a000000001", "a000000002", "nothing000"]
        assert await tx.releases.published(names) == {"a000000002"}
        assert await tx.releases.published([]) == frozenset()


async def test_what_was_deleted_long_ago_is_found_the_longest_ago_first(store: SqlStore) -> None:
    old = [a_release(f"a00000000{n}", S.DELETED, NOW - n) for n in range(3)]
    await stored(store, *old, a_release("a000000009"), a_release("e000000001", S.DELETED, NOW - 9))
    async with store.reading() as tx:
        found = await tx.releases.erasable(NOW - 1, 9)
        assert [one.job_id for one in found] == ["e000000001", "a000000002", "a000000001"]


async def test_a_channel_has_choices_of_its_own(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.workspaces.choose(DEMO, Choice.DRAFTS, "all")
        await tx.workspaces.choose(DEMO, Choice.DRAFTS, "off", "studio")
    async with store.transaction() as tx:
        assert await tx.workspaces.chosen(DEMO) == {Choice.DRAFTS: "all"}
        assert await tx.workspaces.chosen(DEMO, "studio") == {Choice.DRAFTS: "off"}
        await tx.workspaces.choose(DEMO, Choice.DRAFTS, None, "studio")
        assert await tx.workspaces.chosen(DEMO, "studio") == {}


# --- what is forgotten --------------------------------------------------------------------


async def test_an_ended_job_that_is_forgotten_keeps_no_words_and_no_names(store: SqlStore) -> None:
    job = replace(a_full_job(), retry_of=None)
    attempt = Attempt(job.id, 1, "simulator", "main", NOW, {"id": "video_1"}, NOW + 5, "done")
    async with store.transaction() as tx:
        await tx.jobs.add(job)
        await tx.attempts.open(attempt)
        await tx.jobs.forget(job.id)
        await tx.attempts.forget(job.id)
    async with store.reading() as tx:
        kept = await tx.jobs.get(job.id)
        assert kept
        assert (kept.spec.prompt, kept.spec.pictures) == ("", ())
        assert (kept.reference, kept.reason) == (None, None)
        assert kept.offer == job.offer
        assert [one.reference for one in await tx.attempts.of(job.id)] == [None]
        assert await tx.jobs.named("simulator", "main", "video_1") == ()


async def test_a_job_that_runs_is_not_forgotten(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        await tx.jobs.forget("a000000001")
        assert (await tx.jobs.get("a000000001")) == a_job()


async def test_a_file_is_shared_by_another_video(store: SqlStore) -> None:
    video = a_video()
    assert video.poster
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        await tx.videos.add(video)
        assert not await tx.videos.shares(video.blob, video.job_id)
        await tx.jobs.add(a_job("a000000003"))
        await tx.videos.add(a_video("a000000003", poster=None))
        assert await tx.videos.shares(video.blob, video.job_id)
        await tx.videos.drop("a000000003")
        assert not await tx.videos.shares(video.blob, video.job_id)


@pytest.mark.parametrize("use", ["image", "last", "references"])
async def test_a_file_is_shared_by_a_picture_of_another_order(store: SqlStore, use: str) -> None:
    video = a_video()
    assert video.poster
    given = (a_video("a000000009").blob, video.poster) if use == "references" else video.poster
    pictured = a_job("a000000002")
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        await tx.videos.add(video)
        await tx.jobs.add(replace(pictured, spec=replace(pictured.spec, **{use: given})))
        assert await tx.videos.shares(video.poster, video.job_id)
        assert not await tx.videos.shares(replace(video.poster, sha256="f" * 64), video.job_id)


async def test_messages_are_found_by_their_job_and_forgotten_once_they_stand_nowhere(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        for key in ("card/a000000001", "result/a000000001"):
            await tx.outbox.touch(key, "a000000001", GENERAL, NOW)
        await tx.outbox.touch("notice/other", None, GENERAL, NOW)
        card, result = await tx.outbox.of_job("a000000001")
        assert (card.key, result.key) == ("card/a000000001", "result/a000000001")
        await tx.outbox.sent(card, MessageRef(GENERAL, "m1"))
        await tx.outbox.forget("a000000001")
        assert [one.key for one in await tx.outbox.of_job("a000000001")] == [card.key]
        assert await tx.outbox.get("notice/other")
