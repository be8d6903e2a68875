"""Statements about notices to officers that are about a channel and no inquiry."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.ids import new_id
from storage.models import OfficerNotice
from storage.unit_of_work import UnitOfWork, table_of


async def tell_officers(uow: UnitOfWork, *, key: str, text_key: str, params: dict[str, Any], now: datetime) -> None:
    """Put a notice before the coordinators; the same key a second time changes nothing."""
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    values = {
        "id": new_id(),
        "department_id": None,
        "audience": "coordinator",
        "inquiry_id": None,
        "key": key,
        "text_key": text_key,
        "params": params,
        "created_at": now,
        "repeats": 0,
    }
    await uow.execute(make(table_of(OfficerNotice)).values(**values).on_conflict_do_nothing(index_elements=["key"]))
