"""No question that is asked often reads through all jobs that ever were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event

from bot.domain.jobs import LIVE, UNCOUNTED, JobState
from bot.domain.ledger import credits_of
from bot.domain.library import Cursor, LibraryFilter, Order, Shelf
from bot.ports import JobFilter, Unit
from storage.store import SqlStore
from tests.storage.examples import ANA, DEMO, GATE, GENERAL, NOW, OTHER, a_message

BEST, DRAFTS = Order.BEST, Shelf.DRAFTS
Ask = Callable[[Unit], Awaitable[object]]

QUESTIONS: dict[str, tuple[Ask, str]] = {
    "one job": (lambda tx: tx.jobs.get("x"), "jobs_key|autoindex_jobs"),
    "same request": (lambda tx: tx.jobs.by_interaction(DEMO, "x"), "autoindex_jobs"),
    "due": (lambda tx: tx.jobs.due(NOW, 9), "jobs_due"),
    "timers": (lambda tx: tx.jobs.timers(), "jobs_live"),
    "waiting": (lambda tx: tx.jobs.waiting(GATE), "jobs_live"),
    "served": (lambda tx: tx.jobs.waiting(GATE), "jobs_served"),
    "joining": (lambda tx: tx.jobs.joining(["a"]), "autoindex_jobs"),
    "runs": (lambda tx: tx.jobs.runs(GATE), "jobs_live"),
    "upstream": (lambda tx: tx.jobs.upstream(GATE), "jobs_live"),
    "live": (lambda tx: tx.jobs.in_state(frozenset({JobState.WAITING}), 9), "jobs_live"),
    "queue": (lambda tx: tx.jobs.list(JobFilter(DEMO, states=LIVE)), "jobs_live_here"),
    "list": (lambda tx: tx.jobs.list(JobFilter(DEMO)), "jobs_newest"),
    "mine": (lambda tx: tx.jobs.list(JobFilter(DEMO, "ana")), "jobs_of"),
    "failed": (lambda tx: tx.jobs.list(JobFilter(DEMO, "ana", UNCOUNTED)), "jobs_of"),
    "prefix": (lambda tx: tx.jobs.list(JobFilter(DEMO, prefix="abcd")), "autoindex_jobs"),
    "durations": (lambda tx: tx.jobs.durations("m", "1280x720", 8, 9), "jobs_durations"),
    "named": (lambda tx: tx.jobs.named("p", "a", "v"), "jobs_remote"),
    "claimed": (lambda tx: tx.jobs.claimed("simulator", ["v"]), "jobs_remote"),
    "history": (lambda tx: tx.jobs.history("x"), "job_history_of"),
    "usage": (lambda tx: tx.usage.total(DEMO, "person/ana", "", NOW), "autoindex_tallies"),
    "days": (lambda tx: tx.usage.total(DEMO, "workspace", "", 0), "autoindex_day_tallies"),
    "oldest": (lambda tx: tx.usage.first(DEMO, "person/ana", "", NOW), "autoindex_tallies"),
    "models": (lambda tx: tx.usage.models(DEMO, NOW, NOW + 9), "autoindex_tallies"),
    "held": (lambda tx: tx.usage.held(DEMO, "workspace", "", NOW), "jobs_live_here"),
    "extras": (lambda tx: tx.quotas.extras(ANA, NOW), "quota_extras_of"),
    "choices": (lambda tx: tx.workspaces.chosen(DEMO), "autoindex_choices"),
    "outbox": (lambda tx: tx.outbox.due(NOW, 9, {"web"}), "outbox_due"),
    "posted": (lambda tx: tx.outbox.at(a_message()), "outbox_posted"),
    "shown": (lambda tx: tx.outbox.shown_at(DEMO, "general", "m1"), "outbox_shown"),
    "thread mode": (lambda tx: tx.channels.mode(GENERAL), "autoindex_channels"),
    "next due": (lambda tx: tx.outbox.next_due({"web"}), "outbox_due"),
    "journal": (lambda tx: tx.ledger.journal(DEMO, 9), "autoindex_accounts"),
    "statement": (lambda tx: tx.ledger.statement(credits_of(ANA), 9), "entries_statement"),
    "latest": (lambda tx: tx.ledger.latest(credits_of(ANA), "grant/"), "entries_statement"),
    "first": (lambda tx: tx.ledger.first(credits_of(ANA)), "entries_statement"),
    "library": (lambda tx: tx.library.find(LibraryFilter(ANA)), "library_newest"),
    "best": (lambda tx: tx.library.find(LibraryFilter(ANA, order=BEST)), "library_best"),
    "page": (lambda tx: tx.library.find(LibraryFilter(ANA, after=Cursor(9))), "library_newest"),
    "words": (lambda tx: tx.library.find(LibraryFilter(ANA, "kite dunes")), "VIRTUAL TABLE INDEX"),
    "own": (lambda tx: tx.library.find(LibraryFilter(ANA, shelf=DRAFTS)), "VIRTUAL TABLE INDEX"),
    "best word": (
        lambda tx: tx.library.find(LibraryFilter(ANA, "kite", order=BEST)),
        "library_best",
    ),
    "remixed": (lambda tx: tx.library.top(DEMO, NOW, NOW + 9, 9), "jobs_family"),
    "remixes": (lambda tx: tx.library.remixes(DEMO, ["a", "b"]), "jobs_family"),
    "recalled": (lambda tx: tx.library.recall(DEMO, 1), "INTEGER PRIMARY KEY"),
    "liked": (lambda tx: tx.library.find(LibraryFilter(ANA, "kite", liked_by="a")), "likes_of"),
    "likes": (lambda tx: tx.likes.count("x"), "autoindex_likes"),
    "like": (lambda tx: tx.likes.has("x", ANA), "autoindex_likes"),
    "across": (lambda tx: tx.publications.called(DEMO, "abcd", 2), "publications_called"),
    "liked ones": (lambda tx: tx.likes.among(["a", "b"], ANA), "likes_of"),
    "asked": (lambda tx: tx.asks.waiting(ANA, 9), "asks_waiting"),
    "asked across": (lambda tx: tx.asks.between(DEMO, OTHER), "asks_waiting"),
    "takedowns": (lambda tx: tx.takedowns.open(DEMO, 9), "takedowns_open"),
    "strikes": (lambda tx: tx.takedowns.strikes(ANA, NOW), "takedowns_strikes"),
}


@pytest.mark.parametrize("ask, index", QUESTIONS.values(), ids=QUESTIONS)
async def test_a_question_is_answered_from_an_index(store: SqlStore, ask: Ask, index: str) -> None:
    asked: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:  # noqa: ANN401 - as the event has it
        asked.append((call[2], call[3]))

    reader = store.database.reader.sync_engine
    event.listen(reader, "before_cursor_execute", note)
    async with store.reading() as tx:
        await ask(tx)
    event.remove(reader, "before_cursor_execute", note)
    statement, parameters = next(call for call in asked if call[0].startswith("SELECT"))
    async with store.database.reading() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = " / ".join(row.detail for row in plan)
    assert any(name in steps for name in index.split("|")), steps
    # Of many rows none is sorted but the few messages that wait to be sent.
    # The best of a week are sorted, too: by how often each was remixed, which no index knows.
    assert "B-TREE FOR ORDER BY" not in steps or index in {"outbox_due", "jobs_family"}, steps
