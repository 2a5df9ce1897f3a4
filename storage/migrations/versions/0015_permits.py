"""Who may change whose videos, what waits for an author's yes, and what should be taken down.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_PERSON = ("platform", "tenant", "person")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "own_choices",
        *(sa.Column(name, _NAME, nullable=False) for name in (*_PERSON, "name")),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*_PERSON, "name", name="own_choices_key"),
    )
    op.create_table(
        "permits",
        sa.Column("job_id", _NAME, nullable=False),
        *(sa.Column(name, _NAME, nullable=False) for name in _PERSON),
        sa.Column("always", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="permits_job_id_exists"),
        sa.PrimaryKeyConstraint("job_id", *_PERSON, name="permits_key"),
    )
    _make_asks()
    _make_takedowns()


def _make_asks() -> None:
    workspace, is_open = _PERSON[:2], sa.text("state = 'open'")
    op.create_table(
        "asks",
        *(sa.Column(name, _NAME, nullable=False) for name in ("id", *workspace, "job_id")),
        sa.Column("person", _NAME, nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("author", _NAME, nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("interaction", _NAME, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", _NAME, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "problem")),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="asks_job_id_exists"),
        sa.PrimaryKeyConstraint("id", name="asks_key"),
        sa.UniqueConstraint(*workspace, "interaction", name="asks_interaction_once"),
    )
    op.create_index(
        "asks_one_open",
        "asks",
        ["job_id", *_PERSON],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index(
        "asks_waiting",
        "asks",
        [*workspace, "author", "asked_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("asks_by", "asks", [*_PERSON, "asked_at"])
    op.create_index("asks_asked", "asks", ["state", "asked_at"])


def _make_takedowns() -> None:
    workspace, is_open, is_down = _PERSON[:2], sa.text("state = 'open'"), sa.text("state = 'down'")
    op.create_table(
        "takedowns",
        *(sa.Column(name, _NAME, nullable=False) for name in ("id", *workspace, "job_id")),
        sa.Column("author", _NAME, nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("person", _NAME, nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("claim", _NAME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", _NAME, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", _NAME, nullable=True),
        sa.Column("decided_name", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="takedowns_job_id_exists"),
        sa.PrimaryKeyConstraint("id", name="takedowns_key"),
        sa.UniqueConstraint("job_id", *_PERSON, name="takedowns_person_once"),
    )
    op.create_index(
        "takedowns_open",
        "takedowns",
        [*workspace, "asked_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index(
        "takedowns_strikes",
        "takedowns",
        [*workspace, "author", "decided_at"],
        sqlite_where=is_down,
        postgresql_where=is_down,
    )
