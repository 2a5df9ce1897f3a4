"""A chat's own memory: one message per nonce, and what changed since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.refs import Place, Tenant
from bot.ports import Said, Transcript
from storage.store import open_store
from tests.fakes.transcript import MemoryTranscript
from tests.storage.examples import DEMO, GENERAL, NOW, OTHER


@pytest.fixture(params=["stored", "in memory"])
async def transcript(request: pytest.FixtureRequest, store_url: str) -> AsyncIterator[Transcript]:
    if request.param == "in memory":
        yield MemoryTranscript()
        return
    store = await open_store(store_url)
    yield store.transcript
    await store.aclose()


async def say(transcript: Transcript, nonce: str, tenant: Tenant = DEMO) -> Said:
    return await transcript.say(Place(tenant, "general"), "ana", {"text": nonce}, nonce, NOW)


async def texts(transcript: Transcript, after: int = 0, limit: int = 99) -> list[str]:
    return [said.body["text"] for said in await transcript.since(DEMO, after, limit)]


async def shown(transcript: Transcript) -> list[str]:
    return [said.body["text"] for said in await transcript.newest(DEMO, 99)]


async def test_a_message_comes_back_as_it_was_said(transcript: Transcript) -> None:
    place = Place(DEMO, "general", "thread 1", private=True)
    body = {"text": "“naïve” 😀 \ud800 \x00", "deep": [{"a": None, "b": [1, 2.5, True]}]}
    said = await transcript.say(place, "bot", body, "n1", NOW)
    assert (said.place, said.author, said.body, said.at) == (place, "bot", body, NOW)
    assert await transcript.newest(DEMO, 10) == (said,)


async def test_a_nonce_is_one_message(transcript: Transcript) -> None:
    first = await say(transcript, "n1")
    again = await transcript.say(GENERAL, "bot", {"text": "else"}, "n1", NOW + 5)
    assert again == first
    assert await texts(transcript) == ["n1"]


async def test_a_replaced_message_keeps_its_place_and_counts_as_changed(
    transcript: Transcript,
) -> None:
    first, second = await say(transcript, "n1"), await say(transcript, "n2")
    replaced = await transcript.replace(first.id, {"text": "new"})
    assert replaced
    assert (replaced.id, replaced.at, replaced.author) == (first.id, first.at, first.author)
    assert replaced.revision > second.revision > first.revision
    assert [said.body["text"] for said in await transcript.newest(DEMO, 9)] == ["new", "n2"]
    assert await texts(transcript, second.revision) == ["new"]
    assert (await transcript.say(GENERAL, "bot", {}, "n1", NOW)).body == {"text": "new"}


@pytest.mark.parametrize("unknown", ["999", "", "no number", "1'; --", "²"])
async def test_what_was_never_said_cannot_be_replaced(transcript: Transcript, unknown: str) -> None:
    await say(transcript, "n1")
    assert await transcript.replace(unknown, {"text": "new"}) is None
    assert await texts(transcript) == ["n1"]


async def test_of_a_removed_message_nothing_is_kept_but_that_it_is_gone(
    transcript: Transcript,
) -> None:
    first, second = await say(transcript, "n1"), await say(transcript, "n2")
    removed = await transcript.remove(first.id)
    assert removed == replace(first, body={}, revision=second.revision + 1, gone=True)
    assert await shown(transcript) == ["n2"]
    assert await transcript.since(DEMO, 0, 9) == (second, removed)
    assert await transcript.replace(first.id, {"text": "back"}) is None
    assert await transcript.since(DEMO, 0, 9) == (second, removed)


async def test_a_message_is_removed_once(transcript: Transcript) -> None:
    first = await say(transcript, "n1")
    removed = await transcript.remove(first.id)
    assert removed
    assert await transcript.remove(first.id) is None
    assert await transcript.since(DEMO, 0, 9) == (removed,)


async def test_what_is_said_after_a_removal_is_another_message(transcript: Transcript) -> None:
    first, second = await say(transcript, "n1"), await say(transcript, "n2")
    await transcript.remove(second.id)
    again, third = await say(transcript, "n2"), await say(transcript, "n3")
    assert len({first.id, second.id, again.id, third.id}) == 4
    assert await shown(transcript) == ["n1", "n2", "n3"]
    assert await transcript.newest(DEMO, 2) == (again, third)


@pytest.mark.parametrize("unknown", ["999", "", "no number", "1'; --", "²"])
async def test_what_was_never_said_cannot_be_removed(transcript: Transcript, unknown: str) -> None:
    await say(transcript, "n1")
    assert await transcript.remove(unknown) is None
    assert await texts(transcript) == ["n1"]


async def test_changes_come_in_order_up_to_the_limit(transcript: Transcript) -> None:
    said = [await say(transcript, f"n{number}") for number in range(5)]
    await transcript.replace(said[1].id, {"text": "n1 again"})
    assert await texts(transcript) == ["n0", "n2", "n3", "n4", "n1 again"]
    assert await texts(transcript, limit=2) == ["n0", "n2"]
    assert await texts(transcript, said[3].revision) == ["n4", "n1 again"]


async def test_the_newest_come_last(transcript: Transcript) -> None:
    said = [await say(transcript, f"n{number}") for number in range(5)]
    assert await transcript.newest(DEMO, 2) == (said[3], said[4])


async def test_workspaces_do_not_hear_each_other(transcript: Transcript) -> None:
    await say(transcript, "ours")
    await say(transcript, "theirs", OTHER)
    assert await texts(transcript) == ["ours"]
    assert [said.body["text"] for said in await transcript.newest(OTHER, 9)] == ["theirs"]


async def test_listeners_hear_each_stored_change_once(transcript: Transcript) -> None:
    heard: list[object] = []
    leave = transcript.listen(lambda said: heard.append(said.gone or said.body["text"]))
    first = await say(transcript, "n1")
    await say(transcript, "n1")
    await transcript.replace(first.id, {"text": "new"})
    await transcript.replace("999", {"text": "nobody"})
    await transcript.remove(first.id)
    await transcript.remove(first.id)
    leave()
    await say(transcript, "n2")
    assert heard == ["n1", "new", True]
