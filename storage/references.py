"""Which contents of the file store something in the database still names."""

from collections.abc import Collection

from sqlalchemy import JSON, String, Table, cast, or_, select

from storage.models import Base, File
from storage.unit_of_work import UnitOfWork, table_of

_NAMES_NO_CONTENT = frozenset({"inquiry_history", "events"})
"""large tables whose JSON never holds the hash of a file"""


async def named(uow: UnitOfWork, hashes: Collection[str]) -> set[str]:
    """Return those of the hashes that some row names: in a column of its own, or within what a column holds as JSON."""
    if not hashes:
        return set()
    column = table_of(File).c.sha256
    found = {row["sha256"] for row in await uow.rows(select(column).where(column.in_(hashes)).distinct())}
    for table in Base.metadata.sorted_tables:
        missing = [each for each in hashes if each not in found]
        if not missing:
            break
        if table.name not in _NAMES_NO_CONTENT:
            found |= await _in_json(uow, table, missing)
    return found


async def _in_json(uow: UnitOfWork, table: Table, hashes: Collection[str]) -> set[str]:
    found: set[str] = set()
    for column in table.columns:
        if isinstance(column.type, JSON):
            text = cast(column, String)
            rows = await uow.rows(select(text.label("held")).where(or_(*(text.contains(each) for each in hashes))))
            found |= {each for each in hashes if any(each in row["held"] for row in rows)}
    return found
