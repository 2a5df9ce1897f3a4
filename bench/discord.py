"""How soon Discord has the first answer to a command, beside a bot that does nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.bots import PATIENCE, PEOPLE, PROMPT, check_books, stored
from bench.figures import Figure, quantile
from bench.processes import Process, part
from bot.domain.jobs import LIVE
from storage.store import open_store

RATES = (50, 200, 500)
"""Commands per second."""
SECONDS = 5
ROUNDS = 3
"""Turns of each bot at each pace; the middle one counts."""
IN_TIME = 3000
"""Ms after which Discord takes no first answer any more."""
SLOW = 50
"""Commands per second up to which all cards are waited for."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`number` commands by so many `people`, `rate` of them each second."""

    rate: int
    number: int
    people: int

    @property
    def slow(self) -> bool:
        """Whether all cards are waited for: the adapter sends 40 requests a second, not more."""
        return self.rate <= SLOW


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """Ours and the bare one in turns, each on a Discord and a store of its own."""
    paces = [Pace(rate, SECONDS * rate, len(PEOPLE)) for rate in RATES]
    found: list[Figure] = []
    for pace in [Pace(20, 20, 5)] if quick else paces:
        place = folder / str(pace.rate)
        turns = [await _turn(place / str(turn), pace) for turn in range(1 if quick else ROUNDS)]
        found += _figures(pace.rate, [ours for ours, _ in turns], [bare for _, bare in turns])
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """What Discord saw: ids of commands, and ms from each to the answers that came."""

    asked: list[str]
    acks: list[float | None]
    answers: list[float | None]
    cards: int
    doubles: int
    violations: list[str]


@dataclass(frozen=True, slots=True)
class Load:
    """The commands of one load: ms to their answers, and ms of CPU of the bot for each."""

    number: int
    acks: list[float]
    answers: list[float]
    work: float

    @property
    def in_time(self) -> int:
        """How many got their first answer before Discord gave up."""
        return sum(ms <= IN_TIME for ms in self.acks)


def _figures(rate: int, ours: Sequence[Load], bare: Sequence[Load]) -> Sequence[Figure]:
    late, late_bare = _middle(ours, 0.99), _middle(bare, 0.99)
    answers = [ms for load in ours for ms in load.answers]
    work = sum(load.work for load in ours) / len(ours)
    return (
        Figure(f"ack at {rate}/s, p50", _middle(ours, 0.5), "ms"),
        Figure(f"ack at {rate}/s, p99", late, "ms"),
        Figure(f"bare ack at {rate}/s, p50", _middle(bare, 0.5), "ms"),
        Figure(f"bare ack at {rate}/s, p99", late_bare, "ms"),
        Figure(f"ack over bare at {rate}/s, p99", late / late_bare, "times", most=2),
        Figure(f"acked in time at {rate}/s", _share(ours), "%", least=100),
        Figure(f"bare acked in time at {rate}/s", _share(bare), "%", least=100),
        Figure(f"command to its answer at {rate}/s, p50", quantile(answers, 0.5), "ms"),
        Figure(f"command to its last answer at {rate}/s", max(answers), "ms"),
        Figure(f"CPU of one command at {rate}/s", work, "ms"),
    )


def _middle(loads: Sequence[Load], share: float) -> float:
    """The quantile of each load, and of these the middle one: one bad moment decides nothing."""
    return quantile([quantile(load.acks, share) for load in loads], 0.5)


def _share(loads: Sequence[Load]) -> float:
    return 100 * sum(load.in_time for load in loads) / sum(load.number for load in loads)


# --- one turn of each -----------------------------------------------------------------------


async def _turn(folder: Path, pace: Pace) -> tuple[Load, Load]:
    ours, seen = await _loaded("ours", folder, pace)
    await _check(folder / "ours" / "bot", seen, all_cards=pace.slow)
    bare, _ = await _loaded("bare", folder, pace)
    return ours, bare


async def _loaded(kind: str, folder: Path, pace: Pace) -> tuple[Load, Seen]:
    async with crowd(folder / kind / "crowd", pace.people) as (control, where):
        there = (where["url"], where["gateway"], where["token"])
        async with part("discord_bot", kind, str(folder / kind / "bot"), *there) as bot:
            await bot.said()
            return await _load(control, bot, pace, answers=kind == "ours")


async def _load(control: Control, bot: Process, pace: Pace, *, answers: bool) -> tuple[Load, Seen]:
    """A command of each person first, so that all accounts are there and all code is loaded."""
    await control.ask("greet", prompt=PROMPT)
    if answers:
        await control.ask("rest", cards=True, patience=PATIENCE)
    before, number = bot.work(), pace.number
    await control.ask("load", rate=pace.rate, number=number)
    if answers:
        await control.ask("rest", cards=pace.slow, patience=PATIENCE)
    work = 1000 * (bot.work() - before) / number
    seen = Seen(**await control.ask("seen"))
    return Load(number, _came(seen.acks[-number:]), _came(seen.answers[-number:]), work), seen


def _came(answers: Sequence[float | None]) -> list[float]:
    return [ms for ms in answers if ms is not None]


async def _check(folder: Path, seen: Seen, *, all_cards: bool) -> None:
    """Each command that was acked is one job, was answered, and has one card or will have it."""
    store = await open_store(folder / "bot.db")
    try:
        jobs = await stored(store, *LIVE)
        await check_books(store)
    finally:
        await store.aclose()
    acked = [name for name, ms in zip(seen.asked, seen.acks, strict=True) if ms is not None]
    assert sorted(job.interaction for job in jobs) == sorted(acked)
    assert len(_came(seen.answers)) == len(acked)
    assert not seen.doubles
    assert not seen.violations, seen.violations[:3]
    assert _cards(folder) == len(acked)
    assert not all_cards or seen.cards == len(acked)


def _cards(folder: Path) -> int:
    """Cards that are posted or waiting to be."""
    with closing(sqlite3.connect(folder / "bot.db")) as connection:
        (number,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
    return number


# --- a Discord of our own ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Control:
    """What the crowd can be asked to do; see `bench.crowd.Crowd`."""

    client: httpx.AsyncClient

    async def ask(self, name: str, **wanted: object) -> Any:  # noqa: ANN401 - whatever JSON can be
        """Do it, and bring back what it says."""
        answer = await self.client.post(f"/control/{name}", json=wanted)
        assert answer.is_success, answer.text
        return answer.json()


@asynccontextmanager
async def crowd(folder: Path, people: int) -> AsyncGenerator[tuple[Control, dict[str, str]]]:
    """A Discord with people in it, and where it is."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    async with part("crowd", str(folder), str(people)) as process:
        where = await process.said()
        async with httpx.AsyncClient(base_url=where["url"], timeout=2 * PATIENCE) as client:
            yield Control(client), where
