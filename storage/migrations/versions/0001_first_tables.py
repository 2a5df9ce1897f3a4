"""The first tables: jobs and their history, credits, limits, messages, videos.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.dialects import append_only

revision = "0001"
down_revision = None

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ENDED = "'cancelled', 'done', 'expired', 'failed', 'moderated'"


def upgrade() -> None:
    """Make every table."""
    _jobs()
    _attempts()
    _job_history()
    _accounts()
    _entries()
    _quota_rules()
    _outbox()
    _gates()
    _videos()
    _messages()
    for table in ("entries", "job_history"):
        for statement in append_only(op.get_bind().dialect.name, table):
            op.execute(sa.DDL(statement.replace("%", "%%")))


def _name(column: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(column, _NAME, nullable=nullable)


def _words(column: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(column, sa.Text(), nullable=nullable)


def _number(column: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(column, sa.BigInteger(), nullable=nullable)


def _count(column: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(column, sa.Integer(), nullable=nullable)


def _flag(column: str) -> sa.Column[Any]:
    return sa.Column(column, sa.Boolean(), nullable=False)


def _serial(column: str) -> sa.Column[Any]:
    return sa.Column(column, _SERIAL, nullable=False)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _jobs() -> None:
    op.create_table(
        "jobs",
        _name("id"),
        _name("platform"),
        _name("tenant"),
        _name("person"),
        _words("person_name"),
        _name("channel"),
        _name("thread", nullable=True),
        _flag("private"),
        _name("interaction"),
        _count("part"),
        _words("prompt"),
        _name("model"),
        _count("width"),
        _count("height"),
        _count("seconds"),
        _name("image_sha256", nullable=True),
        _name("image_suffix", nullable=True),
        _number("image_size", nullable=True),
        _name("fit"),
        _name("provider"),
        _name("account"),
        _name("base_url"),
        _name("upstream_model"),
        _number("price"),
        _name("state"),
        _count("version"),
        _number("accepted_at"),
        _number("updated_at"),
        _number("due_at", nullable=True),
        _count("tries"),
        _count("attempt"),
        _words("reference", nullable=True),
        _name("remote_id", nullable=True),
        _number("intent_at", nullable=True),
        _number("submitted_at", nullable=True),
        _number("finished_at", nullable=True),
        _count("progress", nullable=True),
        _name("failure", nullable=True),
        _words("reason", nullable=True),
        _name("retry_of", nullable=True),
        _flag("cancel_asked"),
        sa.CheckConstraint(
            "state <> 'waiting' OR due_at IS NOT NULL", name="jobs_waits_for_a_time"
        ),
        sa.CheckConstraint("price >= 0", name="jobs_price_is_no_gift"),
        sa.CheckConstraint("seconds > 0 AND width > 0 AND height > 0", name="jobs_shows_something"),
        sa.CheckConstraint("version >= 1 AND part >= 0 AND tries >= 0", name="jobs_counts_up"),
        sa.ForeignKeyConstraint(["retry_of"], ["jobs.id"], name="jobs_retry_of_exists"),
        sa.PrimaryKeyConstraint("id", name="jobs_key"),
        sa.UniqueConstraint(
            "platform", "tenant", "interaction", "part", name="jobs_interaction_once"
        ),
    )
    op.create_index(
        "jobs_counted",
        "jobs",
        ["platform", "tenant", "person", "accepted_at", "state", "seconds", "price"],
    )
    _partial("jobs_due", "jobs", ["due_at"], f"state NOT IN ({_ENDED}, 'waiting')")
    _partial(
        "jobs_durations",
        "jobs",
        ["model", "width", "height", "seconds", "finished_at"],
        "state IN ('delivering', 'done')",
    )
    _partial(
        "jobs_live_here",
        "jobs",
        ["platform", "tenant", "accepted_at"],
        f"state NOT IN ({_ENDED})",
    )
    _partial("jobs_live", "jobs", ["state", "accepted_at"], f"state NOT IN ({_ENDED})")
    op.create_index("jobs_newest", "jobs", ["platform", "tenant", "accepted_at"])
    _partial("jobs_remote", "jobs", ["remote_id"], "remote_id IS NOT NULL")


def _attempts() -> None:
    op.create_table(
        "attempts",
        _name("job_id"),
        _count("number"),
        _name("provider"),
        _name("account"),
        _number("intent_at"),
        _words("reference", nullable=True),
        _name("remote_id", nullable=True),
        _number("ended_at", nullable=True),
        _name("outcome", nullable=True),
        sa.CheckConstraint("number >= 1", name="attempts_counts_up"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="attempts_job_id_exists"),
        sa.PrimaryKeyConstraint("job_id", "number", name="attempts_key"),
    )
    _partial("attempts_remote", "attempts", ["remote_id"], "remote_id IS NOT NULL")


def _job_history() -> None:
    op.create_table(
        "job_history",
        _serial("id"),
        _name("job_id"),
        _count("version"),
        _number("at"),
        _name("state"),
        _words("why"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="job_history_job_id_exists"),
        sa.PrimaryKeyConstraint("id", name="job_history_key"),
    )
    op.create_index("job_history_of", "job_history", ["job_id"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        _name("name"),
        _flag("overdraft"),
        _number("balance"),
        sa.CheckConstraint("overdraft OR balance >= 0", name="accounts_is_covered"),
        sa.PrimaryKeyConstraint("name", name="accounts_key"),
    )


def _entries() -> None:
    op.create_table(
        "entries",
        _serial("id"),
        _name("ref"),
        _name("account"),
        _name("kind"),
        _number("amount"),
        _number("balance"),
        _name("actor"),
        _words("reason"),
        _number("at"),
        _name("job_id", nullable=True),
        sa.CheckConstraint("amount <> 0", name="entries_moves_something"),
        sa.ForeignKeyConstraint(["account"], ["accounts.name"], name="entries_account_exists"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="entries_job_id_exists"),
        sa.PrimaryKeyConstraint("id", name="entries_key"),
        sa.UniqueConstraint("ref", "account", name="entries_ref_account_once"),
    )
    op.create_index("entries_of_job", "entries", ["job_id"])
    op.create_index("entries_statement", "entries", ["account", "id"])


def _quota_rules() -> None:
    op.create_table(
        "quota_rules",
        _name("platform"),
        _name("tenant"),
        _name("subject"),
        _name("unit"),
        _name("period"),
        _number("most"),
        _name("counted"),
        sa.CheckConstraint("most >= 0", name="quota_rules_is_possible"),
        sa.PrimaryKeyConstraint(
            "platform", "tenant", "subject", "unit", "period", name="quota_rules_key"
        ),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        _name("key"),
        _name("job_id"),
        _name("platform"),
        _name("tenant"),
        _name("channel"),
        _name("thread", nullable=True),
        _flag("private"),
        _count("revision"),
        _count("sent"),
        _number("due_at"),
        _count("tries"),
        _words("ref", nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="outbox_job_id_exists"),
        sa.PrimaryKeyConstraint("key", name="outbox_key"),
    )
    _partial("outbox_due", "outbox", ["due_at"], "revision > sent")


def _gates() -> None:
    op.create_table(
        "gates", _name("key"), _number("opens_at"), sa.PrimaryKeyConstraint("key", name="gates_key")
    )


def _videos() -> None:
    op.create_table(
        "videos",
        _name("job_id"),
        _name("blob_sha256"),
        _name("blob_suffix"),
        _number("blob_size"),
        _name("poster_sha256", nullable=True),
        _name("poster_suffix", nullable=True),
        _number("poster_size", nullable=True),
        _count("width"),
        _count("height"),
        _number("duration_ms"),
        _count("frames"),
        _number("made_at"),
        _flag("simulated"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="videos_job_id_exists"),
        sa.PrimaryKeyConstraint("job_id", name="videos_key"),
    )
    op.create_index("videos_newest", "videos", ["made_at"])


def _messages() -> None:
    op.create_table(
        "messages",
        _serial("id"),
        _name("nonce"),
        _name("platform"),
        _name("tenant"),
        _name("channel"),
        _name("thread", nullable=True),
        _flag("private"),
        _name("author"),
        _words("body"),
        _number("at"),
        _number("revision"),
        sa.PrimaryKeyConstraint("id", name="messages_key"),
        sa.UniqueConstraint("nonce", name="messages_nonce_once"),
        sa.UniqueConstraint("revision", name="messages_revision_once"),
    )
    op.create_index("messages_changed", "messages", ["platform", "tenant", "revision"])
    op.create_index("messages_newest", "messages", ["platform", "tenant", "id"])
