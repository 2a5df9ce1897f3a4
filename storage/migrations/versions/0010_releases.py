"""How finished videos stand: those there are stand published, but for private ones.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_WORKSPACE = ("platform", "tenant")
_FILL = """
INSERT INTO releases (
    job_id, platform, tenant, author, author_name, channel, model, stand, version, made_at,
    shown_as, title, description, tags, published_at, reason, moderated, rounds
)
SELECT
    jobs.id, jobs.platform, jobs.tenant, jobs.person, jobs.person_name, jobs.channel, jobs.model,
    CASE WHEN jobs.private THEN 'draft' ELSE 'published' END, 1, videos.made_at,
    'result/' || jobs.id, '', '', '[]',
    CASE WHEN jobs.private THEN NULL ELSE videos.made_at END, '', false, 0
FROM videos JOIN jobs ON jobs.id = videos.job_id
"""


def upgrade() -> None:
    """Make the table, and fill it from the videos."""
    op.create_table(
        "releases",
        sa.Column("job_id", _NAME, nullable=False),
        *(sa.Column(name, _NAME, nullable=False) for name in (*_WORKSPACE, "author")),
        sa.Column("author_name", sa.Text(), nullable=False),
        *(sa.Column(name, _NAME, nullable=False) for name in ("channel", "model", "stand")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("shown_as", _NAME, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "description", "tags")),
        sa.Column("remixers", _NAME, nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("reviewer", _NAME, nullable=True),
        sa.Column("reviewer_name", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moderated", sa.Boolean(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "stand <> 'deleted' OR deleted_at IS NOT NULL", name="releases_was_deleted_once"
        ),
        sa.CheckConstraint(
            "stand <> 'published' OR published_at IS NOT NULL", name="releases_came_out_once"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="releases_job_id_exists"),
        sa.PrimaryKeyConstraint("job_id", name="releases_key"),
    )
    op.create_index("releases_in", "releases", [*_WORKSPACE, "stand", "made_at"])
    op.create_index("releases_of", "releases", [*_WORKSPACE, "author", "made_at"])
    published, deleted = sa.text("stand = 'published'"), sa.text("stand = 'deleted'")
    op.create_index(
        "releases_newest",
        "releases",
        [*_WORKSPACE, "published_at", "job_id"],
        sqlite_where=published,
        postgresql_where=published,
    )
    op.create_index(
        "releases_deleted",
        "releases",
        ["deleted_at"],
        sqlite_where=deleted,
        postgresql_where=deleted,
    )
    op.execute(_FILL)
    op.create_index("outbox_of_job", "outbox", ["job_id"])
    # The newest videos are the newest publications now.
    op.drop_index("videos_newest", "videos")
