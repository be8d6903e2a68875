"""Statements about events that the platform was told we have, and that no turn has taken yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.ids import new_id
from storage.models import WaitingEvent
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(WaitingEvent)
KEPT = timedelta(days=30)
"""how long an event is kept that nobody knows what to do with"""


@dataclass(frozen=True)
class Waiting:
    id: int
    channel: str
    event_id: str
    name: str
    body: str
    received_at: datetime
    attempts: int


async def keep(
    uow: UnitOfWork,
    *,
    channel: str,
    event_id: str,
    name: str,
    reason: str,
    body: str,
    received_at: datetime,
    due_at: datetime | None,
) -> None:
    """Keep an event; the same a second time changes nothing."""
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    values = {
        "id": new_id(),
        "channel": channel,
        "event_id": event_id[:128],
        "name": name[:64],
        "reason": reason,
        "body": body,
        "received_at": received_at,
        "due_at": due_at,
        "attempts": 0,
    }
    await uow.execute(make(_T).values(**values).on_conflict_do_nothing())


async def claim(uow: UnitOfWork, *, channel: str, now: datetime, again_at: datetime, limit: int) -> list[Waiting]:
    """Take events that are due, in the order in which they came. They fall due again at `again_at`."""
    due = (
        select(_T.c.id)
        .where(_T.c.due_at <= now, _T.c.channel == channel)
        .order_by(_T.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = [row["id"] for row in await uow.rows(due)]
    if not ids:
        return []
    columns = [_T.c[name] for name in Waiting.__dataclass_fields__]
    take = (
        update(_T)
        .where(_T.c.id.in_(ids), _T.c.due_at <= now)
        .values(due_at=again_at, attempts=_T.c.attempts + 1)
        .returning(*columns)
    )
    return sorted((Waiting(**row) for row in await uow.rows(take)), key=lambda each: each.id)


async def done(uow: UnitOfWork, *, channel: str, event_id: str) -> None:
    """Forget an event that a turn has taken: what people wrote is not kept a second time."""
    await uow.execute(delete(_T).where(_T.c.channel == channel, _T.c.event_id == event_id[:128], _T.c.due_at.is_not(None)))


async def postpone(uow: UnitOfWork, id: int, *, until: datetime, error: str) -> None:
    await uow.execute(update(_T).where(_T.c.id == id).values(due_at=until, reason="failed", error=error[:500]))


async def give_up(uow: UnitOfWork, id: int, *, reason: str) -> None:
    """Keep only that an event came which nobody can take."""
    await uow.execute(update(_T).where(_T.c.id == id).values(due_at=None, reason=reason, body=""))


async def forget_old(uow: UnitOfWork, now: datetime) -> int:
    return uow.rowcount(await uow.execute(delete(_T).where(_T.c.received_at < now - KEPT, _T.c.due_at.is_(None))))


async def counts(uow: UnitOfWork, channel: str) -> dict[str, int]:
    """Return how many events wait, by reason."""
    rows = await uow.rows(select(_T.c.reason, func.count().label("n")).where(_T.c.channel == channel).group_by(_T.c.reason))
    return {row["reason"]: row["n"] for row in rows}
