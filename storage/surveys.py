"""Surveys: what is asked, who was asked, and what was answered, the latter as counts. Statements."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.models import Inquiry, Survey, SurveyAnswer, SurveyParticipant, SurveyTally, SurveyText
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(Survey)
_P = table_of(SurveyParticipant)
_N = table_of(SurveyTally)
_X = table_of(SurveyText)
_A = table_of(SurveyAnswer)
_I = table_of(Inquiry)
TEXT, SKIPPED = "text", "skip"


@dataclass(frozen=True)
class SurveyRow:
    id: int
    number: str
    state: str
    revision: int
    anonymous: bool
    title_vi: str
    title_en: str
    intro_vi: str
    intro_en: str
    questions: list[Any]
    audience: dict[str, Any]
    opens_at: datetime | None
    closes_at: datetime | None
    repeats_months: int
    series_id: int
    round: int
    author_id: int | None
    author_name: str
    editors: list[Any]
    approver_name: str | None
    created_at: datetime
    updated_at: datetime
    approved_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None

    def title(self, language: str) -> str:
        return (self.title_en if language == "en" else self.title_vi) or self.title_vi

    def intro(self, language: str) -> str:
        return (self.intro_en if language == "en" else self.intro_vi) or self.intro_vi


@dataclass(frozen=True)
class ParticipantRow:
    contact_id: int
    member: bool
    unreachable: bool
    answered: int
    """how many questions are behind them"""


_COLUMNS = tuple(_T.c[field.name] for field in fields(SurveyRow))
_PARTICIPANT = tuple(_P.c[field.name] for field in fields(ParticipantRow))


def add(uow: UnitOfWork, row: SurveyRow) -> None:
    uow.insert(Survey, **vars(row))


async def by_id(uow: UnitOfWork, survey_id: int) -> SurveyRow | None:
    row = await uow.row(select(*_COLUMNS).where(_T.c.id == survey_id))
    return SurveyRow(**row) if row else None


async def listed(uow: UnitOfWork, *, before: int | None = None, limit: int = 100) -> list[SurveyRow]:
    """Return surveys, the newest first."""
    statement = select(*_COLUMNS).order_by(_T.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(_T.c.id < before)
    return [SurveyRow(**row) for row in await uow.rows(statement)]


async def of_series(uow: UnitOfWork, series_id: int) -> list[SurveyRow]:
    """Return the rounds of a survey, the first one first."""
    statement = select(*_COLUMNS).where(_T.c.series_id == series_id).order_by(_T.c.round)
    return [SurveyRow(**row) for row in await uow.rows(statement)]


async def change(uow: UnitOfWork, seen: SurveyRow, **values: Any) -> bool:
    """Change a survey if nobody has since it was seen; its revision counts up."""
    statement = (
        update(_T)
        .where(_T.c.id == seen.id, _T.c.revision == seen.revision, _T.c.state == seen.state)
        .values(revision=seen.revision + 1, **values)
    )
    return uow.rowcount(await uow.execute(statement)) == 1


async def hold(uow: UnitOfWork, survey_id: int) -> str | None:
    """Return its state, and let it not be closed before the commit; answers do not wait for each other."""
    state: str | None = await uow.scalar(select(_T.c.state).where(_T.c.id == survey_id).with_for_update(read=True))
    return state


# Who was asked


async def ask(uow: UnitOfWork, survey_id: int, rows: Sequence[ParticipantRow]) -> None:
    """Add who is asked; whoever was asked before stays as they are."""
    if not rows:
        return
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    values = [{"survey_id": survey_id, **vars(row)} for row in rows]
    await uow.execute(make(_P).values(values).on_conflict_do_nothing())


async def participant(uow: UnitOfWork, survey_id: int, contact_id: int) -> ParticipantRow | None:
    row = await uow.row(select(*_PARTICIPANT).where(_P.c.survey_id == survey_id, _P.c.contact_id == contact_id))
    return ParticipantRow(**row) if row else None


async def unfinished(uow: UnitOfWork, survey_id: int, *, questions: int, after: int, limit: int) -> list[int]:
    """Return contacts who have not answered everything, by id, those after one."""
    statement = (
        select(_P.c.contact_id)
        .where(_P.c.survey_id == survey_id, _P.c.contact_id > after, _P.c.answered < questions)
        .order_by(_P.c.contact_id)
        .limit(limit)
    )
    return [row["contact_id"] for row in await uow.rows(statement)]


async def open_for(uow: UnitOfWork, contact_id: int) -> list[SurveyRow]:
    asked = select(_P.c.survey_id).where(_P.c.contact_id == contact_id)
    statement = select(*_COLUMNS).where(_T.c.state == "open", _T.c.id.in_(asked)).order_by(_T.c.closes_at).limit(20)
    return [SurveyRow(**row) for row in await uow.rows(statement)]


async def anonymously_begun(uow: UnitOfWork, contact_id: int, *, closing_after: datetime) -> list[tuple[SurveyRow, int]]:
    """Return the anonymous surveys that close, or closed, after that moment and that the person has begun to answer, each with
    how many questions are behind them."""
    statement = (
        select(*_COLUMNS, _P.c.answered)
        .join(_P, _P.c.survey_id == _T.c.id)
        .where(_P.c.contact_id == contact_id, _P.c.answered > 0, _T.c.anonymous.is_(True), _T.c.closes_at > closing_after)
    )
    found = [dict(row) for row in await uow.rows(statement)]
    return [(SurveyRow(**{name: value for name, value in row.items() if name != "answered"}), row["answered"]) for row in found]


@dataclass(frozen=True)
class Turnout:
    asked: int
    unreachable: int
    begun: int
    finished: int


async def turnout(uow: UnitOfWork, survey_id: int, *, questions: int) -> Turnout:
    statement = (
        select(_P.c.answered, _P.c.unreachable, func.count().label("n"))
        .where(_P.c.survey_id == survey_id)
        .group_by(_P.c.answered, _P.c.unreachable)
    )
    rows = await uow.rows(statement)
    return Turnout(
        asked=sum(row["n"] for row in rows),
        unreachable=sum(row["n"] for row in rows if row["unreachable"]),
        begun=sum(row["n"] for row in rows if row["answered"] > 0),
        finished=sum(row["n"] for row in rows if row["answered"] >= questions),
    )


# Answers


async def pass_question(uow: UnitOfWork, survey_id: int, contact_id: int, question: int) -> bool:
    """Put a question behind a participant; False when it is behind them already, or not yet their turn."""
    statement = (
        update(_P)
        .where(_P.c.survey_id == survey_id, _P.c.contact_id == contact_id, _P.c.answered == question - 1)
        .values(answered=question)
    )
    return uow.rowcount(await uow.execute(statement)) == 1


async def count(uow: UnitOfWork, survey_id: int, question: int, choice: str) -> None:
    make = postgresql_insert if uow.dialect == "postgresql" else sqlite_insert
    statement = make(_N).values(survey_id=survey_id, question=question, choice=choice, count=1)
    keys = ["survey_id", "question", "choice"]
    await uow.execute(statement.on_conflict_do_update(index_elements=keys, set_={"count": _N.c.count + 1}))


def add_text(uow: UnitOfWork, survey_id: int, question: int, text: str) -> None:
    # Not `new_id`, which grows with time: it would say in which order people wrote.
    uow.insert(SurveyText, id=secrets.randbits(62), survey_id=survey_id, question=question, text=text)


def add_named(uow: UnitOfWork, survey_id: int, contact_id: int, question: int, value: str, at: datetime) -> None:
    uow.insert(SurveyAnswer, survey_id=survey_id, contact_id=contact_id, question=question, value=value, at=at)


async def shuffle_texts(uow: UnitOfWork, survey_id: int) -> None:
    """Write the free texts anew in the order of their random ids, so that nothing is left of the order in which they came:
    a table remembers that too, where a database keeps rows as they arrive."""
    rows = [dict(row) for row in await uow.rows(select(_X).where(_X.c.survey_id == survey_id).order_by(_X.c.id))]
    await uow.execute(delete(_X).where(_X.c.survey_id == survey_id))
    for row in rows:
        uow.insert(SurveyText, **row)


async def tallies(uow: UnitOfWork, survey_id: int) -> dict[tuple[int, str], int]:
    """Return how often each choice of each question was made."""
    rows = await uow.rows(select(_N.c.question, _N.c.choice, _N.c.count).where(_N.c.survey_id == survey_id))
    return {(row["question"], row["choice"]): row["count"] for row in rows}


async def texts(uow: UnitOfWork, survey_id: int, question: int) -> list[str]:
    """Return the free texts to a question, in an order that says nothing."""
    statement = select(_X.c.text).where(_X.c.survey_id == survey_id, _X.c.question == question).order_by(_X.c.id)
    return [row["text"] for row in await uow.rows(statement)]


async def named(uow: UnitOfWork, survey_id: int) -> list[tuple[int, int, str]]:
    """Return (contact, question, value) of a survey that names who answers."""
    statement = (
        select(_A.c.contact_id, _A.c.question, _A.c.value)
        .where(_A.c.survey_id == survey_id)
        .order_by(_A.c.contact_id, _A.c.question)
    )
    return [(row["contact_id"], row["question"], row["value"]) for row in await uow.rows(statement)]


# What people think of how their inquiries were handled: they are asked when an inquiry closes, and nowhere else


@dataclass(frozen=True)
class Rated:
    """How often a department's handling was given so many stars on a day of closing; none: no stars were given."""

    department: str
    at: datetime
    rating: int | None


async def ratings(uow: UnitOfWork, *, since: datetime) -> list[Rated]:
    """Return the inquiries that people of a department closed since then, with the stars that they were given."""
    statement = select(_I.c.department_name, _I.c.closed_at, _I.c.rating).where(
        _I.c.closed_at >= since, _I.c.department_id.is_not(None)
    )
    return [Rated(row["department_name"] or "", row["closed_at"], row["rating"]) for row in await uow.rows(statement)]
