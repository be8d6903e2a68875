"""SQLite behind asyncio: a statement, with its rows, is one trip to the thread that holds the connection.

aiosqlite by itself makes four trips of a SELECT (cursor, execute, fetch, close), three of an INSERT, and three of the BEGIN
before them. While another thread searches the knowledge base each trip has to wait for the interpreter, and a turn makes a
dozen: here they are four. Everything else (the thread, the queue to it) is aiosqlite's.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

import aiosqlite
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool


def engine(url: str, *, connections: int, read_only: bool) -> AsyncEngine:
    """Return an engine for a file. Without `read_only` its transactions hold the one right to write from their beginning."""
    path = make_url(url).database or ""

    async def connect() -> Connection:
        return await open_connection(path, read_only=read_only)

    made = create_async_engine(
        url,
        async_creator=connect,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=60,
        hide_parameters=True,  # what people write must not reach the log with a traceback
        pool_reset_on_return=None,  # SQLAlchemy has ended the transaction by then; a rollback of nothing is a trip as well
    )

    @event.listens_for(made.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        # IMMEDIATE: a transaction that reads first and then writes fails with BUSY when another wrote in between.
        connection.connection.driver_connection.begin("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return made


async def open_connection(path: str, *, read_only: bool) -> "Connection":
    def connect() -> sqlite3.Connection:
        made = sqlite3.connect(path, isolation_level=None, check_same_thread=False)  # transactions begin where we say
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("PRAGMA synchronous=FULL")  # an update that we confirmed must survive the power going
        made.execute("PRAGMA foreign_keys=ON")
        made.execute("PRAGMA busy_timeout=10000")
        if read_only:
            made.execute("PRAGMA query_only=ON")
        return made

    connection = Connection(connect, iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does it: a connection that nobody closed must not hold up the end
    await connection
    return connection


class Connection(aiosqlite.Connection):
    """What SQLAlchemy's dialect asks of aiosqlite, with cursors of our own."""

    _beginning: str | None = None

    def begin(self, statement: str) -> None:
        """Begin a transaction together with the next statement."""
        self._beginning = statement

    def cursor(self) -> "Cursor":  # type: ignore[override]
        return Cursor(self)

    async def run(self, execute: Any, statement: str, parameters: Sequence[Any]) -> tuple[Any, int, int | None, list[Any]]:
        """Run a statement; return the description, the row count, the last row id, and all rows."""
        beginning, self._beginning = self._beginning, None
        result: tuple[Any, int, int | None, list[Any]] = await self._execute(  # type: ignore[no-untyped-call]
            self._in_thread, beginning, execute, statement, parameters
        )
        return result

    def _in_thread(
        self, beginning: str | None, execute: Any, statement: str, parameters: Sequence[Any]
    ) -> tuple[Any, int, int | None, list[Any]]:
        cursor = self._conn.cursor()
        try:
            if beginning is not None:
                cursor.execute(beginning)
            execute(cursor, statement, parameters)
            rows = cursor.fetchall() if cursor.description else []
            return cursor.description, cursor.rowcount, cursor.lastrowid, rows
        finally:
            cursor.close()

    async def commit(self) -> None:
        self._beginning = None
        await super().commit()

    async def rollback(self) -> None:
        self._beginning = None
        await super().rollback()


class Cursor:
    """The part of a cursor that SQLAlchemy uses."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        await self._run(sqlite3.Cursor.execute, statement, parameters)

    async def executemany(self, statement: str, parameters: Sequence[Any]) -> None:
        await self._run(sqlite3.Cursor.executemany, statement, parameters)

    async def _run(self, execute: Any, statement: str, parameters: Sequence[Any]) -> None:
        ran = await self._connection.run(execute, statement, parameters)
        self.description, self.rowcount, self.lastrowid, self._rows = ran

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = []
