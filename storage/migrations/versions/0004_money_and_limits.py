"""Limits of channels, workspaces and models, budgets, and what admins decide.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.dialects import append_only

revision = "0004"
down_revision = "0003"

_NAME = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SLOTS = {"tallies": 900_000, "day_tallies": 86_400_000}
"""Ms of a slot, as `domain.usage` had it when this was written."""
_UNCOUNTED = "'cancelled', 'expired', 'failed', 'moderated'"


def upgrade() -> None:
    """Make the tables, and count what is there."""
    op.add_column("jobs", _name("payer", nullable=True))
    cost = sa.Column("cost", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("jobs", cost)
    op.add_column("jobs", _number("cost_reported", nullable=True))
    op.drop_index("jobs_counted", "jobs")
    op.create_index("jobs_of", "jobs", ["platform", "tenant", "person", "accepted_at"])
    _rebuild("quota_rules", _quota_rules, {"model": "''"})
    _rebuild("outbox", _outbox, {})
    _partial("outbox_due", "outbox", ["due_at"], "revision > sent")
    _partial("outbox_posted", "outbox", ["ref"], "ref IS NOT NULL")
    for table, slot in _SLOTS.items():
        _tallies(table, slot)
    _limits()
    _money()
    _control()
    _news()
    for statement in append_only(op.get_bind().dialect.name, "audit"):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def _rebuild(table: str, make: Callable[[], list[str]], more: dict[str, str]) -> None:
    """Make a table anew with its rows: SQLite cannot change what is NOT NULL or a key."""
    op.execute(sa.text(f"CREATE TEMPORARY TABLE kept AS SELECT * FROM {table}"))  # noqa: S608 - our own name
    op.drop_table(table)
    columns = make()
    into = ", ".join([*columns, *more])
    values = ", ".join([*columns, *more.values()])
    rows = f"INSERT INTO {table} ({into}) SELECT {values} FROM kept"  # noqa: S608 - our own names
    op.execute(sa.text(rows))
    op.execute(sa.text("DROP TABLE kept"))


def _quota_rules() -> list[str]:
    op.create_table(
        "quota_rules",
        *_workspace(),
        _name("subject"),
        _name("unit"),
        _name("period"),
        _name("model"),
        _number("most"),
        _name("counted"),
        sa.CheckConstraint("most >= 0", name="quota_rules_is_possible"),
        sa.PrimaryKeyConstraint(
            "platform", "tenant", "subject", "unit", "period", "model", name="quota_rules_key"
        ),
    )
    return ["platform", "tenant", "subject", "unit", "period", "most", "counted"]


def _outbox() -> list[str]:
    op.create_table(
        "outbox",
        _name("key"),
        _name("job_id", nullable=True),
        *_workspace(),
        _name("channel"),
        _name("thread", nullable=True),
        _flag("private"),
        _count("revision"),
        _count("sent"),
        _number("due_at"),
        _count("tries"),
        _words("ref", nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="outbox_job_id_exists"),
        sa.PrimaryKeyConstraint("key", name="outbox_key"),
    )
    return [
        *("key", "job_id", "platform", "tenant", "channel", "thread", "private"),
        *("revision", "sent", "due_at", "tries", "ref"),
    ]


def _tallies(table: str, slot: int) -> None:
    op.create_table(
        table,
        *_workspace(),
        _name("scope"),
        _name("model"),
        _number("slot"),
        _number("videos"),
        _number("seconds"),
        _number("credits"),
        _number("micros"),
        sa.PrimaryKeyConstraint(
            "platform", "tenant", "scope", "model", "slot", name=f"{table}_key"
        ),
    )
    scopes = ("'person/' || person", "'channel/' || channel", "'workspace'")
    for scope in scopes:
        for model in ("''", "model"):
            _count_jobs(table, slot, scope, model)
    _count_jobs(table, slot, "'provider/' || provider", "''")


def _count_jobs(table: str, slot: int, scope: str, model: str) -> None:
    # What a job cost was not known then, so its money is not counted.
    op.execute(
        sa.text(
            f"INSERT INTO {table} (platform, tenant, scope, model, slot,"  # noqa: S608 - our own words
            " videos, seconds, credits, micros)"
            f" SELECT platform, tenant, {scope}, {model}, accepted_at - accepted_at % {slot},"
            " count(*), sum(seconds), sum(price), 0 FROM jobs"
            f" WHERE state NOT IN ({_UNCOUNTED}) GROUP BY 1, 2, 3, 4, 5"
        )
    )


def _limits() -> None:
    op.create_table(
        "quota_extras",
        _name("ref"),
        *_workspace(),
        _name("person"),
        _name("unit"),
        _name("period"),
        _name("model"),
        _number("amount"),
        _number("until"),
        sa.CheckConstraint("amount > 0", name="quota_extras_is_something"),
        sa.PrimaryKeyConstraint("ref", name="quota_extras_key"),
    )
    op.create_index("quota_extras_of", "quota_extras", ["platform", "tenant", "person", "until"])
    op.create_table(
        "requests",
        _name("id"),
        *_workspace(),
        _name("person"),
        _words("person_name"),
        _name("unit"),
        _name("period", nullable=True),
        _name("model"),
        _number("amount"),
        _words("reason"),
        _name("state"),
        _number("asked_at"),
        _name("decided_by", nullable=True),
        _number("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="requests_key"),
    )
    of_a_person = ["platform", "tenant", "person"]
    _partial("requests_open", "requests", of_a_person, "state = 'open'", unique=True)


def _money() -> None:
    op.create_table(
        "budgets",
        *_workspace(),
        _name("scope"),
        _name("period"),
        _number("cap"),
        _number("reserve"),
        _name("reserve_role", nullable=True),
        sa.CheckConstraint(
            "cap >= 0 AND reserve >= 0 AND reserve <= cap", name="budgets_is_possible"
        ),
        sa.PrimaryKeyConstraint("platform", "tenant", "scope", "period", name="budgets_key"),
    )
    op.create_table(
        "budget_alerts",
        *_workspace(),
        _name("scope"),
        _name("period"),
        _number("started_at"),
        _count("percent"),
        _number("at"),
        sa.PrimaryKeyConstraint(
            *("platform", "tenant", "scope", "period", "started_at", "percent"),
            name="budget_alerts_key",
        ),
    )
    op.create_table(
        "schedules",
        *_workspace(),
        _name("subject"),
        _number("amount"),
        _name("period"),
        _number("cap", nullable=True),
        _flag("expires"),
        sa.CheckConstraint("amount > 0", name="schedules_is_something"),
        sa.PrimaryKeyConstraint("platform", "tenant", "subject", name="schedules_key"),
    )
    op.create_table(
        "quotes",
        _name("id"),
        *_workspace(),
        _name("person"),
        _name("interaction"),
        _words("body"),
        _number("price"),
        _flag("agreed"),
        _number("at"),
        sa.PrimaryKeyConstraint("id", name="quotes_key"),
        sa.UniqueConstraint(
            "platform", "tenant", "interaction", name="quotes_platform_tenant_interaction_once"
        ),
    )
    op.create_index("quotes_old", "quotes", ["at"])


def _control() -> None:
    op.create_table(
        "choices",
        *_workspace(),
        _name("channel"),
        _name("name"),
        _words("value"),
        sa.PrimaryKeyConstraint("platform", "tenant", "channel", "name", name="choices_key"),
    )
    op.create_table(
        "blocks",
        *_workspace(),
        _name("person"),
        _words("reason"),
        _name("by"),
        _number("at"),
        sa.PrimaryKeyConstraint("platform", "tenant", "person", name="blocks_key"),
    )
    op.create_table(
        "switches",
        *_workspace(),
        _name("scope"),
        _name("mode"),
        _words("reason"),
        _name("by"),
        _number("at"),
        sa.PrimaryKeyConstraint("platform", "tenant", "scope", name="switches_key"),
    )


def _news() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _SERIAL, nullable=False),
        *_workspace(),
        _number("at"),
        _name("actor"),
        _words("actor_name"),
        _name("verb"),
        _words("subject"),
        _words("subject_name"),
        _words("before"),
        _words("after"),
        _words("reason"),
        _name("outcome"),
        sa.PrimaryKeyConstraint("id", name="audit_key"),
    )
    op.create_index("audit_newest", "audit", ["platform", "tenant", "id"])
    op.create_table(
        "notices",
        _name("id"),
        *_workspace(),
        _name("kind"),
        _words("body"),
        _number("at"),
        sa.PrimaryKeyConstraint("id", name="notices_key"),
    )
    op.create_index("notices_newest", "notices", ["platform", "tenant", "at"])


def _workspace() -> tuple[sa.Column[Any], ...]:
    return (_name("platform"), _name("tenant"))


def _name(column: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(column, _NAME, nullable=nullable)


def _words(column: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(column, sa.Text(), nullable=nullable)


def _number(column: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(column, sa.BigInteger(), nullable=nullable)


def _count(column: str) -> sa.Column[Any]:
    return sa.Column(column, sa.Integer(), nullable=False)


def _flag(column: str) -> sa.Column[Any]:
    return sa.Column(column, sa.Boolean(), nullable=False)


def _partial(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )
