"""The whole bot in this process, with a backend of the bench in place of a real one."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import monotonic

from adapters.blobs import DiskBlobs
from adapters.clock import SystemClock
from adapters.media.ffmpeg import Ffmpeg
from adapters.web.platform import TENANT, WebChat, channel
from bench.backends import Endless, NoStills
from bot.backends import Backends, read_catalogue
from bot.bootstrap import Bot, Ground, assemble
from bot.domain.jobs import LIVE, Job, JobState
from bot.domain.messages import Invocation, Reply
from bot.domain.refs import Person
from bot.ports import JobFilter, Media, VideoProvider
from bot.services.shop import Shop, Supplier
from bot.settings import Settings, load
from storage.store import SqlStore, open_store

PEOPLE = tuple(Person(TENANT, f"p{number}", f"Person {number}") for number in range(50))
"""Who orders, in turn."""
STUDIO = channel(TENANT)
PROMPT = "a red kite over dunes, filmed from a boat at dusk, number"
PLENTY: Mapping[str, object] = {
    "provider": "simulator",
    "provider_url": "",
    "allowance_credits": 100_000_000,
    # One rule, so that what counts toward it is really counted.
    "default_quotas": "1000000 videos per month",
}
"""Settings in which nobody is refused."""
NOWHERE = "http://127.0.0.1:9/v1"
"""Address of a backend that is in this process."""
PATIENCE = 180
"""Seconds after which something is lost."""
_LOOK = 0.02
"""Seconds between two looks at whether all is done."""
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Running:
    """A bot that serves."""

    settings: Settings
    store: SqlStore
    chat: WebChat
    bot: Bot

    async def order(self, **more: str) -> Reply:
        """One order by whoever is next; a reply without a job is a lost one."""
        number = next(_numbers)
        person = PEOPLE[number % len(PEOPLE)]
        args = {"prompt": f"{PROMPT} {number}", **more}
        asked = Invocation("create", args, person, STUDIO, f"order-{number}")
        reply = await self.bot.commands.answer(asked)
        assert reply.jobs, reply.message
        return reply


@asynccontextmanager
async def running(
    folder: Path,
    provider: VideoProvider,
    media: Media,
    base_url: str = NOWHERE,
    **options: object,
) -> AsyncGenerator[Running]:
    """A bot with the web chat, but without its server; leaving stops it in good order."""
    async with grounded(folder, provider, media, base_url, **options) as ground:
        chat = WebChat(ground.store.transcript, ground.clock, PEOPLE)
        bot = assemble(ground, {chat.name: chat}, chat.find)
        await bot.app.start()
        try:
            yield Running(ground.settings, ground.store, chat, bot)
        finally:
            await bot.app.stop()


@asynccontextmanager
async def grounded(
    folder: Path,
    provider: VideoProvider,
    media: Media,
    base_url: str = NOWHERE,
    **options: object,
) -> AsyncGenerator[Ground]:
    """What a bot stands on, before it has a chat."""
    settings = load(**{**PLENTY, "data_dir": folder, **options})
    clock = SystemClock()
    store = await open_store(folder / "bot.db")
    try:
        blobs = DiskBlobs(folder / "media", lambda: "http://127.0.0.1", b"secret", clock)
        supplier = Supplier(settings.provider, settings.provider_account, base_url)
        catalogue = read_catalogue(settings)
        shop = Shop(catalogue, (supplier,), clock, settings.zone)
        backends = Backends(catalogue, shop, (supplier,), lambda _: provider)
        yield Ground(settings, clock, store, blobs, media, backends)
    finally:
        await store.aclose()


async def until(true: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> None:
    """Wait until something is `true`; an `AssertionError` after `patience` seconds."""
    ends = monotonic() + patience
    while not await true():
        assert monotonic() < ends, "that takes too long"
        await asyncio.sleep(_LOOK)


async def stored(store: SqlStore, *states: JobState) -> tuple[Job, ...]:
    """All jobs in `states`."""
    async with store.reading() as tx:
        return await tx.jobs.in_state(frozenset(states), 100_000)


async def at_rest(store: SqlStore) -> None:
    """Wait until no job lives and nothing is left to send."""
    live = JobFilter(TENANT, states=LIVE, limit=1)

    async def rests() -> bool:
        async with store.reading() as tx:
            return not await tx.jobs.list(live) and await tx.outbox.next_due({"web"}) is None

    await until(rests)


async def check_books(store: SqlStore) -> None:
    """The ledger agrees with itself."""
    async with store.reading() as tx:
        faults = await tx.ledger.check()
    assert not faults, faults


# --- jobs that wait for a backend ---------------------------------------------------------


async def fill(folder: Path, number: int, base_url: str = NOWHERE) -> None:
    """Leave a store in `folder` with that many jobs taken by a backend and not yet asked for."""
    backend = Endless()
    async with running(folder, backend, NoStills(Ffmpeg()), base_url, renders_at_once=1000) as bot:
        for _ in range(number):
            await bot.order()
        await until(lambda: _all_taken(bot.store, number))


async def _all_taken(store: SqlStore, number: int) -> bool:
    async with store.reading() as tx:
        waits = await tx.outbox.next_due({"web"}) is not None
    return not waits and len(await stored(store, JobState.QUEUED)) == number


def make_due(folder: Path, moments: Iterable[int]) -> dict[str, int]:
    """Give each job in the store of a stopped bot its time (ms). Returns them by backend id."""
    with closing(sqlite3.connect(folder / "bot.db")) as connection, connection:
        names = [name for (name,) in connection.execute("SELECT remote_id FROM jobs")]
        due = dict(zip(names, moments, strict=True))
        change = "UPDATE jobs SET due_at = ? WHERE remote_id = ?"
        connection.executemany(change, [(moment, name) for name, moment in due.items()])
    return due
