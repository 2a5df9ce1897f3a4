"""How much a job is in a hurry, when it wants to start, and who was served when.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """What is there already has no hurry and no wish."""
    lane = sa.Column("lane", _NAME, nullable=False, server_default=sa.text("'normal'"))
    op.add_column("jobs", lane)
    op.add_column("jobs", sa.Column("not_before", sa.BigInteger(), nullable=True))
    op.add_column("jobs", sa.Column("off_peak_at", sa.BigInteger(), nullable=True))
    served = sa.text("submitted_at IS NOT NULL AND finished_at IS NOT NULL")
    op.create_index(
        "jobs_served",
        "jobs",
        ["platform", "tenant", "person", "finished_at"],
        sqlite_where=served,
        postgresql_where=served,
    )
