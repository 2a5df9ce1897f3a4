"""The law of the library: all that may be watched is found, as it stands now, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.library import Found, LibraryFilter, Order, Shelf, cursor_of
from bot.domain.links import Link, Publication
from bot.domain.refs import Person
from bot.domain.releases import Release, Remixers, Stand
from bot.domain.workspaces import Choice
from bot.ports import Unit
from storage.store import SqlStore
from tests.storage.examples import ANA, BEN, DEMO, EVE, NOW, OTHER, a_job, a_video

S = Stand
KITE = "a000000001"


async def published(
    store: SqlStore,
    job_id: str,
    prompt: str = "a red kite",
    **changes: Any,  # noqa: ANN401 - any field
) -> Release:
    """A finished video of Ana's that everybody sees, unless `changes` say otherwise."""
    release = Release(job_id, ANA, "general", "sora-2", S.PUBLISHED, NOW, f"result/{job_id}")
    root = changes.pop("root", None)
    release = replace(release, **({"published_at": NOW} | changes))
    job = a_job(job_id, release.author, root=root, remix_of=root)
    async with store.transaction() as tx:
        await tx.jobs.add(replace(job, spec=replace(job.spec, prompt=prompt)))
        await tx.videos.add(a_video(job_id))
        await tx.releases.add(release)
    return release


async def looked_for(
    tx: Unit,
    words: str = "",
    asker: Person = ANA,
    **which: Any,  # noqa: ANN401 - any field
) -> tuple[Found, ...]:
    return await tx.library.find(LibraryFilter(asker, words, **which))


async def found(
    store: SqlStore,
    words: str = "",
    asker: Person = ANA,
    **which: Any,  # noqa: ANN401 - any field
) -> Sequence[str]:
    """Ids of what is found, in order."""
    async with store.reading() as tx:
        return [one.job.id for one in await looked_for(tx, words, asker, **which)]


# --- words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        *("kite", "KITE", "kit", "red kite", "kite RED", "  kite,  ", "Düne", "dune", "DÜNEN"),
        *(
            '"kite"',
            "kite*",
            "(kite)",
            "kite:",
            "-kite",
            "kite; DROP TABLE library"[:5],
        ),
        *("🪁", "cafe", "café", "strasse", "Straße", "title", "beschreibung", "sunset", "#sunset"),
        *("凧", "赤い凧", "が飛ぶ", "飛", "風筝", "воздушный", "ВОЗДУШ"),
    ],
)
async def test_a_word_finds_a_video_whatever_its_case_accents_or_script(
    store: SqlStore, typed: str
) -> None:
    await published(
        store,
        KITE,
        "A red kite 🪁 over Dünen; café in the Straße. 赤い凧が飛ぶ 风筝風筝 Воздушный",
        title="A TITLE",
        description="Eine Beschreibung",
        tags=("sunset",),
    )
    await published(store, "a000000002", "nothing of that")
    assert await found(store, typed) == [KITE]


@pytest.mark.parametrize(
    "typed",
    [
        *("kite boat", "ite", "NEAR(kite over, 5) x", "kite NOT red", "🪂", "赤凧", "飛凧", "k"),
        *("result", "sora-2 general", "web/demo", "published kite"),
    ],
)
async def test_what_has_not_all_of_the_words_is_not_found(store: SqlStore, typed: str) -> None:
    await published(store, KITE, "a red kite over dunes 赤い凧が飛ぶ")
    assert await found(store, typed) == []


@pytest.mark.parametrize(
    "typed",
    [
        *('"', '""', "'", "*", "^", "-", "AND", "OR NOT", "NEAR(", ":", "words:kite", "\\", "%_"),
        *(
            "kite\0kite",
            "\ud800",
            "{a b}: c",
            "'); DROP TABLE library; --",
            "a" * 4000,
            "凧" * 4000,
        ),
        *(" ".join(f"w{n}" for n in range(1000)), "\u202e", "é" * 4000, "🪁" * 4000, "1 " * 2000),
        *("a & b | !c <-> d:*", "''", "\t\n", "\N{COMBINING ACUTE ACCENT}", "\ufe0f", "\u200d"),
    ],
)
async def test_whatever_is_typed_is_safe_to_look_for_and_to_be_found_by(
    store: SqlStore, typed: str
) -> None:
    await published(store, KITE, "something else")
    await published(
        store, "a000000002", typed.replace("\ud800", ""), title=typed[:80].strip("\ud800")
    )
    async with store.reading() as tx:
        results = [one.job.id for one in await looked_for(tx, typed)]
    assert "a000000002" in results


async def test_no_words_find_everything_the_newest_first(store: SqlStore) -> None:
    for number in range(3):
        await published(store, f"a00000000{number}")
    for typed in ("", "  ", "...", "?!"):
        assert await found(store, typed) == ["a000000002", "a000000001", "a000000000"]


# --- as it stands now ---------------------------------------------------------------------


async def test_a_new_title_finds_a_video_and_the_old_one_no_more(store: SqlStore) -> None:
    seen = await published(store, KITE, title="Morning")
    async with store.transaction() as tx:
        changed = await tx.releases.change(seen, replace(seen, title="Evening", tags=("calm",)))
        assert changed
        assert [one.release for one in await looked_for(tx, "evening")] == [changed]
    assert await found(store, "evening calm kite") == [KITE]
    assert await found(store, tag="calm") == [KITE]
    assert await found(store, "morning") == []


async def test_a_change_that_came_too_late_changes_nothing_in_the_library(store: SqlStore) -> None:
    seen = await published(store, KITE, title="Morning")
    async with store.transaction() as tx:
        assert await tx.releases.change(seen, replace(seen, title="Evening"))
        assert await tx.releases.change(seen, replace(seen, title="Night", stand=S.DELETED)) is None
    assert await found(store, "evening") == [KITE]
    assert await found(store, "night") == []


async def test_what_a_transaction_took_back_is_not_in_the_library(store: SqlStore) -> None:
    seen = await published(store, KITE, title="Morning")

    async def fail() -> None:
        async with store.transaction() as tx:
            await tx.releases.change(seen, replace(seen, title="Evening"))
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        await fail()
    assert await found(store, "morning") == [KITE]
    assert await found(store, "evening") == []


async def test_a_deleted_video_is_not_found_until_it_is_restored(store: SqlStore) -> None:
    seen = await published(store, KITE)
    async with store.transaction() as tx:
        gone = await tx.releases.change(seen, replace(seen, stand=S.DELETED, deleted_at=NOW))
    assert gone
    assert await found(store, "kite", shelf=Shelf.BOTH) == []
    async with store.transaction() as tx:
        back = await tx.releases.change(gone, replace(gone, stand=S.DRAFT))
    assert back
    assert await found(store, "kite") == []
    assert await found(store, "kite", shelf=Shelf.DRAFTS) == [KITE]
    async with store.transaction() as tx:
        gone = await tx.releases.change(back, replace(back, stand=S.DELETED))
        assert gone
        await tx.releases.change(gone, replace(gone, stand=S.ERASED))
    assert await found(store, shelf=Shelf.BOTH) == []


async def test_a_draft_becomes_the_newest_when_it_is_published(store: SqlStore) -> None:
    draft = await published(store, KITE, stand=S.DRAFT)
    await published(store, "a000000002")
    async with store.transaction() as tx:
        await tx.likes.add(KITE, BEN, "", NOW)
        out = replace(draft, stand=S.PUBLISHED, published_at=NOW + 5)
        assert await tx.releases.change(draft, out)
    assert await found(store, "kite") == [KITE, "a000000002"]
    assert await found(store, since=NOW + 5) == [KITE]
    async with store.reading() as tx:
        assert [one.likes for one in await looked_for(tx)] == [1, 0]


# --- who may watch ------------------------------------------------------------------------


async def test_nobody_finds_the_videos_of_another_workspace(store: SqlStore) -> None:
    await published(store, KITE)
    await published(store, "e000000001", author=EVE)
    await published(store, "e000000002", author=EVE, stand=S.DRAFT)
    for shelf in (Shelf.PUBLISHED, Shelf.BOTH):
        assert await found(store, shelf=shelf) == [KITE]
        assert await found(store, "kite", shelf=shelf) == [KITE]
    assert await found(store, author=EVE.id, channel="general") == [KITE]
    assert await found(store, "kite", EVE, shelf=Shelf.BOTH) == ["e000000002", "e000000001"]


@pytest.mark.parametrize("stand", [S.DRAFT, S.REVIEW, S.REJECTED])
async def test_only_its_author_finds_a_draft(store: SqlStore, stand: Stand) -> None:
    await published(store, KITE, stand=stand)
    admin = replace(BEN, admin=True)
    for shelf in Shelf:
        assert await found(store, "kite", admin, shelf=shelf) == []
        assert await found(store, "", admin, shelf=shelf, author=ANA.id) == []
    assert await found(store, "kite", shelf=Shelf.DRAFTS) == [KITE]
    assert await found(store, "", shelf=Shelf.BOTH, author=ANA.id) == [KITE]
    assert await found(store, "kite") == []


# --- filters ------------------------------------------------------------------------------


async def test_each_filter_keeps_what_it_names(store: SqlStore) -> None:
    await published(store, "a000000001", author=BEN, channel="studio", tags=("calm", "red"))
    await published(store, "a000000002", model="veo", published_at=NOW + 10)
    await published(store, "a000000003", stand=S.DRAFT)
    assert await found(store, author=BEN.id) == ["a000000001"]
    assert await found(store, channel="studio") == ["a000000001"]
    assert await found(store, model="veo") == ["a000000002"]
    assert await found(store, tag="calm") == ["a000000001"]
    assert await found(store, since=NOW + 1) == ["a000000002"]
    assert await found(store, until=NOW + 10) == ["a000000001"]
    assert await found(store, shelf=Shelf.DRAFTS) == ["a000000003"]
    assert await found(store, "kite", author=BEN.id, model="sora-2") == ["a000000001"]
    assert await found(store, "kite", author=BEN.id, model="veo") == []
    assert await found(store, author="") == []


async def test_what_somebody_likes_is_kept_apart(store: SqlStore) -> None:
    for number in range(2):
        await published(store, f"a00000000{number}")
    async with store.transaction() as tx:
        await tx.likes.add("a000000000", BEN, "🔥", NOW)
        await tx.likes.add("a000000001", EVE, "🔥", NOW)
    assert await found(store, liked_by=BEN.id) == ["a000000000"]
    assert await found(store, "kite", liked_by=BEN.id) == ["a000000000"]
    # Eve has Ana's id, in another workspace.
    assert await found(store, liked_by=ANA.id) == []


async def test_what_the_asker_may_not_change_is_not_remixable(store: SqlStore) -> None:
    await published(store, "a000000001", remixers=Remixers.NOBODY)
    await published(store, "a000000002", remixers=Remixers.TEAM)
    await published(store, "a000000003")
    assert await found(store, asker=BEN, remixable=True) == ["a000000003", "a000000002"]
    assert len(await found(store, remixable=True)) == 3


# --- order and pages ----------------------------------------------------------------------


@pytest.mark.parametrize("words", ["", "kite"])
@pytest.mark.parametrize("order", Order)
async def test_pages_go_through_all_once_in_order(
    store: SqlStore, order: Order, words: str
) -> None:
    liked = {1: [ANA], 3: [ANA, BEN], 4: [BEN]}
    for number in range(6):
        await published(store, f"a00000000{number}")
        async with store.transaction() as tx:
            for person in liked.get(number, []):
                await tx.likes.add(f"a00000000{number}", person, "", NOW)
    seen, after = list[str](), None
    while True:
        async with store.reading() as tx:
            page = await looked_for(tx, words, order=order, after=after, limit=2)
        if not page:
            break
        seen += [one.job.id[-1] for one in page]
        after = cursor_of(str(page[-1].cursor))
        assert after == page[-1].cursor
    assert "".join(seen) == ("543210" if order is Order.NEWEST else "341520")


async def test_what_is_found_is_whole(store: SqlStore) -> None:
    release = await published(store, KITE, title="Kite", tags=("calm",))
    async with store.reading() as tx:
        (one,) = await looked_for(tx, "calm")
    assert one.release == release
    assert one.job.id == KITE
    assert one.video == a_video(KITE)
    assert one.release.author.tenant == DEMO


async def test_a_search_has_one_number_for_ever_which_means_nothing_elsewhere(
    store: SqlStore,
) -> None:
    long = {"words": "凧" * 4000, "since": "7d"}
    async with store.transaction() as tx:
        first = await tx.library.remember(DEMO, "search", long)
        other = await tx.library.remember(DEMO, "search", {"words": "x"})
        assert await tx.library.remember(DEMO, "search", dict(reversed(long.items()))) == first
        assert other != first
    async with store.reading() as tx:
        assert await tx.library.recall(DEMO, first) == ("search", long)
        assert await tx.library.recall(OTHER, first) is None
        assert await tx.library.recall(DEMO, 999) is None


async def test_the_top_is_what_most_like_then_what_was_remixed_most(store: SqlStore) -> None:
    for number in range(1, 6):
        await published(store, f"a00000000{number}", published_at=NOW + number)
    await published(store, "a000000006", published_at=NOW, root="a000000002")
    await published(store, "a000000007", published_at=NOW, root="a000000002", stand=S.DRAFT)
    await published(store, "e000000001", author=EVE)
    async with store.transaction() as tx:
        await tx.likes.add("a000000004", ANA, "", NOW)
    async with store.reading() as tx:
        top = await tx.library.top(DEMO, NOW + 1, NOW + 9, 4)
        assert [(one.job.id[-1], one.likes, remixes) for one, remixes in top] == [
            ("4", 1, 0),
            ("2", 0, 1),
            ("5", 0, 0),
            ("3", 0, 0),
        ]
        assert len(await tx.library.top(DEMO, 0, NOW + 9, 99)) == 6
        assert len(await tx.library.top(DEMO, 0, NOW + 5, 99)) == 5
        assert await tx.library.top(DEMO, NOW + 9, NOW + 99, 99) == ()


async def test_published_remixes_are_counted_for_the_video_that_they_go_back_to(
    store: SqlStore,
) -> None:
    for number in (1, 2):
        await published(store, f"a00000000{number}")
    for number in (3, 4):
        await published(store, f"a00000000{number}", root="a000000001")
    await published(store, "a000000005", root="a000000002", stand=S.DRAFT)
    async with store.reading() as tx:
        asked = ["a000000001", "a000000002", "a000000003"]
        assert await tx.library.remixes(DEMO, asked) == {"a000000001": 2}
        assert await tx.library.remixes(DEMO, asked[1:]) == {}
        assert await tx.library.remixes(DEMO, []) == {}


async def test_workspaces_that_chose_something_are_found(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.workspaces.choose(OTHER, Choice.GALLERY, "hall")
        await tx.workspaces.choose(DEMO, Choice.GALLERY, "general")
        await tx.workspaces.choose(DEMO, Choice.DRAFTS, "all", "studio")
        assert await tx.workspaces.having(Choice.GALLERY) == ((DEMO, "general"), (OTHER, "hall"))
        assert await tx.workspaces.having(Choice.DRAFTS) == ()


# --- from workspaces that are linked ------------------------------------------------------

NAMESAKE = Person(OTHER, ANA.id, "Anna")


async def crossed(store: SqlStore, job_id: str, at: int = NOW, channel: str = "gallery") -> None:
    """Ana's video is published in Eve's workspace."""
    there = Publication(job_id, OTHER, channel, f"release/{job_id}/2", at, ANA.key)
    async with store.transaction() as tx:
        await tx.links.add(Link(DEMO, OTHER, "other", NOW))
        assert await tx.publications.add(there)


async def test_a_workspace_finds_what_was_published_in_it_and_nothing_else_of_the_other(
    store: SqlStore,
) -> None:
    await published(store, KITE)
    await published(store, "a000000002")
    await published(store, "a000000003", stand=S.DRAFT, published_at=None)
    await published(store, "e000000001", author=EVE)
    await crossed(store, KITE)
    for words in ("", "kite"):
        assert await found(store, words, EVE) == [KITE, "e000000001"]
        assert await found(store, words, EVE, order=Order.BEST) == [KITE, "e000000001"]
        assert await found(store, words, EVE, own=True) == ["e000000001"]
        assert KITE in await found(store, words, ANA)
        assert await found(store, words, ANA, own=True) == await found(store, words, ANA)
    async with store.reading() as tx:
        best = await tx.library.top(OTHER, NOW, NOW + 1, 9)
        assert [one.job.id for one, _ in best] == [KITE, "e000000001"]


async def test_nobody_finds_drafts_of_the_other_workspace_not_even_her_namesake(
    store: SqlStore,
) -> None:
    seen = await published(store, KITE)
    await crossed(store, KITE)
    assert await found(store, "", NAMESAKE, shelf=Shelf.BOTH) == [KITE]
    assert await found(store, "", NAMESAKE, shelf=Shelf.DRAFTS) == []
    async with store.transaction() as tx:
        assert await tx.releases.change(seen, replace(seen, stand=S.DRAFT))
    for words in ("", "kite"):
        for shelf in Shelf:
            assert await found(store, words, NAMESAKE, shelf=shelf) == []


async def test_filters_ask_for_people_channels_and_times_of_the_askers_own_workspace(
    store: SqlStore,
) -> None:
    await published(store, KITE, tags=("sea",))
    await published(store, "e000000001", author=NAMESAKE)
    await crossed(store, KITE, NOW + 100)
    for words in ("", "kite"):
        assert await found(store, words, EVE, author=ANA.id) == ["e000000001"]
        assert await found(store, words, EVE, channel="gallery") == [KITE]
        assert await found(store, words, EVE, channel="general") == ["e000000001"]
        assert await found(store, words, ANA, channel="gallery") == []
        assert await found(store, words, EVE, since=NOW + 100) == [KITE]
        assert await found(store, words, EVE, until=NOW + 100) == ["e000000001"]
        assert await found(store, words, EVE, tag="sea") == [KITE]
        assert KITE in await found(store, words, EVE, model="sora-2")


async def test_what_came_from_elsewhere_can_be_remixed_as_its_author_says(
    store: SqlStore,
) -> None:
    rules = {KITE: None, "a000000002": Remixers.TEAM, "a000000003": Remixers.NOBODY}
    rules |= {"a000000004": Remixers.ASK}
    for name, remixers in rules.items():
        await published(store, name, remixers=remixers)
        await crossed(store, name)
    assert await found(store, "", EVE, remixable=True) == ["a000000004", KITE]
    assert await found(store, "", NAMESAKE, remixable=True) == ["a000000004", KITE]
    assert await found(store, "", BEN, remixable=True) == ["a000000004", "a000000002", KITE]


async def test_pages_go_on_over_videos_of_both_workspaces_without_a_gap(
    store: SqlStore,
) -> None:
    for number in range(4):
        await published(store, f"a00000000{number}")
        await published(store, f"e00000000{number}", author=EVE)
        await crossed(store, f"a00000000{number}")
    async with store.transaction() as tx:
        for name in ("a000000001", "e000000002"):
            await tx.likes.add(name, EVE, "", NOW)
    seen: list[str] = []
    for order in (Order.NEWEST, Order.BEST):
        seen, after = [], None
        async with store.reading() as tx:
            while page := await looked_for(tx, "", EVE, order=order, after=after, limit=3):
                seen += [one.job.id for one in page]
                after = page[-1].cursor
        assert len(seen) == len(set(seen)) == 8
        assert seen == await found(store, "", EVE, order=order)
    assert seen[:2] == ["e000000002", "a000000001"]


async def test_words_and_likes_are_the_same_in_both(store: SqlStore) -> None:
    seen = await published(store, KITE)
    await crossed(store, KITE)
    async with store.transaction() as tx:
        await tx.likes.add(KITE, EVE, "", NOW)
        assert await tx.releases.change(seen, replace(seen, title="Evening"))
    for asker in (ANA, EVE):
        async with store.reading() as tx:
            (one,) = await looked_for(tx, "evening", asker)
        assert (one.likes, one.release.title) == (1, "Evening")
    assert await found(store, "", EVE, liked_by=EVE.id) == [KITE]
    assert await found(store, "", ANA, liked_by=EVE.id) == []


async def test_it_is_found_there_for_as_long_as_it_stands_and_both_are_linked(
    store: SqlStore,
) -> None:
    await published(store, KITE)
    await crossed(store, KITE)
    async with store.transaction() as tx:
        await tx.links.drop(OTHER, DEMO)
        for words in ("", "kite"):
            assert await looked_for(tx, words, EVE) == ()
        assert await tx.library.top(OTHER, NOW, NOW + 1, 9) == ()
    async with store.transaction() as tx:
        await tx.links.add(Link(DEMO, OTHER, "other", NOW))
        assert len(await looked_for(tx, "kite", EVE)) == 1
        assert await tx.publications.drop(KITE, OTHER)
        assert await looked_for(tx, "kite", EVE) == ()
        assert len(await looked_for(tx, "kite", ANA)) == 1


async def test_what_is_deleted_is_found_nowhere_and_restored_it_is_found_at_home(
    store: SqlStore,
) -> None:
    seen = await published(store, KITE)
    await crossed(store, KITE)
    async with store.transaction() as tx:
        gone = await tx.releases.change(seen, replace(seen, stand=S.DELETED, deleted_at=NOW))
        assert gone
        assert await tx.publications.drop(KITE, OTHER)
        for asker in (ANA, EVE):
            assert await looked_for(tx, "kite", asker, shelf=Shelf.BOTH) == ()
        assert await tx.releases.change(gone, replace(gone, stand=S.DRAFT, deleted_at=None))
        assert len(await looked_for(tx, "kite", ANA, shelf=Shelf.BOTH)) == 1
        assert await looked_for(tx, "kite", EVE, shelf=Shelf.BOTH) == ()


async def test_remixes_are_counted_where_they_stand(store: SqlStore) -> None:
    await published(store, KITE)
    await crossed(store, KITE)
    await published(store, "a000000002", root=KITE)
    await published(store, "e000000001", root=KITE, author=EVE)
    async with store.reading() as tx:
        assert await tx.library.remixes(DEMO, [KITE]) == {KITE: 1}
        assert await tx.library.remixes(OTHER, [KITE]) == {KITE: 1}
        for tenant in (DEMO, OTHER):
            counts = {one.job.id: made for one, made in await tx.library.top(tenant, 0, NOW + 1, 9)}
            assert counts[KITE] == 1
    await crossed(store, "a000000002")
    async with store.reading() as tx:
        assert await tx.library.remixes(OTHER, [KITE]) == {KITE: 2}
