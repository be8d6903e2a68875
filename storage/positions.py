"""What enterprises say in a consultation: positions, opinions, answers, groups of opinions. Statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.ids import new_id
from storage.models import (
    Consultation,
    ConsultationAnswer,
    ConsultationGroup,
    ConsultationOpinion,
    ConsultationPosition,
)
from storage.unit_of_work import UnitOfWork, table_of

_P = table_of(ConsultationPosition)
_O = table_of(ConsultationOpinion)
_A = table_of(ConsultationAnswer)
_G = table_of(ConsultationGroup)


@dataclass(frozen=True)
class PositionRow:
    id: int
    consultation_id: int
    respondent: str
    version: int
    state: str
    contact_id: int
    contact_name: str
    enterprise_id: int | None
    enterprise_name: str
    tax_code: str | None
    member: bool
    channel: str
    based_on: int | None
    started_at: datetime
    updated_at: datetime
    submitted_at: datetime | None


@dataclass(frozen=True)
class OpinionRow:
    """A comment. unit: the seq of the unit that it is on; none for the draft as a whole."""

    id: int
    position_id: int
    unit: int | None
    text: str
    group_id: int | None
    at: datetime


@dataclass(frozen=True)
class GroupRow:
    id: int
    unit: int | None
    title: str
    response: str | None
    reason: str
    responded_by: str | None
    responded_at: datetime | None


@dataclass(frozen=True)
class Voiced:
    """An opinion of a standing position, with whose it is."""

    opinion: OpinionRow
    contact_id: int
    contact_name: str
    enterprise_name: str
    tax_code: str | None
    member: bool

    @property
    def who(self) -> str:
        """The enterprise, or the person where they spoke for none."""
        return self.enterprise_name or self.contact_name


_POSITION = tuple(_P.c[field.name] for field in fields(PositionRow))
_OPINION = tuple(_O.c[field.name] for field in fields(OpinionRow))
_GROUP = tuple(_G.c[field.name] for field in fields(GroupRow))


# Positions


def add(uow: UnitOfWork, row: PositionRow) -> None:
    uow.insert(ConsultationPosition, **vars(row))


async def draft_of(uow: UnitOfWork, consultation_id: int, contact_id: int) -> PositionRow | None:
    """Return what the person is writing."""
    row = await uow.row(
        select(*_POSITION).where(_P.c.consultation_id == consultation_id, _P.c.contact_id == contact_id, _P.c.state == "draft")
    )
    return PositionRow(**row) if row else None


async def standing_of(uow: UnitOfWork, consultation_id: int, respondent: str) -> PositionRow | None:
    """Return the position that stands for an enterprise."""
    row = await uow.row(
        select(*_POSITION).where(
            _P.c.consultation_id == consultation_id, _P.c.respondent == respondent, _P.c.state == "standing"
        )
    )
    return PositionRow(**row) if row else None


async def standing(uow: UnitOfWork, consultation_id: int) -> list[PositionRow]:
    """Return every position that stands: members first, then in the order in which they were handed in."""
    statement = (
        select(*_POSITION)
        .where(_P.c.consultation_id == consultation_id, _P.c.state == "standing")
        .order_by(_P.c.member.desc(), _P.c.submitted_at, _P.c.id)
    )
    return [PositionRow(**row) for row in await uow.rows(statement)]


async def versions(uow: UnitOfWork, consultation_id: int, respondent: str) -> list[PositionRow]:
    """Return every version that an enterprise handed in, oldest first."""
    statement = (
        select(*_POSITION)
        .where(_P.c.consultation_id == consultation_id, _P.c.respondent == respondent, _P.c.state != "draft")
        .order_by(_P.c.version)
    )
    return [PositionRow(**row) for row in await uow.rows(statement)]


async def hold_consultation(uow: UnitOfWork, consultation_id: int) -> str | None:
    """Return its state, and let nobody open, close or hand in there until the commit."""
    table = table_of(Consultation)
    state: str | None = await uow.scalar(select(table.c.state).where(table.c.id == consultation_id).with_for_update())
    return state


async def hand_in(uow: UnitOfWork, position: PositionRow, *, replaces: PositionRow | None, now: datetime) -> int:
    """Let the draft stand in place of the former position; return its version."""
    last = await uow.scalar(
        select(func.max(_P.c.version)).where(
            _P.c.consultation_id == position.consultation_id, _P.c.respondent == position.respondent
        )
    )
    version = int(last or 0) + 1
    if replaces is not None:
        await uow.execute(update(_P).where(_P.c.id == replaces.id).values(state="replaced"))
    await uow.execute(
        update(_P)
        .where(_P.c.id == position.id, _P.c.state == "draft")
        .values(state="standing", version=version, submitted_at=now, updated_at=now)
    )
    return version


async def drop_draft(uow: UnitOfWork, position_id: int) -> None:
    """Delete what was being written; what was handed in is never deleted."""
    own = select(_P.c.id).where(_P.c.id == position_id, _P.c.state == "draft")
    await uow.execute(delete(_O).where(_O.c.position_id.in_(own)))
    await uow.execute(delete(_A).where(_A.c.position_id.in_(own)))
    await uow.execute(delete(_P).where(_P.c.id == position_id, _P.c.state == "draft"))


@dataclass(frozen=True)
class Counts:
    """positions: that stand. contacts: who handed one in, earlier ones too. unsent: begun and not handed in."""

    positions: int
    members: int
    opinions: int
    contacts: int
    unsent: int


async def counts(uow: UnitOfWork, consultation_id: int) -> Counts:
    here = _P.c.consultation_id == consultation_id
    rows = await uow.rows(
        select(_P.c.state, _P.c.member, func.count().label("count")).where(here).group_by(_P.c.state, _P.c.member)
    )
    opinions = await uow.scalar(
        select(func.count()).select_from(_O.join(_P, _P.c.id == _O.c.position_id)).where(here, _P.c.state == "standing")
    )
    contacts = await uow.scalar(select(func.count(_P.c.contact_id.distinct())).where(here, _P.c.state != "draft"))
    of = {(row["state"], bool(row["member"])): row["count"] for row in rows}
    members = of.get(("standing", True), 0)
    return Counts(
        positions=members + of.get(("standing", False), 0),
        members=members,
        opinions=opinions or 0,
        contacts=contacts or 0,
        unsent=of.get(("draft", True), 0) + of.get(("draft", False), 0),
    )


async def have_answered(uow: UnitOfWork, consultation_id: int, people: Iterable[tuple[int, int | None]]) -> set[int]:
    """Return those of the (contact, enterprise) who have handed in a position, by themselves or by a colleague."""
    names = {contact: f"enterprise:{enterprise}" if enterprise else f"contact:{contact}" for contact, enterprise in people}
    statement = select(_P.c.respondent).where(
        _P.c.consultation_id == consultation_id, _P.c.state == "standing", _P.c.respondent.in_(set(names.values()))
    )
    there = {row["respondent"] for row in await uow.rows(statement)}
    return {contact for contact, name in names.items() if name in there}


async def have_begun(uow: UnitOfWork, consultation_id: int, contact_ids: Sequence[int]) -> set[int]:
    """Return those who are writing something that they have not handed in."""
    statement = select(_P.c.contact_id).where(
        _P.c.consultation_id == consultation_id, _P.c.state == "draft", _P.c.contact_id.in_(contact_ids)
    )
    return {row["contact_id"] for row in await uow.rows(statement)}


async def have_written(uow: UnitOfWork, consultation_id: int, contact_ids: Sequence[int]) -> set[int]:
    """Return those who have written something, handed in or not."""
    wanted = (_P.c.consultation_id == consultation_id, _P.c.contact_id.in_(contact_ids))
    return {row["contact_id"] for row in await uow.rows(select(_P.c.contact_id).where(*wanted))}


async def who_took_part(uow: UnitOfWork, consultation_id: int, *, after: int, limit: int) -> list[tuple[int, str]]:
    """Return (contact, respondent) of everybody who handed something in, by id of the contact, those after one."""
    statement = (
        select(_P.c.contact_id, func.min(_P.c.respondent).label("respondent"))
        .where(_P.c.consultation_id == consultation_id, _P.c.state != "draft", _P.c.contact_id > after)
        .group_by(_P.c.contact_id)
        .order_by(_P.c.contact_id)
        .limit(limit)
    )
    return [(row["contact_id"], row["respondent"]) for row in await uow.rows(statement)]


# Opinions and answers


def add_opinion(
    uow: UnitOfWork, position: PositionRow, *, unit: int | None, text: str, at: datetime, opinion_id: int | None = None
) -> int:
    opinion_id = opinion_id or new_id()
    uow.insert(
        ConsultationOpinion,
        id=opinion_id,
        consultation_id=position.consultation_id,
        position_id=position.id,
        unit=unit,
        text=text,
        group_id=None,
        at=at,
    )
    return opinion_id


async def opinions(uow: UnitOfWork, position_id: int) -> list[OpinionRow]:
    """Return the comments of a position in the order of the draft, those on the whole last."""
    statement = (
        select(*_OPINION).where(_O.c.position_id == position_id).order_by(_O.c.unit.is_(None), _O.c.unit, _O.c.at, _O.c.id)
    )
    return [OpinionRow(**row) for row in await uow.rows(statement)]


async def drop_opinion(uow: UnitOfWork, opinion_id: int, *, position_id: int) -> bool:
    result = await uow.execute(delete(_O).where(_O.c.id == opinion_id, _O.c.position_id == position_id))
    return uow.rowcount(result) == 1


async def set_answer(uow: UnitOfWork, position_id: int, question: int, value: str) -> None:
    """Keep the answer to a question; an empty one takes it back."""
    if not value:
        await uow.execute(delete(_A).where(_A.c.position_id == position_id, _A.c.question == question))
        return
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    statement = make(_A).values(position_id=position_id, question=question, value=value)
    await uow.execute(statement.on_conflict_do_update(index_elements=["position_id", "question"], set_={"value": value}))


async def answers(uow: UnitOfWork, position_id: int) -> dict[int, str]:
    rows = await uow.rows(select(_A.c.question, _A.c.value).where(_A.c.position_id == position_id).order_by(_A.c.question))
    return {row["question"]: row["value"] for row in rows}


async def all_answers(uow: UnitOfWork, consultation_id: int) -> list[tuple[int, str, str]]:
    """Return (question, value, enterprise or person) of the positions that stand."""
    statement = (
        select(_A.c.question, _A.c.value, _P.c.enterprise_name, _P.c.contact_name)
        .join(_P, _P.c.id == _A.c.position_id)
        .where(_P.c.consultation_id == consultation_id, _P.c.state == "standing")
        .order_by(_A.c.question, _P.c.submitted_at, _P.c.id)
    )
    return [(row["question"], row["value"], row["enterprise_name"] or row["contact_name"]) for row in await uow.rows(statement)]


async def voiced(uow: UnitOfWork, consultation_id: int) -> list[Voiced]:
    """Return every opinion of the positions that stand: in the order of the draft, members first."""
    statement = (
        select(*_OPINION, _P.c.contact_id, _P.c.contact_name, _P.c.enterprise_name, _P.c.tax_code, _P.c.member)
        .join(_P, _P.c.id == _O.c.position_id)
        .where(_P.c.consultation_id == consultation_id, _P.c.state == "standing")
        .order_by(_O.c.unit.is_(None), _O.c.unit, _P.c.member.desc(), _P.c.submitted_at, _O.c.id)
    )
    return [
        Voiced(
            OpinionRow(**{name: row[name] for name in OpinionRow.__dataclass_fields__}),
            row["contact_id"],
            row["contact_name"],
            row["enterprise_name"],
            row["tax_code"],
            bool(row["member"]),
        )
        for row in await uow.rows(statement)
    ]


# Groups


def add_group(uow: UnitOfWork, consultation_id: int, *, unit: int | None, title: str) -> int:
    group_id = new_id()
    uow.insert(
        ConsultationGroup,
        id=group_id,
        consultation_id=consultation_id,
        unit=unit,
        title=title,
        response=None,
        reason="",
        responded_by=None,
        responded_at=None,
    )
    return group_id


async def groups(uow: UnitOfWork, consultation_id: int) -> list[GroupRow]:
    """Return the groups in the order of the draft, those on the whole last."""
    statement = select(*_GROUP).where(_G.c.consultation_id == consultation_id).order_by(_G.c.unit.is_(None), _G.c.unit, _G.c.id)
    return [GroupRow(**row) for row in await uow.rows(statement)]


async def change_group(uow: UnitOfWork, consultation_id: int, group_id: int, **values: Any) -> bool:
    mine = and_(_G.c.id == group_id, _G.c.consultation_id == consultation_id)
    return uow.rowcount(await uow.execute(update(_G).where(mine).values(**values))) == 1


async def move_opinions(uow: UnitOfWork, consultation_id: int, opinion_ids: Sequence[int], group_id: int) -> int:
    """Put opinions into a group; return how many of them there were."""
    mine = and_(_O.c.id.in_(list(opinion_ids)), _O.c.consultation_id == consultation_id)
    return uow.rowcount(await uow.execute(update(_O).where(mine).values(group_id=group_id)))


async def move_all(uow: UnitOfWork, consultation_id: int, *, from_group: int, to_group: int) -> int:
    mine = and_(_O.c.group_id == from_group, _O.c.consultation_id == consultation_id)
    return uow.rowcount(await uow.execute(update(_O).where(mine).values(group_id=to_group)))


async def drop_empty_groups(uow: UnitOfWork, consultation_id: int) -> None:
    used = select(_O.c.group_id).where(_O.c.consultation_id == consultation_id, _O.c.group_id.is_not(None))
    await uow.execute(delete(_G).where(_G.c.consultation_id == consultation_id, _G.c.id.not_in(used)))
