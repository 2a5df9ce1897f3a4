"""The one place that knows more than one SQL: types, indexes, inserts, triggers and openings."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    column,
    select,
    table,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

# --- types --------------------------------------------------------------------------------

Name = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text compared by its code points everywhere, so that ranges and orders are the same."""

Serial = BigInteger().with_variant(Integer(), "sqlite")
"""A number that grows with each row; SQLite counts only in a column of exactly this type."""


_FIRST_SURROGATE, _AFTER_SURROGATES = 0xD800, 0xE000


def partial_index(name: str, *columns: Column[int] | str, where: ColumnElement[bool]) -> Index:
    """An index of the rows for which `where` holds."""
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


def beginning_with(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Texts in a `Name` column that begin with `prefix`; no letter in it is a wildcard."""
    following = _following(prefix)
    return and_(column >= prefix, column < following if following else true())


def _following(prefix: str) -> str | None:
    """The first text after all that begin with `prefix`; None when nothing comes after them."""
    kept = prefix.rstrip(chr(sys.maxunicode))
    if not kept:
        return None
    last = ord(kept[-1]) + 1
    # Surrogates are no letters: the order goes on behind them.
    return kept[:-1] + chr(_AFTER_SURROGATES if last == _FIRST_SURROGATE else last)


# --- inserts ------------------------------------------------------------------------------

Insert = sqlite.Insert | postgresql.Insert


def insert_for(dialect: str, table: Table) -> Insert:
    """An insert that can have an ON CONFLICT clause."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def new_row(table: Table) -> Mapping[str, Insert]:
    """An insert that writes nothing when the row is there already.

    It leaves the transaction usable everywhere; an error of the database would end it on some.
    """

    def build(dialect: str) -> Insert:
        quiet = insert_for(dialect, table).on_conflict_do_nothing()
        return quiet.execution_options(preserve_rowcount=True)

    return each(build)


def in_place(table: Table, *changed: str) -> Mapping[str, Insert]:
    """An insert that, where a row of that key is there, gives it the new values of `changed`."""

    def build(dialect: str) -> Insert:
        new = insert_for(dialect, table)
        key = list(table.primary_key.columns)
        values = {name: new.excluded[name] for name in changed}
        return new.on_conflict_do_update(index_elements=key, set_=values)

    return each(build)


def each(build: Callable[[str], Insert]) -> Mapping[str, Insert]:
    """The same statement by dialect name, built once."""
    return {dialect: build(dialect) for dialect in ("sqlite", "postgresql")}


# --- append-only tables -------------------------------------------------------------------

APPEND_ONLY = ("entries", "job_history", "audit")
"""Tables whose rows are never changed and never removed."""


def append_only(dialect: str, table: str) -> tuple[str, ...]:
    """Statements that make the database refuse UPDATE and DELETE on `table`."""
    return _sqlite_refusals(table) if dialect == "sqlite" else _postgresql_refusals(table)


def _sqlite_refusals(table: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table}_refuses_{event.lower()} BEFORE {event} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for event in ("UPDATE", "DELETE")
    )


def _postgresql_refusals(table: str) -> tuple[str, ...]:
    function = (
        f"CREATE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table} is append-only'"
        " USING ERRCODE = 'restrict_violation'; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
    )
    return (function, trigger)


# --- words --------------------------------------------------------------------------------


def word_index(dialect: str) -> tuple[str, ...]:
    """Statements that index the words (with spaces between) in column `words` of `library`."""
    return _SQLITE_WORDS if dialect == "sqlite" else (_POSTGRESQL_WORDS,)


def word_triggers() -> tuple[str, ...]:
    """Those of them that SQLite forgets with the table, and that keep the index right."""
    return _SQLITE_WORDS[1:]


# The words are in the table already, and divided as they should be: only spaces part them.
_SQLITE_TABLE = (
    "CREATE VIRTUAL TABLE library_words USING fts5(words, content='library', content_rowid='id',"
    " tokenize='ascii', detail=none, prefix='2 3')"
)
_IN = "INSERT INTO library_words (rowid, words) VALUES (new.id, new.words)"
_OUT = (
    "INSERT INTO library_words (library_words, rowid, words) VALUES ('delete', old.id, old.words)"
)
_SQLITE_WORDS = (
    _SQLITE_TABLE,
    f"CREATE TRIGGER library_is_added AFTER INSERT ON library BEGIN {_IN}; END",
    f"CREATE TRIGGER library_is_removed AFTER DELETE ON library BEGIN {_OUT}; END",
    f"CREATE TRIGGER library_is_changed AFTER UPDATE OF words ON library BEGIN {_OUT}; {_IN}; END",
)
# A cast takes words as they are, where a text search configuration would divide them once more.
_POSTGRESQL_WORDS = "CREATE INDEX library_words ON library USING gin ((words::tsvector))"

_FOUND_WORDS = table("library_words", column("rowid"), column("library_words"))


Asked = Select[Any, Any, Any]


def having_words(
    dialect: str, asked: Asked, rows: Table, *, sorted_by_number: bool
) -> tuple[Asked, ColumnElement[int]]:
    """`asked` of `library`, but only rows with the words in the parameter ``words``; their number.

    The parameter is as `all_of` writes it.
    """
    if dialect != "sqlite":
        indexed = cast(rows.c.words, postgresql.TSVECTOR)
        wanted = cast(bindparam("words"), postgresql.TSQUERY)
        return asked.where(indexed.op("@@")(wanted)), rows.c.id
    number, matched = _FOUND_WORDS.c.rowid, _FOUND_WORDS.c.library_words.op("MATCH")
    if sorted_by_number:
        # Read from the end of the index of words, no row has to be sorted.
        found = asked.join(_FOUND_WORDS, number == rows.c.id)
        return found.where(matched(bindparam("words"))), number
    # Only numbers are looked at until there is enough, in the order of another index.
    numbers = select(number).where(matched(bindparam("words")))
    return asked.where(rows.c.id.in_(numbers)), rows.c.id


def all_of(dialect: str, words: Sequence[tuple[str, bool]]) -> str:
    """A search for rows with all `words`: each with whether it is whole, or the beginning of one.

    Words are of letters, digits and signs outside of ASCII, so that none says more than itself.
    """
    quote, both, star = ('"', " AND ", "*") if dialect == "sqlite" else ("'", " & ", ":*")
    return both.join(f"{quote}{word}{quote}{'' if whole else star}" for word, whole in words)


# --- SQLite's openings --------------------------------------------------------------------

BUSY_SECONDS = 10.0
"""How long to wait for a lock that a back-up tool may hold for a moment."""

BEGIN_WRITING = "BEGIN IMMEDIATE"
"""Takes the write lock at once: a transaction that reads first could otherwise not upgrade."""
BEGIN_READING = "BEGIN DEFERRED"
"""One view of the data for all statements of a reading, without any lock on writers."""

_WRITER = (
    "PRAGMA journal_mode=WAL",
    # Survives a power cut, not only the death of the process.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)
_ARRIVALS = (
    "PRAGMA journal_mode=WAL",
    # Survives the death of the process; see `storage.arrivals`.
    "PRAGMA synchronous=NORMAL",
    # It is settled in good time. This is for the day that it is not: 80 MiB, and the loop waits.
    "PRAGMA wal_autocheckpoint=20000",
)
SETTLE = "PRAGMA wal_checkpoint(PASSIVE)"
"""Brings what was written from the log to its place in the file, as far as nobody reads it."""
_READER = (
    "PRAGMA query_only=ON",
    # Before SQLite 3.51.3, two connections that checkpoint at once may ruin the file.
    "PRAGMA wal_autocheckpoint=0",
)


def sqlite_writer(path: Path) -> sqlite3.Connection:
    """The read-write connection."""
    return _opened(path, _WRITER)


def sqlite_arrivals(path: Path) -> sqlite3.Connection:
    """The read-write connection of the file for arrivals."""
    return _opened(path, _ARRIVALS)


def sqlite_reader(path: Path) -> sqlite3.Connection:
    """A connection that can only read."""
    return _opened(path, _READER)


def sqlite_visitor(path: Path) -> sqlite3.Connection:
    """A connection for a look at another process's file: it makes and tidies nothing there."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(
        address, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True
    )


def _opened(path: Path, pragmas: tuple[str, ...]) -> sqlite3.Connection:
    # Without an isolation level the driver starts no transactions of its own.
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    for pragma in pragmas:
        connection.execute(pragma)
    return connection
