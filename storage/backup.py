"""Backup and restore of a data folder: the database as it is at one moment, and every file.

Files are named by their content and never change, so copying the database first and the files
after it gives an archive in which every video that the database knows is there.
"""

from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot import wording
from bot.errors import ConfigError
from storage.engine import url_of

DATABASE = "bot.db"
"""Name of the database in the data folder and in the archive."""
_LEFT_OUT = frozenset({"scratch"})
"""Folders with unfinished files."""


def refuse_server(where: str | Path, folder: Path) -> None:
    """Raise `ConfigError` when the database at `where` is on a server, not in the folder."""
    if url_of(where).get_backend_name() != "sqlite":
        raise ConfigError((wording.saved_by_its_server(str(folder)),))


def write_backup(folder: Path, archive: Path) -> int:
    """Everything in `folder` into `archive` (tar.gz), also while the bot runs; returns its bytes.

    Raises `ConfigError` when there is no database in the folder.
    """
    database = folder / DATABASE
    if not database.is_file():
        raise ConfigError((wording.no_database(str(folder)),))
    partial = archive.with_name(f"{archive.name}.part")
    with tempfile.TemporaryDirectory() as temporary, tarfile.open(partial, "w:gz") as tar:
        copy = Path(temporary) / DATABASE
        _copy_database(database, copy)
        tar.add(copy, DATABASE)
        for path in _files(folder):
            tar.add(path, str(path.relative_to(folder)))
    partial.replace(archive)
    return archive.stat().st_size


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own online copy: one consistent moment, without disturbing the writer."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        database = inside.parts[0].startswith(DATABASE)
        if path.is_file() and not database and not _LEFT_OUT & set(inside.parts):
            yield path


def read_backup(archive: Path, folder: Path) -> None:
    """Unpack a backup into `folder`.

    Raises `ConfigError` when the folder holds something, or the archive is no backup.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError((wording.not_empty(str(folder)),))
    try:
        with tarfile.open(archive, "r:gz") as tar:
            if DATABASE not in tar.getnames():
                raise ConfigError((wording.no_backup(str(archive)),))
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The filter refuses links and paths that lead out of the folder.
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ConfigError((wording.no_backup(str(archive)),)) from error
