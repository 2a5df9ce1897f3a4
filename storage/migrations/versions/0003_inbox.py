"""What came in from a chat and waits for an answer.

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
    """Make the table."""
    _inbox()


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
    _partial("inbox_waiting", ["chat", "at", "id"], "text IS NOT NULL")
    _partial("inbox_names", ["chat", "at"], "text IS NULL")


def _partial(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "inbox", columns, sqlite_where=condition, postgresql_where=condition)
