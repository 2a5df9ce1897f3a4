"""Authors are asked, and admins are told, what people of another workspace would like.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_WORKSPACE = ("platform", "tenant")
_HOME = ("home_platform", "home_tenant")


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


def _index_again(name: str, table: str, *columns: str, state: str) -> None:
    op.drop_index(name, table)
    some = sa.text(f"state = '{state}'")
    op.create_index(name, table, [*_HOME, *columns], sqlite_where=some, postgresql_where=some)
