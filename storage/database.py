"""The database: where transactions begin and end.

Work that wants to write is queued on a lane. A lane takes everything that waits, runs it in one transaction and commits once,
so that a hundred turns that arrive together pay for one flush of the disk. If one of them fails, all are rolled back and
each runs again by itself: work must therefore change nothing outside the unit of work that it is given (what should happen
afterwards goes through `UnitOfWork.after_commit`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import sqlite
from storage.unit_of_work import AccountKey, EventKey, UnitOfWork

T = TypeVar("T")
Work = Callable[[UnitOfWork], Awaitable[T]]

_SHARED_AT_MOST = 64
"""turns in one transaction: enough to make the flush cheap, few enough that nobody waits long for the others"""
_POSTGRESQL_LANES = 4
_TRIES_ALONE = 3


@dataclass(frozen=True)
class Turning:
    """What a turn needs at the start of its transaction; read for all turns of the transaction at once."""

    event: EventKey
    account: AccountKey
    received_at: datetime


@dataclass
class _Waiting:
    work: Work[Any]
    turning: Turning | None
    done: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Database:
    """Transactions on SQLite (one writer) or PostgreSQL (a few lanes; a contact always on the same one)."""

    def __init__(self, url: str, *, application_name: str = "donghanh") -> None:
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = sqlite.engine(url, connections=1, read_only=False)
            self._reader = sqlite.engine(url, connections=4, read_only=True)
        else:
            settings = {"application_name": application_name, "timezone": "UTC"}
            self._writer = self._reader = create_async_engine(
                url,
                pool_size=_POSTGRESQL_LANES + 8,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={"server_settings": settings},
            )
        self._lanes = [_Lane(self._writer) for _ in range(1 if self.is_sqlite else _POSTGRESQL_LANES)]

    @property
    def engine(self) -> AsyncEngine:
        return self._writer

    async def write(self, work: Work[T], *, turning: Turning | None = None, within: UnitOfWork | None = None) -> T:
        """Run work in a transaction and return its result once that is committed.

        The transaction may be shared with other work. With `turning`, the event is recorded and the account read first.
        Raises what the work raised; then nothing of it is in the database.

        within: the transaction of somebody who has more to do in it. Then the work is a part of that, and committed with it.
        """
        if within is not None:
            return await work(within)
        lane = self._lanes[hash(turning.account) % len(self._lanes) if turning else 0]
        result: T = await lane.run(work, turning)
        return result

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that only looks; what is committed later is not seen in it."""
        async with self._reader.connect() as connection:
            yield UnitOfWork(connection)

    async def close(self) -> None:
        """Finish what is queued, then let go of the connections."""
        for lane in self._lanes:
            await lane.stop()
        await self._writer.dispose()
        await self._reader.dispose()


class _Lane:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[_Waiting] = []
        self._runner: asyncio.Task[None] | None = None

    async def run(self, work: Work[Any], turning: Turning | None) -> Any:
        item = _Waiting(work, turning)
        self._waiting.append(item)
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run(), name="database lane")
        return await item.done

    async def stop(self) -> None:
        while self._runner is not None and not self._runner.done():
            await asyncio.wait([self._runner])

    async def _run(self) -> None:
        while self._waiting:
            batch = self._take_batch()
            try:
                later = await self._together(batch)
            except Exception:  # noqa: BLE001 - whatever it was, it meets its owner below, when each runs alone
                for item in batch:
                    await self._alone(item)
            else:
                self._waiting[:0] = later

    def _take_batch(self) -> list[_Waiting]:
        """Take what waits, but of one account only the first: its next turn must see what this one left."""
        batch: list[_Waiting] = []
        later: list[_Waiting] = []
        accounts: set[AccountKey] = set()
        for item in self._waiting:
            account = item.turning.account if item.turning else None
            if len(batch) >= _SHARED_AT_MOST or account in accounts:
                later.append(item)
                continue
            if account is not None:
                accounts.add(account)
            batch.append(item)
        self._waiting = later
        return batch

    async def _together(self, batch: Sequence[_Waiting]) -> list[_Waiting]:
        """Run work in one transaction; return the turns that must have another: of a contact that has one in this already."""
        later: list[_Waiting] = []
        async with self._engine.connect() as connection:
            uow = UnitOfWork(connection)
            turnings = [item.turning for item in batch if item.turning]
            if turnings:
                held_over = await uow.begin_turns([(t.event, t.account, t.received_at) for t in turnings])
                later = [item for item in batch if item.turning and item.turning.account in held_over]
                batch = [item for item in batch if item not in later] if later else batch
            results = [await item.work(uow) for item in batch]
            await uow.flush()
            await connection.commit()
        uow.committed()
        for item, result in zip(batch, results, strict=True):
            if not item.done.done():
                item.done.set_result(result)
        return later

    async def _alone(self, item: _Waiting) -> None:
        for attempt in range(1, _TRIES_ALONE + 1):
            try:
                await self._together([item])
            except DBAPIError as error:
                # A deadlock, a lost connection or an id drawn twice: the next try starts from a clean slate.
                if attempt < _TRIES_ALONE:
                    continue
                _fail(item, error)
            except Exception as error:  # noqa: BLE001 - handed to whoever asked for the work
                _fail(item, error)
            return


def _fail(item: _Waiting, error: Exception) -> None:
    if not item.done.done():
        item.done.set_exception(error)
