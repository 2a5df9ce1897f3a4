"""Alembic runs this file; it works on the connection that `tools.upgrade` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
