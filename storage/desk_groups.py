"""Groups in which officers work: which department has which, who writes to one at this moment, and how it is paced."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, literal, or_, select, update
from sqlalchemy.engine import RowMapping

from storage.ids import new_id
from storage.models import DepartmentGroup, DeskGroup, Topic, TopicPost
from storage.unit_of_work import UnitOfWork, table_of

_G = table_of(DeskGroup)
_D = table_of(DepartmentGroup)
_T = table_of(Topic)
_P = table_of(TopicPost)


@dataclass(frozen=True)
class GroupRow:
    """A group as it was read. `problem`: why nothing can be done there."""

    id: int
    channel: str
    chat: str
    title: str
    problem: str | None
    retry_at: datetime | None
    pace_level: float | None
    pace_at: datetime | None
    lease_until: datetime | None
    lease_owner: str | None
    created_at: datetime


_COLUMNS = tuple(_G.c[field.name] for field in fields(GroupRow))


def _group(row: RowMapping | None) -> GroupRow | None:
    return GroupRow(**{field.name: row[field.name] for field in fields(GroupRow)}) if row else None


async def by_id(uow: UnitOfWork, group_id: int) -> GroupRow | None:
    return _group(await uow.row(select(*_COLUMNS).where(_G.c.id == group_id)))


async def by_chat(uow: UnitOfWork, channel: str, chat: str) -> GroupRow | None:
    return _group(await uow.row(select(*_COLUMNS).where(_G.c.channel == channel, _G.c.chat == chat)))


async def of_department(uow: UnitOfWork, department_id: str) -> GroupRow | None:
    statement = select(*_COLUMNS).join(_D, _D.c.group_id == _G.c.id).where(_D.c.department_id == department_id)
    return _group(await uow.row(statement))


async def linked(uow: UnitOfWork) -> Sequence[RowMapping]:
    """Return every department that has a group, with the group's `chat`, `title` and `problem`."""
    statement = select(_D, _G.c.chat, _G.c.channel, _G.c.title, _G.c.problem).join(_G, _G.c.id == _D.c.group_id)
    return await uow.rows(statement.order_by(_D.c.department_id))


async def departments_in(uow: UnitOfWork, group_id: int) -> list[str]:
    rows = await uow.rows(select(_D.c.department_id).where(_D.c.group_id == group_id).order_by(_D.c.department_id))
    return [row["department_id"] for row in rows]


async def keep(uow: UnitOfWork, *, channel: str, chat: str, title: str, now: datetime) -> GroupRow:
    """Return the group of this chat, new when it was not known."""
    known = await by_chat(uow, channel, chat)
    if known is None:
        uow.insert(DeskGroup, id=new_id(), channel=channel, chat=chat, title=title, created_at=now)
        known = await by_chat(uow, channel, chat)
    elif title and title != known.title:
        uow.update(DeskGroup, known.id, title=title)
    assert known is not None
    return known


async def give(
    uow: UnitOfWork,
    department_id: str,
    group_id: int,
    *,
    source: str,
    configured: str | None,
    set_by: str | None,
    now: datetime,
) -> None:
    """Make this the department's group, in place of the one that it had."""
    values = {"group_id": group_id, "source": source, "configured": configured, "set_by": set_by, "set_at": now}
    changed = await uow.execute(update(_D).where(_D.c.department_id == department_id).values(**values))
    if not uow.rowcount(changed):
        uow.insert(DepartmentGroup, department_id=department_id, **values)


async def take_away(uow: UnitOfWork, department_id: str) -> bool:
    result = await uow.execute(delete(_D).where(_D.c.department_id == department_id))
    return uow.rowcount(result) == 1


async def move(uow: UnitOfWork, *, channel: str, old: str, new: str) -> None:
    """Record that the platform gave the group another id; where both are known, the departments go to the newer one."""
    before, after = await by_chat(uow, channel, old), await by_chat(uow, channel, new)
    if before is None:
        return
    if after is None:
        uow.update(DeskGroup, before.id, chat=new, problem=None, retry_at=None)
        return
    await uow.execute(update(_D).where(_D.c.group_id == before.id).values(group_id=after.id))


# One process at a time writes to a group


def _has_work(now: datetime) -> ColumnElement[bool]:
    topics = exists().where(_T.c.group_id == _G.c.id, _T.c.due_at <= now)
    posts = exists().where(_P.c.group_id == _G.c.id, _P.c.due_at <= now)
    return or_(topics, posts)


async def something_due(uow: UnitOfWork, now: datetime) -> bool:
    """Say whether anything is to be done in any group: asked often, and nothing is written for it."""
    due = or_(exists().where(_T.c.due_at <= now), exists().where(_P.c.due_at <= now))
    return bool(await uow.scalar(select(literal(1)).where(due)))


async def claim(
    uow: UnitOfWork, *, channel: str, owner: str, now: datetime, lease_until: datetime, sole: bool
) -> list[GroupRow]:
    """Take the groups in which something is due and nobody writes. sole: no other process is at work, so that a lease which
    is not this one's is of a process that is gone."""
    free = or_(_G.c.lease_until.is_(None), _G.c.lease_until < now)
    if sole:
        free = or_(free, _G.c.lease_owner != owner)
    rested = or_(_G.c.retry_at.is_(None), _G.c.retry_at <= now)
    wanted = select(_G.c.id).where(_G.c.channel == channel, free, rested, _has_work(now)).with_for_update(skip_locked=True)
    ids = [row["id"] for row in await uow.rows(wanted)]
    if not ids:
        return []
    take = update(_G).where(_G.c.id.in_(ids)).values(lease_until=lease_until, lease_owner=owner).returning(*_COLUMNS)
    return [group for row in await uow.rows(take) if (group := _group(row)) is not None]


async def extend(uow: UnitOfWork, group_id: int, *, owner: str, until: datetime) -> bool:
    """Keep the group; False when it has gone to another process meanwhile."""
    return await uow.change(DeskGroup, group_id, seen={"lease_owner": owner}, lease_until=until)


async def release(uow: UnitOfWork, group_id: int, *, owner: str, level: float, now: datetime) -> None:
    """Let go of the group, and leave behind how much of its pace is used up."""
    values = {"lease_until": None, "lease_owner": None, "pace_level": level, "pace_at": now}
    await uow.change(DeskGroup, group_id, seen={"lease_owner": owner}, **values)


async def rest(uow: UnitOfWork, group_id: int, *, until: datetime | None, problem: str | None = None) -> None:
    """Leave the group alone until then."""
    uow.update(DeskGroup, group_id, retry_at=until, problem=problem)
