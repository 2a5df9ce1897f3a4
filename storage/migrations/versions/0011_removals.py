"""Messages that are to be taken back, and those of the web chat that were.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns; all that is there stays."""
    for table in ("outbox", "messages"):
        gone = sa.Column("gone", sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column(table, gone)
