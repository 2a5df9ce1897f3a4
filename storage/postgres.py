"""Connections to PostgreSQL. It runs writers side by side; here they take turns, as SQLite's do.

Each writing transaction takes one lock of the whole database before it looks at anything. So what
it reads stays true until it ends, in however many processes the others are, and nobody can wait for
each other in a ring. Which bot may write at all says the lease (`storage.leases`), which is read
under that lock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, LiteralString

from psycopg import AsyncConnection, AsyncCursor, IsolationLevel
from psycopg.abc import Params, Query
from psycopg.types.string import StrDumper
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import SecondInstance

Prepare = Callable[[AsyncConnection], Awaitable[None]]

_OURS = 0x736F7261
"""First half of the names of our locks, since others may have some in the same database."""
_WRITING, _ARRIVING, _HOLDING = 1, 2, 3

_DEFAULTS: Mapping[str, Any] = {
    "connect_timeout": 10,
    # A server that is gone is noticed in a minute; the system itself would take hours.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_END_WHEN_STALLED: LiteralString = "SET idle_in_transaction_session_timeout = 5000"
"""Ms that a writing transaction may say nothing: a bot that was paused within one must not keep the
next one waiting."""
_NOTICE_US_GONE: Sequence[LiteralString] = (
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)


def writer(url: URL) -> AsyncEngine:
    """One connection, whose transactions have the whole database to themselves."""
    engine = _engine(url, _to_write, 1)
    event.listen(engine.sync_engine, "begin", await_turn)
    return engine


def keeper(url: URL) -> AsyncEngine:
    """One connection that waits for no turn, for what must not stand in the writer's line."""
    return _engine(url, _to_write, 1)


def reader(url: URL, size: int) -> AsyncEngine:
    """`size` connections that can only read, each transaction one view of the data."""
    return _engine(url, _to_read, size)


def arrivals(url: URL) -> Engine:
    """One connection for arrivals, which wait for nothing but other arrivals."""
    engine = create_engine(
        url,
        connect_args={**_DEFAULTS, **_arguments(url)},
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        use_native_hstore=False,
    )
    event.listen(engine, "connect", _prepare_arrivals)
    event.listen(engine, "begin", _await_arrivals)
    return engine


def _engine(url: URL, prepare: Prepare, size: int) -> AsyncEngine:
    arguments = {**_DEFAULTS, **_arguments(url)}

    async def connect() -> AsyncConnection:
        connection = await AsyncConnection.connect(**arguments, cursor_factory=_Cursor)
        try:
            connection.adapters.register_dumper(str, _Words)
            await prepare(connection)
        except BaseException:
            await connection.close()
            raise
        return connection

    return create_async_engine(
        url,
        async_creator=connect,
        pool_size=size,
        max_overflow=0,
        # A server that was started again is noticed before a transaction, not within one.
        pool_pre_ping=True,
        use_native_hstore=False,
    )


def _arguments(url: URL) -> dict[str, Any]:
    """What a URL says, in the driver's words."""
    _, arguments = PGDialect_psycopg().create_connect_args(url)  # pyright: ignore[reportUnknownMemberType] - one part is untyped
    return arguments


# --- connections --------------------------------------------------------------------------


class _Words(StrDumper):
    """Texts: PostgreSQL has every letter but one, which no keyboard has either."""

    def dump(self, obj: str) -> Any:  # noqa: ANN401 - as the library has it
        """The same text with a mark where the letter was."""
        return super().dump(obj.replace("\0", "\ufffd"))


class _Cursor(AsyncCursor[Any]):
    """Runs the rows of a statement one by one.

    The usual way is a pipeline, which says AssertionError when it is cancelled as it begins, and
    leaves a connection behind that nobody can use.
    """

    async def executemany(
        self,
        query: Query,
        params_seq: Iterable[Params],
        *,
        returning: bool = False,  # noqa: ARG002 - the library's own signature
    ) -> None:
        """Run a statement for each set of values; its rows are not kept."""
        count = 0
        for params in params_seq:
            await self.execute(query, params)  # pyright: ignore[reportArgumentType] - a template string cannot have values
            count += self.rowcount
        self._rowcount = count


def _prepare_arrivals(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
    connection.adapters.register_dumper(str, _Words)
    connection.execute(_END_WHEN_STALLED)
    connection.commit()


async def _to_read(connection: AsyncConnection) -> None:
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await connection.set_read_only(True)


async def _to_write(connection: AsyncConnection) -> None:
    # Any stricter one would look at the data before it is our turn.
    await connection.set_isolation_level(IsolationLevel.READ_COMMITTED)
    await connection.set_autocommit(True)
    for setting in (_END_WHEN_STALLED, *_NOTICE_US_GONE):
        await connection.execute(setting)
    await connection.set_autocommit(False)


# --- turns --------------------------------------------------------------------------------


def await_turn(connection: Connection) -> None:
    """Let nobody else write until this transaction ends."""
    _lock(connection, _WRITING)


def refuse_beside_old(connection: Connection) -> None:
    """Raises `SecondInstance` beside a bot of before there were leases: it held a lock instead."""
    got = connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({_OURS}, {_HOLDING})")
    if not got.scalar():
        raise SecondInstance("")


def _await_arrivals(connection: Connection) -> None:
    _lock(connection, _ARRIVING)


def _lock(connection: Connection, name: int) -> None:
    """Wait for a lock that ends with the transaction."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OURS}, {name})")
