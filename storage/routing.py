"""Statements about where people decided that inquiries belong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.models import Inquiry, RoutingDecision
from storage.unit_of_work import UnitOfWork, table_of

_D = table_of(RoutingDecision)
_I = table_of(Inquiry)


@dataclass(frozen=True)
class Decided:
    """An inquiry that people have routed: its number, what was asked, and where it belongs."""

    number: str
    text: str
    department_id: str
    corrected: bool


async def keep(uow: UnitOfWork, *, inquiry_id: int, **values: Any) -> None:
    """Write down where an inquiry belongs, in place of what was decided before."""
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    statement = make(_D).values(inquiry_id=inquiry_id, **values)
    await uow.execute(statement.on_conflict_do_update(index_elements=["inquiry_id"], set_=values))


async def state(uow: UnitOfWork) -> tuple[datetime | None, int]:
    """Return a value that differs once something was decided since: the newest moment, and how many there are."""
    row = await uow.row(select(func.max(_D.c.at).label("newest"), func.count().label("count")).select_from(_D))
    assert row is not None  # an aggregate always has a row
    return row["newest"], row["count"]


async def newest(uow: UnitOfWork, *, limit: int) -> list[Decided]:
    statement = (
        select(_I.c.number, _I.c.text, _D.c.department_id, _D.c.corrected)
        .join(_I, _I.c.id == _D.c.inquiry_id)
        .order_by(_D.c.at.desc(), _D.c.inquiry_id.desc())
        .limit(limit)
    )
    return [Decided(**row) for row in await uow.rows(statement)]
