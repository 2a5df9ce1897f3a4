"""Who may change whose videos.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_PERSON = ("platform", "tenant", "person")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "own_choices",
        *(sa.Column(name, _NAME, nullable=False) for name in (*_PERSON, "name")),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*_PERSON, "name", name="own_choices_key"),
    )
