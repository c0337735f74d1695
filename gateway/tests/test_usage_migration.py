"""The schema, step by step: a database of the first version becomes one of the newest, with its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.engine import Connection

from vf_gateway.database import migrations
from vf_gateway.database.engine import Database
from vf_gateway.database.migrations import is_current, migrate
from vf_gateway.database.tables import Base, Orphan, Photo, Usage, now_us

PHOTO = (
    "INSERT INTO photos (id, kind, market, buyer, scope, sha256, width, height, state, stages, entries, warnings, "
    "created_at, expires_at) "
    "VALUES (:id, :kind, 'shop', :buyer, :id, 'x', 3, 4, 'succeeded', '{}', '{}', '[]', 1, NULL)"
)


async def to_first(database: Database) -> None:
    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    async with database.engine.execution_options(vf_write=True).begin() as connection:
        await connection.run_sync(upgrade)


@pytest.fixture
async def database(database_url: str) -> Any:
    database = Database(database_url)
    yield database
    await database.close()


async def test_a_database_of_the_first_version(database: Database) -> None:
    await to_first(database)
    rows = [
        {"id": "per_a", "kind": "person", "buyer": "anna"},
        {"id": "gar_a", "kind": "garment", "buyer": "anna"},
        {"id": "gar_m", "kind": "garment", "buyer": None},
    ]
    async with database.write() as session:
        for row in rows:
            await session.execute(text(PHOTO), row)
        await session.execute(text("INSERT INTO doomed (path, due_at) VALUES ('people/x', 5)"))
    assert not await is_current(database)
    await migrate(database)
    assert await is_current(database)
    async with database.read() as session:
        photos = {row.id: row for row in await session.scalars(select(Photo))}
        counted = {
            (row.market, row.buyer): (row.photos, row.stored_bytes) for row in await session.scalars(select(Usage))
        }
        orphan = await session.get(Orphan, "people/x")
    assert counted == {("shop", ""): (3, 0), ("shop", "anna"): (2, 0)}
    assert photos["per_a"].stored_bytes == 0
    assert {(row.category, row.reading) for row in photos.values()} == {("auto", None)}
    assert photos["gar_m"].expires_at is None, "a market's own garment stays"
    thirty_days = 30 * 24 * 3600 * 1_000_000
    assert abs(photos["gar_a"].expires_at - now_us() - thirty_days) < 60_000_000, "a buyer's garment has a time now"
    assert orphan is not None
    assert (orphan.due_at, orphan.again_at) == (5, None)


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    await migrate(database)
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda c: compare_metadata(MigrationContext.configure(c), Base.metadata)
        )
    assert differences == []
