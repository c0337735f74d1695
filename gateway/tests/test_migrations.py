"""What the rows of an older schema become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.engine import Connection

import vf_gateway.database.migrations as migrations
from vf_gateway.database.engine import Database
from vf_gateway.database.tables import Base

PHOTO = (
    "INSERT INTO photos (id, kind, market, buyer, scope, sha256, width, height, state, stages, entries, warnings, "
    "created_at) VALUES (:id, 'person', :market, :buyer, 's', 'x', 1, 1, 'queued', '{}', '{}', '[]', 1)"
)
JOB = "INSERT INTO jobs (id, kind, owner, turn, created_at, attempts) VALUES (:id, 'photo', :owner, 0, 1, 0)"
KEY = "INSERT INTO idempotency_keys VALUES (:owner, 'people.create', :id, 'b', :id, 1)"
OWNERS = {
    "per_1": ("shop", "eu/x", "shop/eu/x", "shop/eu/x"),
    "per_2": ("shop/eu", "x", "shop/eu/x", "shop%2Feu/x"),
    "per_3": ("shop/eu", None, "shop/eu/", "shop%2Feu/"),
    "per_4": ("100%", "x", "100%/x", "100%25/x"),
    "per_5": ("shop", "100%", "shop/100%", "shop/100%"),
}
"""Market, buyer, owner before and after the second revision."""


async def migrate_to(database: Database, revision: str) -> None:
    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async with database.engine.execution_options(vf_write=True).begin() as connection:
        await connection.run_sync(upgrade)


async def test_rows_keep_their_owners(database_url: str) -> None:
    database = Database(database_url)
    try:
        await migrate_to(database, "0001")
        async with database.write() as session:
            for subject, (market, buyer, owner, _) in OWNERS.items():
                await session.execute(text(PHOTO), {"id": subject, "market": market, "buyer": buyer})
                await session.execute(text(JOB), {"id": subject, "owner": owner})
                await session.execute(text(KEY), {"id": subject, "owner": owner})
        await migrations.migrate(database)
        async with database.read() as session:
            for table, about in (("jobs", "id"), ("idempotency_keys", "subject")):
                rows = (await session.execute(text(f"SELECT {about}, owner FROM {table}"))).all()  # noqa: S608
                assert dict(map(tuple, rows)) == {subject: after for subject, (*_, after) in OWNERS.items()}
    finally:
        await database.close()


async def test_migrations_make_the_tables(database_url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)

    database = Database(database_url)
    try:
        await migrations.migrate(database)
        async with database.engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await database.close()
