"""The law of permissions: what people chose, whom they let, and who was asked what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.jobs import Operation
from bot.domain.later import NOW as NOW_TIMING
from bot.domain.later import Timing
from bot.domain.order import Lane
from bot.domain.people import Own
from bot.domain.permits import Ask, AskState, Order
from bot.domain.refs import Person, Place, Tenant
from bot.domain.videos import Fit, Size, VideoSpec
from storage.store import SqlStore
from tests.storage.examples import ANA, BEN, DEMO, EVE, GENERAL, NOIR, NOW, OTHER, PICTURE, a_job

CARO = Person(DEMO, "caro", "Caro")


async def test_what_somebody_chooses_for_themselves_holds_until_they_choose_again(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        assert await tx.people.chosen(ANA) == {}
        await tx.people.choose(ANA, Own.REMIXERS, "ask")
        await tx.people.choose(ANA, Own.REMIXERS, "nobody")
        await tx.people.choose(EVE, Own.REMIXERS, "team")
    async with store.transaction() as tx:
        assert await tx.people.chosen(ANA) == {Own.REMIXERS: "nobody"}
        assert await tx.people.chosen(EVE) == {Own.REMIXERS: "team"}
        assert await tx.people.chosen(BEN) == {}
        await tx.people.choose(ANA, Own.REMIXERS, None)
        assert await tx.people.chosen(ANA) == {}


# --- permissions --------------------------------------------------------------------------


async def test_a_permission_is_of_a_video_and_a_person(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        await tx.jobs.add(a_job("a000000002"))
        await tx.permits.give("a000000001", BEN, NOW, always=False)
        assert await tx.permits.has("a000000001", BEN)
        assert not await tx.permits.has("a000000002", BEN)
        assert not await tx.permits.has("a000000001", ANA)
        assert not await tx.permits.has("a000000001", Person(OTHER, "ben"))


async def test_once_is_used_up_and_always_is_not(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        await tx.permits.give("a000000001", BEN, NOW, always=False)
        await tx.permits.give("a000000001", ANA, NOW, always=True)
        await tx.permits.give("a000000001", ANA, NOW, always=False)
        for who in (ANA, BEN):
            await tx.permits.use("a000000001", who)
        assert not await tx.permits.has("a000000001", BEN)
        assert await tx.permits.has("a000000001", ANA)
        await tx.permits.give("a000000001", BEN, NOW, always=False)
        await tx.permits.give("a000000001", BEN, NOW, always=True)
        await tx.permits.use("a000000001", BEN)
        assert await tx.permits.has("a000000001", BEN)


async def test_all_permissions_for_a_video_are_taken_back_at_once(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.jobs.add(a_job())
        await tx.jobs.add(a_job("a000000002"))
        for video in ("a000000001", "a000000002"):
            await tx.permits.give(video, BEN, NOW, always=True)
        await tx.permits.forget("a000000001")
        assert not await tx.permits.has("a000000001", BEN)
        assert await tx.permits.has("a000000002", BEN)


# --- questions ----------------------------------------------------------------------------


def an_ask(name: str = "q1", person: Person = BEN, **changes: Any) -> Ask:  # noqa: ANN401 - any field
    order = Order(GENERAL, f"request {name}", a_job().spec, Operation.REMIX, 1, NOW_TIMING, 0, 80)
    return replace(Ask(name, person, ANA, "a000000001", order, NOW), **changes)


async def asked(store: SqlStore, *asks: Ask) -> None:
    async with store.transaction() as tx:
        for video in dict.fromkeys(one.job_id for one in asks):
            await tx.jobs.add(a_job(video))
        for one in asks:
            assert await tx.asks.add(one)


async def test_a_question_comes_back_as_it_was_stored(store: SqlStore) -> None:
    order = Order(
        Place(DEMO, "general", "t1", private=True),
        "request",
        VideoSpec("at “night” 🪁", "sora-2-pro", Size(720, 1280), 12, PICTURE, Fit.PAD, NOIR),
        Operation.FINALIZE,
        2,
        Timing(Lane.RELAXED, off_peak=True, at=3, delay=4),
        90,
        160,
        "at night, in black",
    )
    full = an_ask(person=replace(BEN, roles=("plus", "team")), order=order)
    await asked(store, full)
    async with store.reading() as tx:
        found = await tx.asks.get(DEMO, full.id)
        assert found == full
        assert found
        assert (found.person.name, found.person.roles) == ("Ben", ("plus", "team"))
        assert found.author.name == "Ana"
        assert await tx.asks.get(OTHER, full.id) is None


async def test_the_same_request_is_one_question_and_one_is_open_for_a_video(
    store: SqlStore,
) -> None:
    first = an_ask()
    await asked(store, first, an_ask("q2", CARO))
    async with store.transaction() as tx:
        assert await tx.asks.add(replace(an_ask("q3"), order=first.order)) == first
        assert await tx.asks.add(an_ask("q4")) is None
        assert await tx.asks.settle(first, AskState.NO, NOW)
        assert await tx.asks.add(an_ask("q4"))
        assert await tx.asks.get(DEMO, "q3") is None


async def test_a_question_is_settled_once(store: SqlStore) -> None:
    ask = an_ask()
    await asked(store, ask)
    async with store.transaction() as tx:
        assert await tx.asks.settle(ask, AskState.NO, NOW, reason="it is mine")
        assert not await tx.asks.settle(ask, AskState.YES, NOW + 1)
    async with store.reading() as tx:
        assert await tx.asks.get(DEMO, ask.id) == replace(
            ask, state=AskState.NO, reason="it is mine"
        )


async def test_questions_are_found_by_whom_they_wait_for_and_who_asked(store: SqlStore) -> None:
    old, new = an_ask(), an_ask("q2", CARO, asked_at=NOW + 1)
    other = an_ask("q3", job_id="a000000002", asked_at=NOW + 2)
    await asked(store, new, old, other)
    async with store.transaction() as tx:
        assert await tx.asks.waiting(ANA, 9) == (old, new, other)
        assert await tx.asks.waiting(ANA, 1) == (old,)
        assert await tx.asks.by(BEN, 9) == (other, old)
        assert await tx.asks.by(BEN, 1) == (other,)
        assert await tx.asks.overdue(NOW + 1, 9) == (old, new)
        assert await tx.asks.overdue(NOW + 1, 1) == (old,)
        await tx.asks.settle(old, AskState.OVER, NOW)
        assert await tx.asks.waiting(ANA, 9) == (new, other)
        assert await tx.asks.overdue(NOW, 9) == ()
        assert [one.state for one in await tx.asks.by(BEN, 9)] == [AskState.OPEN, AskState.OVER]


async def test_only_settled_questions_are_forgotten(store: SqlStore) -> None:
    old, waits = an_ask(), an_ask("q2", CARO)
    await asked(store, old, waits)
    async with store.transaction() as tx:
        await tx.asks.settle(old, AskState.YES, NOW)
        await tx.asks.tidy(NOW)
        assert await tx.asks.get(DEMO, old.id)
        await tx.asks.tidy(NOW + 1)
        assert await tx.asks.get(DEMO, old.id) is None
        assert await tx.asks.get(DEMO, waits.id) == waits


async def test_a_question_across_is_found_from_both_workspaces_and_waits_in_its_authors(
    store: SqlStore,
) -> None:
    namesake = Person(OTHER, ANA.id, "Anna")
    theirs = replace(an_ask().order, place=replace(GENERAL, tenant=OTHER))
    across, near = an_ask(person=EVE, order=theirs), an_ask("q2")
    back = an_ask("q3", ANA, author=namesake, job_id="a000000002")
    await asked(store, across, near, back)
    async with store.transaction() as tx:
        for tenant in (DEMO, OTHER):
            found = await tx.asks.get(tenant, across.id)
            assert found == across
            assert found
            assert (found.author.tenant, found.person.tenant) == (DEMO, OTHER)
        assert await tx.asks.get(Tenant("slack", "demo"), across.id) is None
        assert await tx.asks.waiting(ANA, 9) == (across, near)
        assert await tx.asks.waiting(namesake, 9) == (back,)
        assert await tx.asks.by(EVE, 9) == (across,)
        assert await tx.asks.between(DEMO, OTHER) == (across,)
        assert await tx.asks.between(OTHER, DEMO) == (back,)
        assert await tx.asks.between(DEMO, DEMO) == (near,)
        assert await tx.asks.settle(across, AskState.UNLINKED, NOW)
        assert await tx.asks.between(DEMO, OTHER) == ()
