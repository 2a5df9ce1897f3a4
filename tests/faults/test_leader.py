"""Two bots on one PostgreSQL: the second waits, takes over, and the first does nothing any more."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from typing import Literal

import pytest

from adapters.providers.simulator.faults import Fault, Kind
from tests.fakes.postgres import Server
from tests.faults.books import read_books
from tests.faults.lives import Lab, Life, Plan, settings, side_by_side, until

pytestmark = [pytest.mark.kill, pytest.mark.timeout(120)]
Moment = Literal["before", "after"]
LEASE = 3.0
"""Seconds."""
PAUSES: tuple[tuple[str, Moment], ...] = (
    ("gate:open", "after"),
    ("submit:taken", "before"),
    ("poll:finished", "after"),
    ("file:verified", "before"),
    ("posts-result", "after"),
)
"""Where the first falls silent: the intent is stored and nothing sent, the create was taken and
that is not stored yet, and so on."""


def plan_for(backend: str, database: str) -> Plan:
    """A bot on that database."""
    return Plan(settings(backend, database_url=database, lease_ms=round(LEASE * 1000)))


async def test_a_bot_that_was_paused_past_its_lease_does_nothing_more_of_what_another_took_over(
    lab: Lab, postgres: Server
) -> None:
    async def story(commit: str, moment: Moment) -> None:
        with postgres.blank() as database:
            async with lab.installation(f"paused-{commit}") as (home, backend):
                plan = plan_for(backend.url, database)
                silent = replace(plan.killed(commit, moment), pause=True)
                async with lab.lives.a_life(home, silent) as first:
                    await until(first.is_paused)
                    second = await lab.lives.lived_to_rest(home, plan)
                    before = await backend.stats()
                    first.send(signal.SIGCONT)
                stats = await backend.stats()
            books = await read_books(home, database)
        assert second.answers == first.answers or not first.answers
        assert written_after_pause(first) <= {"leases"}
        assert first.code == 0
        books.is_whole()
        books.is_delivered(books.jobs[0])
        assert (stats["posts"], stats["accepted"]) == (1, 1)
        assert stats["requests"] == before["requests"]

    await side_by_side(*(story(*pause) for pause in PAUSES))


def written_after_pause(life: Life) -> set[str]:
    """What it tried to store when it was awake again."""
    assert life.paused_at is not None
    later = life.told[life.paused_at + 1 :]
    return {name for line in later if "commit" in line for name in line["what"]}


async def test_a_stand_by_takes_over_from_a_killed_bot_when_the_lease_ends(
    lab: Lab, postgres_url: str
) -> None:
    clock = asyncio.get_running_loop()
    async with lab.installation("killed") as (home, backend):
        await backend.plan(Fault(Kind.SLOW, on="create", wait_ms=60_000))
        plan = plan_for(backend.url, postgres_url)
        async with lab.lives.a_life(home, plan) as first:
            await backend.until(lambda stats: stats["accepted"] == 1)
            async with lab.lives.a_life(home, plan) as second:
                await until(second.born)
                first.kill()
                died = clock.time()
                await until(second.is_ready)
                took = clock.time() - died
        stats = await backend.stats()
    books = await read_books(home, postgres_url)
    assert (first.killed, second.code) == (True, 0)
    assert took <= LEASE + 2
    books.is_whole()
    books.is_delivered(books.jobs[0])
    assert stats["posts"] == 1


async def test_a_bot_that_stops_hands_over_at_once(lab: Lab, postgres_url: str) -> None:
    clock = asyncio.get_running_loop()
    async with lab.installation("handed-over") as (home, backend):
        plan = plan_for(backend.url, postgres_url)
        async with lab.lives.a_life(home, plan) as first:
            await until(first.is_ready)
            async with lab.lives.a_life(home, plan) as second:
                await until(second.born)
                assert not second.was_ready
                await until(first.has_ended)
                ended = clock.time()
                await until(second.is_ready)
                took = clock.time() - ended
        stats = await backend.stats()
    books = await read_books(home, postgres_url)
    assert (first.code, second.code) == (0, 0)
    assert took < LEASE
    books.is_whole()
    books.is_delivered(books.jobs[0])
    assert stats["posts"] == 1
