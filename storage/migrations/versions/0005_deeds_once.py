"""Which request an admin's deed came from, so that it is done once, and who decided by name.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add two columns; records from before keep no request, and are never the same deed."""
    op.add_column("audit", sa.Column("interaction", _NAME, nullable=True))
    of_request = ["platform", "tenant", "interaction"]
    op.create_index("audit_of_request", "audit", of_request)
    condition = sa.text("outcome = 'done'")
    op.create_index(
        "audit_once",
        "audit",
        [*of_request, "verb", "subject"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )
    op.add_column("requests", sa.Column("decided_name", sa.Text(), nullable=True))
