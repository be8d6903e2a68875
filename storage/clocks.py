"""What the clocks need to find and to mark: rungs, deferrals that end, reminders, departments that are gone.

Each of these finds what is due by an index that holds nothing else, so a sweep costs what is due, never what is open.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.engine import RowMapping

from storage.inquiries import COLUMNS, InquiryRecord, as_record, remember_recipients
from storage.models import Inquiry, Officer, OfficerNotice, Rung
from storage.unit_of_work import UnitOfWork, table_of

_I = table_of(Inquiry)
_R = table_of(Rung)
_N = table_of(OfficerNotice)
_O = table_of(Officer)


async def hold(uow: UnitOfWork, inquiry_ids: Collection[int]) -> list[InquiryRecord]:
    """Return these inquiries, held until the commit; without those that another transaction holds.

    Whoever acts on an inquiry changes its row first and its rungs after, and so does a sweep: neither waits for the other
    crosswise. Skipped are those that somebody acts on at this moment; the next look finds what is still due.
    """
    statement = select(*COLUMNS).where(_I.c.id.in_(inquiry_ids)).order_by(_I.c.id).with_for_update(skip_locked=True)
    rows = await uow.rows(statement)
    for row in rows:
        uow.hold(Inquiry, row["id"], dict(row))
    await remember_recipients(uow, [row["account_id"] for row in rows])
    return [as_record(row) for row in rows]


# Rungs


@dataclass(frozen=True)
class Looking:
    """What counts as due: all rungs until `now`, and until `ahead` the last one of the clock that must not be missed."""

    now: datetime
    ahead: datetime
    clock: str
    percent: int = 100


async def inquiries_with_due_rungs(uow: UnitOfWork, looking: Looking, limit: int) -> list[int]:
    """Return ids of inquiries on which a rung is due: those first whose last one is, and then as they fell due.

    limit: how many rungs are looked at. They are put together here: asked to group them, SQLite goes through all there are.
    """
    last = and_(_R.c.clock == looking.clock, _R.c.percent == looking.percent)
    statement = (
        select(_R.c.inquiry_id)
        .where(_R.c.pending_at <= looking.ahead, or_(_R.c.pending_at <= looking.now, last))
        .order_by(case((last, 0), else_=1), _R.c.pending_at, _R.c.id)
        .limit(limit)
    )
    return list(dict.fromkeys(row["inquiry_id"] for row in await uow.rows(statement)))


async def fire_rungs(uow: UnitOfWork, inquiry_ids: Collection[int], looking: Looking) -> Sequence[RowMapping]:
    """Mark what is due on these inquiries as fired, and return it, lowest rung first.

    Where the last rung is due, those below it are as well: a ladder is never left with a gap. A rung that somebody else
    fired, or that was called off, is not among them.
    """
    below = _R.alias()
    last_is_due = exists().where(
        below.c.inquiry_id == _R.c.inquiry_id,
        below.c.clock == looking.clock,
        below.c.percent == looking.percent,
        below.c.pending_at <= looking.ahead,
    )
    statement = (
        update(_R)
        .where(
            _R.c.inquiry_id.in_(inquiry_ids),
            _R.c.pending_at.is_not(None),
            or_(_R.c.pending_at <= looking.now, and_(_R.c.clock == looking.clock, last_is_due)),
        )
        .values(pending_at=None, fired_at=looking.now, late_s=0)
        .returning(_R)
    )
    return sorted(await uow.rows(statement), key=lambda row: (row["inquiry_id"], row["clock"], row["percent"]))


async def call_off_rungs(uow: UnitOfWork, inquiry_id: int, clock: str, *, after: datetime | None = None) -> None:
    """Let the rungs of a clock that are still to come not fire. after: only those that had not fallen due by then."""
    which = [_R.c.inquiry_id == inquiry_id, _R.c.clock == clock]
    which.append(_R.c.pending_at.is_not(None) if after is None else _R.c.pending_at > after)
    await uow.execute(update(_R).where(*which).values(pending_at=None))


async def postpone_rungs(uow: UnitOfWork, inquiry_id: int, *, due_until: datetime, to: datetime) -> None:
    """Look again later at what could not be done now, so that the rest does not wait behind it."""
    which = (_R.c.inquiry_id == inquiry_id, _R.c.pending_at <= due_until)
    await uow.execute(update(_R).where(*which).values(pending_at=to))


async def rungs(uow: UnitOfWork, inquiry_id: int) -> Sequence[RowMapping]:
    return await uow.rows(select(_R).where(_R.c.inquiry_id == inquiry_id).order_by(_R.c.due_at, _R.c.percent))


async def latest_rungs(uow: UnitOfWork, inquiry_id: int, clock: str) -> Sequence[RowMapping]:
    """Return the rungs of the latest run of a clock, the newest first."""
    same = (_R.c.inquiry_id == inquiry_id, _R.c.clock == clock)
    latest = select(func.max(_R.c.run)).where(*same).scalar_subquery()
    return await uow.rows(select(_R).where(*same, _R.c.run == latest).order_by(_R.c.id.desc()))


async def overdue_unrouted(uow: UnitOfWork, now: datetime, clock: str) -> int:
    found: int = await uow.scalar(
        select(func.count()).select_from(_R).where(_R.c.pending_at <= now, _R.c.clock == clock, _R.c.percent == 100)
    )
    return found


# Deferrals


async def ended_deferrals(uow: UnitOfWork, now: datetime, limit: int) -> list[int]:
    statement = select(_I.c.id).where(_I.c.resume_at <= now).order_by(_I.c.resume_at).limit(limit)
    return [row["id"] for row in await uow.rows(statement)]


# Departments


async def departments_in_use(uow: UnitOfWork) -> list[str]:
    """Return the departments that have or had an inquiry; one look into an index for each of them."""
    first = select(func.min(_I.c.department_id).label("id")).cte("in_use", recursive=True)
    after = select(func.min(_I.c.department_id)).where(_I.c.department_id > first.c.id).scalar_subquery()
    chain = first.union_all(select(after).where(first.c.id.is_not(None)))
    return [row["id"] for row in await uow.rows(select(chain.c.id).where(chain.c.id.is_not(None)))]


async def with_department(uow: UnitOfWork, department_id: str, states: Iterable[str], *, after: int, limit: int) -> list[int]:
    """Return ids of a department's inquiries in these states, in order, from above the id `after`."""
    statement = (
        select(_I.c.id)
        .where(_I.c.department_id == department_id, _I.c.state.in_([str(state) for state in states]), _I.c.id > after)
        .order_by(_I.c.id)
        .limit(limit)
    )
    return [row["id"] for row in await uow.rows(statement)]


# Who is told


@dataclass(frozen=True)
class Post:
    """A place that an active officer fills."""

    role: str
    department_id: str | None
    lead: bool
    login: str = ""


async def posts(uow: UnitOfWork, now: datetime) -> frozenset[Post]:
    """Return the places of those who are there: active, and not away now."""
    there = or_(_O.c.away_until.is_(None), _O.c.away_until <= now)
    statement = select(_O.c.role, _O.c.department_id, _O.c.lead, _O.c.login).where(_O.c.active, there)
    return frozenset(Post(**row) for row in await uow.rows(statement))


# Reminders


async def due_reminders(uow: UnitOfWork, now: datetime, limit: int) -> Sequence[RowMapping]:
    """Return the notices that are to be told (again), each with its rung and how the inquiry stands."""
    return await uow.rows(_reminders().where(_N.c.repeat_at <= now).order_by(_N.c.repeat_at, _N.c.id).limit(limit))


async def told_unseen(uow: UnitOfWork, inquiry_id: int) -> Sequence[RowMapping]:
    """Return the notices of an inquiry that were told and go on being told, each with its rung, the oldest first."""
    going_on = (_N.c.told_at.is_not(None), _N.c.seen_at.is_(None), _N.c.repeat_at.is_not(None))
    return await uow.rows(_reminders().where(_N.c.inquiry_id == inquiry_id, *going_on).order_by(_N.c.id))


def _reminders() -> Select[Any]:
    newer = _R.alias()
    replaced = exists().where(newer.c.inquiry_id == _R.c.inquiry_id, newer.c.clock == _R.c.clock, newer.c.run > _R.c.run)
    return (
        select(
            _N,
            _R.c.clock,
            _R.c.percent,
            case((replaced, literal(True)), else_=literal(False)).label("replaced"),
            _I.c.state,
            _I.c.routed_at,
            _I.c.review_due_at,
        )
        .join(_R, _R.c.id == _N.c.rung_id)
        .join(_I, _I.c.id == _N.c.inquiry_id)
    )


async def remind(uow: UnitOfWork, notice: RowMapping, *, now: datetime, again_at: datetime) -> bool:
    """Tell a notice once more, counted on its row; False when somebody has seen it meanwhile or another process was quicker."""
    again = 0 if notice["told_at"] is None else 1
    statement = (
        update(_N)
        .where(_N.c.id == notice["id"], _N.c.repeat_at == notice["repeat_at"], _N.c.seen_at.is_(None))
        .values(told_at=now, repeats=_N.c.repeats + again, repeat_at=again_at)
    )
    return uow.rowcount(await uow.execute(statement)) == 1


async def put_off_reminder(uow: UnitOfWork, notice: RowMapping, *, until: datetime | None) -> None:
    """Remind later, or (None) no more."""
    statement = update(_N).where(_N.c.id == notice["id"], _N.c.repeat_at == notice["repeat_at"])
    await uow.execute(statement.values(repeat_at=until))
