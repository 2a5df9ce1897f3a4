"""Posted messages by their own id, as reactions name them.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_LAST = {"sqlite": "json_extract(ref, '$[5]')", "postgresql": "ref::json ->> 5"}
"""The message's id within its reference."""


def upgrade() -> None:
    """Add the column, and fill it for what stands in a chat."""
    op.add_column("outbox", sa.Column("posted_id", _NAME, nullable=True))
    posted = sa.text("ref IS NOT NULL")
    last = _LAST[op.get_bind().dialect.name]
    op.execute(f"UPDATE outbox SET posted_id = {last} WHERE ref IS NOT NULL")  # noqa: S608 - ours
    op.create_index(
        "outbox_shown",
        "outbox",
        ["platform", "tenant", "posted_id"],
        sqlite_where=posted,
        postgresql_where=posted,
    )
