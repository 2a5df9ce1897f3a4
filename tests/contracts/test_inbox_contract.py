"""What a chat that wants a receipt at once is promised about what came in."""

import pytest

from bot.ports import Arrival, Inbox
from storage.store import SqlStore, open_store
from tests.fakes.inbox import MemoryInbox

NOW = 1_800_000_000_000


@pytest.fixture(params=["sql", "memory"])
def inbox(request: pytest.FixtureRequest, store: SqlStore) -> Inbox:
    return store.inbox("slack") if request.param == "sql" else MemoryInbox()


async def test_what_was_taken_waits_until_it_is_done(inbox: Inbox) -> None:
    assert await inbox.take(["Ev1"], '{"text":"a kite ✓"}', NOW)
    assert await inbox.waiting(10) == (Arrival("Ev1", '{"text":"a kite ✓"}', NOW),)
    await inbox.done("Ev1")
    assert await inbox.waiting(10) == ()


async def test_the_oldest_waits_at_the_head(inbox: Inbox) -> None:
    for key, at in (("late", NOW + 2), ("first", NOW), ("second", NOW), ("third", NOW + 1)):
        assert await inbox.take([key], "{}", at)
    assert [arrival.key for arrival in await inbox.waiting(3)] == ["first", "second", "third"]


async def test_a_key_is_taken_once_whoever_else_brings_it(inbox: Inbox) -> None:
    assert await inbox.take(["Ev1", "C1/17.1"], "first", NOW)
    assert not await inbox.take(["Ev1"], "again", NOW + 1)
    assert not await inbox.take(["Ev2", "C1/17.1"], "the same by another name", NOW + 1)
    assert not await inbox.take(["C1/17.1"], "the other name first", NOW + 1)
    assert [arrival.text for arrival in await inbox.waiting(10)] == ["first"]


async def test_what_was_refused_leaves_none_of_its_keys_behind(inbox: Inbox) -> None:
    assert await inbox.take(["Ev1"], "first", NOW)
    assert not await inbox.take(["Ev2", "Ev1"], "refused", NOW)
    assert await inbox.take(["Ev2"], "second", NOW)


async def test_a_key_may_be_named_twice_in_one_breath(inbox: Inbox) -> None:
    assert await inbox.take(["Ev1", "Ev1"], "first", NOW)
    assert await inbox.waiting(10) == (Arrival("Ev1", "first", NOW),)


async def test_a_key_that_is_done_is_not_taken_again(inbox: Inbox) -> None:
    assert await inbox.take(["Ev1", "C1/17.1"], "first", NOW)
    await inbox.done("Ev1")
    assert not await inbox.take(["Ev1"], "again", NOW)
    assert not await inbox.take(["C1/17.1"], "again", NOW)


async def test_done_twice_or_for_nothing_does_no_harm(inbox: Inbox) -> None:
    assert await inbox.take(["Ev1"], "first", NOW)
    await inbox.done("never came")
    assert len(await inbox.waiting(10)) == 1
    await inbox.done("Ev1")
    await inbox.done("Ev1")
    assert await inbox.waiting(10) == ()


async def test_old_keys_that_are_done_are_forgotten(inbox: Inbox) -> None:
    for number in range(3):
        assert await inbox.take([f"Ev{number}", f"C1/{number}"], "text", NOW + number)
    await inbox.done("Ev0")
    await inbox.done("Ev2")
    assert await inbox.tidy(NOW + 2) == 2
    assert await inbox.tidy(NOW + 2) == 0
    assert await inbox.take(["C1/0"], "long ago", NOW + 9)
    assert not await inbox.take(["Ev2"], "not old enough", NOW + 9)


async def test_whatever_its_age_no_name_of_what_waits_is_forgotten(inbox: Inbox) -> None:
    assert await inbox.take(["Ev1", "C1/17.1"], "first", NOW)
    assert await inbox.tidy(NOW + 9) == 0
    assert [arrival.key for arrival in await inbox.waiting(10)] == ["Ev1"]
    assert not await inbox.take(["C1/17.1"], "again", NOW + 9)


async def test_after_a_restart_it_still_waits_and_is_still_refused(store_url: str) -> None:
    store = await open_store(store_url)
    before = store.inbox("slack")
    assert await before.take(["Ev1", "C1/17.1"], "waits", NOW)
    assert await before.take(["Ev2"], "done", NOW + 1)
    await before.done("Ev2")
    await store.aclose()
    reopened = await open_store(store_url)
    after = reopened.inbox("slack")
    assert await after.waiting(10) == (Arrival("Ev1", "waits", NOW),)
    assert not await after.take(["Ev3", "C1/17.1"], "again", NOW + 2)
    assert not await after.take(["Ev2"], "again", NOW + 2)
    await reopened.aclose()


async def test_chats_do_not_take_each_others_keys(store: SqlStore) -> None:
    slack, other = store.inbox("slack"), store.inbox("other")
    assert await slack.take(["Ev1"], "ours", NOW)
    assert await other.take(["Ev1"], "theirs", NOW)
    await other.done("Ev1")
    assert [arrival.text for arrival in await slack.waiting(10)] == ["ours"]
    assert await slack.tidy(NOW + 1) == 0
    assert await other.tidy(NOW + 1) == 1
