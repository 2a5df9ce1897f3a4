"""The law of links and publications: codes are taken once, links have two ways."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.links import Invite, Link, Publication
from bot.domain.refs import Tenant
from bot.domain.releases import Stand
from storage.store import SqlStore
from tests.contracts.test_store_releases_contract import a_release, stored
from tests.storage.examples import ANA, BEN, DEMO, EVE, NOW, OTHER

THIRD = Tenant("slack", "demo")
CODE = Invite("digest-1", ANA, "studio", NOW + 600_000)
THERE = Link(DEMO, OTHER, "other", NOW)
BACK = Link(OTHER, DEMO, "studio", NOW)


def a_publication(job_id: str = "a000000001", at: int = NOW) -> Publication:
    return Publication(job_id, OTHER, "gallery", f"release/{job_id}/2", at, ANA.key)


async def take_and_break(store: SqlStore) -> None:
    async with store.transaction() as tx:
        assert await tx.links.take("digest-1")
        raise ZeroDivisionError


async def test_a_code_is_taken_once(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.links.invite(CODE)
    async with store.transaction() as tx:
        assert await tx.links.take("digest-2") is None
        taken = await tx.links.take("digest-1")
        assert taken == CODE
        assert taken
        assert taken.person.name == "Ana"
    async with store.transaction() as tx:
        assert await tx.links.take("digest-1") is None


async def test_a_workspace_has_one_code_the_newest(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.links.invite(CODE)
        await tx.links.invite(Invite("digest-2", BEN, "web", NOW + 9))
        await tx.links.invite(Invite("digest-3", EVE, "other", NOW))
    async with store.transaction() as tx:
        assert await tx.links.take("digest-1") is None
        assert await tx.links.take("digest-2") == Invite("digest-2", BEN, "web", NOW + 9)
        assert await tx.links.take("digest-3") == Invite("digest-3", EVE, "other", NOW)


async def test_a_code_that_a_failed_transaction_took_is_still_there(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.links.invite(CODE)
    with pytest.raises(ZeroDivisionError):
        await take_and_break(store)
    async with store.transaction() as tx:
        assert await tx.links.take("digest-1") == CODE


async def test_links_are_listed_by_name_and_only_in_their_own_workspace(store: SqlStore) -> None:
    third = Link(DEMO, THIRD, "a-third", NOW + 1)
    async with store.transaction() as tx:
        assert all([await tx.links.add(link) for link in (THERE, BACK, third)])
    async with store.reading() as tx:
        assert await tx.links.of(DEMO) == (third, THERE)
        assert await tx.links.of(OTHER) == (BACK,)
        assert await tx.links.of(THIRD) == ()
        assert await tx.links.between(DEMO, OTHER) == THERE
        assert await tx.links.between(OTHER, THIRD) is None


async def test_a_workspace_has_one_link_to_another_and_one_of_a_name(store: SqlStore) -> None:
    async with store.transaction() as tx:
        assert await tx.links.add(THERE)
        assert not await tx.links.add(replace(THERE, name="again"))
        assert not await tx.links.add(Link(DEMO, THIRD, "other", NOW))
        assert await tx.links.of(DEMO) == (THERE,)


async def test_a_link_ends_both_ways_from_either_end(store: SqlStore) -> None:
    for ends in ((DEMO, OTHER), (OTHER, DEMO)):
        async with store.transaction() as tx:
            assert await tx.links.add(THERE)
            assert await tx.links.add(BACK)
            assert await tx.links.add(Link(DEMO, THIRD, "slack", NOW))
        async with store.transaction() as tx:
            assert await tx.links.drop(*ends)
            assert not await tx.links.drop(*ends)
            assert [link.other for link in await tx.links.of(DEMO)] == [THIRD]
            assert await tx.links.of(OTHER) == ()
            assert await tx.links.drop(DEMO, THIRD)


async def test_a_video_is_published_once_in_each_other_workspace(store: SqlStore) -> None:
    await stored(store, a_release(stand=Stand.PUBLISHED))
    first = a_publication()
    third = replace(first, tenant=THIRD, key="release/a000000001/3")
    async with store.transaction() as tx:
        assert await tx.publications.add(first)
        assert not await tx.publications.add(replace(first, channel="lobby"))
        assert await tx.publications.add(third)
    async with store.reading() as tx:
        assert await tx.publications.get("a000000001", OTHER) == first
        assert await tx.publications.get("a000000001", DEMO) is None
        assert await tx.publications.get("b000000001", OTHER) is None
        assert await tx.publications.of_job("a000000001") == (third, first)
    async with store.transaction() as tx:
        assert await tx.publications.drop("a000000001", OTHER)
        assert not await tx.publications.drop("a000000001", OTHER)
        assert await tx.publications.of_job("a000000001") == (third,)
        assert await tx.publications.add(first)


async def test_nothing_is_published_of_a_job_that_never_was(store: SqlStore) -> None:
    with pytest.raises(IntegrityError):
        async with store.transaction() as tx:
            await tx.publications.add(a_publication())


async def test_what_stands_in_a_workspace_is_found_by_the_beginning_of_its_id(
    store: SqlStore,
) -> None:
    ids = ("a000000001", "a000000002", "b000000001")
    await stored(store, *(a_release(name, Stand.PUBLISHED) for name in ids))
    async with store.transaction() as tx:
        for name in ids[::-1]:
            await tx.publications.add(a_publication(name))
    async with store.reading() as tx:
        assert await tx.publications.called(OTHER, "a000", 9) == ids[:2]
        assert await tx.publications.called(OTHER, "a000", 1) == ids[:1]
        assert await tx.publications.called(OTHER, "b000000001", 9) == ids[2:]
        assert await tx.publications.called(DEMO, "a000", 9) == ()
