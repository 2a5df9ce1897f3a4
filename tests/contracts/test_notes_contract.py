"""What the memory of a chat promises it."""

import pytest

from bot.ports import Notes
from storage.store import SqlStore
from tests.fakes.notes import MemoryNotes


@pytest.fixture(params=["sql", "memory"])
def notes(request: pytest.FixtureRequest, store: SqlStore) -> Notes:
    return store.notes("discord") if request.param == "sql" else MemoryNotes()


async def test_what_was_never_noted_is_nothing(notes: Notes) -> None:
    assert await notes.read("commands") is None


async def test_the_last_note_counts(notes: Notes) -> None:
    await notes.write("commands", "one")
    await notes.write("commands", "two ✓")
    await notes.write("limit/1", "10")
    assert await notes.read("commands") == "two ✓"
    assert await notes.read("limit/1") == "10"


async def test_chats_do_not_read_each_others_notes(store: SqlStore) -> None:
    await store.notes("discord").write("commands", "ours")
    assert await store.notes("slack").read("commands") is None
