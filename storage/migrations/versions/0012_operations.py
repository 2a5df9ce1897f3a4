"""What a job is made as: of its own, or of another video and how.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """All that was made of another video until now is a remix of it."""
    operation = sa.Column("operation", _NAME, nullable=False, server_default=sa.text("'create'"))
    op.add_column("jobs", operation)
    op.execute("UPDATE jobs SET operation = 'remix' WHERE remix_of IS NOT NULL")
