"""Statements about files that lie with a platform."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.models import PlatformUpload
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(PlatformUpload)


async def find(uow: UnitOfWork, *, channel: str, sha256: str, kind: str, since: datetime) -> str | None:
    """Return the platform's name for the file, where it was uploaded after `since`."""
    found: str | None = await uow.scalar(
        select(_T.c.reference).where(
            _T.c.channel == channel, _T.c.sha256 == sha256, _T.c.kind == kind, _T.c.uploaded_at > since
        )
    )
    return found


async def keep(uow: UnitOfWork, *, channel: str, sha256: str, kind: str, reference: str, now: datetime) -> None:
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    statement = make(_T).values(channel=channel, sha256=sha256, kind=kind, reference=reference, uploaded_at=now)
    newer = {"reference": reference, "uploaded_at": now}
    await uow.execute(statement.on_conflict_do_update(index_elements=["channel", "sha256", "kind"], set_=newer))


async def forget(uow: UnitOfWork, *, channel: str, sha256: str, kind: str) -> None:
    """The platform no longer has it."""
    await uow.execute(delete(_T).where(_T.c.channel == channel, _T.c.sha256 == sha256, _T.c.kind == kind))
