"""Which of several bots works on a server's database, by the server's clock."""

from __future__ import annotations

from sqlalchemy import (
    URL,
    BigInteger,
    Connection,
    bindparam,
    cast,
    extract,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.leases import Lease, taken
from bot.errors import SecondInstance
from storage.dialects import in_place
from storage.engine import keeper
from storage.mapping import Row
from storage.tables import leases

NAME = "bot"
"""There is one lease: for everything that a bot does."""

_NOW = cast(extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
_LOOK = select(leases.c.holder, leases.c.epoch, leases.c.until_at).where(leases.c.name == NAME)
_LOOK_TO_TAKE = _LOOK.with_for_update()
_TAKE = in_place(leases, "holder", "epoch", "until_at")["postgresql"]
_OURS = (leases.c.name == NAME, leases.c.epoch == bindparam("of_epoch"))
_RENEW = update(leases).where(*_OURS).values(until_at=_NOW + bindparam("length"))
_END = update(leases).where(*_OURS).values(until_at=0)
# Arrivals do not wait for writers, so this is what lets them be before a change of hands, or after.
_LOOK_BESIDE = _LOOK.with_for_update(read=True)


class SqlLeases:
    """`Leases` on PostgreSQL. `epoch` is ours; None while nothing may be written."""

    def __init__(self, url: URL) -> None:
        # Renewals must not stand in line behind what waits to be written.
        self._engine = keeper(url)
        self.epoch: int | None = None

    async def look(self) -> Lease | None:
        """The lease as it is."""
        async with self._engine.connect() as connection:
            return _lease((await connection.execute(_LOOK)).first())

    async def take(self, holder: str, length: int) -> Lease | None:
        """Hold it, if nobody does."""
        # Who waits looks often, and must not stop writers for that.
        async with self._engine.connect() as connection:
            if not await _free(connection, holder, length):
                return None
        async with self._engine.begin() as connection:
            # From here on nobody writes, so whoever led before wrote its last.
            await connection.run_sync(_await_turn)
            found = _lease((await connection.execute(_LOOK_TO_TAKE)).first())
            lease = taken(found, holder, await _now(connection), length)
            if lease:
                await connection.execute(
                    _TAKE,
                    {
                        "name": NAME,
                        "holder": lease.holder,
                        "epoch": lease.epoch,
                        "until_at": lease.until_at,
                    },
                )
        if lease:
            self.epoch = lease.epoch
        return lease

    async def renew(self, length: int) -> bool:
        """Hold it for longer."""
        async with self._engine.begin() as connection:
            ours = {"of_epoch": self.epoch, "length": length}
            return (await connection.execute(_RENEW, ours)).rowcount == 1

    async def give_back(self) -> None:
        """Let the next one in."""
        if self.epoch is None:
            return
        async with self._engine.begin() as connection:
            await connection.execute(_END, {"of_epoch": self.epoch})
        self.epoch = None

    def prove(self, connection: Connection) -> None:
        """Within a writer's turn: raises `SecondInstance` unless it is ours until the turn ends."""
        self._compare(_lease(connection.execute(_LOOK).first()))

    def prove_beside(self, connection: Connection) -> None:
        """The same for those who write beside the writer: it changes no hands before they end."""
        self._compare(_lease(connection.execute(_LOOK_BESIDE).first()))

    def _compare(self, found: Lease | None) -> None:
        if found is None or found.epoch != self.epoch:
            raise SecondInstance(found.holder if found else "")

    async def aclose(self) -> None:
        """Close the connection."""
        await self._engine.dispose()


def refuse_beside_another(connection: Connection) -> None:
    """Raises `SecondInstance` while a bot is at work that has older tables."""
    from storage import postgres  # noqa: PLC0415 - as in `engine.server`

    if not inspect(connection).has_table(leases.name):
        postgres.refuse_beside_old(connection)
        return
    found = _lease(connection.execute(_LOOK).first())
    if found and found.until_at > (connection.scalar(select(_NOW)) or 0):
        raise SecondInstance(found.holder)


def _await_turn(connection: Connection) -> None:
    from storage import postgres  # noqa: PLC0415 - as in `engine.server`

    postgres.await_turn(connection)


async def _free(connection: AsyncConnection, holder: str, length: int) -> bool:
    found = _lease((await connection.execute(_LOOK)).first())
    return taken(found, holder, await _now(connection), length) is not None


async def _now(connection: AsyncConnection) -> int:
    return int(await connection.scalar(select(_NOW)) or 0)


def _lease(row: Row | None) -> Lease | None:
    return Lease(row.holder, row.epoch, row.until_at) if row else None
