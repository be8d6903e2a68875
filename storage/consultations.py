"""Consultations: what is asked, of whom, and what falls due. Statements; rows leave as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.ids import new_id
from storage.models import (
    Consultation,
    ConsultationEvent,
    ConsultationInvited,
    ConsultationPosition,
    ConsultationQuestion,
    ConsultationUnit,
)
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(Consultation)
_U = table_of(ConsultationUnit)
_Q = table_of(ConsultationQuestion)
_I = table_of(ConsultationInvited)
_P = table_of(ConsultationPosition)
_E = table_of(ConsultationEvent)


@dataclass(frozen=True)
class ConsultationRow:
    id: int
    number: str
    state: str
    revision: int
    title_vi: str
    title_en: str
    summary_vi: str
    summary_en: str
    issuer: str
    audience: dict[str, Any]
    members_first_h: int
    remind_days: list[Any]
    opens_at: datetime | None
    closes_at: datetime | None
    author_id: int | None
    author_name: str
    editors: list[Any]
    approver_name: str | None
    responder_name: str | None
    publisher_name: str | None
    text_hash: str | None
    conclusion_vi: str
    conclusion_en: str
    created_at: datetime
    updated_at: datetime
    approved_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    grouped_at: datetime | None
    responded_at: datetime | None
    published_at: datetime | None

    def title(self, language: str) -> str:
        return (self.title_en if language == "en" else self.title_vi) or self.title_vi

    def summary(self, language: str) -> str:
        return (self.summary_en if language == "en" else self.summary_vi) or self.summary_vi

    def conclusion(self, language: str) -> str:
        return (self.conclusion_en if language == "en" else self.conclusion_vi) or self.conclusion_vi


@dataclass(frozen=True)
class UnitRow:
    """An article or clause. above: the seq of what it stands under."""

    seq: int
    above: int | None
    place: str
    title: str
    text: str


@dataclass(frozen=True)
class QuestionRow:
    """kind: choice, scale, text. options: of a choice, [{"vi", "en"}]."""

    seq: int
    kind: str
    text_vi: str
    text_en: str
    options: list[Any]

    def text(self, language: str) -> str:
        return (self.text_en if language == "en" else self.text_vi) or self.text_vi

    def option(self, number: int, language: str) -> str:
        """Return the option with that number, from 1."""
        option = self.options[number - 1]
        return str(option.get(language) or option["vi"])


_COLUMNS = tuple(_T.c[field.name] for field in fields(ConsultationRow))
_UNIT_COLUMNS = tuple(_U.c[field.name] for field in fields(UnitRow))
_QUESTION_COLUMNS = tuple(_Q.c[field.name] for field in fields(QuestionRow))


def add(uow: UnitOfWork, row: ConsultationRow) -> None:
    uow.insert(Consultation, **vars(row))


async def by_id(uow: UnitOfWork, consultation_id: int) -> ConsultationRow | None:
    row = await uow.row(select(*_COLUMNS).where(_T.c.id == consultation_id))
    return ConsultationRow(**row) if row else None


async def by_number(uow: UnitOfWork, number: str) -> ConsultationRow | None:
    row = await uow.row(select(*_COLUMNS).where(_T.c.number == number))
    return ConsultationRow(**row) if row else None


async def listed(
    uow: UnitOfWork, *, states: Sequence[str] | None = None, before: int | None = None, limit: int = 100
) -> list[ConsultationRow]:
    """Return consultations, the newest first. before: only those with a smaller id."""
    statement = select(*_COLUMNS).order_by(_T.c.id.desc()).limit(limit)
    if states is not None:
        statement = statement.where(_T.c.state.in_(list(states)))
    if before is not None:
        statement = statement.where(_T.c.id < before)
    return [ConsultationRow(**row) for row in await uow.rows(statement)]


async def change(uow: UnitOfWork, seen: ConsultationRow, **values: Any) -> bool:
    """Change a consultation if nobody has since it was seen; its revision counts up."""
    statement = (
        update(_T)
        .where(_T.c.id == seen.id, _T.c.revision == seen.revision, _T.c.state == seen.state)
        .values(revision=seen.revision + 1, **values)
    )
    return uow.rowcount(await uow.execute(statement)) == 1


# What is asked


async def set_units(uow: UnitOfWork, consultation_id: int, units: Sequence[UnitRow]) -> None:
    """Put these articles and clauses in place of those that there were."""
    await uow.execute(delete(_U).where(_U.c.consultation_id == consultation_id))
    for unit in units:
        uow.insert(ConsultationUnit, consultation_id=consultation_id, **vars(unit))


async def units(uow: UnitOfWork, consultation_id: int) -> list[UnitRow]:
    statement = select(*_UNIT_COLUMNS).where(_U.c.consultation_id == consultation_id).order_by(_U.c.seq)
    return [UnitRow(**row) for row in await uow.rows(statement)]


async def set_questions(uow: UnitOfWork, consultation_id: int, questions: Sequence[QuestionRow]) -> None:
    await uow.execute(delete(_Q).where(_Q.c.consultation_id == consultation_id))
    for question in questions:
        uow.insert(ConsultationQuestion, consultation_id=consultation_id, **vars(question))


async def questions(uow: UnitOfWork, consultation_id: int) -> list[QuestionRow]:
    statement = select(*_QUESTION_COLUMNS).where(_Q.c.consultation_id == consultation_id).order_by(_Q.c.seq)
    return [QuestionRow(**row) for row in await uow.rows(statement)]


# Who is asked


@dataclass(frozen=True)
class InvitedRow:
    contact_id: int
    enterprise_id: int | None
    member: bool
    unreachable: bool
    invited_at: datetime


async def invite(uow: UnitOfWork, consultation_id: int, rows: Sequence[InvitedRow]) -> None:
    """Add who was asked; whoever was asked before stays as they are."""
    if not rows:
        return
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    values = [{"consultation_id": consultation_id, **vars(row)} for row in rows]
    await uow.execute(make(_I).values(values).on_conflict_do_nothing())


async def is_invited(uow: UnitOfWork, consultation_id: int, *, contact_id: int, enterprise_id: int | None) -> bool:
    """Say whether the person was asked, or somebody of their enterprise."""
    who = _I.c.contact_id == contact_id
    if enterprise_id is not None:
        who = or_(who, _I.c.enterprise_id == enterprise_id)
    return await uow.scalar(select(_I.c.contact_id).where(_I.c.consultation_id == consultation_id, who).limit(1)) is not None


async def invited(uow: UnitOfWork, consultation_id: int, *, after: int, limit: int) -> list[int]:
    """Return the contacts who were asked and can be reached, by id, those after one."""
    statement = (
        select(_I.c.contact_id)
        .where(_I.c.consultation_id == consultation_id, _I.c.contact_id > after, _I.c.unreachable.is_(False))
        .order_by(_I.c.contact_id)
        .limit(limit)
    )
    return [row["contact_id"] for row in await uow.rows(statement)]


async def invited_among(uow: UnitOfWork, consultation_id: int, contact_ids: Sequence[int]) -> set[int]:
    """Return those of the contacts who belong to the audience: others take part because a colleague told them of it."""
    theirs = _I.c.consultation_id == consultation_id, _I.c.contact_id.in_(list(contact_ids))
    return {row["contact_id"] for row in await uow.rows(select(_I.c.contact_id).where(*theirs))}


async def concerned(uow: UnitOfWork, consultation_id: int, *, after: int, limit: int) -> list[int]:
    """Return the contacts who were asked, or who wrote something, by id, those after one."""
    asked = select(_I.c.contact_id).where(_I.c.consultation_id == consultation_id, _I.c.contact_id > after)
    wrote = select(_P.c.contact_id).where(_P.c.consultation_id == consultation_id, _P.c.contact_id > after)
    both = asked.union(wrote).subquery()
    return [row["contact_id"] for row in await uow.rows(select(both).order_by(both.c.contact_id).limit(limit))]


async def open_for(uow: UnitOfWork, *, contact_id: int, enterprise_id: int | None) -> list[ConsultationRow]:
    """Return the open consultations about which this person or their enterprise was asked, the first to close first."""
    who = _I.c.contact_id == contact_id
    if enterprise_id is not None:
        who = or_(who, _I.c.enterprise_id == enterprise_id)
    asked = select(_I.c.consultation_id).where(who)
    statement = select(*_COLUMNS).where(_T.c.state == "open", _T.c.id.in_(asked)).order_by(_T.c.closes_at, _T.c.id).limit(20)
    return [ConsultationRow(**row) for row in await uow.rows(statement)]


@dataclass(frozen=True)
class Asked:
    """How many were asked: people, enterprises (with those people who have none), of these how many cannot be reached."""

    contacts: int
    enterprises: int
    unreachable: int


async def asked(uow: UnitOfWork, consultation_id: int) -> Asked:
    respondent = func.coalesce(_I.c.enterprise_id, -_I.c.contact_id)
    row = await uow.row(
        select(
            func.count().label("contacts"),
            func.count(respondent.distinct()).label("enterprises"),
            func.sum(case((_I.c.unreachable, 1), else_=0)).label("unreachable"),
        ).where(_I.c.consultation_id == consultation_id)
    )
    assert row is not None
    return Asked(row["contacts"], row["enterprises"], row["unreachable"] or 0)


# What happened


def note(uow: UnitOfWork, consultation_id: int, event: str, actor: str, now: datetime, **details: Any) -> None:
    uow.insert(
        ConsultationEvent,
        id=new_id(),
        consultation_id=consultation_id,
        at=now,
        event=event,
        actor=actor,
        details=details,
    )


@dataclass(frozen=True)
class EventRow:
    at: datetime
    event: str
    actor: str
    details: dict[str, Any]


async def cancel_reason(uow: UnitOfWork, consultation_id: int) -> str:
    """Return why it was given up, as somebody wrote; empty where nobody did."""
    wanted = (_E.c.consultation_id == consultation_id, _E.c.event == "cancel")
    row = await uow.row(select(_E.c.details).where(*wanted).order_by(_E.c.id.desc()).limit(1))
    return str(row["details"].get("reason", "")) if row else ""


async def events(uow: UnitOfWork, consultation_id: int) -> list[EventRow]:
    """Return what happened, oldest first."""
    statement = (
        select(_E.c.at, _E.c.event, _E.c.actor, _E.c.details).where(_E.c.consultation_id == consultation_id).order_by(_E.c.id)
    )
    return [EventRow(**row) for row in await uow.rows(statement)]
