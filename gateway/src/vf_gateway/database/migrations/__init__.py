"""The database's schema, step by step (Alembic)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from vf_gateway.database.engine import Database


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


async def migrate(database: Database) -> None:
    """Bring the schema to the newest version; harmless when it is there."""

    def upgrade(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async with database.engine.execution_options(vf_write=True).begin() as connection:
        if not database.is_sqlite:
            # Gateways that start together: one migrates, the others wait.
            await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7636221)")
        await connection.run_sync(upgrade)


async def is_current(database: Database) -> bool:
    """Whether the schema is the newest."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    async with database.engine.connect() as connection:
        present = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    return present == newest
