"""Accepting an order: one transaction with quota, hold, job and card, beside bare sqlite3."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time

from adapters.web.platform import TENANT
from bench.bare import Recorder, Script, copied, played
from bench.bots import PLENTY, PROMPT, STUDIO, check_books, stored
from bench.figures import Figure, quantile, spread
from bench.month import LateInTheMonth, fill, limit, welcome
from bot.backends import read_catalogue
from bot.bootstrap import new_job_id
from bot.domain.gates import Declared
from bot.domain.jobs import Job, JobState
from bot.domain.refs import Person, Place
from bot.domain.tiers import Tiers
from bot.domain.videos import Size, VideoSpec
from bot.domain.workspaces import Workspace
from bot.ports import Clock
from bot.services.budgets import Budgets
from bot.services.ledger import AllowancePlan, Credits
from bot.services.moves import Moves
from bot.services.notices import Notices
from bot.services.orders import Accepted, CreateRequest, Desk
from bot.services.places import Places
from bot.services.quotas import Quotas
from bot.services.shop import Shop, Supplier
from bot.services.videos import Videos
from bot.services.views import Horizon
from bot.services.workspaces import Workspaces
from bot.settings import Settings, load
from storage.dialects import sqlite_writer
from storage.store import SqlStore, open_store

SPEC = VideoSpec(PROMPT, "sora-2", Size(1280, 720), 8)
USERS, FEW, MANY = 1000, 1000, 100_000
"""People, and past entries of the two stores that are compared."""
TURN = 50
"""People who order before bare sqlite3 has its turn."""


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """One order after the other, in turns: with a short past, with a long one, without the bot."""
    users, few, many, rounds = (TURN, 200, 2000, 2) if quick else (USERS, FEW, MANY, 40)
    people = [Person(TENANT, f"u{number}", f"User {number}") for number in range(users)]
    async with (
        _counter(folder / "few", people, few) as short,
        _counter(folder / "many", people, many) as long,
    ):
        times = await _turns(Sides(short, long), people, rounds)
    return _figures(times, few, many)


@dataclass(frozen=True, slots=True)
class Counter:
    """The use case alone: nobody works on what is accepted."""

    videos: Videos
    store: SqlStore
    file: Path


@dataclass(frozen=True, slots=True)
class Sides:
    """The same counter with a short and with a long past."""

    short: Counter
    long: Counter


@dataclass(frozen=True, slots=True)
class Taken:
    """Ms of each order by the clock, and of CPU."""

    wall: list[float] = field(default_factory=list[float])
    work: list[float] = field(default_factory=list[float])

    @property
    def per_second(self) -> float:
        """Orders per second."""
        return 1000 * len(self.wall) / sum(self.wall)

    @property
    def cpu(self) -> float:
        """Ms of CPU of one order."""
        return sum(self.work) / len(self.work)


@dataclass(frozen=True, slots=True)
class Times:
    """What all turns took; `bare` in ms of each transaction."""

    short: Taken = field(default_factory=Taken)
    long: Taken = field(default_factory=Taken)
    bare: list[float] = field(default_factory=list[float])


def _figures(times: Times, few: int, many: int) -> Sequence[Figure]:
    short, long, bare = times.short, times.long, times.bare
    p50, bare_p50 = quantile(short.wall, 0.5), quantile(bare, 0.5)
    over = f"{many:,} entries over {few:,}"
    return (
        *_of_one(short, f"{few:,} past entries"),
        *_of_one(long, f"{many:,} past entries"),
        Figure(f"{over}, orders", short.per_second / long.per_second, "times", most=1.3),
        Figure(f"{over}, p50", quantile(long.wall, 0.5) / p50, "times", most=1.3),
        Figure(f"{over}, CPU", long.cpu / short.cpu, "times"),
        Figure("the same statements in bare sqlite3", 1000 * len(bare) / sum(bare), "1/s"),
        *spread("one bare transaction", bare),
        Figure("accept over bare, p50", p50 / bare_p50, "times"),
    )


def _of_one(taken: Taken, what: str) -> Sequence[Figure]:
    return (
        Figure(f"orders accepted with {what}", taken.per_second, "1/s", least=200),
        *spread(f"one accept with {what}", taken.wall, most=15),
        Figure(f"one accept with {what}, CPU", taken.cpu, "ms"),
    )


async def _turns(sides: Sides, people: Sequence[Person], rounds: int) -> Times:
    """Each turn is one order of each of the next people, at both sides and in bare sqlite3."""
    times, first = Times(), people[:TURN]
    scripts = await _scripts(sides.short, first)
    for person in first:
        await _order(sides.long.videos, person)
    bare_file = sides.short.file.with_name("bare.db")
    copied(sides.short.file, bare_file)
    with closing(sqlite_writer(bare_file)) as bare:
        for person in islice(cycle(people), rounds * TURN):
            await _timed(sides.short.videos, person, times.short)
            await _timed(sides.long.videos, person, times.long)
            if len(times.short.wall) % TURN == 0:
                times.bare.extend(played(bare, script.again()) for script in scripts)
    for side in (sides.short, sides.long):
        # The one beside the turns was the pattern of the past.
        assert len(await stored(side.store, JobState.WAITING)) == (rounds + 1) * TURN + 1
        await check_books(side.store)
    return times


async def _scripts(counter: Counter, people: Sequence[Person]) -> list[Script]:
    """What an order of each person reads and writes."""
    recorder = Recorder(counter.store.database.writer.sync_engine)
    scripts = [await _recorded(recorder, counter.videos, person) for person in people]
    recorder.leave()
    return scripts


@asynccontextmanager
async def _counter(folder: Path, people: Sequence[Person], entries: int) -> AsyncGenerator[Counter]:
    """A store with that many entries of this month behind it, and limits of all kinds."""
    file, clock = folder / "bot.db", LateInTheMonth()
    store = await open_store(file)
    try:
        settings = load(**{**PLENTY, "data_dir": folder})
        desk = _desk(settings, store, clock)
        videos = Videos(desk)
        like = (await _order(videos, people[0])).jobs[0]
        await limit(store, STUDIO, like)
        await welcome(store, desk.credits, people)
        await fill(store, clock.now(), like, people, entries)
        yield Counter(videos, store, file)
    finally:
        await store.aclose()


def _desk(settings: Settings, store: SqlStore, clock: Clock) -> Desk:
    zone = settings.zone
    supplier = Supplier(settings.provider, settings.provider_account, "http://127.0.0.1:9/v1")
    shop = Shop(read_catalogue(settings), (supplier,), clock, zone)
    plan = AllowancePlan(settings.allowance_credits, settings.allowance_period)
    workspaces = Workspaces(store, clock, Workspace(zone))
    credits_ = Credits(store, clock, plan, workspaces)
    budgets = Budgets(store, clock, workspaces, Notices(store, workspaces, clock))
    quotas = Quotas(store, clock, credits_, workspaces, settings.quotas)
    moves = Moves(store, clock, _nobody, budgets, workspaces)
    horizon = Horizon(shop, Places(shop, Declared(4)), 1, workspaces)
    return Desk(
        *(store, clock, moves, horizon, quotas, credits_, _no_objection, new_job_id, _nobody),
        workspaces,
        budgets,
        Tiers(),
    )


def _nobody(_: Job) -> None:
    """Whom a changed job is told."""


async def _no_objection(_: Place) -> tuple[str, ...]:
    return ()


async def _order(videos: Videos, person: Person) -> Accepted:
    accepted = await videos.create(CreateRequest(person, STUDIO, new_job_id(), SPEC))
    assert len(accepted.jobs) == 1
    assert not accepted.again
    return accepted


async def _timed(videos: Videos, person: Person, taken: Taken) -> None:
    began, worked = perf_counter(), process_time()
    await _order(videos, person)
    taken.wall.append(1000 * (perf_counter() - began))
    taken.work.append(1000 * (process_time() - worked))


async def _recorded(recorder: Recorder, videos: Videos, person: Person) -> Script:
    accepted = await _order(videos, person)
    job = accepted.jobs[0]
    return recorder.taken(job.id, job.interaction)
