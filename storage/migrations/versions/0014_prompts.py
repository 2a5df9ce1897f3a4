"""People save prompts under names.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_KEY = ("platform", "tenant", "person", "name")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "prompts",
        *(sa.Column(name, _NAME, nullable=False) for name in _KEY),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, name="prompts_key"),
    )
