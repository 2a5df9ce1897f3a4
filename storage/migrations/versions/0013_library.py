"""Finished videos can be looked through: their words, and who likes them.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.dialects import Serial, word_index
from storage.library import indexed
from storage.mapping import release_of

revision = "0013"
down_revision = "0012"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_WORKSPACE = ("platform", "tenant")
_THERE = sa.text(
    """
SELECT releases.*, jobs.prompt,
    CASE WHEN stand = 'published' THEN published_at ELSE releases.made_at END AS listed_at
FROM releases JOIN jobs ON jobs.id = releases.job_id
WHERE stand NOT IN ('deleted', 'erased')
ORDER BY listed_at, releases.job_id
"""
)
_BATCH = 500


def upgrade() -> None:
    """Make the tables, and index the videos that are there, the oldest first."""
    library = op.create_table(
        "library",
        sa.Column("id", Serial, nullable=False),
        sa.Column("job_id", _NAME, nullable=False),
        *(sa.Column(name, _NAME, nullable=False) for name in _WORKSPACE),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("likes", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="library_job_id_exists"),
        sa.PrimaryKeyConstraint("id", name="library_key"),
        sa.UniqueConstraint("job_id", name="library_job_id_once"),
    )
    op.create_index("library_newest", "library", [*_WORKSPACE, "id"])
    op.create_index("library_best", "library", [*_WORKSPACE, "likes", "id"])
    for statement in word_index(op.get_bind().dialect.name):
        op.execute(statement)
    likes = ("job_id", *_WORKSPACE, "person", "sign")
    op.create_table(
        "likes",
        *(sa.Column(name, _NAME, nullable=False) for name in likes),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="likes_job_id_exists"),
        sa.PrimaryKeyConstraint(*likes, name="likes_key"),
    )
    op.create_index("likes_of", "likes", [*_WORKSPACE, "person", "job_id"])
    op.create_table(
        "searches",
        sa.Column("id", Serial, nullable=False),
        *(sa.Column(name, _NAME, nullable=False) for name in (*_WORKSPACE, "verb")),
        sa.Column("args", sa.Text(), nullable=False),
        sa.Column("digest", _NAME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="searches_key"),
        sa.UniqueConstraint(*_WORKSPACE, "digest", name="searches_platform_tenant_digest_once"),
    )
    _fill(library)


def _fill(library: sa.Table) -> None:
    there = op.get_bind().execute(_THERE)
    for rows in iter(lambda: there.fetchmany(_BATCH), []):
        op.bulk_insert(
            library,
            [
                {
                    "job_id": row.job_id,
                    "platform": row.platform,
                    "tenant": row.tenant,
                    "at": row.listed_at,
                    "likes": 0,
                    "words": indexed(release_of(row), row.prompt),
                }
                for row in rows
            ],
        )
