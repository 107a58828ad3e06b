"""Runs alembic without its command line: knows the versions, and upgrades one open connection.

Imported only when the schema is not at its head, since importing alembic costs a third of a second.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def known_versions() -> frozenset[str]:
    script = ScriptDirectory.from_config(alembic_config())
    return frozenset(revision.revision for revision in script.walk_revisions())


def upgrade(connection: Connection) -> None:
    """Upgrades to the head inside the caller's transaction: all or nothing."""
    command.upgrade(alembic_config(connection), "head")
