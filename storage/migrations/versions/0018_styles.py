"""Workspaces have styles, channels may have one of them, and jobs keep what they were told.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def _key(*names: str) -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, _NAME, nullable=False) for name in names)


def upgrade() -> None:
    """Make the tables and add the columns."""
    op.create_table(
        "styles",
        *_key("platform", "tenant", "name"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "tenant", "name", name="styles_key"),
    )
    op.create_table(
        "channel_styles",
        *_key("platform", "tenant", "channel", "name"),
        sa.PrimaryKeyConstraint("platform", "tenant", "channel", name="channel_styles_key"),
    )
    op.add_column("jobs", sa.Column("style", _NAME, nullable=True))
    op.add_column("jobs", sa.Column("style_text", sa.Text(), nullable=True))
    asked = sa.Column("style_asked", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("jobs", asked)
