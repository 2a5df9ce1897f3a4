"""How provider accounts answered lately, and where a job was before it moved to another.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make one table, and add to the jobs."""
    op.create_table(
        "circuits",
        sa.Column("gate", _NAME, nullable=False),
        sa.Column("model", _NAME, nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("trouble", _NAME, nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=False),
        sa.Column("probe", _NAME, nullable=True),
        sa.PrimaryKeyConstraint("gate", "model", name="circuits_key"),
    )
    none = sa.Column("moves", sa.Integer(), nullable=False, server_default=sa.text("0"))
    op.add_column("jobs", none)
    op.add_column("jobs", sa.Column("moved_from", _NAME, nullable=True))
    op.add_column("jobs", sa.Column("moved_price", sa.BigInteger(), nullable=True))
