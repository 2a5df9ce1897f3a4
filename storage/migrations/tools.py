"""Alembic, without its ini file and its command line."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from bot import wording
from bot.errors import ConfigError


def upgrade(connection: Connection, revision: str | None) -> None:
    """Run the revisions that come after `revision`, within the transaction at hand."""
    try:
        command.upgrade(_config(connection), "head")
    except CommandError as error:
        raise ConfigError((wording.from_a_newer_version(revision or "?"),)) from error


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    # A percent sign in a path would be taken for a variable.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
