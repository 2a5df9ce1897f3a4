"""What a data folder says after everything came to rest, read by somebody else than the bot."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import URL, func, select
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.media.probe import probe_file
from adapters.web import render
from adapters.web.platform import BOT, PEOPLE, TENANT
from bot.domain import ledger
from bot.domain.budgets import THRESHOLDS, Budget
from bot.domain.jobs import HELD, UNCOUNTED, Job, JobState
from bot.domain.ledger import Entry, Kind
from bot.domain.messages import Message, plain
from bot.domain.usage import NONE, Usage, counted, slot_of, tallied
from bot.domain.videos import Video
from bot.ports import Attempt, JobFilter
from storage.arrivals import open_arrivals
from storage.engine import Database, server, url_of
from storage.store import SqlStore
from storage.tables import accounts, budget_alerts, messages, outbox, tallies
from tests.faults.lives import Home

ANA = PEOPLE[0]
ALLOWANCE = 2000
_NEWS = "notice/"
"""How the nonces of news begin."""
MADE = frozenset({JobState.DELIVERING, JobState.DONE})
_KINDS = {
    **dict.fromkeys(HELD, ("hold",)),
    **dict.fromkeys(MADE, ("hold", "settle", "cost")),
    **dict.fromkeys(UNCOUNTED, ("hold", "release")),
}
"""What a job's state says of its credits and its cost, at any moment."""


@dataclass(frozen=True)
class Books:
    """Everything of one installation."""

    jobs: Sequence[Job]
    attempts: dict[str, Sequence[Attempt]]
    videos: dict[str, Video | None]
    kinds: dict[str, Sequence[str]]
    faults: Sequence[str]
    total: int
    """Of all accounts."""
    left: int
    held: int
    purses: dict[str, int]
    """Balances by account."""
    paid_from: dict[str, str]
    """The account from which each job's hold was taken."""
    sums: dict[tuple[str, str, int], Usage]
    """What counts toward limits, by scope, model and slot."""
    alerts: Sequence[str]
    """Ids of the budgets' alerts, each as often as its message was asked for."""
    budgets: Sequence[Budget]
    said: dict[str, Message]
    """Messages of the bot by nonce."""
    unsent: int
    home: Home

    @property
    def cards(self) -> list[str]:
        """Nonces of the messages that are neither results nor news."""
        silent = [nonce for nonce, message in self.said.items() if message.video is None]
        return [nonce for nonce in silent if not nonce.startswith(_NEWS)]

    @property
    def results(self) -> list[str]:
        """Nonces of the messages with a video."""
        return [nonce for nonce, message in self.said.items() if message.video]

    def card(self, job: Job) -> str:
        """What the card of a job says."""
        return "\n".join(plain(line) for line in self.said[f"card/{job.id}"].lines)

    def adds_up(self) -> None:
        """What is true of credits, limits and budgets at any moment."""
        assert not self.faults
        assert self.total == 0
        assert self.left + self.held + self._spent() == ALLOWANCE if self.jobs else self.left == 0
        for job in self.jobs:
            assert set(self.kinds[job.id]) == set(_KINDS[job.state]), job
            assert (self.videos[job.id] is not None) == (job.state in MADE)

        self._holds_are_of_live_jobs()
        self._counts_what_it_has()
        self._tells_once()

    def _holds_are_of_live_jobs(self) -> None:
        """Each hold is there for a job that may still fail, and came from whoever pays for it."""
        held: Counter[str] = Counter()
        for job in self.jobs:
            payer = ledger.payer(job.person, job.payer)
            assert self.paid_from[job.id] == ledger.credits_of(payer).name
            if job.state in HELD:
                held[ledger.held_for(payer).name] += job.offer.price
        kept = {name: n for name, n in self.purses.items() if n and name.startswith("held/")}
        assert kept == held

    def _counts_what_it_has(self) -> None:
        """Limits and budgets see what the jobs say."""
        found: dict[tuple[str, str, int], list[Usage]] = {}
        for job in self.jobs:
            for scope, model in tallied(job):
                found.setdefault((scope, model, slot_of(job.accepted_at)), []).append(counted(job))
        assert self.sums == {
            key: added for key, of in found.items() if (added := _added(of)) != NONE
        }

    def _tells_once(self) -> None:
        """Nobody hears twice that a budget is used up, or of what never was."""
        assert len(self.alerts) == len(set(self.alerts))
        told = {int(name.rpartition("/")[2]) for name in self.alerts}
        for budget in self.budgets:
            now = sum(counted(job).micros for job in self.jobs)
            ever = sum(job.offer.cost for job in self.jobs)
            assert _reached(budget, now) <= told <= _reached(budget, ever)

    def is_whole(self) -> None:
        """What is true at rest: money adds up, each job has one card, all is sent."""
        self.adds_up()
        news = [nonce for nonce in self.said if nonce.startswith(_NEWS)]
        assert sorted(news) == sorted(f"{_NEWS}{name}" for name in self.alerts)
        assert sorted(self.cards) == sorted(f"card/{job.id}" for job in self.jobs)
        assert self.unsent == 0
        assert max(Counter(self._remote_ids()).values(), default=0) <= 1
        assert not self._unfinished()

    def _unfinished(self) -> list[Path]:
        """Files in the making, but for the still that the ffmpeg of a dead bot went on with."""
        scratch = self.home.data / "media" / "scratch"
        return [file for file in scratch.iterdir() if not file.name.startswith(".")]

    def was_ordered_once(self, stats: dict[str, Any]) -> None:
        """The backend took each job once; it may have seen the torn beginning of a create before.

        Such a one had no effect, and it was looked up before the create was sent again.
        """
        assert stats["accepted"] == len(self.jobs)
        absent = sum(one.outcome == "absent" for of in self.attempts.values() for one in of)
        assert stats["posts"] - stats["accepted"] <= absent

    def _spent(self) -> int:
        return sum(job.offer.price for job in self.jobs if "settle" in self.kinds[job.id])

    def _remote_ids(self) -> list[str]:
        tries = [one for of in self.attempts.values() for one in of]
        return [one.reference["id"] for one in tries if one.reference]

    def is_delivered(self, job: Job) -> None:
        """One video was made, paid, kept and posted, each exactly once."""
        assert job.state == "done", (job.state, job.failure, job.reason)
        # Two lines for each transfer.
        assert Counter(self.kinds[job.id]) == {"hold": 2, "settle": 2, "cost": 2}
        assert [nonce for nonce in self.results if job.id in nonce] == [f"result/{job.id}"]
        assert self.card(job).startswith("Done")
        assert sum(one.reference is not None for one in self.attempts[job.id]) == 1
        self._has_its_file(job)

    def is_given_back(self, job: Job) -> None:
        """Nothing was made, and the credits are back, once."""
        assert not self.videos[job.id]
        assert Counter(self.kinds[job.id]) == {"hold": 2, "release": 2}
        assert self.held == 0
        assert not self.results

    def is_held(self, job: Job) -> None:
        """Nobody knows, and nobody is charged or paid back before somebody does."""
        assert job.state == "submit_unknown"
        assert Counter(self.kinds[job.id]) == {"hold": 2}
        assert self.held == job.offer.price
        assert not self.results

    def _has_its_file(self, job: Job) -> None:
        video, posted = self.videos[job.id], self.said[f"result/{job.id}"].video
        assert video
        assert posted
        assert hashlib.sha256(posted.path.read_bytes()).hexdigest() == video.blob.sha256
        info = probe_file(posted.path)
        assert (info.width, info.height) == (1280, 720)
        assert info.duration_ms // 1000 == job.spec.seconds
        assert info.has_audio
        assert posted.poster
        assert posted.poster.is_file()


async def read_books(home: Home, url: str = "") -> Books:
    """All that is stored, at the server's `url` if it is not in the folder.

    The bot must be gone from the folder: a copy is read, so it finds what it left.
    """
    opened = _visited(url) if url else _opened(home)
    async with opened as store, store.reading() as tx:
        jobs = await tx.jobs.list(JobFilter(TENANT, limit=100))
        entries = {job.id: await tx.ledger.of_job(job.id) for job in jobs}
        return Books(
            jobs=jobs,
            attempts={job.id: await tx.attempts.of(job.id) for job in jobs},
            videos={job.id: await tx.videos.of(job.id) for job in jobs},
            kinds={name: [entry.kind.value for entry in of] for name, of in entries.items()},
            faults=await tx.ledger.check(),
            total=await _total(store),
            left=await tx.ledger.balance(ledger.credits_of(ANA)),
            held=await tx.ledger.balance(ledger.held_for(ANA)),
            purses=await _balances(store),
            paid_from={name: _paid_from(of) for name, of in entries.items()},
            sums=await _sums(store),
            alerts=await _alerts(store),
            budgets=await tx.budgets.all(TENANT),
            said=await _said(store),
            unsent=await _unsent(store),
            home=home,
        )


@asynccontextmanager
async def _opened(home: Home) -> AsyncGenerator[SqlStore]:
    with TemporaryDirectory(dir=home.root) as folder:
        for file in home.data.glob("bot.db*"):
            shutil.copy(file, folder)
        url = URL.create("sqlite+aiosqlite", database=str(Path(folder) / "bot.db"))
        # As it is; to bring tables up to date is done by one at a time.
        # Beside the bot's own, without its lock.
        engine = create_async_engine(url)
        store = SqlStore(Database(engine, engine), await open_arrivals(url))
        try:
            yield store
        finally:
            await store.aclose()


@asynccontextmanager
async def _visited(url: str) -> AsyncGenerator[SqlStore]:
    where = url_of(url)
    store = SqlStore(server(where), await open_arrivals(where))
    try:
        yield store
    finally:
        await store.aclose()


async def _total(store: SqlStore) -> int:
    async with store.database.reading() as connection:
        return await connection.scalar(select(func.sum(accounts.c.balance))) or 0


async def _balances(store: SqlStore) -> dict[str, int]:
    async with store.database.reading() as connection:
        rows = await connection.execute(select(accounts.c.name, accounts.c.balance))
        return {row.name: row.balance for row in rows}


def _paid_from(of_job: Sequence[Entry]) -> str:
    return next(one.account for one in of_job if one.kind is Kind.HOLD and one.amount < 0)


async def _sums(store: SqlStore) -> dict[tuple[str, str, int], Usage]:
    async with store.database.reading() as connection:
        rows = (await connection.execute(select(tallies))).all()
    kept = {(row.scope, row.model, row.slot): Usage(*row[-4:]) for row in rows}
    return {key: usage for key, usage in kept.items() if usage != NONE}


async def _alerts(store: SqlStore) -> Sequence[str]:
    asked = select(outbox.c.key, outbox.c.revision).where(outbox.c.key.startswith(_NEWS))
    async with store.database.reading() as connection:
        rows = (await connection.execute(asked)).all()
        noted = (await connection.execute(select(budget_alerts.c.percent))).all()
    assert len(noted) == len(rows)
    return [row.key.removeprefix(_NEWS) for row in rows for _ in range(row.revision)]


def _reached(budget: Budget, spent: int) -> set[int]:
    return {percent for percent in THRESHOLDS if spent * 100 >= percent * budget.cap}


def _added(all_of: Sequence[Usage]) -> Usage:
    return Usage(*map(sum, zip(*map(astuple, all_of), strict=True)))


async def _unsent(store: SqlStore) -> int:
    pending = select(func.count()).where(outbox.c.revision > outbox.c.sent)
    async with store.database.reading() as connection:
        return await connection.scalar(pending) or 0


async def _said(store: SqlStore) -> dict[str, Message]:
    wanted = select(messages.c.nonce, messages.c.id).where(messages.c.author == BOT)
    async with store.database.reading() as connection:
        nonces = {str(row.id): row.nonce for row in await connection.execute(wanted)}
    said = await store.transcript.newest(TENANT, 1000)
    return {nonces[one.id]: render.decode(one.body) for one in said if one.id in nonces}
