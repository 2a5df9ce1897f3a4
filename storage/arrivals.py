"""Where inboxes are: one thread that writes, a whole transaction in one trip to it.

Chats give a first answer three seconds, and what comes in is stored before it. So in an embedded
database it has a file of its own, whose writer waits neither for other writers nor for the disk: it
survives the death of the process; a power cut may take what came in the very last moment, before it
was worked on and anybody charged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event

from storage import dialects
from storage.engine import Prove, file_of, is_embedded, nothing
from storage.tables import inbox, metadata

T = TypeVar("T")


class Arrivals:
    """Runs transactions one after another, beside the loop."""

    def __init__(self, engine: Engine, prove: Prove = nothing) -> None:
        self.engine = engine
        self._prove = prove
        self._thread = ThreadPoolExecutor(1, "arrivals")

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction: stored whole when it returns, not at all when it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            self._prove(connection)
            return work(connection)

    async def aclose(self) -> None:
        """Close the connection."""
        await asyncio.to_thread(self._thread.shutdown)
        self.engine.dispose()


async def open_arrivals(url: URL, prove: Prove = nothing) -> Arrivals:
    """Beside the database at `url`, which only its holder may do; on a server, in it.

    `prove` as in `Database`.
    """
    if not is_embedded(url):
        from storage import postgres  # noqa: PLC0415 - as in `engine.server`

        return Arrivals(postgres.arrivals(url), prove)
    path = file_of(url)
    beside = path.with_name(f"{path.name}.arrivals")
    engine = create_engine(
        "sqlite://",
        creator=lambda: dialects.sqlite_arrivals(beside),
        poolclass=StaticPool,
    )
    event.listen(engine, "begin", _begin)
    found = Arrivals(engine)
    await found.run(lambda connection: metadata.create_all(connection, tables=[inbox]))
    return found


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(dialects.BEGIN_WRITING)
