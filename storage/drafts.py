"""Drafts of entries: the statements."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.models import EntryDraft
from storage.unit_of_work import UnitOfWork, table_of

_D = table_of(EntryDraft)


@dataclass(frozen=True)
class DraftRow:
    """A draft as it was read. content: as `bot.learning.content.Content.to_json` writes it."""

    id: int
    inquiry_id: int | None
    state: str
    revision: int
    content: dict[str, Any]
    author_id: int | None
    author_name: str
    proposer_id: int | None
    proposer_name: str | None
    decided_by: int | None
    decided_name: str | None
    reason: str | None
    created_at: datetime
    updated_at: datetime
    proposed_at: datetime | None
    decided_at: datetime | None


_COLUMNS = tuple(_D.c[field.name] for field in fields(DraftRow))


async def add(uow: UnitOfWork, row: DraftRow) -> bool:
    """Add a draft; False when its inquiry has one already."""
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    statement = make(_D).values(**vars(row)).on_conflict_do_nothing(index_elements=["inquiry_id"])
    return uow.rowcount(await uow.execute(statement)) == 1


async def by_id(uow: UnitOfWork, draft_id: int) -> DraftRow | None:
    row = await uow.row(select(*_COLUMNS).where(_D.c.id == draft_id))
    return DraftRow(**row) if row else None


async def of_inquiry(uow: UnitOfWork, inquiry_id: int) -> DraftRow | None:
    row = await uow.row(select(*_COLUMNS).where(_D.c.inquiry_id == inquiry_id))
    return DraftRow(**row) if row else None


async def listed(
    uow: UnitOfWork, *, states: Sequence[str], of_officer: int | None = None, limit: int = 200
) -> Sequence[DraftRow]:
    """Return drafts in these states, the latest changed first. of_officer: only those that they wrote or proposed."""
    statement = select(*_COLUMNS).where(_D.c.state.in_(list(states))).order_by(_D.c.updated_at.desc(), _D.c.id).limit(limit)
    if of_officer is not None:
        statement = statement.where(or_(_D.c.author_id == of_officer, _D.c.proposer_id == of_officer))
    return [DraftRow(**row) for row in await uow.rows(statement)]


async def approved(uow: UnitOfWork) -> Sequence[DraftRow]:
    """Return every draft that was approved, in the order of the decisions."""
    statement = select(*_COLUMNS).where(_D.c.state == "approved").order_by(_D.c.decided_at, _D.c.id)
    return [DraftRow(**row) for row in await uow.rows(statement)]


async def count(uow: UnitOfWork, state: str) -> int:
    found: int = await uow.scalar(select(func.count()).select_from(_D).where(_D.c.state == state))
    return found


async def change(uow: UnitOfWork, seen: DraftRow, **values: Any) -> bool:
    """Change a draft if nobody has since it was seen; its revision counts up."""
    statement = (
        update(_D)
        .where(_D.c.id == seen.id, _D.c.revision == seen.revision, _D.c.state == seen.state)
        .values(revision=seen.revision + 1, **values)
    )
    return uow.rowcount(await uow.execute(statement)) == 1
