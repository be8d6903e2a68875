"""Enterprises, by their tax code."""

from datetime import datetime

from sqlalchemy import select

from bot.membership.errors import CompanyNameMissing
from bot.membership.tax_codes import tax_code as checked_tax_code
from storage.ids import new_id
from storage.models import Enterprise
from storage.unit_of_work import UnitOfWork, table_of


async def find_or_add(
    uow: UnitOfWork, *, tax_code: str, name: str, membership: str, now: datetime, region: str | None = None
) -> int:
    """Return the id of the enterprise with this tax code, added if it is new. Raises TaxCodeWrong, CompanyNameMissing.

    region: where its customs office is, as the directory spells it; given for one that is known already, it is put right.
    """
    code = checked_tax_code(tax_code)
    if not name.strip():
        raise CompanyNameMissing()
    table = table_of(Enterprise)
    found: int | None = await uow.scalar(select(table.c.id).where(table.c.tax_code == code))
    if found is not None:
        if region:
            uow.update(Enterprise, found, region=region)
        return found
    enterprise_id = new_id()
    uow.insert(
        Enterprise,
        id=enterprise_id,
        tax_code=code,
        name=name.strip()[:300],
        membership=membership,
        member_since=now if membership == "member" else None,
        region=region or None,
        created_at=now,
    )
    return enterprise_id
