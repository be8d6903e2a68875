"""Corrections of answers that were given: the statements."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.models import Correction
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(Correction)


@dataclass(frozen=True)
class CorrectionRow:
    id: int
    key: str
    document: str
    place: str
    text_vi: str
    text_en: str
    opened_by: int
    opened_name: str
    opened_at: datetime
    finished_at: datetime | None
    told: int


_COLUMNS = tuple(_T.c[field.name] for field in fields(CorrectionRow))


async def open_or_find(uow: UnitOfWork, row: CorrectionRow) -> CorrectionRow:
    """Add the correction, or return the one that has its key already."""
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    await uow.execute(make(_T).values(**vars(row)).on_conflict_do_nothing(index_elements=["key"]))
    found = await uow.row(select(*_COLUMNS).where(_T.c.key == row.key).with_for_update())
    assert found is not None
    return CorrectionRow(**found)


async def hold(uow: UnitOfWork, correction_id: int) -> None:
    """Let nobody else tell people of this correction until the commit, so that nobody is told twice."""
    await uow.row(select(_T.c.id).where(_T.c.id == correction_id).with_for_update())


async def count_told(uow: UnitOfWork, correction_id: int, more: int) -> None:
    await uow.execute(update(_T).where(_T.c.id == correction_id).values(told=_T.c.told + more))


async def finish(uow: UnitOfWork, correction_id: int, now: datetime) -> None:
    await uow.execute(update(_T).where(_T.c.id == correction_id).values(finished_at=now))


async def listed(uow: UnitOfWork) -> Sequence[CorrectionRow]:
    """Return all corrections, the newest first."""
    return [CorrectionRow(**row) for row in await uow.rows(select(*_COLUMNS).order_by(_T.c.id.desc()))]
