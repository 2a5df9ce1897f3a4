"""The law of takedowns: one wish for a person and a video, decided once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.refs import Person, Tenant
from bot.domain.takedowns import Claim, Takedown, TakedownState
from storage.store import SqlStore
from tests.storage.examples import ANA, BEN, DEMO, EVE, NOW, OTHER, a_job

S = TakedownState
CARO = Person(DEMO, "caro", "Caro")
VIDEO = "a000000001"


def a_takedown(name: str = "t1", person: Person = BEN, **changes: Any) -> Takedown:  # noqa: ANN401 - any field
    wish = Takedown(name, VIDEO, ANA, person, Claim.NONE, "my logo ®", NOW)
    return replace(wish, **changes)


async def wished(store: SqlStore, *takedowns: Takedown) -> None:
    async with store.transaction() as tx:
        for video in dict.fromkeys(one.job_id for one in takedowns):
            await tx.jobs.add(a_job(video))
        for one in takedowns:
            assert await tx.takedowns.add(one) == one


async def test_a_wish_comes_back_as_it_was_stored(store: SqlStore) -> None:
    wish = a_takedown(claim=Claim.ROOT)
    await wished(store, wish)
    async with store.reading() as tx:
        found = await tx.takedowns.get(DEMO, wish.id)
        assert found == wish
        assert found
        assert (found.person.name, found.author.name) == ("Ben", "Ana")
        assert await tx.takedowns.get(OTHER, wish.id) is None


async def test_a_person_has_one_wish_about_a_video_also_once_it_was_decided(
    store: SqlStore,
) -> None:
    first = a_takedown()
    await wished(store, first, a_takedown("t2", CARO), a_takedown("t3", job_id="a000000002"))
    async with store.transaction() as tx:
        assert await tx.takedowns.add(a_takedown("t4", reason="again")) == first
        await tx.takedowns.decide(first, S.KEPT, CARO, "", NOW)
        assert (await tx.takedowns.add(a_takedown("t4"))).id == first.id
        assert await tx.takedowns.get(DEMO, "t4") is None


async def test_a_wish_is_decided_once(store: SqlStore) -> None:
    wish = a_takedown()
    await wished(store, wish)
    async with store.transaction() as tx:
        assert await tx.takedowns.decide(wish, S.DOWN, CARO, "it is", NOW)
        assert not await tx.takedowns.decide(wish, S.KEPT, BEN, "", NOW + 1)
    async with store.reading() as tx:
        found = await tx.takedowns.get(DEMO, wish.id)
        assert found == replace(wish, state=S.DOWN, decided_by=CARO, answer="it is")
        assert found
        assert found.decided_by
        assert found.decided_by.name == "Caro"


async def test_open_wishes_are_found_by_workspace_and_video_the_oldest_first(
    store: SqlStore,
) -> None:
    old, new = a_takedown(), a_takedown("t2", CARO, asked_at=NOW + 1)
    other = a_takedown("t3", job_id="a000000002", asked_at=NOW + 2)
    await wished(store, new, old, other)
    async with store.transaction() as tx:
        assert await tx.takedowns.open(DEMO, 9) == (old, new, other)
        assert await tx.takedowns.open(DEMO, 1) == (old,)
        assert await tx.takedowns.open(OTHER, 9) == ()
        assert await tx.takedowns.about(VIDEO) == (old, new)
        await tx.takedowns.decide(old, S.KEPT, CARO, "", NOW)
        assert await tx.takedowns.about(VIDEO) == (new,)


async def test_what_was_taken_down_at_one_moment_counts_once(store: SqlStore) -> None:
    wishes = [
        a_takedown(),
        a_takedown("t2", CARO),
        a_takedown("t3", job_id="a000000002"),
        a_takedown("t4", job_id="a000000003"),
        a_takedown("t5", job_id="a000000004"),
    ]
    await wished(store, *wishes)
    states = (S.DOWN, S.DOWN, S.DOWN, S.KEPT)
    async with store.transaction() as tx:
        for wish, state, at in zip(wishes, states, (5, 5, 9, 9), strict=False):
            await tx.takedowns.decide(wish, state, CARO, "", NOW + at)
        assert await tx.takedowns.strikes(ANA, NOW) == (NOW + 5, NOW + 9)
        assert await tx.takedowns.strikes(ANA, NOW + 9) == (NOW + 9,)
        assert await tx.takedowns.strikes(EVE, NOW) == ()
        assert await tx.takedowns.strikes(BEN, NOW) == ()


async def test_a_wish_from_another_workspace_is_open_where_the_video_is_of(
    store: SqlStore,
) -> None:
    wish = a_takedown(person=EVE)
    await wished(store, wish)
    async with store.transaction() as tx:
        assert await tx.takedowns.open(DEMO, 9) == (wish,)
        assert await tx.takedowns.open(OTHER, 9) == ()
        for tenant in (DEMO, OTHER):
            assert await tx.takedowns.get(tenant, wish.id) == wish
        assert await tx.takedowns.get(Tenant("slack", "demo"), wish.id) is None
        await tx.takedowns.decide(wish, S.DOWN, CARO, "", NOW)
        found = await tx.takedowns.get(OTHER, wish.id)
        assert found
        assert found.decided_by == CARO
        assert await tx.takedowns.strikes(ANA, NOW) == (NOW,)
        assert await tx.takedowns.strikes(Person(OTHER, ANA.id), NOW) == ()
