"""Statements about files whose content must still be brought from the platform on which they were sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from storage.models import File
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(File)


@dataclass(frozen=True)
class WantedFile:
    """A file to be fetched. `attempts` counts this one too; `fetch_at` is when it falls due again if we say nothing."""

    id: int
    inquiry_id: int
    channel: str
    reference: str
    name: str
    attempts: int
    fetch_at: datetime


async def claim(uow: UnitOfWork, *, channels: Sequence[str], now: datetime, again_at: datetime, limit: int) -> list[WantedFile]:
    """Take files that are due, oldest first. They fall due again at `again_at`: whoever fetches may die meanwhile."""
    due = (
        select(_T.c.id)
        .where(_T.c.fetch_at <= now, _T.c.channel.in_(channels))
        .order_by(_T.c.fetch_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = [row["id"] for row in await uow.rows(due)]
    if not ids:
        return []
    columns = [_T.c[name] for name in WantedFile.__dataclass_fields__]
    take = (
        update(_T)
        .where(_T.c.id.in_(ids), _T.c.fetch_at <= now)
        .values(fetch_at=again_at, attempts=_T.c.attempts + 1)
        .returning(*columns)
    )
    return sorted((WantedFile(**row) for row in await uow.rows(take)), key=lambda file: file.id)


async def kept(uow: UnitOfWork, file: WantedFile, *, sha256: str, size: int) -> bool:
    """Record where the content lies; False when somebody else brought it meanwhile."""
    return await uow.change(
        File, file.id, seen={"fetch_at": file.fetch_at}, fetch_at=None, sha256=sha256, size=size, error=None
    )


async def postpone(uow: UnitOfWork, file: WantedFile, *, until: datetime, error: str) -> bool:
    return await uow.change(File, file.id, seen={"fetch_at": file.fetch_at}, fetch_at=until, error=error)


async def give_up(uow: UnitOfWork, file: WantedFile, *, error: str) -> bool:
    """Record why the content will not come."""
    return await uow.change(File, file.id, seen={"fetch_at": file.fetch_at}, fetch_at=None, error=error)
