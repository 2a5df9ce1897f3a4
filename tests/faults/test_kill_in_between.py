"""The real process, killed from outside while it waits for somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.providers.simulator.faults import Fault, Kind
from bot.backends import BUILT_IN
from tests.faults.books import read_books
from tests.faults.commands import simulator
from tests.faults.lives import Home, Lab, Plan, settings, until

pytestmark = [pytest.mark.kill, pytest.mark.timeout(120)]
Backend = Callable[[str, Path], Plan]
LONG = 60_000


def provable(url: str, folder: Path) -> Plan:
    """A backend whose list is surely complete."""
    return Plan(settings(url))


def doubtful(url: str, folder: Path) -> Plan:
    """One that lists too, but does not promise to list a new job at once."""
    catalogue = folder / "catalogue.toml"
    text = re.sub(r'provider = "simulator"', 'provider = "gateway"', BUILT_IN.read_text("utf-8"))
    catalogue.write_text(text, encoding="utf-8")
    words = {"provider": "gateway", "provider_profile": "openai", "catalogue_file": str(catalogue)}
    return Plan(settings(url, **words), unknown_rests=True)


@pytest.mark.parametrize("backend_is", [provable, doubtful])
async def test_a_create_that_was_taken_but_never_answered_is_found_and_not_sent_again(
    lab: Lab, backend_is: Backend
) -> None:
    home = Home(lab.root)
    async with simulator(home) as backend:
        await backend.plan(Fault(Kind.SLOW, on="create", wait_ms=LONG))
        plan = backend_is(backend.url, home.root)
        async with lab.lives.a_life(home, plan) as first:
            await backend.until(lambda stats: stats["accepted"] == 1)
            first.kill()
        await lab.lives.lived_to_rest(home, plan)
        stats = await backend.stats()
    books = await read_books(home)
    books.is_whole()
    books.is_delivered(books.jobs[0])
    assert stats["posts"] == 1


async def test_a_create_that_may_have_been_sent_is_held_where_nobody_can_prove_it_was_not(
    lab: Lab,
) -> None:
    async with lab.installation("unprovable") as (home, backend):
        plan = doubtful(backend.url, home.root)
        first = await lab.lives.lived(home, plan.killed("gate:open", "after"))
        assert first.killed
        await lab.lives.lived_to_rest(home, plan)
        stats = await backend.stats()
    books = await read_books(home)
    books.is_whole()
    books.is_held(books.jobs[0])
    assert "do not resubmit" in books.card(books.jobs[0])
    assert stats["posts"] == 0


@pytest.mark.parametrize("kind", [Kind.TRUNCATED, Kind.SLOW])
async def test_a_download_that_died_with_the_bot_is_begun_anew(lab: Lab, kind: Kind) -> None:
    async with lab.installation("download") as (home, backend):
        await backend.plan(Fault(kind, on="content", times=0, wait_ms=LONG))
        plan = Plan(settings(backend.url))
        async with lab.lives.a_life(home, plan) as first:
            await backend.until(lambda stats: stats["requests"].get("content", 0) > 0)
            if kind is Kind.TRUNCATED:
                await until(lambda: half_a_file(home))
            first.kill()
        await backend.heal()
        await lab.lives.lived_to_rest(home, plan)
        stats = await backend.stats()
    books = await read_books(home)
    books.is_whole()
    books.is_delivered(books.jobs[0])
    assert stats["posts"] == 1


async def half_a_file(home: Home) -> bool:
    parts = (home.data / "media" / "scratch").glob("*.part")
    return any(part.stat().st_size for part in parts)
