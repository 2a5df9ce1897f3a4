"""Authors are asked and admins told in another workspace, and it finds what stands there.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.domain.refs import Tenant
from storage.dialects import Serial, word_triggers
from storage.library import Spot, indexed
from storage.mapping import release_of

revision = "0020"
down_revision = "0019"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_WORKSPACE = ("platform", "tenant")
_HOME = ("home_platform", "home_tenant")
_ONCE = "library_job_id_platform_tenant_once"
_THERE = sa.text(
    """
SELECT releases.*, jobs.prompt, publications.channel AS there, publications.at,
    publications.platform AS other_platform, publications.tenant AS other_tenant
FROM publications JOIN releases ON releases.job_id = publications.job_id
JOIN jobs ON jobs.id = publications.job_id
WHERE stand = 'published' ORDER BY publications.at, publications.job_id
"""
)
_BATCH = 500


def upgrade() -> None:
    """All questions and wishes so far were of one workspace."""
    for table in ("asks", "takedowns"):
        for name in _HOME:
            home = sa.Column(name, _NAME, nullable=False, server_default=sa.text("''"))
            op.add_column(table, home)
        op.execute(f"UPDATE {table} SET home_platform = platform, home_tenant = tenant")  # noqa: S608 - ours
    _index_again("asks_waiting", "asks", "author", "asked_at", state="open")
    _index_again("takedowns_open", "takedowns", "asked_at", state="open")
    _index_again("takedowns_strikes", "takedowns", "author", "decided_at", state="down")
    if op.get_bind().dialect.name == "sqlite":
        _make_library_again()
    else:
        op.drop_constraint("library_job_id_once", "library", type_="unique")
        op.create_unique_constraint(_ONCE, "library", ["job_id", *_WORKSPACE])
    _fill()


def _index_again(name: str, table: str, *columns: str, state: str) -> None:
    op.drop_index(name, table)
    some = sa.text(f"state = '{state}'")
    op.create_index(name, table, [*_HOME, *columns], sqlite_where=some, postgresql_where=some)


def _make_library_again() -> None:
    """SQLite forgets no condition of a table that is there.

    Numbers stay as they are, so the index of words, which has those alone, stays right.
    """
    op.rename_table("library", "library_before")
    op.create_table(
        "library",
        sa.Column("id", Serial, nullable=False),
        sa.Column("job_id", _NAME, nullable=False),
        *(sa.Column(name, _NAME, nullable=False) for name in _WORKSPACE),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("likes", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="library_job_id_exists"),
        sa.PrimaryKeyConstraint("id", name="library_key"),
        sa.UniqueConstraint("job_id", *_WORKSPACE, name=_ONCE),
    )
    columns = ", ".join(("id", "job_id", *_WORKSPACE, "at", "likes", "words"))
    op.execute(f"INSERT INTO library ({columns}) SELECT {columns} FROM library_before")  # noqa: S608 - ours
    op.drop_table("library_before")
    op.create_index("library_newest", "library", [*_WORKSPACE, "id"])
    op.create_index("library_best", "library", [*_WORKSPACE, "likes", "id"])
    for statement in word_triggers():
        op.execute(statement)


def _fill() -> None:
    """What stands in other workspaces is found there, in the order in which it came."""
    names = ("job_id", *_WORKSPACE, "at", "likes", "words")
    library = sa.table("library", *map(sa.column, names))
    likes = sa.text("SELECT likes FROM library WHERE job_id = :job_id ORDER BY id LIMIT 1")
    bind = op.get_bind()
    there = bind.execute(_THERE)
    for rows in iter(lambda: there.fetchmany(_BATCH), []):
        op.bulk_insert(
            library,
            [
                {
                    "job_id": row.job_id,
                    "platform": row.other_platform,
                    "tenant": row.other_tenant,
                    "at": row.at,
                    "likes": bind.execute(likes, {"job_id": row.job_id}).scalar_one(),
                    "words": indexed(
                        release_of(row),
                        row.prompt,
                        Spot(Tenant(row.other_platform, row.other_tenant), row.there, row.at),
                    ),
                }
                for row in rows
            ],
        )
