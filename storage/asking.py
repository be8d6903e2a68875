"""What consultations and surveys share: what falls due, and personal links."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import delete, func, select, update

from storage.ids import new_id
from storage.models import AskingDue, PersonalLink
from storage.unit_of_work import UnitOfWork, table_of

_D = table_of(AskingDue)
_L = table_of(PersonalLink)


@dataclass(frozen=True)
class DueRow:
    id: int
    subject: str
    subject_id: int
    kind: str
    due_at: datetime


_DUE_COLUMNS = tuple(_D.c[field.name] for field in fields(DueRow))


async def set_due(uow: UnitOfWork, *, subject: str, subject_id: int, moments: dict[str, datetime]) -> None:
    """Write down what falls due when, in place of what still waited for this subject."""
    await uow.execute(delete(_D).where(_D.c.subject_id == subject_id, _D.c.pending_at.is_not(None)))
    done = {row["kind"] for row in await uow.rows(select(_D.c.kind).where(_D.c.subject_id == subject_id))}
    for kind, at in moments.items():
        if kind not in done:
            uow.insert(
                AskingDue,
                id=new_id(),
                subject=subject,
                subject_id=subject_id,
                kind=kind,
                due_at=at,
                pending_at=at,
                done_at=None,
            )


async def drop_due(uow: UnitOfWork, subject_id: int) -> None:
    """Have nothing of this subject fall due any more."""
    await uow.execute(delete(_D).where(_D.c.subject_id == subject_id, _D.c.pending_at.is_not(None)))


async def due(uow: UnitOfWork, subject: str, now: datetime, limit: int = 50) -> list[DueRow]:
    statement = (
        select(*_DUE_COLUMNS)
        .where(_D.c.pending_at <= now, _D.c.subject == subject)
        .order_by(_D.c.pending_at, _D.c.id)
        .limit(limit)
    )
    return [DueRow(**row) for row in await uow.rows(statement)]


async def waiting(uow: UnitOfWork, subject_id: int) -> list[DueRow]:
    """Return what has yet to fall due, the next first."""
    statement = (
        select(*_DUE_COLUMNS).where(_D.c.subject_id == subject_id, _D.c.pending_at.is_not(None)).order_by(_D.c.pending_at)
    )
    return [DueRow(**row) for row in await uow.rows(statement)]


async def hold_due(uow: UnitOfWork, due_id: int) -> bool:
    """Let nobody else work on this until the commit; False when it has been done meanwhile."""
    statement = select(_D.c.id).where(_D.c.id == due_id, _D.c.pending_at.is_not(None)).with_for_update()
    return await uow.scalar(statement) is not None


async def done(uow: UnitOfWork, due_id: int, now: datetime) -> bool:
    """Mark it as done; False when it had been already."""
    statement = update(_D).where(_D.c.id == due_id, _D.c.pending_at.is_not(None)).values(pending_at=None, done_at=now)
    return uow.rowcount(await uow.execute(statement)) == 1


async def postpone(uow: UnitOfWork, due_id: int, to: datetime) -> None:
    await uow.execute(update(_D).where(_D.c.id == due_id, _D.c.pending_at.is_not(None)).values(pending_at=to))


# Personal links


@dataclass(frozen=True)
class LinkRow:
    id: int
    purpose: str
    subject_id: int | None
    contact_id: int
    account_id: int
    expires_at: datetime
    used_at: datetime | None
    session_until: datetime | None


_LINK_COLUMNS = tuple(_L.c[field.name] for field in fields(LinkRow))


async def link(uow: UnitOfWork, token_hash: str) -> LinkRow | None:
    row = await uow.row(select(*_LINK_COLUMNS).where(_L.c.token_hash == token_hash))
    return LinkRow(**row) if row else None


async def link_of_session(uow: UnitOfWork, session_hash: str) -> LinkRow | None:
    row = await uow.row(select(*_LINK_COLUMNS).where(_L.c.session_hash == session_hash))
    return LinkRow(**row) if row else None


async def use_link(uow: UnitOfWork, link_id: int, *, session_hash: str, now: datetime, until: datetime) -> bool:
    """Exchange the link for a session; False when somebody was quicker."""
    statement = (
        update(_L)
        .where(_L.c.id == link_id, _L.c.used_at.is_(None))
        .values(used_at=now, session_hash=session_hash, session_until=until)
    )
    return uow.rowcount(await uow.execute(statement)) == 1


async def forget_links(uow: UnitOfWork, before: datetime) -> None:
    """Delete links whose time, and whose session's time, was over before then."""
    over = func.coalesce(_L.c.session_until, _L.c.expires_at) < before
    await uow.execute(delete(_L).where(_L.c.expires_at < before, over))
