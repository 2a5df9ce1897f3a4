"""What came in: stored at once in a file; on a server what comes about together is one write."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.ports import Inbox
from storage.inbox import SLICE, TOGETHER
from storage.store import SqlStore, open_store
from tests.storage.examples import NOW

NO_TEXT = "\ud800"
"""A half of a letter, which no database can store."""


@pytest.fixture
async def server(postgres_url: str) -> AsyncIterator[SqlStore]:
    opened = await open_store(postgres_url)
    yield opened
    await opened.aclose()


class Commits:
    """Counts what the writer stored."""

    def __init__(self, store: SqlStore) -> None:
        self.number = 0
        event.listen(store.arrivals.engine, "commit", self._count)

    def _count(self, _: Connection) -> None:
        self.number += 1


@asynccontextmanager
async def writing_arrivals(store: SqlStore) -> AsyncGenerator[None]:
    """Within the block somebody else writes arrivals."""
    ends = threading.Event()
    writing = asyncio.create_task(store.arrivals.run(lambda _: ends.wait()))
    await asyncio.sleep(0)
    try:
        yield
    finally:
        ends.set()
        await writing


async def spoilt_by_one(inbox: Inbox) -> None:
    """Four at once, the second of which no database can store."""
    answers = await asyncio.gather(
        inbox.take(["Ev1"], "first", NOW),
        inbox.take(["Ev2"], NO_TEXT, NOW),
        inbox.take(["Ev1"], "again", NOW),
        inbox.take(["Ev3"], "third", NOW),
        return_exceptions=True,
    )
    assert [answers[0], *answers[2:]] == [True, False, True]
    assert isinstance(answers[1], UnicodeEncodeError)
    assert [arrival.key for arrival in await inbox.waiting(10)] == ["Ev1", "Ev3"]
    assert await inbox.take(["Ev2"], "with letters", NOW)


# --- on a server --------------------------------------------------------------------------


async def test_many_at_once_share_a_transaction_and_are_all_stored(server: SqlStore) -> None:
    inbox, commits = server.inbox("slack"), Commits(server)
    takes = [inbox.take([f"Ev{n}", f"C1/{n}"], str(n), NOW + n) for n in range(3 * TOGETHER)]
    assert all(await asyncio.gather(*takes))
    assert commits.number == 3
    waiting = await inbox.waiting(4 * TOGETHER)
    assert [arrival.text for arrival in waiting] == [str(n) for n in range(3 * TOGETHER)]


async def test_what_comes_while_others_write_is_written_together(server: SqlStore) -> None:
    inbox, commits = server.inbox("slack"), Commits(server)
    async with writing_arrivals(server):
        takes = [asyncio.create_task(inbox.take([f"Ev{n}"], "text", NOW)) for n in range(3)]
        await asyncio.sleep(0)
        late = asyncio.create_task(inbox.take(["Ev9"], "late", NOW))
        await asyncio.sleep(0)
        assert not late.done()
    assert await asyncio.gather(*takes, late) == [True] * 4
    assert commits.number == 3  # Of the one that was there, of the first three, of the late one.


async def test_a_caller_that_gives_up_takes_nobody_along(server: SqlStore) -> None:
    inbox = server.inbox("slack")
    async with writing_arrivals(server):
        takes = [asyncio.create_task(inbox.take([f"Ev{n}"], "text", NOW)) for n in range(5)]
        await asyncio.sleep(0)
        takes[0].cancel()
        takes[3].cancel()
        await asyncio.sleep(0)
    answers = await asyncio.gather(*takes, return_exceptions=True)
    assert [answer for answer in answers if answer is True] == [True] * 3
    assert [arrival.key for arrival in await inbox.waiting(10)] == ["Ev1", "Ev2", "Ev4"]
    assert await inbox.take(["Ev0"], "again", NOW)


async def test_what_cannot_be_stored_on_a_server_spoils_only_itself(server: SqlStore) -> None:
    await spoilt_by_one(server.inbox("slack"))


# --- in a file ----------------------------------------------------------------------------


def stored_in(file: Path, *, alone: bool = False) -> list[str]:
    """Keys that another process finds; `alone` without the log beside the file."""
    address = f"{file.as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    with closing(sqlite3.connect(address, uri=True)) as other:
        return [key for (key,) in other.execute("SELECT key FROM inbox ORDER BY id")]


async def test_in_a_file_it_is_stored_before_anybody_else_has_a_turn(
    store: SqlStore, tmp_path: Path
) -> None:
    taking = store.inbox("slack").take(["Ev1", "C1/17.1"], "text", NOW)
    with pytest.raises(StopIteration, match="True"):
        taking.send(None)
    assert stored_in(tmp_path / "bot.db.arrivals") == ["Ev1", "C1/17.1"]


async def test_tidying_brings_what_was_written_to_its_place(
    store: SqlStore, tmp_path: Path
) -> None:
    inbox = store.inbox("slack")
    await inbox.tidy(NOW)
    assert await inbox.take(["Ev1"], "text", NOW)
    assert stored_in(tmp_path / "bot.db.arrivals", alone=True) == []
    await inbox.tidy(NOW)
    assert stored_in(tmp_path / "bot.db.arrivals", alone=True) == ["Ev1"]


async def test_others_have_their_turn_while_many_are_forgotten(store: SqlStore) -> None:
    inbox = store.inbox("slack")
    for number in range(3 * SLICE):
        assert await inbox.take([f"Ev{number}"], "text", NOW)
        await inbox.done(f"Ev{number}")
    tidying = asyncio.create_task(inbox.tidy(NOW + 1))
    await asyncio.sleep(0)
    assert await inbox.take(["Ev0"], "again", NOW)
    assert not await inbox.take([f"Ev{3 * SLICE - 1}"], "again", NOW)
    assert await tidying == 3 * SLICE
    assert [arrival.key for arrival in await inbox.waiting(10)] == ["Ev0"]


async def test_what_is_wrong_is_no_second_time(store: SqlStore) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="NOT NULL"):
        await store.inbox("slack").take(["Ev1"], "text", None)  # type: ignore[arg-type]


async def test_an_arrival_does_not_wait_for_whoever_writes_jobs(store: SqlStore) -> None:
    inbox = store.inbox("slack")
    async with store.transaction():
        assert await inbox.take(["Ev1"], "first", NOW)


async def test_of_two_with_one_key_the_first_wins(store: SqlStore) -> None:
    inbox = store.inbox("slack")
    answers = await asyncio.gather(
        inbox.take(["Ev1", "C1/17.1"], "first", NOW),
        inbox.take(["Ev2", "C1/17.1"], "second", NOW),
        inbox.take(["Ev2"], "third", NOW),
    )
    assert answers == [True, False, True]
    assert [arrival.text for arrival in await inbox.waiting(10)] == ["first", "third"]


async def test_two_lines_of_one_chat_take_each_key_once(store: SqlStore) -> None:
    lines = (store.inbox("slack"), store.inbox("slack"))
    takes = [line.take([f"Ev{n}"], "text", NOW) for n in range(50) for line in lines]
    assert Counter(await asyncio.gather(*takes)) == {True: 50, False: 50}


async def test_what_cannot_be_stored_spoils_only_itself(store: SqlStore) -> None:
    await spoilt_by_one(store.inbox("slack"))


async def test_where_nothing_can_be_written_every_caller_hears_of_it(store: SqlStore) -> None:
    inbox = store.inbox("slack")
    await store.arrivals.run(lambda connection: connection.exec_driver_sql("DROP TABLE inbox"))
    answers = await asyncio.gather(
        *(inbox.take([f"Ev{n}"], "text", NOW) for n in range(3)), return_exceptions=True
    )
    assert all("no such table: inbox" in str(answer) for answer in answers)
    with pytest.raises(Exception, match="no such table: inbox"):
        await inbox.take(["Ev9"], "text", NOW)


async def test_what_waits_is_found_without_a_look_at_all_that_ever_came(store: SqlStore) -> None:
    asked: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:  # noqa: ANN401 - as the event has it
        asked.append((call[2], call[3]))

    event.listen(store.arrivals.engine, "before_cursor_execute", note)
    await store.inbox("slack").waiting(10)
    ((statement, parameters),) = [call for call in asked if call[0].startswith("SELECT")]

    def explain(connection: Connection) -> list[str]:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row.detail for row in plan]

    steps = await store.arrivals.run(explain)
    assert steps == ["SEARCH inbox USING INDEX inbox_waiting (chat=?)"]
