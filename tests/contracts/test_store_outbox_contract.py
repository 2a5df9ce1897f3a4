"""Messages to send: what changed is sent once, the newest state only, results first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.refs import Place, Tenant
from bot.ports import Besides, Kind, Lane, Outgoing
from storage.store import SqlStore, SqlUnit
from tests.storage.examples import DEMO, GENERAL, NOW, a_job, a_message

CARD, RESULT = "card/a000000001", "result/a000000001"
ELSEWHERE = Tenant(DEMO.platform, "elsewhere")


async def touch(tx: SqlUnit, key: str = CARD, due_at: int = NOW, place: Place = GENERAL) -> None:
    if await tx.jobs.get("a000000001") is None:
        await tx.jobs.add(a_job())
    await tx.outbox.touch(key, "a000000001", place, due_at)


async def stored(tx: SqlUnit, key: str = CARD) -> Outgoing:
    found = await tx.outbox.get(key)
    assert found
    return found


async def test_a_new_message_waits_to_be_sent(store: SqlStore) -> None:
    place = Place(DEMO, "general", "thread 3", private=True)
    async with store.transaction() as tx:
        assert await tx.outbox.next_due({"web"}) is None
        await touch(tx, place=place)
    async with store.reading() as tx:
        expected = Outgoing(CARD, "a000000001", place, 1, 0, NOW, 0, None)
        assert await tx.outbox.get(CARD) == expected
        assert await tx.outbox.due(NOW, 10, {"web"}) == (expected,)
        assert await tx.outbox.due(NOW - 1, 10, {"web"}) == ()
        assert await tx.outbox.next_due({"web"}) == NOW
        assert await tx.outbox.get(RESULT) is None


async def test_a_touch_raises_the_revision_and_never_puts_off_what_is_due(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await touch(tx, due_at=NOW + 5)
        await touch(tx, due_at=NOW + 9)
        assert (await stored(tx)).due_at == NOW + 5
        await touch(tx, due_at=NOW + 1)
        assert ((await stored(tx)).due_at, (await stored(tx)).revision) == (NOW + 1, 3)


async def test_a_message_stays_in_the_place_where_it_was_first_meant_to_go(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await touch(tx, place=Place(DEMO, "elsewhere"))
        assert (await stored(tx)).place == GENERAL


async def test_what_was_sent_is_not_sent_again_until_touched(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.postpone(await stored(tx), NOW)
        await tx.outbox.sent(await stored(tx), a_message())
        sent = await stored(tx)
        assert (sent.sent, sent.ref, sent.tries) == (1, a_message(), 0)
        assert await tx.outbox.due(NOW + 99, 10, {"web"}) == ()
        assert await tx.outbox.next_due({"web"}) is None
        # Its old due time is over and done with.
        await touch(tx, due_at=NOW + 7)
        assert (await stored(tx)).due_at == NOW + 7
        assert (await stored(tx)).ref == a_message()
        assert await tx.outbox.due(NOW + 7, 10, {"web"}) == (await stored(tx),)


async def test_news_that_come_while_a_message_is_on_its_way_are_sent_too(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        on_its_way = await stored(tx)
        await touch(tx)
        await tx.outbox.sent(on_its_way, a_message())
        pending = await stored(tx)
        assert (pending.sent, pending.revision, pending.ref) == (1, 2, a_message())
        assert await tx.outbox.due(NOW, 10, {"web"}) == (pending,)


async def test_a_late_answer_does_not_undo_a_newer_one(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        first = await stored(tx)
        await touch(tx)
        await tx.outbox.sent(await stored(tx), a_message(2))
        await tx.outbox.sent(first, a_message(1))
        await tx.outbox.postpone(first, NOW + 50)
        assert ((await stored(tx)).sent, (await stored(tx)).ref) == (2, a_message(2))
        assert await tx.outbox.next_due({"web"}) is None


async def test_a_postponed_message_is_tried_again_later(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.postpone(await stored(tx), NOW + 50)
        assert ((await stored(tx)).due_at, (await stored(tx)).tries) == (NOW + 50, 1)
        assert await tx.outbox.due(NOW + 49, 10, {"web"}) == ()
        await tx.outbox.postpone(await stored(tx), NOW + 60)
        assert (await stored(tx)).tries == 2


async def test_news_are_not_put_off_by_an_older_failure(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        failed = await stored(tx)
        await touch(tx)
        await tx.outbox.postpone(failed, NOW + 50)
        assert ((await stored(tx)).due_at, (await stored(tx)).tries) == (NOW, 1)


async def test_a_dropped_message_lives_again_only_when_touched(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.postpone(await stored(tx), NOW)
        await tx.outbox.drop(await stored(tx))
        assert await tx.outbox.due(NOW + 99, 10, {"web"}) == ()
        assert (await stored(tx)).ref is None
        await touch(tx, due_at=NOW + 3)
        assert await tx.outbox.due(NOW + 3, 10, {"web"}) == (await stored(tx),)
        assert (await stored(tx)).tries == 0


# --- taken back -------------------------------------------------------------------------------


async def test_a_posted_message_that_is_taken_back_is_due_until_it_was_removed(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.sent(await stored(tx), a_message())
        before = await stored(tx)
        await tx.outbox.take_back(CARD, NOW + 5)
        gone = await stored(tx)
        assert gone == replace(before, revision=2, due_at=NOW + 5, gone=True)
        assert gone.lane.kind is Kind.EDIT
        assert await tx.outbox.due(NOW + 4, 10, {"web"}) == ()
        assert await tx.outbox.due(NOW + 5, 10, {"web"}) == (gone,)
        await tx.outbox.removed(gone)
        assert await stored(tx) == replace(gone, sent=2, ref=None)
        assert await tx.outbox.due(NOW + 99, 10, {"web"}) == ()
        assert await tx.outbox.at(a_message()) is None


async def test_a_removal_is_as_soon_as_what_was_due_and_has_tries_of_its_own(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.sent(await stored(tx), a_message())
        await touch(tx)
        await tx.outbox.postpone(await stored(tx), NOW + 3)
        await tx.outbox.take_back(CARD, NOW + 9)
        assert ((await stored(tx)).due_at, (await stored(tx)).tries) == (NOW + 3, 0)
        await tx.outbox.postpone(await stored(tx), NOW + 50)
        assert ((await stored(tx)).due_at, (await stored(tx)).tries) == (NOW + 50, 1)
        await tx.outbox.removed(await stored(tx))
        assert (await stored(tx)).tries == 0


async def test_tries_of_a_message_that_may_stand_somewhere_are_kept(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.postpone(await stored(tx), NOW)
        await tx.outbox.take_back(CARD, NOW)
        assert ((await stored(tx)).tries, (await stored(tx)).ref) == (1, None)
        assert (await stored(tx)).lane.kind is Kind.CARD


async def test_a_message_that_is_on_its_way_when_it_is_taken_back_stays_to_be_removed(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        on_its_way = await stored(tx)
        await tx.outbox.take_back(CARD, NOW)
        await tx.outbox.sent(on_its_way, a_message())
        pending = await stored(tx)
        assert (pending.sent, pending.revision, pending.ref) == (1, 2, a_message())
        assert await tx.outbox.due(NOW, 10, {"web"}) == (pending,)
        assert pending.gone


async def test_what_was_never_posted_is_dropped_when_it_is_taken_back(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.take_back(CARD, NOW)
        await tx.outbox.drop(await stored(tx))
        assert ((await stored(tx)).ref, (await stored(tx)).gone) == (None, True)
        assert await tx.outbox.due(NOW + 99, 10, {"web"}) == ()


async def test_what_was_taken_back_is_touched_in_vain(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.sent(await stored(tx), a_message())
        await tx.outbox.take_back(CARD, NOW + 5)
        waiting = await stored(tx)
        await touch(tx, due_at=NOW)
        assert await stored(tx) == waiting
        await tx.outbox.removed(waiting)
        done = await stored(tx)
        await touch(tx, due_at=NOW)
        assert await stored(tx) == done


async def anew(tx: SqlUnit) -> Outgoing:
    await tx.outbox.touch(CARD, "a000000001", Place(DEMO, "elsewhere"), NOW + 7, anew=True)
    return await stored(tx)


async def test_what_was_taken_back_can_be_told_anew(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.sent(await stored(tx), a_message())
        await tx.outbox.take_back(CARD, NOW)
        await tx.outbox.removed(await stored(tx))
        again = await anew(tx)
        assert again == Outgoing(CARD, "a000000001", GENERAL, 3, 2, NOW + 7, 0, None)
        assert await tx.outbox.due(NOW + 7, 10, {"web"}) == (again,)


async def test_what_is_told_anew_before_its_removal_stays_where_it_is(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.sent(await stored(tx), a_message())
        await tx.outbox.take_back(CARD, NOW)
        again = await anew(tx)
        assert (again.gone, again.ref, again.revision, again.due_at) == (False, a_message(), 3, NOW)


async def test_what_is_told_anew_while_it_is_removed_is_posted_once_more(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.sent(await stored(tx), a_message())
        await tx.outbox.take_back(CARD, NOW)
        on_its_way = await stored(tx)
        await anew(tx)
        await tx.outbox.removed(on_its_way)
        again = await stored(tx)
        assert (again.gone, again.ref, again.revision, again.sent) == (False, None, 3, 2)


async def test_a_new_message_told_anew_is_a_new_message(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx, RESULT)
        first = await anew(tx)
        assert (first.revision, first.place.channel, first.gone) == (1, "elsewhere", False)


async def test_a_message_is_taken_back_once(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.sent(await stored(tx), a_message())
        await tx.outbox.take_back(CARD, NOW + 5)
        waiting = await stored(tx)
        await tx.outbox.take_back(CARD, NOW)
        assert await stored(tx) == waiting
        await tx.outbox.removed(waiting)
        done = await stored(tx)
        await tx.outbox.take_back(CARD, NOW)
        assert await stored(tx) == done


async def test_a_removal_that_was_given_up_is_begun_again(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.sent(await stored(tx), a_message())
        await tx.outbox.take_back(CARD, NOW)
        await tx.outbox.drop(await stored(tx))
        assert await tx.outbox.due(NOW + 99, 10, {"web"}) == ()
        await tx.outbox.take_back(CARD, NOW + 7)
        assert await tx.outbox.due(NOW + 7, 10, {"web"}) == (await stored(tx),)
        assert (await stored(tx)).ref == a_message()


async def test_a_late_answer_does_not_bring_back_what_was_removed(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        first = await stored(tx)
        await tx.outbox.sent(first, a_message())
        await tx.outbox.take_back(CARD, NOW)
        await tx.outbox.removed(await stored(tx))
        await tx.outbox.sent(first, a_message())
        assert (await stored(tx)).ref is None


async def test_what_was_never_to_be_told_cannot_be_taken_back(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await tx.outbox.take_back(CARD, NOW)
        assert await tx.outbox.get(CARD) is None


async def test_removals_stand_in_line_with_cards_and_in_the_lane_of_edits(
    store: SqlStore,
) -> None:
    async with store.transaction() as tx:
        await touch(tx, "result/posted", NOW - 9)
        await tx.outbox.sent(await stored(tx, "result/posted"), a_message())
        await tx.outbox.take_back("result/posted", NOW - 9)
        await touch(tx, "result/new")
        await touch(tx, "card/new", NOW - 1)
        found = await tx.outbox.due(NOW, 10, {"web"})
        assert [item.key for item in found] == ["result/new", "result/posted", "card/new"]
        edits = Lane(DEMO, GENERAL.channel, Kind.EDIT)
        assert await due(tx, Besides([edits])) == {"result/new", "card/new"}
        results = Lane(DEMO, GENERAL.channel, Kind.RESULT)
        assert await due(tx, Besides([results])) == {"result/posted", "card/new"}


# --- the order --------------------------------------------------------------------------------


async def test_results_go_before_cards_and_the_longest_due_first(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx, "card/early", NOW - 9)
        await touch(tx, "card/late", NOW)
        await touch(tx, "CARD/SHOUTED", NOW - 1)
        await touch(tx, "result/late", NOW)
        await touch(tx, "result/early", NOW - 2)
        await touch(tx, "show/web/demo/i", NOW - 3)
        await touch(tx, "result/not yet", NOW + 1)
        due = [item.key for item in await tx.outbox.due(NOW, 10, {"web"})]
        assert due == [
            "show/web/demo/i",
            "result/early",
            "CARD/SHOUTED",
            "result/late",
            "card/early",
            "card/late",
        ]
        assert [item.key for item in await tx.outbox.due(NOW, 2, {"web"})] == due[:2]
        assert await tx.outbox.next_due({"web"}) == NOW - 9


async def due(tx: SqlUnit, besides: Besides) -> set[str]:
    return {item.key for item in await tx.outbox.due(NOW, 10, {"web"}, besides)}


async def test_lanes_that_are_on_their_way_are_left_out(store: SqlStore) -> None:
    elsewhere, thread = Place(DEMO, "elsewhere"), Place(DEMO, GENERAL.channel, "a thread")
    async with store.transaction() as tx:
        await touch(tx, "card/posted")
        await tx.outbox.sent(await stored(tx, "card/posted"), a_message())
        await touch(tx, "card/posted")
        await touch(tx, "card/new")
        await touch(tx, "card/thread", place=thread)
        await touch(tx, "result/new")
        await touch(tx, "show/web/demo/i", place=elsewhere)
        lanes = {kind: Lane(DEMO, GENERAL.channel, kind) for kind in Kind}
        found = await tx.outbox.due(NOW, 10, {"web"})
        for item in found:
            others = {other.key for other in found if other.lane != item.lane}
            assert await due(tx, Besides([item.lane])) == others
        cards = {"card/new", "card/thread"}
        everything = {*cards, "card/posted", "result/new", "show/web/demo/i"}
        assert await due(tx, Besides()) == everything
        assert await due(tx, Besides([lanes[Kind.CARD]])) == everything - cards
        assert await due(tx, Besides([lanes[Kind.EDIT]])) == everything - {"card/posted"}
        assert await due(tx, Besides([lanes[Kind.RESULT]])) == everything - {"result/new"}
        assert await due(tx, Besides(lanes.values())) == {"show/web/demo/i"}


async def test_what_is_held_is_left_out_until_there_is_something_newer(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await touch(tx, RESULT)
        held = Besides(held=[(CARD, 1), ("card/unknown", 7)])
        assert await due(tx, held) == {RESULT}
        await touch(tx)
        assert await due(tx, held) == {CARD, RESULT}


async def test_when_the_next_is_due_may_be_asked_past_what_is_due_now(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx, due_at=NOW)
        await touch(tx, RESULT, due_at=NOW + 7)
        assert await tx.outbox.next_due({"web"}) == NOW
        assert await tx.outbox.next_due({"web"}, NOW) == NOW + 7
        assert await tx.outbox.next_due({"web"}, NOW + 7) is None


async def test_a_message_needs_its_job(store: SqlStore) -> None:
    async with store.transaction() as tx:
        with pytest.raises(IntegrityError):
            await tx.outbox.touch(CARD, "zzzzzzzzzz", GENERAL, NOW)


async def test_a_message_is_found_by_where_it_stands(store: SqlStore) -> None:
    async with store.transaction() as tx:
        await touch(tx)
        await touch(tx, RESULT)
        assert await tx.outbox.at(a_message(1)) is None
        await tx.outbox.sent(await stored(tx), a_message(1))
        await tx.outbox.sent(await stored(tx, RESULT), a_message(2))
    async with store.reading() as tx:
        assert await tx.outbox.at(a_message(2)) == await stored(tx, RESULT)
        elsewhere = replace(a_message(2), place=GENERAL)
        assert await tx.outbox.at(elsewhere) is None


async def test_a_message_is_found_by_its_id_in_its_channel_or_its_thread(store: SqlStore) -> None:
    ref = a_message(1)
    async with store.transaction() as tx:
        await touch(tx)
        await touch(tx, RESULT)
        assert await tx.outbox.shown_at(DEMO, ref.place.channel, ref.id) is None
        await tx.outbox.sent(await stored(tx), ref)
        await tx.outbox.sent(await stored(tx, RESULT), replace(ref, place=GENERAL))
    async with store.reading() as tx:
        card = await stored(tx)
        for channel in (ref.place.channel, str(ref.place.thread)):
            assert await tx.outbox.shown_at(DEMO, channel, ref.id) == card
        shown = await tx.outbox.shown_at(DEMO, GENERAL.channel, ref.id)
        assert shown == await stored(tx, RESULT)
        assert await tx.outbox.shown_at(DEMO, "elsewhere", ref.id) is None
        assert await tx.outbox.shown_at(DEMO, ref.place.channel, "m2") is None
        assert await tx.outbox.shown_at(ELSEWHERE, ref.place.channel, ref.id) is None


async def test_what_was_taken_back_is_not_found_by_its_id_any_more(store: SqlStore) -> None:
    ref = a_message()
    async with store.transaction() as tx:
        await touch(tx)
        await tx.outbox.sent(await stored(tx), ref)
        await tx.outbox.take_back(CARD, NOW)
        assert await tx.outbox.shown_at(DEMO, ref.place.channel, ref.id) == await stored(tx)
        await tx.outbox.removed(await stored(tx))
        assert await tx.outbox.shown_at(DEMO, ref.place.channel, ref.id) is None
