"""The law of likes: each person counts once, in whatever ways they said so."""

from __future__ import annotations

from storage.store import SqlStore
from tests.contracts.test_store_library_contract import looked_for, published
from tests.storage.examples import ANA, BEN, EVE, NOW

KITE = "a000000001"


async def test_somebody_likes_a_video_once_in_whatever_ways_they_say_so(store: SqlStore) -> None:
    await published(store, KITE)
    async with store.transaction() as tx:
        assert await tx.likes.add(KITE, ANA, "", NOW)
        assert not await tx.likes.add(KITE, ANA, "", NOW + 1)
        assert await tx.likes.add(KITE, ANA, "🔥", NOW + 2)
        assert await tx.likes.add(KITE, BEN, "🔥", NOW + 3)
        assert await tx.likes.count(KITE) == 2
        assert [one.likes for one in await looked_for(tx)] == [2]


async def test_a_like_ends_when_the_last_way_of_saying_so_is_taken_back(store: SqlStore) -> None:
    await published(store, KITE)
    async with store.transaction() as tx:
        for sign in ("⭐", "🔥"):
            await tx.likes.add(KITE, ANA, sign, NOW)
        assert await tx.likes.drop(KITE, ANA, "⭐")
        assert not await tx.likes.drop(KITE, ANA, "⭐")
        assert await tx.likes.has(KITE, ANA)
        assert await tx.likes.drop(KITE, ANA, "🔥")
        assert not await tx.likes.has(KITE, ANA)
        assert await tx.likes.count(KITE) == 0
        assert [one.likes for one in await looked_for(tx)] == [0]


async def test_all_ways_of_saying_so_are_taken_back_at_once(store: SqlStore) -> None:
    await published(store, KITE)
    async with store.transaction() as tx:
        for sign in ("", "⭐", "🔥"):
            await tx.likes.add(KITE, ANA, sign, NOW)
        await tx.likes.add(KITE, BEN, "", NOW)
        assert await tx.likes.drop(KITE, ANA, None)
        assert not await tx.likes.drop(KITE, ANA, None)
        assert await tx.likes.count(KITE) == 1


async def test_people_of_one_name_in_two_workspaces_are_two(store: SqlStore) -> None:
    await published(store, KITE)
    async with store.transaction() as tx:
        await tx.likes.add(KITE, ANA, "", NOW)
        assert not await tx.likes.has(KITE, EVE)
        await tx.likes.add(KITE, EVE, "", NOW)
        assert await tx.likes.count(KITE) == 2


async def test_nobody_likes_what_is_gone(store: SqlStore) -> None:
    await published(store, KITE)
    async with store.transaction() as tx:
        await tx.likes.add(KITE, ANA, "", NOW)
        await tx.likes.add(KITE, BEN, "⭐", NOW)
        await tx.likes.forget(KITE)
        assert await tx.likes.count(KITE) == 0
        assert not await tx.likes.has(KITE, BEN)


async def test_of_some_videos_those_that_somebody_likes_are_found(store: SqlStore) -> None:
    for number in (1, 2, 3):
        await published(store, f"a00000000{number}")
    async with store.transaction() as tx:
        for sign in ("", "⭐"):
            await tx.likes.add("a000000001", ANA, sign, NOW)
        await tx.likes.add("a000000002", BEN, "", NOW)
        await tx.likes.add("a000000003", ANA, "", NOW)
        asked = ["a000000001", "a000000002", "nothing000"]
        assert await tx.likes.among(asked, ANA) == {"a000000001"}
        assert await tx.likes.among(asked, EVE) == frozenset()
        assert await tx.likes.among([], ANA) == frozenset()
