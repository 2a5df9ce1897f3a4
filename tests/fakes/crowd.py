"""Many orders of one person at one moment, also from a process of its own.

``python -m tests.fakes.crowd PLAN`` says "ready", waits for a line, orders all at once, and prints
what became of each order as a line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from bot.domain.quotas import EVERYONE, Period, Rule, Unit
from bot.errors import NotEnoughCredits, QuotaExceeded
from bot.services.line import Allowed
from storage.arrivals import open_arrivals
from storage.engine import server, url_of
from storage.store import SqlStore
from tests.fakes.core import PRICE, Core, Options, World

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Limit:
    """How many videos the person can have, by credits or by a quota."""

    videos: int
    quota: bool

    def options(self) -> Options:
        """A workspace in which nothing runs, so that all that is ordered waits."""
        nobody = Allowed(slots=0)
        if self.quota:
            rule = Rule(EVERYONE, Unit.VIDEOS, Period.DAY, self.videos)
            return Options(nobody, (rule,), 1000 * PRICE)
        return Options(nobody, allowance=(self.videos + 1) * PRICE - 1)


@dataclass(frozen=True)
class Plan:
    """What one process orders."""

    url: str
    folder: str
    limit: Limit
    names: Sequence[str]
    first_id: int
    """Its jobs' numbers begin here, for no two processes make the same ids."""


async def order(core: Core, names: Sequence[str]) -> list[str | None]:
    """Ids of the jobs by the names of the requests; None for what was refused."""

    async def one(name: str) -> str | None:
        try:
            return (await core.create(interaction=name)).jobs[0].id
        except (NotEnoughCredits, QuotaExceeded):
            return None

    return await asyncio.gather(*(one(name) for name in names))


async def order_from(*plans: Plan) -> list[str | None]:
    """The same for plans with a process each, which begin together when all are there."""
    processes = [await _process(plan) for plan in plans]
    for process in processes:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
    ends = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    return [job for said, _ in ends for job in json.loads(said)]


async def _process(plan: Plan) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.crowd", json.dumps(asdict(plan))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )


@asynccontextmanager
async def _core(plan: Plan) -> AsyncGenerator[Core]:
    """A core on a database that it shares, which no whole bot would."""
    url = url_of(plan.url)
    store = SqlStore(server(url), await open_arrivals(url))
    world = World(Path(plan.folder), plan.url)
    world.ids = count(plan.first_id)
    yield Core(world, store, plan.limit.options())
    await store.aclose()


async def _take_part(plan: Plan) -> None:
    async with _core(plan) as core:
        print("ready", flush=True)  # noqa: T201 - whoever started us waits for it
        await asyncio.to_thread(sys.stdin.readline)
        print(json.dumps(await order(core, plan.names)))  # noqa: T201 - as above


if __name__ == "__main__":
    words = json.loads(sys.argv[1])
    asyncio.run(_take_part(Plan(limit=Limit(**words.pop("limit")), **words)))
