"""Connections to PostgreSQL: what a read costs, and what survives when the server drops them."""

import asyncpg
import pytest
from gateway_postgres import new_database
from sqlalchemy import text

from vf_gateway.database import engine as module
from vf_gateway.database.engine import Database


@pytest.fixture
def url(postgres_server):
    return new_database(postgres_server)


@pytest.fixture
async def database(url):
    database = Database(url)
    yield database
    await database.close()


async def one(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(text("SELECT 1"))


async def test_a_rested_connection_that_the_server_dropped_is_replaced(database, monkeypatch):
    monkeypatch.setattr(module, "_RESTED_SECONDS", 0.0)
    assert await one(database) == 1
    server = await asyncpg.connect(database.url)
    try:
        await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    finally:
        await server.close()
    assert await one(database) == 1


async def test_a_read_is_one_statement_without_a_transaction(database):
    async with database.read() as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
        server = await asyncpg.connect(database.url)
        state = await server.fetchval("SELECT state FROM pg_stat_activity WHERE pid = $1", pid)
        await server.close()
    assert state == "idle"  # "idle in transaction" if there were one
