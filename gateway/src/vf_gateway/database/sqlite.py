"""SQLite on the event loop, for SQLAlchemy's asynchronous engine.

aiosqlite gives every connection a thread and sends it each step of each statement: some seventy changes of threads per
fitting, which cost more than all its statements (tens of microseconds each, in WAL mode mostly from memory). Here they
run where they are asked for. What can take long is waiting for another process's write: that is done asleep, by asking
again. A commit goes to the disk only at WAL checkpoints, as ``synchronous=NORMAL`` means it.

Only what SQLAlchemy's aiosqlite dialect calls is here; it is handed over by ``async_creator``.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.02
"""Seconds between two attempts to write while another process does."""


class InlineCursor:
    """An aiosqlite cursor without its thread."""

    def __init__(self, cursor: sqlite3.Cursor, patience: float) -> None:
        self._cursor = cursor
        self._patience = patience

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._cursor.close()

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Run a statement; one that another process's lock refuses has done nothing and is run again."""
        until, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            try:
                self._cursor.execute(statement, parameters)
                return self
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Run a statement with each of these; within a write transaction, where nobody else can hold a lock."""
        self._cursor.executemany(statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        """All rows."""
        return self._cursor.fetchall()

    async def close(self) -> None:
        """Forget the rows."""
        self._cursor.close()

    @property
    def description(self) -> Any:
        """As PEP 249 says."""
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """As PEP 249 says."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """As PEP 249 says."""
        return self._cursor.lastrowid


_PRIMARY_CODE = 0xFF
"""The bits of an extended result code that say what kind it is."""


class InlineConnection:
    """An aiosqlite connection without its thread, in autocommit mode: transactions are begun by statements.

    Args:
        path: the database file.
        patience: seconds that a statement waits for another process's lock.
    """

    def __init__(self, path: str, patience: float) -> None:
        # The pool may close a connection from the thread that collects garbage.
        self._connection: sqlite3.Connection | None = sqlite3.connect(
            path, timeout=0, isolation_level=None, check_same_thread=False
        )
        self._patience = patience

    def cursor(self) -> InlineCursor:
        """A cursor."""
        return InlineCursor(self._open().cursor(), self._patience)

    async def commit(self) -> None:
        """End the transaction, if there is one."""
        self._open().commit()

    async def rollback(self) -> None:
        """Undo the transaction, if there is one."""
        self._open().rollback()

    async def create_function(self, name: str, arguments: int, function: Callable[..., Any], **more: Any) -> None:
        """As `sqlite3.Connection.create_function`."""
        self._open().create_function(name, arguments, function, **more)

    async def close(self) -> None:
        """Close it."""
        self.stop()

    def stop(self) -> None:
        """Close it now."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("Connection closed")
        return self._connection


async def connect(path: str, patience: float) -> InlineConnection:
    """A new connection; see `InlineConnection`."""
    return InlineConnection(path, patience)
