"""Connections: one that writes, a few that read; to a file here, to a server in `postgres`."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path

import aiosqlite
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot import wording
from bot.errors import ConfigError
from storage import dialects, driver
from storage.lock import Lock
from storage.migrations import HEAD, current, migrate

POSTGRESQL = frozenset({"postgresql", "postgres"})
"""Its names in a URL."""
READERS = 4
"""Connections that read side by side."""

log = logging.getLogger(__name__)
Prove = Callable[[Connection], None]


def nothing(_: Connection) -> None:
    """Proof enough where a lock keeps others out."""


class Database:
    """Hands out connections inside transactions; writers take turns, readers never wait for them.

    `lock` is released when all connections are closed. Each writing transaction begins with
    `prove`, which raises `SecondInstance` when another bot works there by now.
    """

    def __init__(
        self,
        writer: AsyncEngine,
        reader: AsyncEngine,
        lock: Lock | None = None,
        prove: Prove = nothing,
    ) -> None:
        self.writer = writer
        self.reader = reader
        self._lock = lock
        self._prove = prove
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction, alone: stored whole at the end, or not at all when the block raises."""
        async with self._turn, self.writer.begin() as connection:
            await connection.run_sync(self._prove)
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """A view of what is stored now."""
        async with self.reader.connect() as connection:
            yield connection

    async def aclose(self) -> None:
        """Close all connections."""
        # The last one to close tidies the log away, which only the writer may do.
        await self.reader.dispose()
        await self.writer.dispose()
        if self._lock:
            self._lock.release()


async def open_database(
    where: str | Path, prove: Prove = nothing, before: Prove = nothing
) -> Database:
    """Connect to a URL or a file, and bring its tables up to date, unless `before` speaks against.

    Raises `SecondInstance` when another bot works on the file, `ConfigError` when the place cannot
    be used or was written by a newer version.
    """
    url = url_of(where)
    embedded = is_embedded(url)
    database = _embedded(file_of(url)) if embedded else server(url, prove)
    try:
        with nullcontext() if embedded else _reached(url):
            await migrate(database.writer, before)
    except BaseException:
        await database.aclose()
        raise
    return database


def is_embedded(url: URL) -> bool:
    """Whether it is a file, and not a server."""
    return url.get_backend_name() == "sqlite"


@contextmanager
def _reached(url: URL) -> Generator[None]:
    """A server that does not answer, or lets nobody in, is a matter of settings."""
    try:
        yield
    except OperationalError as error:
        raise ConfigError((wording.cannot_reach_database(str(url), str(error.orig)),)) from error


async def visit_database(where: str | Path) -> Database:
    """Connect for reading alone, also while a bot works there; nothing is brought up to date.

    Raises `ConfigError` where there is no database, or not one of this version.
    """
    url = url_of(where)
    database = _visited(file_of(url)) if is_embedded(url) else server(url)
    try:
        with _reached(url):
            revision = await current(database.reader)
    except BaseException:
        await database.aclose()
        raise
    if revision != HEAD:
        await database.aclose()
        raise ConfigError((wording.NEEDS_MIGRATION,))
    return database


def _visited(path: Path) -> Database:
    if not path.is_file():
        raise ConfigError((wording.no_database(str(path.parent)),))
    reader = _engine(path, dialects.sqlite_visitor, dialects.BEGIN_READING, 1)
    return Database(reader, reader)


def url_of(where: str | Path) -> URL:
    """The address of a database, given as one or as a file.

    Raises `ConfigError` when it is neither SQLite's nor PostgreSQL's.
    """
    if not (isinstance(where, str) and "://" in where):
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except ArgumentError:
        raise ConfigError((wording.NO_DATABASE_URL,)) from None
    if url.get_backend_name() == "sqlite":
        return url
    if url.get_backend_name() in POSTGRESQL:
        return url.set(drivername="postgresql+psycopg")
    raise ConfigError((wording.NO_DATABASE_URL,))


def file_of(url: URL) -> Path:
    """The file of an embedded database; raises `ConfigError` when it has none."""
    if not url.database or url.database == ":memory:":
        # Readers have connections of their own, which would each see an empty memory.
        raise ConfigError((wording.needs_a_file(str(url)),))
    return Path(url.database).absolute()


def _embedded(path: Path) -> Database:
    """The database in one file. One read-write connection, which alone does the checkpoints."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = Lock(path.with_name(f"{path.name}.lock"))
    log.info("SQLite %s at %s", sqlite3.sqlite_version, path)
    return Database(
        _engine(path, dialects.sqlite_writer, dialects.BEGIN_WRITING, 1),
        _engine(path, dialects.sqlite_reader, dialects.BEGIN_READING, READERS),
        lock,
    )


def _engine(
    path: Path, open_file: Callable[[Path], sqlite3.Connection], begin: str, size: int
) -> AsyncEngine:
    async def connect() -> aiosqlite.Connection:
        return await driver.Connection(lambda: open_file(path))

    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        async_creator=connect,
        pool_size=size,
        max_overflow=0,
        # Every transaction is ended before its connection goes back; a second rollback would
        # only cost a trip to the thread.
        pool_reset_on_return=None,
    )

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "begin", start)
    return engine


def server(url: URL, prove: Prove = nothing) -> Database:
    """PostgreSQL; raises `ConfigError` when its driver is not installed."""
    with _driver():
        # Most bots are embedded, and start sooner without it.
        from storage import postgres  # noqa: PLC0415 - see above
    return Database(postgres.writer(url), postgres.reader(url, READERS), prove=prove)


def keeper(url: URL) -> AsyncEngine:
    """One connection to PostgreSQL beside these, which waits for no turn; raises as `server`."""
    with _driver():
        from storage import postgres  # noqa: PLC0415 - see above
    return postgres.keeper(url)


@contextmanager
def _driver() -> Generator[None]:
    try:
        yield
    except ImportError as error:
        raise ConfigError((wording.needs_postgresql_driver(str(error)),)) from error
