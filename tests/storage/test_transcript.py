"""Who listens to a transcript cannot harm it."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.ports import Said
from storage.store import SqlStore
from tests.storage.examples import GENERAL, NOW


async def test_a_listener_that_breaks_harms_nobody(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def broken(said: Said) -> None:
        raise RuntimeError(said.id)

    store.transcript.listen(broken)
    store.transcript.listen(lambda said: heard.append(said.id))
    with caplog.at_level(logging.CRITICAL, "storage.transcript"):
        said = await store.transcript.say(GENERAL, "ana", {"text": "hi"}, "n1", NOW)
    assert heard == [said.id]


async def test_the_same_function_may_listen_twice_and_leave_twice(store: SqlStore) -> None:
    heard: list[Said] = []
    leave = store.transcript.listen(heard.append)
    store.transcript.listen(heard.append)
    leave()
    leave()
    said = await store.transcript.say(GENERAL, "ana", {"text": "hi"}, "n1", NOW)
    assert heard == [said]


async def test_a_listener_hears_only_what_is_stored(store: SqlStore, tmp_path: Path) -> None:
    counts: list[int] = []

    def look(_: Said) -> None:
        with closing(sqlite3.connect(tmp_path / "bot.db")) as other:
            counts.append(other.execute("SELECT count(*) FROM messages").fetchone()[0])

    store.transcript.listen(look)
    await store.transcript.say(GENERAL, "ana", {"text": "hi"}, "n1", NOW)
    assert counts == [1]
