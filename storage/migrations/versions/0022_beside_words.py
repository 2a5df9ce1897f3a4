"""An order may name a last frame, pictures of what is to be seen, and whether there is sound.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns; nothing before had any of these."""
    for name, kind in (
        ("last_sha256", _NAME),
        ("last_suffix", _NAME),
        ("last_size", sa.BigInteger()),
        ("reference_pictures", sa.Text()),
        ("sound", sa.Boolean()),
    ):
        op.add_column("jobs", sa.Column(name, kind, nullable=True))
