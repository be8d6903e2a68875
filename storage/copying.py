"""All rows of one database into another: how a PostgreSQL comes into a file, and a file into an empty database."""

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import JSON, MetaData, Table, bindparam, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.database import Database
from storage.models import Base

_AT_ONCE = 500
"""rows: enough that trips cost little, few enough that they fit in memory, whatever they hold"""


class NotEmpty(Exception):
    """The database holds rows already. `rows`: how many, by table."""

    def __init__(self, rows: dict[str, int]) -> None:
        super().__init__(rows)
        self.rows = rows


async def rows_of(url: str) -> dict[str, int]:
    """Return how many rows each table holds, without the empty ones. The schema has to be there."""
    database = Database(url)
    try:
        async with database.read() as uow:
            counts = {table.name: await uow.scalar(select(func.count()).select_from(table)) for table in _tables()}
    finally:
        await database.close()
    return {name: count for name, count in counts.items() if count}


async def copy(source: str, target: str, *, before_the_commit: Callable[[], Awaitable[None]] | None = None) -> int:
    """Copy every row as they are at one moment; return how many. Both have the newest schema, the target has no rows.

    before_the_commit: what has to be there when the rows are. Raises NotEmpty, and what that raises: then the target is as
    it was.
    """
    reading, writing = create_async_engine(source), create_async_engine(target)
    copied = 0
    try:
        async with reading.connect() as origin, writing.begin() as place:
            if origin.dialect.name == "postgresql":
                await origin.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            await _refuse_rows(place)
            for table in _tables():
                copied += await _copy_table(origin, place, table)
            if before_the_commit is not None:
                await before_the_commit()
    finally:
        await reading.dispose()
        await writing.dispose()
    return copied


@cache
def _tables() -> Sequence[Table]:
    """Return the tables, those that others point to first. What is empty in a JSON column is written as NULL, not as `null`."""
    apart = MetaData()
    for table in Base.metadata.sorted_tables:
        for column in table.to_metadata(apart).columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return apart.sorted_tables


async def _refuse_rows(place: AsyncConnection) -> None:
    held = {}
    for table in _tables():
        if place.dialect.name == "postgresql":
            await place.execute(text(f'LOCK TABLE "{table.name}" IN EXCLUSIVE MODE'))  # nobody begins to fill it meanwhile
        count = (await place.execute(select(func.count()).select_from(table))).scalar_one()
        if count:
            held[table.name] = count
    if held:
        raise NotEmpty(held)


async def _copy_table(origin: AsyncConnection, place: AsyncConnection, table: Table) -> int:
    """Copy a table. What points to another row of the same table is filled in once all of them are there."""
    own = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    key = next(iter(table.primary_key.columns))
    later: list[dict[str, Any]] = []
    copied = 0
    async with origin.stream(select(table)) as result:
        async for part in result.mappings().partitions(_AT_ONCE):
            rows = [dict(row) for row in part]
            for row in rows:
                if any(row[name] is not None for name in own):
                    later.append({"_key": row[key.name], **{f"_{name}": row[name] for name in own}})
                    row.update(dict.fromkeys(own))
            await place.execute(insert(table), rows)
            copied += len(rows)
    if later:
        fill_in = update(table).where(key == bindparam("_key")).values({name: bindparam(f"_{name}") for name in own})
        await place.execute(fill_in, later)
    return copied
