"""Our messages in groups of officers: the statements. What they say is decided in `bot.topics` and `bot.handlers`."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.engine import RowMapping

from storage.ids import new_id
from storage.models import Topic, TopicPost
from storage.unit_of_work import UnitOfWork, table_of

_P = table_of(TopicPost)
_T = table_of(Topic)


@dataclass(frozen=True)
class PostRow:
    id: int
    group_id: int
    topic_id: int | None
    kind: str
    priority: int
    officer_id: int | None
    open: bool
    reply_to: int | None
    data: dict[str, Any]
    content: dict[str, Any]
    message_id: int | None
    shown: str | None
    key: str | None
    inquiry_message_id: int | None
    due_at: datetime | None
    attempts: int
    error: str | None
    revision: int
    created_at: datetime


_COLUMNS = tuple(_P.c[field.name] for field in fields(PostRow))


def as_post(row: RowMapping) -> PostRow:
    return PostRow(**{field.name: row[field.name] for field in fields(PostRow)})


def _first(row: RowMapping | None) -> PostRow | None:
    return as_post(row) if row else None


def add(
    uow: UnitOfWork,
    *,
    group_id: int,
    kind: str,
    content: dict[str, Any],
    now: datetime,
    topic_id: int | None = None,
    priority: int = 1,
    officer_id: int | None = None,
    waits: bool = False,
    reply_to: int | None = None,
    data: dict[str, Any] | None = None,
    key: str | None = None,
    inquiry_message_id: int | None = None,
    silent: bool = False,
    message_id: int | None = None,
) -> int:
    """Add a post and return its id. waits: for its officer. silent: nothing is to be sent (yet). message_id: where it stands
    already."""
    post_id = new_id()
    uow.insert(
        TopicPost,
        id=post_id,
        group_id=group_id,
        topic_id=topic_id,
        kind=kind,
        priority=priority,
        officer_id=officer_id,
        open=waits,
        reply_to=reply_to,
        data=data or {},
        content=content,
        key=key,
        inquiry_message_id=inquiry_message_id,
        message_id=message_id,
        due_at=None if silent else now,
        attempts=0,
        revision=1,
        created_at=now,
    )
    return post_id


def change(uow: UnitOfWork, post: PostRow, **values: Any) -> None:
    """Change a post; with a `due_at` it is brought to the platform again."""
    uow.update(TopicPost, post.id, revision=post.revision + 1, **values)


async def by_id(uow: UnitOfWork, post_id: int) -> PostRow | None:
    return _first(await uow.row(select(*_COLUMNS).where(_P.c.id == post_id)))


async def by_key(uow: UnitOfWork, key: str) -> PostRow | None:
    return _first(await uow.row(select(*_COLUMNS).where(_P.c.key == key)))


async def of_topic(uow: UnitOfWork, topic_id: int, kinds: Iterable[str] | None = None) -> list[PostRow]:
    statement = select(*_COLUMNS).where(_P.c.topic_id == topic_id).order_by(_P.c.id)
    if kinds is not None:
        statement = statement.where(_P.c.kind.in_(list(kinds)))
    return [as_post(row) for row in await uow.rows(statement)]


async def open_of(uow: UnitOfWork, topic_id: int, officer_id: int) -> list[PostRow]:
    """Return what waits in a topic for this officer, newest first."""
    statement = (
        select(*_COLUMNS)
        .where(_P.c.topic_id == topic_id, _P.c.officer_id == officer_id, _P.c.open.is_(True))
        .order_by(_P.c.id.desc())
    )
    return [as_post(row) for row in await uow.rows(statement)]


async def next_due(uow: UnitOfWork, group_id: int, now: datetime, *, before: int | None = None) -> PostRow | None:
    """Return the post with which to go on: not one whose topic has still to be opened. before: a priority."""
    statement = (
        select(*_COLUMNS)
        .outerjoin(_T, _T.c.id == _P.c.topic_id)
        .where(_P.c.group_id == group_id, _P.c.due_at <= now, or_(_P.c.topic_id.is_(None), _T.c.thread_id.is_not(None)))
        .order_by(_P.c.priority, _P.c.id)
        .limit(1)
    )
    return _first(await uow.row(statement if before is None else statement.where(_P.c.priority < before)))


async def forget_places(uow: UnitOfWork, topic_id: int, *, now: datetime) -> None:
    """The topic in which the posts stood is gone: what must stand in its successor is sent anew (the card, files, what waits
    for its officer), the rest is over. What officers said there counts as said elsewhere from now on."""
    here = _P.c.topic_id == topic_id
    again = here & (_P.c.kind.in_(("card", "file")) | _P.c.open.is_(True))
    gone = {"message_id": None, "shown": None, "reply_to": None, "revision": _P.c.revision + 1}
    over = {"due_at": None, "open": False, "inquiry_message_id": None}
    await uow.execute(update(_P).where(here, ~again).values(**gone, **over))
    await uow.execute(update(_P).where(again).values(**gone, due_at=now))
