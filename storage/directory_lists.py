"""Lists of enterprises and contacts for readers with a cursor, newest first."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.engine import RowMapping

from storage.models import Contact, Enterprise
from storage.unit_of_work import UnitOfWork, table_of


async def enterprises(uow: UnitOfWork, *, text: str = "", before: int | None, limit: int) -> Sequence[RowMapping]:
    table = table_of(Enterprise)
    statement = select(table).order_by(table.c.id.desc()).limit(limit)
    if text:
        statement = statement.where(
            or_(table.c.name.icontains(text, autoescape=True), table.c.tax_code.icontains(text, autoescape=True))
        )
    return await uow.rows(statement if before is None else statement.where(table.c.id < before))


async def contacts(
    uow: UnitOfWork, *, enterprise_id: int | None = None, before: int | None, limit: int
) -> Sequence[RowMapping]:
    contact, enterprise = table_of(Contact), table_of(Enterprise)
    statement = (
        select(contact, enterprise.c.name.label("enterprise_name"), enterprise.c.tax_code)
        .outerjoin(enterprise, enterprise.c.id == contact.c.enterprise_id)
        .order_by(contact.c.id.desc())
        .limit(limit)
    )
    if enterprise_id is not None:
        statement = statement.where(contact.c.enterprise_id == enterprise_id)
    return await uow.rows(statement if before is None else statement.where(contact.c.id < before))
