"""Statements about what was changed in the directory at the desk."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import RowMapping

from storage.models import DirectoryChange
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(DirectoryChange)


async def newest(uow: UnitOfWork) -> int:
    """Return a number that differs once something was changed."""
    found: int = await uow.scalar(select(func.count()).select_from(_T))
    return found


async def overlays(uow: UnitOfWork) -> dict[str, dict[str, Any]]:
    """Return the fields that differ from the file, by department."""
    latest = select(_T.c.department_id, func.max(_T.c.revision).label("revision")).group_by(_T.c.department_id).subquery()
    statement = select(_T.c.department_id, _T.c.overlay).join(
        latest, (latest.c.department_id == _T.c.department_id) & (latest.c.revision == _T.c.revision)
    )
    return {row["department_id"]: dict(row["overlay"]) for row in await uow.rows(statement) if row["overlay"]}


async def history(uow: UnitOfWork, department_id: str) -> Sequence[RowMapping]:
    """Return the changes of a department, newest first."""
    return await uow.rows(select(_T).where(_T.c.department_id == department_id).order_by(_T.c.revision.desc()))


async def by_id(uow: UnitOfWork, change_id: int) -> RowMapping | None:
    return await uow.row(select(_T).where(_T.c.id == change_id))


async def add(uow: UnitOfWork, **values: Any) -> bool:
    """Add a change; False when another of the same revision was quicker."""
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    statement = make(_T).values(**values).on_conflict_do_nothing(index_elements=["department_id", "revision"])
    return uow.rowcount(await uow.execute(statement)) == 1
