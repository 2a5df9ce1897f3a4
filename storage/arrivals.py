"""Where inboxes are.

Chats give a first answer three seconds, and what comes in is stored before it. So in an embedded
database it has a file of its own, which nobody else writes to and whose writer waits for no disk:
it survives the death of the process; a power cut may take what came in the very last moment, before
it was worked on and anybody charged. That takes some hundredths of a millisecond, so it is done
right on the loop: a thread would have to be woken, and take its turn beside all others.

On a server there is one thread that writes, a whole transaction in one trip to it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event

from bot.ports import Inbox
from storage import dialects
from storage.engine import Prove, file_of, is_embedded, nothing
from storage.inbox import FileInbox, SqlInbox
from storage.tables import inbox, metadata

T = TypeVar("T")


class Arrivals(Protocol):
    """All inboxes of one database."""

    @property
    def engine(self) -> Engine:
        """Where they are."""
        ...

    def inbox(self, chat: str) -> Inbox:
        """What came in from the chat of that name and waits."""
        ...

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction: stored whole when it returns, not at all when it raises."""
        ...

    async def aclose(self) -> None:
        """Close the connection."""
        ...


class FileArrivals:
    """A file with one connection, used on the loop."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self.engine = create_engine("sqlite://", creator=lambda: file, poolclass=StaticPool)
        event.listen(self.engine, "begin", _begin)
        self._file = file
        # A statement that another is in the middle of is not stored when it returns.
        self._alone = threading.Lock()

    def inbox(self, chat: str) -> FileInbox:
        """What came in from the chat of that name and waits."""
        return FileInbox(self, chat)

    def write(self, statement: str, values: Sequence[object]) -> None:
        """Run one statement by itself, without the library between: it is on everybody's way."""
        with self._alone:
            self._file.execute(statement, values).fetchall()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` at once."""
        with self._alone, self.engine.begin() as connection:
            return work(connection)

    async def settle(self) -> None:
        """Bring to its place what was written, beside the loop: this waits for the disk.

        With the same connection, so whoever comes meanwhile waits too; before SQLite 3.51.3 two
        that write or settle in the same moment may ruin the file.
        """
        await asyncio.to_thread(self.write, dialects.SETTLE, ())

    async def aclose(self) -> None:
        """Close the file."""
        self.engine.dispose()


class ServerArrivals:
    """Runs transactions one after another, beside the loop; `prove` as in `Database`."""

    def __init__(self, engine: Engine, prove: Prove = nothing) -> None:
        self.engine = engine
        self._prove = prove
        self._thread = ThreadPoolExecutor(1, "arrivals")

    def inbox(self, chat: str) -> SqlInbox:
        """What came in from the chat of that name and waits."""
        return SqlInbox(self, chat)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` when it is its turn."""
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
    """Beside the database at `url`, which only its holder may do; on a server, in it."""
    if not is_embedded(url):
        from storage import postgres  # noqa: PLC0415 - as in `engine.server`

        return ServerArrivals(postgres.arrivals(url), prove)
    path = file_of(url)
    found = FileArrivals(dialects.sqlite_arrivals(path.with_name(f"{path.name}.arrivals")))
    await found.run(lambda connection: metadata.create_all(connection, tables=[inbox]))
    return found


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(dialects.BEGIN_WRITING)
