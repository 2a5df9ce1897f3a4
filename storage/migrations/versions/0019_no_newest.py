"""Nothing asks for the newest videos but the library, which has an index of its own.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Drop both indexes."""
    published = sa.text("stand = 'published'")
    op.drop_index("releases_newest", "releases", sqlite_where=published, postgresql_where=published)
    op.drop_index("publications_newest", "publications")
