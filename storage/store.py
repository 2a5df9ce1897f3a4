"""The durable truth, on any database that SQLAlchemy speaks to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import SecondInstance
from bot.ports import Inbox
from storage.arrivals import Arrivals, open_arrivals
from storage.asks import SqlAsks
from storage.attempts import SqlAttempts
from storage.audit import SqlAudit
from storage.blocks import SqlBlocks
from storage.budgets import SqlBudgets
from storage.channels import SqlChannels
from storage.checks import SqlChecks
from storage.circuits import SqlCircuits
from storage.costs import SqlCosts
from storage.engine import Database, is_embedded, open_database, url_of, visit_database
from storage.gates import SqlGates
from storage.jobs import SqlJobs
from storage.leases import SqlLeases, refuse_beside_another
from storage.ledger import SqlLedger
from storage.library import SqlLibrary
from storage.likes import SqlLikes
from storage.links import SqlLinks, SqlPublications
from storage.lock import this_process
from storage.notes import SqlNotes
from storage.notices import SqlNotices
from storage.outbox import SqlOutbox
from storage.people import SqlPeople
from storage.permits import SqlPermits
from storage.prompts import SqlPrompts
from storage.quotas import SqlQuotas
from storage.quotes import SqlQuotes
from storage.releases import SqlReleases
from storage.schedules import SqlSchedules
from storage.styles import SqlStyles
from storage.switches import SqlSwitches
from storage.takedowns import SqlTakedowns
from storage.tallies import SqlTallies
from storage.transcript import SqlTranscript
from storage.videos import SqlVideos
from storage.workspaces import SqlWorkspaces

TOOL_LEASE = 10_000
"""Ms for which a store is held that nobody holds on to."""
PATIENCE = 3_000
"""Ms that the database may be held by one that is just going."""
_LOOK = 100

log = logging.getLogger(__name__)


class SqlUnit:
    """All repositories within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.jobs = SqlJobs(connection)
        self.attempts = SqlAttempts(connection)
        self.ledger = SqlLedger(connection)
        self.quotas = SqlQuotas(connection)
        self.outbox = SqlOutbox(connection)
        self.gates = SqlGates(connection)
        self.circuits = SqlCircuits(connection)
        self.videos = SqlVideos(connection)
        self.releases = SqlReleases(connection)
        self.library = SqlLibrary(connection)
        self.likes = SqlLikes(connection)
        self.prompts = SqlPrompts(connection)
        self.styles = SqlStyles(connection)
        self.links = SqlLinks(connection)
        self.publications = SqlPublications(connection)
        self.channels = SqlChannels(connection)
        self.usage = SqlTallies(connection)
        self.schedules = SqlSchedules(connection)
        self.workspaces = SqlWorkspaces(connection)
        self.people = SqlPeople(connection)
        self.permits = SqlPermits(connection)
        self.asks = SqlAsks(connection)
        self.takedowns = SqlTakedowns(connection)
        self.audit = SqlAudit(connection)
        self.budgets = SqlBudgets(connection)
        self.notices = SqlNotices(connection)
        self.quotes = SqlQuotes(connection)
        self.blocks = SqlBlocks(connection)
        self.switches = SqlSwitches(connection)
        self.checks = SqlChecks(connection)
        self.costs = SqlCosts(connection)


class SqlStore:
    """`Store` on a database; `transcript` is the web chat's memory in the same place.

    Where several bots may reach it, it can be written to only while `leases` are held.
    """

    def __init__(
        self, database: Database, arrivals: Arrivals, leases: SqlLeases | None = None
    ) -> None:
        self.database = database
        self.arrivals = arrivals
        self.leases = leases
        self.transcript = SqlTranscript(database)

    def notes(self, chat: str) -> SqlNotes:
        """What the chat of that name keeps for itself."""
        return SqlNotes(self.database, chat)

    def inbox(self, chat: str) -> Inbox:
        """What came in from the chat of that name and waits."""
        return self.arrivals.inbox(chat)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[SqlUnit]:
        """Read and write, alone. Never within another `transaction` of the same task."""
        async with self.database.writing() as connection:
            yield SqlUnit(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[SqlUnit]:
        """Read only, one view of what is stored."""
        async with self.database.reading() as connection:
            yield SqlUnit(connection)

    async def aclose(self) -> None:
        """Close connections, and let the next bot in."""
        await self.arrivals.aclose()
        await self.database.aclose()
        if self.leases:
            await self._let_go(self.leases)

    async def _let_go(self, leases: SqlLeases) -> None:
        try:
            await leases.give_back()
        except SQLAlchemyError as error:
            # It ends by itself, too.
            log.warning("the lease was not given back: %s", error)
        await leases.aclose()


class SqlVisit:
    """`Readable` on a database that another process may be working on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[SqlUnit]:
        """Read only, one view of what is stored."""
        async with self._database.reading() as connection:
            yield SqlUnit(connection)

    async def aclose(self) -> None:
        """Close connections."""
        await self._database.aclose()


async def visit_store(where: str | Path) -> SqlVisit:
    """The store at a file or URL for reading alone; raises `ConfigError` where that cannot be."""
    return SqlVisit(await visit_database(where))


async def open_store(where: str | Path) -> SqlStore:
    """The store at a file or URL, its tables up to date, and nobody else at work there.

    Raises `SecondInstance` when another process works there, `ConfigError` when the place cannot be
    used or was written by a newer version of the bot.
    """
    store = await join_store(where)
    try:
        if store.leases:
            await _hold(store.leases)
    except BaseException:
        await store.aclose()
        raise
    return store


async def _hold(leases: SqlLeases) -> None:
    for _ in range(PATIENCE // _LOOK):
        if await leases.take(this_process(), TOOL_LEASE):
            return
        await asyncio.sleep(_LOOK / 1000)
    found = await leases.look()
    raise SecondInstance(found.holder if found else "")


async def join_store(where: str | Path) -> SqlStore:
    """The same where another bot may be at work: nothing can be written before a lease is taken.

    Raises `SecondInstance` where there can be only one, or where the other one has older tables.
    """
    url = url_of(where)
    if not is_embedded(url):
        leases = SqlLeases(url)
        database = await open_database(where, leases.prove, refuse_beside_another)
        return SqlStore(database, await open_arrivals(url, leases.prove_beside), leases)
    database = await open_database(where)
    try:
        return SqlStore(database, await open_arrivals(url))
    except BaseException:
        await database.aclose()
        raise
