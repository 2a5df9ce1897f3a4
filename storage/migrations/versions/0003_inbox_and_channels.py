"""What came in from a chat and waits, what was chosen for a channel, and which message is whose.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make two tables, and an index of messages."""
    _inbox()
    _channels()
    _partial("outbox_posted", "outbox", ["ref"], "ref IS NOT NULL")


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("chat", _NAME, nullable=False),
        sa.Column("key", _NAME, nullable=False),
        sa.Column("arrival", _NAME, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="inbox_key"),
        sa.UniqueConstraint("chat", "key", name="inbox_chat_key_once"),
    )
    _partial("inbox_waiting", "inbox", ["chat", "at", "id"], "text IS NOT NULL")
    _partial("inbox_names", "inbox", ["chat", "at"], "text IS NULL")


def _channels() -> None:
    op.create_table(
        "channels",
        sa.Column("platform", _NAME, nullable=False),
        sa.Column("tenant", _NAME, nullable=False),
        sa.Column("channel", _NAME, nullable=False),
        sa.Column("thread_mode", _NAME, nullable=False),
        sa.PrimaryKeyConstraint("platform", "tenant", "channel", name="channels_key"),
    )


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
