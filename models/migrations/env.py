"""What alembic runs: migrations on the connection that upgrade.py hands over, inside its transaction."""

from alembic import context
from sqlmodel import SQLModel

import models.tables  # noqa: F401  registers the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=False,
)
context.run_migrations()
