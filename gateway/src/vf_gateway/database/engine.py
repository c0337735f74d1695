"""Connections: SQLite (WAL) or PostgreSQL through SQLAlchemy."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from vf_gateway.database.sqlite import connect as connect_inline
from vf_gateway.database.tables import Base, table_of
from vfkit.problems import Code, Problem


class Database:
    """Sessions on one database.

    Args:
        url: a SQLAlchemy URL, ``sqlite:///path`` or ``postgresql://...``; the asynchronous driver is filled in.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _create_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.folder = Path(str(self.engine.url.database)).parent if self.is_sqlite else None
        # Reads are single statements: each sees one consistent state, and a transaction around it would cost
        # PostgreSQL two more round trips.
        self._reading = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writing = self.engine.execution_options(vf_write=True)
        # SQLite has one writer: queueing here is cheaper than retrying in the busy handler.
        self._one_writer = asyncio.Semaphore(1) if self.is_sqlite else None

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that reads; each statement sees a state of its own."""
        async with AsyncSession(self._reading, expire_on_commit=False) as session:
            yield session

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction that is committed at the end, rolled back on an error.

        Raises:
            Problem: ``storage_full``.
        """
        async with self._one_writer or contextlib.nullcontext():
            try:
                async with AsyncSession(self._writing, expire_on_commit=False) as session, session.begin():
                    yield session
            except DBAPIError as error:
                if "disk is full" in str(error.orig).lower() or "no space left" in str(error.orig).lower():
                    raise Problem(Code.STORAGE_FULL) from error
                raise


def insert_into(session: AsyncSession, entity: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that may be given ``ON CONFLICT``, which SQLAlchemy offers per kind of database only."""
    table = table_of(entity)
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


def async_url(url: str) -> str:
    """The URL with the driver that the gateway uses."""
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    parsed = make_url(url)
    return parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername)).render_as_string(
        hide_password=False
    )


_CONNECTIONS = 20
"""Kept open. No more beyond them: a connection that is made for one statement and closed again costs PostgreSQL more
than the statement, and whoever waits for one of these waits milliseconds."""

_BUSY_SECONDS = 30.0
"""How long a transaction waits for another process's to end."""


def _create_engine(url: str) -> AsyncEngine:
    parsed = make_url(async_url(url))
    if parsed.get_backend_name() != "sqlite":
        return _with_ping_after_rest(
            create_async_engine(parsed, pool_size=_CONNECTIONS, max_overflow=0, hide_parameters=True)
        )
    path = str(parsed.database)  # a file: each connection would have a database in memory of its own
    Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_async_engine(
        parsed,
        async_creator=lambda *_, **__: connect_inline(path, _BUSY_SECONDS),
        pool_size=_CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,  # logs show no one's name
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("vf_write", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


_RESTED_SECONDS = 5.0
"""A connection that was unused this long is asked whether it still lives; `pool_pre_ping` would ask each time, which
costs more round trips than what is then done with it."""


def _with_ping_after_rest(engine: AsyncEngine) -> AsyncEngine:
    @event.listens_for(engine.sync_engine, "checkin")
    def remember(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def ask(connection: DBAPIConnection, record: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
        if time.monotonic() - record.info.get(_USED_AT, time.monotonic()) < _RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool makes a new one

    return engine


_USED_AT = "vf_used_at"
