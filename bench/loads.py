"""Commands at a steady pace for a bot in a process of its own, and what came of them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.bots import PATIENCE, PROMPT, check_books, stored
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
"""Ms after which a chat takes no first answer any more."""
SLOW = 50
"""Commands per second up to which all cards are waited for."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`number` commands by so many `people`, `rate` of them each second."""

    rate: int
    number: int
    people: int


def paces(people: int, *, quick: bool) -> list[Pace]:
    """What is measured."""
    return [Pace(20, 20, 5)] if quick else [Pace(rate, SECONDS * rate, people) for rate in RATES]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the chat saw: names of commands, and ms from each to the answers that came."""

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
        """How many got their first answer before the chat gave up."""
        return sum(ms <= IN_TIME for ms in self.acks)


def besides(what: str, ours: Sequence[Load], other: Sequence[Load], name: str) -> list[Figure]:
    """Ours beside another one."""
    late, late_other = _middle(ours, 0.99), _middle(other, 0.99)
    return [
        Figure(f"{name} ack at {what}, p50", _middle(other, 0.5), "ms"),
        Figure(f"{name} ack at {what}, p99", late_other, "ms"),
        Figure(f"ack over {name} at {what}, p99", late / late_other, "times", most=2),
        Figure(f"{name} acked in time at {what}", _share(other), "%", least=100),
    ]


def figures(what: str, ours: Sequence[Load], bare: Sequence[Load]) -> Sequence[Figure]:
    """Ours beside the bare one; `what` is the pace, and the way that commands come."""
    answers = [ms for load in ours for ms in load.answers]
    work = sum(load.work for load in ours) / len(ours)
    return (
        Figure(f"ack at {what}, p50", _middle(ours, 0.5), "ms"),
        Figure(f"ack at {what}, p99", _middle(ours, 0.99), "ms"),
        Figure(f"acked in time at {what}", _share(ours), "%", least=100),
        *besides(what, ours, bare, "bare"),
        Figure(f"command to its answer at {what}, p50", quantile(answers, 0.5), "ms"),
        Figure(f"command to its last answer at {what}", max(answers), "ms"),
        Figure(f"CPU of one command at {what}", work, "ms"),
    )


def _middle(loads: Sequence[Load], share: float) -> float:
    """The quantile of each load, and of these the middle one: one bad moment decides nothing."""
    return quantile([quantile(load.acks, share) for load in loads], 0.5)


def _share(loads: Sequence[Load]) -> float:
    return 100 * sum(load.in_time for load in loads) / sum(load.number for load in loads)


# --- a chat of our own ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Control:
    """What the people of a chat can be asked to do; see `bench.crowd` and `bench.slack_crowd`."""

    client: httpx.AsyncClient

    async def ask(self, name: str, **wanted: object) -> Any:  # noqa: ANN401 - whatever JSON can be
        """Do it, and bring back what it says."""
        answer = await self.client.post(f"/control/{name}", json=wanted)
        assert answer.is_success, answer.text
        return answer.json()


@asynccontextmanager
async def crowd(
    module: str, folder: Path, people: int
) -> AsyncGenerator[tuple[Control, dict[str, str]]]:
    """A chat with people in it, and where it is."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    async with part(module, str(folder), str(people)) as process:
        where = await process.said()
        async with httpx.AsyncClient(base_url=where["url"], timeout=2 * PATIENCE) as client:
            yield Control(client), where


# --- a load ---------------------------------------------------------------------------------


async def load(
    control: Control, bot: Process, pace: Pace, *, answers: bool, cards: bool
) -> tuple[Load, Seen]:
    """A command of each person first, so that all accounts are there and all code is loaded.

    `answers`: the bot answers, so all answers are waited for, and all `cards` if wanted.
    """
    await control.ask("greet", prompt=PROMPT)
    if answers:
        await control.ask("rest", cards=True, patience=PATIENCE)
    before, number = bot.work(), pace.number
    await control.ask("load", rate=pace.rate, number=number)
    if answers:
        await control.ask("rest", cards=cards, patience=PATIENCE)
    work = 1000 * (bot.work() - before) / number
    seen = Seen(**await control.ask("seen"))
    return Load(number, _came(seen.acks[-number:]), _came(seen.answers[-number:]), work), seen


def _came(answers: Sequence[float | None]) -> list[float]:
    return [ms for ms in answers if ms is not None]


async def check(folder: Path, seen: Seen, *, cards: bool) -> None:
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
    assert not cards or seen.cards == len(acked)


def _cards(folder: Path) -> int:
    """Cards that are posted or waiting to be."""
    with closing(sqlite3.connect(folder / "bot.db")) as connection:
        (number,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
    return number
