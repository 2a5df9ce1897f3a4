"""Accepting an order: one transaction with quota, hold, job and card, beside bare sqlite3."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from time import perf_counter, process_time

from adapters.clock import SystemClock
from bench.bare import Recorder, Script, copied, played
from bench.bots import PEOPLE, PLENTY, PROMPT, STUDIO, check_books, stored
from bench.figures import Figure, quantile, spread
from bot.bootstrap import new_job_id, read_catalogue
from bot.domain.jobs import Job, JobState
from bot.domain.refs import Person, Place
from bot.domain.tiers import Tiers
from bot.domain.videos import Size, VideoSpec
from bot.domain.workspaces import Workspace
from bot.services.budgets import Budgets
from bot.services.ledger import AllowancePlan, Credits
from bot.services.moves import Moves
from bot.services.notices import Notices
from bot.services.orders import Accepted, CreateRequest, Desk
from bot.services.quotas import Quotas
from bot.services.shop import Shop, Supplier
from bot.services.videos import Videos
from bot.services.views import Horizon
from bot.services.workspaces import Workspaces
from bot.settings import Settings, load
from storage.dialects import sqlite_writer
from storage.store import SqlStore, open_store

SPEC = VideoSpec(PROMPT, "sora-2", Size(1280, 720), 8)


async def run(folder: Path, *, quick: bool) -> Sequence[Figure]:
    """One order after the other; the same statements without the bot take turns with them."""
    rounds = 2 if quick else 40
    settings = load(**{**PLENTY, "data_dir": folder})
    store = await open_store(folder / "bot.db")
    try:
        videos = _counter(settings, store)
        scripts = await _scripts(videos, store)
        copied(folder / "bot.db", folder / "bare.db")
        with closing(sqlite_writer(folder / "bare.db")) as bare:
            times = [await _round(videos, bare, scripts) for _ in range(rounds)]
        assert len(await stored(store, JobState.WAITING)) == (rounds + 2) * len(PEOPLE)
        await check_books(store)
    finally:
        await store.aclose()
    return _figures(times)


@dataclass(frozen=True, slots=True)
class Round:
    """One order of each person: ms of each by the bot and in bare sqlite3, and the bot's CPU ms."""

    ours: list[float]
    bare: list[float]
    work: float


def _figures(rounds: Sequence[Round]) -> Sequence[Figure]:
    ours = [time for one in rounds for time in one.ours]
    bare = [time for one in rounds for time in one.bare]
    work = sum(one.work for one in rounds) / len(ours)
    return (
        Figure("orders accepted, one after the other", _per_second(ours), "1/s", least=200),
        *spread("one accept", ours, most=15),
        Figure("one accept, CPU", work, "ms"),
        Figure("the same statements in bare sqlite3", _per_second(bare), "1/s"),
        *spread("one bare transaction", bare),
        Figure("accept over bare, p50", quantile(ours, 0.5) / quantile(bare, 0.5), "times"),
    )


def _per_second(times: Sequence[float]) -> float:
    return 1000 * len(times) / sum(times)


async def _round(videos: Videos, bare: Connection, scripts: Sequence[Script]) -> Round:
    began = process_time()
    ours = [await _timed(videos, person) for person in PEOPLE]
    work = 1000 * (process_time() - began)
    return Round(ours, [played(bare, script.again()) for script in scripts], work)


async def _scripts(videos: Videos, store: SqlStore) -> list[Script]:
    """What the second order of each person reads and writes; the first opened their account."""
    for person in PEOPLE:
        await _order(videos, person)
    recorder = Recorder(store.database.writer.sync_engine)
    scripts = [await _recorded(recorder, videos, person) for person in PEOPLE]
    recorder.leave()
    return scripts


def _counter(settings: Settings, store: SqlStore) -> Videos:
    """The use case alone: nobody works on what is accepted."""
    clock, zone = SystemClock(), settings.zone
    supplier = Supplier(settings.provider, settings.provider_account, "http://127.0.0.1:9/v1")
    shop = Shop(read_catalogue(settings), supplier, clock, zone)
    plan = AllowancePlan(settings.allowance_credits, settings.allowance_period)
    workspaces = Workspaces(store, clock, Workspace(zone))
    credits_ = Credits(store, clock, plan, workspaces)
    budgets = Budgets(store, clock, workspaces, Notices(store, workspaces, clock))
    quotas = Quotas(store, clock, credits_, workspaces, settings.quotas)
    moves, horizon = Moves(store, clock, _nobody, budgets), Horizon(shop, 4, 1)
    return Videos(
        Desk(
            *(store, clock, moves, horizon, quotas, credits_, _no_objection, new_job_id, _nobody),
            workspaces,
            budgets,
            Tiers(),
        )
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


async def _timed(videos: Videos, person: Person) -> float:
    """Ms of one order."""
    began = perf_counter()
    await _order(videos, person)
    return 1000 * (perf_counter() - began)


async def _recorded(recorder: Recorder, videos: Videos, person: Person) -> Script:
    accepted = await _order(videos, person)
    job = accepted.jobs[0]
    return recorder.taken(job.id, job.interaction)
