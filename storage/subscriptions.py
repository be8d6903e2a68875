"""What people want to be told, and when. Statements."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.models import Contact, Enterprise, Subscription, SubscriptionTime
from storage.unit_of_work import UnitOfWork, table_of

_S = table_of(Subscription)
_T = table_of(SubscriptionTime)
_C, _E = table_of(Contact), table_of(Enterprise)


@dataclass(frozen=True)
class TimesRow:
    """The hours (local, from 0 to 24) in which somebody wants to be written to; working_days: only Monday to Friday."""

    from_hour: int
    until_hour: int
    working_days: bool


@dataclass(frozen=True)
class Wish:
    """A topic that people may have switched off. owed: whether members are told of it all the same."""

    topic: str
    owed: bool

    @property
    def refused(self) -> ColumnElement[bool]:
        """The condition of a contact who is left out because of it."""
        off = exists().where(_S.c.contact_id == _C.c.id, _S.c.topic == self.topic, _S.c.wanted.is_(False))
        if not self.owed:
            return off
        member = exists().where(_E.c.id == _C.c.enterprise_id, _E.c.membership == "member")
        return and_(off, ~member.correlate(_C))


async def refusing(uow: UnitOfWork, contact_ids: Sequence[int], wish: Wish) -> set[int]:
    """Return those of the contacts who are left out because of the wish."""
    rows = await uow.rows(select(_C.c.id).where(_C.c.id.in_(list(contact_ids)), wish.refused))
    return {row["id"] for row in rows}


async def of_contact(uow: UnitOfWork, contact_id: int) -> dict[str, bool]:
    """Return what the person chose, by topic; nothing for topics about which they said nothing."""
    rows = await uow.rows(select(_S.c.topic, _S.c.wanted).where(_S.c.contact_id == contact_id))
    return {row["topic"]: bool(row["wanted"]) for row in rows}


async def choose(uow: UnitOfWork, contact_id: int, topic: str, *, wanted: bool, now: datetime) -> None:
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    values = {"wanted": wanted, "changed_at": now}
    statement = make(_S).values(contact_id=contact_id, topic=topic, **values)
    await uow.execute(statement.on_conflict_do_update(index_elements=["contact_id", "topic"], set_=values))


async def set_times(uow: UnitOfWork, contact_id: int, times: TimesRow, now: datetime) -> None:
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    values = {**vars(times), "changed_at": now}
    statement = make(_T).values(contact_id=contact_id, **values)
    await uow.execute(statement.on_conflict_do_update(index_elements=["contact_id"], set_=values))


async def times(uow: UnitOfWork, contact_ids: Sequence[int]) -> dict[int, TimesRow]:
    """Return the hours of those who chose some."""
    columns = [_T.c[field.name] for field in fields(TimesRow)]
    rows = await uow.rows(select(_T.c.contact_id, *columns).where(_T.c.contact_id.in_(list(contact_ids))))
    return {row["contact_id"]: TimesRow(row["from_hour"], row["until_hour"], bool(row["working_days"])) for row in rows}


async def switched_off(uow: UnitOfWork) -> dict[str, int]:
    """Return how many people switched each topic off."""
    statement = select(_S.c.topic, func.count().label("n")).where(_S.c.wanted.is_(False)).group_by(_S.c.topic)
    return {row["topic"]: row["n"] for row in await uow.rows(statement)}


async def chose_times(uow: UnitOfWork) -> int:
    found: int = await uow.scalar(select(func.count()).select_from(_T))
    return found
