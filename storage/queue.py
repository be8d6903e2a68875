"""What the officers' desk lists: inquiries by what is due first, how many there are of each sort, notices, files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, update
from sqlalchemy.engine import RowMapping

from storage.inquiries import COLUMNS, DUE, InquiryRecord, as_record
from storage.models import Delivery, Enterprise, File, Inquiry, InquiryMessage, OfficerNotice
from storage.unit_of_work import UnitOfWork, table_of

_I = table_of(Inquiry)
_E = table_of(Enterprise)
_N = table_of(OfficerNotice)

SOON = timedelta(hours=4)
TODAY = timedelta(hours=24)


@dataclass(frozen=True)
class Scope:
    """What somebody may see. departments: None is every inquiry, also those that no department has."""

    departments: tuple[str, ...] | None

    def conditions(self) -> list[ColumnElement[bool]]:
        return [] if self.departments is None else [_I.c.department_id.in_(self.departments)]


@dataclass(frozen=True)
class Wanted:
    """Which of the inquiries in scope a list shows."""

    scope: Scope
    states: tuple[str, ...] | None = None
    department_id: str | None = None
    officer_id: int | None = None
    text: str = ""
    to_review: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        where = self.scope.conditions()
        if self.states is not None:
            where.append(_I.c.state.in_(self.states))
        if self.department_id is not None:
            where.append(_I.c.department_id == self.department_id)
        if self.officer_id is not None:
            where.append(_I.c.officer_id == self.officer_id)
        if self.text:
            where.append(_says(self.text))
        if self.to_review:
            where.append(_I.c.review_due_at.is_not(None))
        return where


@dataclass(frozen=True)
class Queued:
    """An inquiry in a list. band: 0 overdue, 1 due soon, 2 due today, 3 due later, 4 no clock runs, 5 finished."""

    inquiry: InquiryRecord
    band: int
    enterprise_name: str | None
    tax_code: str | None
    membership: str | None


def _says(text: str) -> ColumnElement[bool]:
    # SQLite folds the case of ASCII letters only, so the usual spellings of a Vietnamese word are tried one by one.
    spellings = dict.fromkeys((text, text.lower(), text.upper(), text.capitalize()))
    columns = (_I.c.text, _I.c.number, _I.c.claimed_company, _I.c.claimed_tax_code, _E.c.name, _E.c.tax_code)
    return or_(*(column.icontains(each, autoescape=True) for column in columns for each in spellings))


async def queued(
    uow: UnitOfWork, wanted: Wanted, *, now: datetime, finished: Sequence[str], limit: int, offset: int
) -> list[Queued]:
    """Return a page of the list: by how soon it is due, and in each band members first (1761/QĐ-TCHQ Điều 7)."""
    due = case((_I.c.review_due_at.is_not(None), _I.c.review_due_at), else_=DUE)
    over = and_(_I.c.state.in_(list(finished)), _I.c.review_due_at.is_(None))
    band = case(
        (over, 5),
        (due.is_(None), 4),
        (due <= now, 0),
        (due <= now + SOON, 1),
        (due <= now + TODAY, 2),
        else_=3,
    )
    statement = (
        select(*COLUMNS, band.label("band"), _E.c.name.label("enterprise_name"), _E.c.tax_code, _E.c.membership)
        .outerjoin(_E, _E.c.id == _I.c.enterprise_id)
        .where(*wanted.conditions())
        .order_by(band, case((over, 0), else_=_I.c.priority), case((over, None), else_=due), _I.c.updated_at.desc(), _I.c.id)
        .limit(limit)
        .offset(offset)
    )
    rows = await uow.rows(statement)
    return [Queued(as_record(row), row["band"], row["enterprise_name"], row["tax_code"], row["membership"]) for row in rows]


async def count(uow: UnitOfWork, wanted: Wanted) -> int:
    statement = select(func.count()).select_from(_I.outerjoin(_E, _E.c.id == _I.c.enterprise_id)).where(*wanted.conditions())
    found: int = await uow.scalar(statement)
    return found


async def counts(uow: UnitOfWork, of: dict[str, Wanted]) -> dict[str, int]:
    """Return how many inquiries each of the lists has, in one statement over the open ones."""
    columns = [
        select(func.count())
        .select_from(_I.outerjoin(_E, _E.c.id == _I.c.enterprise_id))
        .where(*each.conditions())
        .scalar_subquery()
        .label(name)
        for name, each in of.items()
    ]
    row = await uow.row(select(*columns))
    return {name: int(row[name]) for name in of} if row else {}


async def page_by_receipt(uow: UnitOfWork, wanted: Wanted, *, before: int | None, limit: int) -> list[Queued]:
    """Return inquiries in the order of receipt, newest first, from below the id `before`: for readers with a cursor."""
    statement = (
        select(*COLUMNS, literal(0).label("band"), _E.c.name.label("enterprise_name"), _E.c.tax_code, _E.c.membership)
        .outerjoin(_E, _E.c.id == _I.c.enterprise_id)
        .where(*wanted.conditions(), *([] if before is None else [_I.c.id < before]))
        .order_by(_I.c.id.desc())
        .limit(limit)
    )
    rows = await uow.rows(statement)
    return [Queued(as_record(row), row["band"], row["enterprise_name"], row["tax_code"], row["membership"]) for row in rows]


async def with_enterprise(uow: UnitOfWork, *, number: str | None = None, inquiry_id: int | None = None) -> Queued | None:
    """Return one inquiry by its number or its id, with its enterprise."""
    wanted = _I.c.number == number if number is not None else _I.c.id == inquiry_id
    statement = (
        select(*COLUMNS, _E.c.name.label("enterprise_name"), _E.c.tax_code, _E.c.membership)
        .outerjoin(_E, _E.c.id == _I.c.enterprise_id)
        .where(wanted)
    )
    row = await uow.row(statement)
    return Queued(as_record(row), 0, row["enterprise_name"], row["tax_code"], row["membership"]) if row else None


async def newest_change(uow: UnitOfWork) -> tuple[int, ...]:
    """Return a value that differs once another process has added anything that a list or an inquiry shows.

    Each part is read from the end of an index, so that open pages can ask every few seconds.
    """
    newest = [
        select(func.max(table_of(model).c.id)).scalar_subquery() for model in (Inquiry, InquiryMessage, Delivery, OfficerNotice)
    ]
    told_again = select(func.max(_N.c.told_at)).where(_N.c.told_at.is_not(None)).scalar_subquery()
    row = await uow.row(select(*(each.label(f"n{place}") for place, each in enumerate(newest)), told_again.label("told")))
    if row is None:
        return ()
    told = row["told"].timestamp() * 1000 if row["told"] else 0
    return (*(int(row[f"n{place}"] or 0) for place in range(len(newest))), int(told))


# Notices


@dataclass(frozen=True)
class Reader:
    """Whose notices: those to some audiences of one department, to others (`everywhere`) of all of them, and what is for the
    officers and the lead of departments that they lead in somebody's place (`led`)."""

    department_id: str | None
    audiences: tuple[str, ...]
    everywhere: tuple[str, ...] = ()
    led: tuple[str, ...] = ()

    def condition(self) -> ColumnElement[bool]:
        theirs = [and_(_N.c.department_id == self.department_id, _N.c.audience.in_(self.audiences))]
        if self.everywhere:
            theirs.append(_N.c.audience.in_(self.everywhere))
        if self.led:
            theirs.append(and_(_N.c.department_id.in_(self.led), _N.c.audience.in_(("officer", "lead"))))
        return or_(*theirs)


async def unseen(
    uow: UnitOfWork, reader: Reader, *, limit: int, urgent: Sequence[str] = (), inquiry_id: int | None = None
) -> Sequence[RowMapping]:
    """Return what nobody has marked as seen, each with the number of its inquiry: the urgent text keys first, newest first.

    inquiry_id: only what is about that inquiry.
    """
    statement = (
        select(_N, _I.c.number, _N.c.text_key.in_(list(urgent)).label("urgent"))
        .outerjoin(_I, _I.c.id == _N.c.inquiry_id)
        .where(_N.c.seen_at.is_(None), reader.condition())
        .order_by(case((_N.c.text_key.in_(list(urgent)), 0), else_=1), _N.c.id.desc())
        .limit(limit)
    )
    return await uow.rows(statement if inquiry_id is None else statement.where(_N.c.inquiry_id == inquiry_id))


async def count_unseen(uow: UnitOfWork, reader: Reader) -> int:
    found: int = await uow.scalar(select(func.count()).select_from(_N).where(_N.c.seen_at.is_(None), reader.condition()))
    return found


async def mark_seen(
    uow: UnitOfWork, reader: Reader, *, now: datetime, officer_id: int, notice_id: int | None = None, up_to: int | None = None
) -> list[int]:
    """Mark one notice, or all up to the one that was shown on top; none is repeated any more. Return the inquiries about which
    a clock had told something that has now been seen."""
    which = _N.c.id == notice_id if notice_id is not None else _N.c.id <= up_to
    return await _mark_seen(uow, reader, which, now=now, officer_id=officer_id)


async def mark_reminders_seen(uow: UnitOfWork, reader: Reader, *, now: datetime, officer_id: int, inquiry_id: int) -> bool:
    """Mark what the clocks told of an inquiry, as far as it is for this reader; say whether there was anything."""
    which = and_(_N.c.inquiry_id == inquiry_id, _N.c.rung_id.is_not(None), _N.c.told_at.is_not(None))
    return bool(await _mark_seen(uow, reader, which, now=now, officer_id=officer_id))


async def _mark_seen(
    uow: UnitOfWork, reader: Reader, which: ColumnElement[bool], *, now: datetime, officer_id: int
) -> list[int]:
    statement = update(_N).where(_N.c.seen_at.is_(None), which, reader.condition())
    statement = statement.values(seen_at=now, seen_by=officer_id, repeat_at=None)
    rows = await uow.rows(statement.returning(_N.c.inquiry_id, _N.c.rung_id))
    return list(dict.fromkeys(row["inquiry_id"] for row in rows if row["rung_id"] is not None))


# Files


async def file(uow: UnitOfWork, file_id: int) -> tuple[RowMapping, str | None] | None:
    """Return a file's row and the department that its inquiry is with."""
    table = table_of(File)
    row = await uow.row(select(table, _I.c.department_id).join(_I, _I.c.id == table.c.inquiry_id).where(table.c.id == file_id))
    return (row, row["department_id"]) if row else None
