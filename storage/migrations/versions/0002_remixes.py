"""Whose video a job changes, and what a chat notes for itself.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add to the jobs, and make one table."""
    op.add_column("jobs", sa.Column("remix_of", _NAME, nullable=True))
    op.add_column("jobs", sa.Column("root", _NAME, nullable=True))
    op.add_column("jobs", sa.Column("sent_prompt", sa.Text(), nullable=True))
    condition = sa.text("root IS NOT NULL")
    op.create_index(
        "jobs_family",
        "jobs",
        ["root", "accepted_at"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
    op.create_table(
        "notes",
        sa.Column("chat", _NAME, nullable=False),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chat", "name", name="notes_key"),
    )
