"""Topics of inquiries in groups: the statements. `bot.topics` decides what they show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, exists, func, literal, or_, select, update
from sqlalchemy.engine import RowMapping

from storage.ids import new_id
from storage.models import DepartmentGroup, DeskGroup, Inquiry, InquiryChange, Topic
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(Topic)
_I = table_of(Inquiry)
_C = table_of(InquiryChange)
_D = table_of(DepartmentGroup)


@dataclass(frozen=True)
class TopicRow:
    id: int
    inquiry_id: int
    group_id: int
    thread_id: int | None
    title: str
    shown_title: str | None
    closed: bool
    shown_closed: bool
    urgent_at: datetime | None
    opening_at: datetime | None
    told_up_to: int
    look_at: datetime | None
    due_at: datetime | None
    checked_at: datetime | None
    attempts: int
    error: str | None
    revision: int
    created_at: datetime


_COLUMNS = tuple(_T.c[field.name] for field in fields(TopicRow))


def as_topic(row: RowMapping) -> TopicRow:
    return TopicRow(**{field.name: row[field.name] for field in fields(TopicRow)})


def _first(row: RowMapping | None) -> TopicRow | None:
    return as_topic(row) if row else None


# What changed


def changed(uow: UnitOfWork, inquiry_id: int) -> None:
    """Note that a group may have to show something else of this inquiry."""
    uow.insert(InquiryChange, id=new_id(), inquiry_id=inquiry_id)


async def something_changed(uow: UnitOfWork, now: datetime) -> bool:
    """Say whether `take_changes` or `to_look_at` would return anything."""
    changes = exists(select(_C.c.id))
    looks = exists().where(_T.c.look_at <= now)
    return bool(await uow.scalar(select(literal(1)).where(or_(changes, looks))))


async def take_changes(uow: UnitOfWork, limit: int) -> list[int]:
    """Return the inquiries that changed, and forget that they did; they are looked at in this same transaction."""
    oldest = select(_C.c.id).order_by(_C.c.id).limit(limit).with_for_update(skip_locked=True)
    ids = [row["id"] for row in await uow.rows(oldest)]
    if not ids:
        return []
    taken = await uow.rows(delete(_C).where(_C.c.id.in_(ids)).returning(_C.c.inquiry_id))
    return list(dict.fromkeys(row["inquiry_id"] for row in taken))


async def to_look_at(uow: UnitOfWork, now: datetime, limit: int) -> list[int]:
    """Return the inquiries whose topic must say something else by now, though nothing happened."""
    rows = await uow.rows(select(_T.c.inquiry_id).where(_T.c.look_at <= now).order_by(_T.c.look_at).limit(limit))
    return list(dict.fromkeys(row["inquiry_id"] for row in rows))


async def without_topic(
    uow: UnitOfWork, states: Iterable[str], *, unrouted: str, coordinating: str, after: int, limit: int
) -> list[int]:
    """Return inquiries, in the order of their ids, whose department has a group in which they have no topic yet; what is in
    the state `unrouted` is the coordinating department's."""
    department = case((_I.c.state == str(unrouted), coordinating), else_=_I.c.department_id)
    known = exists().where(_T.c.inquiry_id == _I.c.id, _T.c.group_id == _D.c.group_id)
    statement = (
        select(_I.c.id)
        .join(_D, _D.c.department_id == department)
        .where(_I.c.state.in_([str(state) for state in states]), _I.c.id > after, ~known)
        .order_by(_I.c.id)
        .limit(limit)
    )
    return [row["id"] for row in await uow.rows(statement)]


# Topics


def add(uow: UnitOfWork, *, inquiry_id: int, group_id: int, title: str, now: datetime) -> int:
    topic_id = new_id()
    uow.insert(
        Topic,
        id=topic_id,
        inquiry_id=inquiry_id,
        group_id=group_id,
        title=title,
        closed=False,
        shown_closed=False,
        told_up_to=0,
        due_at=now,
        attempts=0,
        revision=1,
        created_at=now,
    )
    return topic_id


async def by_id(uow: UnitOfWork, topic_id: int) -> TopicRow | None:
    return _first(await uow.row(select(*_COLUMNS).where(_T.c.id == topic_id)))


async def by_thread(uow: UnitOfWork, group_id: int, thread_id: int) -> TopicRow | None:
    return _first(await uow.row(select(*_COLUMNS).where(_T.c.group_id == group_id, _T.c.thread_id == thread_id)))


async def by_number(uow: UnitOfWork, group_id: int, number: str) -> TopicRow | None:
    statement = select(*_COLUMNS).join(_I, _I.c.id == _T.c.inquiry_id)
    return _first(await uow.row(statement.where(_T.c.group_id == group_id, _I.c.number == number)))


async def of_inquiry(uow: UnitOfWork, inquiry_id: int) -> list[TopicRow]:
    rows = await uow.rows(select(*_COLUMNS).where(_T.c.inquiry_id == inquiry_id).order_by(_T.c.id))
    return [as_topic(row) for row in rows]


def change(uow: UnitOfWork, topic: TopicRow, **values: Any) -> None:
    """Change what the topic shall show; whoever brings an earlier state to the platform meanwhile is not done."""
    uow.update(Topic, topic.id, revision=topic.revision + 1, **values)


async def next_due(uow: UnitOfWork, group_id: int, now: datetime) -> TopicRow | None:
    """Return the topic with which to go on: one that must be opened, by its deadline, before one that shows something old."""
    statement = (
        select(*_COLUMNS)
        .where(_T.c.group_id == group_id, _T.c.due_at <= now)
        .order_by(_T.c.thread_id.is_not(None), _T.c.urgent_at.is_(None), _T.c.urgent_at, _T.c.due_at, _T.c.id)
        .limit(1)
    )
    return _first(await uow.row(statement))


async def waiting(uow: UnitOfWork, group_id: int, *, limit: int) -> tuple[int, Sequence[RowMapping]]:
    """Return how many topics wait to be opened in the group, and the first of them with `number`, `text`, `urgent_at`."""
    where = (_T.c.group_id == group_id, _T.c.thread_id.is_(None), _T.c.due_at.is_not(None))
    count = await uow.scalar(select(func.count()).select_from(_T).where(*where))
    statement = (
        select(_I.c.number, _I.c.text, _T.c.urgent_at)
        .join(_I, _I.c.id == _T.c.inquiry_id)
        .where(*where)
        .order_by(_T.c.urgent_at.is_(None), _T.c.urgent_at, _T.c.id)
        .limit(limit)
    )
    return int(count), await uow.rows(statement)


async def unseen_longest(uow: UnitOfWork, *, before: datetime) -> list[TopicRow]:
    """Return of each group the open topic that has not been seen for the longest time, where that is before the moment."""
    group = table_of(DeskGroup)
    open_ones = (_T.c.thread_id.is_not(None), _T.c.closed.is_(False), _T.c.due_at.is_(None))
    found = []
    for row in await uow.rows(select(group.c.id).where(group.c.problem.is_(None))):
        statement = (
            select(*_COLUMNS)
            .where(_T.c.group_id == row["id"], *open_ones, or_(_T.c.checked_at.is_(None), _T.c.checked_at < before))
            .order_by(_T.c.checked_at.is_not(None), _T.c.checked_at)
            .limit(1)
        )
        if (topic := _first(await uow.row(statement))) is not None:
            found.append(topic)
    return found


async def look_again_in(uow: UnitOfWork, group_id: int, now: datetime) -> None:
    """Have all topics of a group looked at: it was away, and is there again."""
    await uow.execute(update(_T).where(_T.c.group_id == group_id).values(look_at=now))
