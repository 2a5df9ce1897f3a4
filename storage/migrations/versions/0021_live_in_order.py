"""What lives in a workspace is read in the order in which it is shown, from its own index.

With the id in it the index gives the whole order. Without, SQLite may go through all jobs of the
workspace, since it guesses by the width of a row.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_LIVE = "state NOT IN ('cancelled', 'done', 'expired', 'failed', 'moderated')"


def upgrade() -> None:
    """Make the index anew."""
    live = sa.text(_LIVE)
    op.drop_index("jobs_live_here", "jobs", sqlite_where=live, postgresql_where=live)
    op.create_index(
        "jobs_live_here",
        "jobs",
        ["platform", "tenant", "accepted_at", "id"],
        sqlite_where=live,
        postgresql_where=live,
    )
