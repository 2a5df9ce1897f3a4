"""What was learned of a provider account's limits.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add a column to the gates."""
    op.add_column("gates", sa.Column("learned", sa.Text(), nullable=False, server_default="{}"))
