"""Workspaces that share videos, and what was published across.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_WORKSPACE = ("platform", "tenant")
_OTHER = ("other_platform", "other_tenant")


def _names(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _NAME, nullable=False) for name in names]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "publications",
        *_names("job_id", *_WORKSPACE, "channel", "shown_as"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_names("by"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="publications_job_id_exists"),
        sa.PrimaryKeyConstraint("job_id", *_WORKSPACE, name="publications_key"),
    )
    op.create_index("publications_called", "publications", [*_WORKSPACE, "job_id"])
    op.create_index("publications_newest", "publications", [*_WORKSPACE, "at", "job_id"])
    op.create_table(
        "links",
        *_names(*_WORKSPACE, *_OTHER, "name"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*_WORKSPACE, *_OTHER, name="links_key"),
        sa.UniqueConstraint(*_WORKSPACE, "name", name="links_platform_tenant_name_once"),
    )
    op.create_table(
        "link_codes",
        *_names(*_WORKSPACE, "digest", "person"),
        sa.Column("person_name", sa.Text(), nullable=False),
        *_names("name"),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*_WORKSPACE, name="link_codes_key"),
        sa.UniqueConstraint("digest", name="link_codes_digest_once"),
    )
