"""What is stored. Times are ms since the epoch, credits whole numbers, JSON is text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
    literal_column,
)
from sqlalchemy.sql.elements import ColumnElement

from bot.domain.jobs import TERMINAL, JobState
from storage.dialects import APPEND_ONLY, Name, Serial, append_only, partial_index

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_once",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_0_name)s_exists",
        "pk": "%(table_name)s_key",
    }
)


def _name(
    column: str, *, nullable: bool = False, primary_key: bool = False, unique: bool | None = None
) -> Column[Any]:
    """A name of ours or of a platform."""
    return Column(column, Name, nullable=nullable, primary_key=primary_key, unique=unique)


def _words(column: str, *, nullable: bool = False) -> Column[Any]:
    """Words of people or machines, or JSON."""
    return Column(column, Text, nullable=nullable)


def _ms(column: str, *, nullable: bool = False) -> Column[Any]:
    return Column(column, BigInteger, nullable=nullable)


def _count(column: str, *, nullable: bool = False) -> Column[Any]:
    return Column(column, Integer, nullable=nullable)


def _credits(column: str) -> Column[Any]:
    return Column(column, BigInteger, nullable=False)


def _flag(column: str) -> Column[Any]:
    return Column(column, Boolean, nullable=False)


def _of_job(*, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    to_job = ForeignKey("jobs.id")
    return Column("job_id", Name, to_job, nullable=nullable, primary_key=primary_key)


def _place() -> tuple[Column[Any], ...]:
    return (_name("channel"), _name("thread", nullable=True), _flag("private"))


def _blob(prefix: str, *, nullable: bool) -> tuple[Column[Any], ...]:
    return (
        _name(f"{prefix}_sha256", nullable=nullable),
        _name(f"{prefix}_suffix", nullable=nullable),
        Column(f"{prefix}_size", BigInteger, nullable=nullable),
    )


def in_states(*states: JobState) -> ColumnElement[bool]:
    """Jobs in one of `states`.

    An index of some rows serves only queries that repeat its condition word for word, so these
    conditions hold no bound values.
    """
    return literal_column(f"state IN ({_quoted(states)})")


def _in_no(*states: JobState) -> ColumnElement[bool]:
    return literal_column(f"state NOT IN ({_quoted(states)})")


def _quoted(states: Iterable[JobState]) -> str:
    return ", ".join(sorted(f"'{state}'" for state in states))


IS_LIVE = _in_no(*TERMINAL)
"""Jobs to which something may still happen."""
IS_STEPPING = _in_no(*TERMINAL, JobState.WAITING)
"""Live jobs that take steps of their own; waiting ones are called by the line."""
IS_MADE = in_states(JobState.DELIVERING, JobState.DONE)
"""Jobs whose video is ours."""
IS_PENDING: ColumnElement[bool] = literal_column("revision > sent")
"""Messages with something to send."""
IS_REMIX: ColumnElement[bool] = literal_column("root IS NOT NULL")
"""Jobs that change another one's video."""
IS_NAMED: ColumnElement[bool] = literal_column("remote_id IS NOT NULL")
"""Rows with a job at a backend."""
IS_POSTED: ColumnElement[bool] = literal_column("ref IS NOT NULL")
"""Messages that stand in a chat."""
IS_UNDONE: ColumnElement[bool] = literal_column("text IS NOT NULL")
"""What came in from a chat and waits for an answer."""
IS_NAME_ONLY: ColumnElement[bool] = literal_column("text IS NULL")
"""Names of what came in, kept so that it is not taken again."""

jobs = Table(
    "jobs",
    metadata,
    _name("id", primary_key=True),
    _name("platform"),
    _name("tenant"),
    _name("person"),
    _words("person_name"),
    *_place(),
    _name("interaction"),
    _count("part"),
    _words("prompt"),
    _name("model"),
    _count("width"),
    _count("height"),
    _count("seconds"),
    *_blob("image", nullable=True),
    _name("fit"),
    _name("provider"),
    _name("account"),
    _name("base_url"),
    _name("upstream_model"),
    _credits("price"),
    _name("state"),
    _count("version"),
    _ms("accepted_at"),
    _ms("updated_at"),
    _ms("due_at", nullable=True),
    _count("tries"),
    _count("attempt"),
    _words("reference", nullable=True),
    # Field "id" of the reference, to find whom a backend's job belongs to.
    _name("remote_id", nullable=True),
    _ms("intent_at", nullable=True),
    _ms("submitted_at", nullable=True),
    _ms("finished_at", nullable=True),
    _count("progress", nullable=True),
    _name("failure", nullable=True),
    _words("reason", nullable=True),
    Column("retry_of", Name, ForeignKey("jobs.id"), nullable=True),
    _flag("cancel_asked"),
    _name("remix_of", nullable=True),
    _name("root", nullable=True),
    _words("sent_prompt", nullable=True),
    # The same request twice is one job.
    UniqueConstraint("platform", "tenant", "interaction", "part", name="jobs_interaction_once"),
    CheckConstraint("price >= 0", name="price_is_no_gift"),
    CheckConstraint("seconds > 0 AND width > 0 AND height > 0", name="shows_something"),
    CheckConstraint("version >= 1 AND part >= 0 AND tries >= 0", name="counts_up"),
    # One that waits without a time would wait for ever.
    CheckConstraint("state <> 'waiting' OR due_at IS NOT NULL", name="waits_for_a_time"),
)
Index("jobs_newest", jobs.c.platform, jobs.c.tenant, jobs.c.accepted_at)
# Holds all that a quota counts, so that counting touches no row.
Index(
    "jobs_counted",
    jobs.c.platform,
    jobs.c.tenant,
    jobs.c.person,
    jobs.c.accepted_at,
    jobs.c.state,
    jobs.c.seconds,
    jobs.c.price,
)
partial_index("jobs_live_here", jobs.c.platform, jobs.c.tenant, jobs.c.accepted_at, where=IS_LIVE)
partial_index("jobs_live", jobs.c.state, jobs.c.accepted_at, where=IS_LIVE)
partial_index("jobs_due", jobs.c.due_at, where=IS_STEPPING)
partial_index("jobs_family", jobs.c.root, jobs.c.accepted_at, where=IS_REMIX)
partial_index("jobs_remote", jobs.c.remote_id, where=IS_NAMED)
partial_index(
    "jobs_durations",
    jobs.c.model,
    jobs.c.width,
    jobs.c.height,
    jobs.c.seconds,
    jobs.c.finished_at,
    where=IS_MADE,
)

attempts = Table(
    "attempts",
    metadata,
    _of_job(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _name("provider"),
    _name("account"),
    _ms("intent_at"),
    _words("reference", nullable=True),
    _name("remote_id", nullable=True),
    _ms("ended_at", nullable=True),
    _name("outcome", nullable=True),
    CheckConstraint("number >= 1", name="counts_up"),
)
partial_index("attempts_remote", attempts.c.remote_id, where=IS_NAMED)

job_history = Table(
    "job_history",
    metadata,
    Column("id", Serial, primary_key=True),
    _of_job(),
    _count("version"),
    _ms("at"),
    _name("state"),
    _words("why"),
)
Index("job_history_of", job_history.c.job_id)

accounts = Table(
    "accounts",
    metadata,
    _name("name", primary_key=True),
    _flag("overdraft"),
    _credits("balance"),
    CheckConstraint("overdraft OR balance >= 0", name="is_covered"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Serial, primary_key=True),
    _name("ref"),
    Column("account", Name, ForeignKey("accounts.name"), nullable=False),
    _name("kind"),
    _credits("amount"),
    # The account's balance after this entry.
    _credits("balance"),
    _name("actor"),
    _words("reason"),
    _ms("at"),
    _of_job(nullable=True),
    UniqueConstraint("ref", "account"),
    CheckConstraint("amount <> 0", name="moves_something"),
)
Index("entries_statement", entries.c.account, entries.c.id)
Index("entries_of_job", entries.c.job_id)

quota_rules = Table(
    "quota_rules",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("subject", primary_key=True),
    _name("unit", primary_key=True),
    _name("period", primary_key=True),
    Column("most", BigInteger, nullable=False),
    _name("counted"),
    CheckConstraint("most >= 0", name="is_possible"),
)

outbox = Table(
    "outbox",
    metadata,
    _name("key", primary_key=True),
    _of_job(),
    _name("platform"),
    _name("tenant"),
    *_place(),
    _count("revision"),
    # The last revision that was delivered or given up.
    _count("sent"),
    _ms("due_at"),
    _count("tries"),
    _words("ref", nullable=True),
)
partial_index("outbox_due", outbox.c.due_at, where=IS_PENDING)
partial_index("outbox_posted", outbox.c.ref, where=IS_POSTED)

gates = Table("gates", metadata, _name("key", primary_key=True), _ms("opens_at"))

videos = Table(
    "videos",
    metadata,
    _of_job(primary_key=True),
    *_blob("blob", nullable=False),
    *_blob("poster", nullable=True),
    _count("width"),
    _count("height"),
    _ms("duration_ms"),
    _count("frames"),
    _ms("made_at"),
    _flag("simulated"),
)
Index("videos_newest", videos.c.made_at)

messages = Table(
    "messages",
    metadata,
    Column("id", Serial, primary_key=True),
    _name("nonce", unique=True),
    _name("platform"),
    _name("tenant"),
    *_place(),
    _name("author"),
    _words("body"),
    _ms("at"),
    Column("revision", BigInteger, nullable=False, unique=True),
)
Index("messages_newest", messages.c.platform, messages.c.tenant, messages.c.id)
Index("messages_changed", messages.c.platform, messages.c.tenant, messages.c.revision)

notes = Table(
    "notes",
    metadata,
    _name("chat", primary_key=True),
    _name("name", primary_key=True),
    _words("text"),
)

# A row for each name; only the one that an arrival goes by has its text, until it is done.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Serial, primary_key=True),
    _name("chat"),
    _name("key"),
    _name("arrival"),
    _words("text", nullable=True),
    _ms("at"),
    # What comes again is taken once.
    UniqueConstraint("chat", "key"),
)
partial_index("inbox_waiting", inbox.c.chat, inbox.c.at, inbox.c.id, where=IS_UNDONE)
partial_index("inbox_names", inbox.c.chat, inbox.c.at, where=IS_NAME_ONLY)

channels = Table(
    "channels",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("channel", primary_key=True),
    _name("thread_mode"),
)

for _table in APPEND_ONLY:
    for _dialect in ("sqlite", "postgresql"):
        for _statement in append_only(_dialect, _table):
            event.listen(
                metadata.tables[_table],
                "after_create",
                DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect),
            )
