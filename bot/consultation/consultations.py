"""A consultation from the first line of its draft to its approval: what is asked, of whom, from when until when.

Its states are in `states`; what happens by itself at a moment (opening, asking, reminding, closing) is in `sweeping`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.consultation import errors, permissions
from bot.consultation.draft_text import read_draft
from bot.consultation.questions import checked
from bot.consultation.states import Event, State, after
from bot.errors import HelpdeskError
from bot.escalation.actors import Actor
from storage import asking, audiences
from storage import consultations as stored
from storage.audiences import AudienceFilter
from storage.consultations import ConsultationRow, QuestionRow, UnitRow
from storage.ids import new_id
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

SUBJECT = "consultation"
MEMBERS_FIRST_H = 24
REMIND_DAYS = (5, 1)
_LINE_AT_MOST = 300
_REASON_AT_MOST = 1500
_TEXT_AT_MOST = 4000
_ASK_MEMBERS, _ASK_OTHERS, _CLOSE = "open", "ask_others", "close"
REMIND = "remind_"
TELL_CANCELLED = "cancelled"


@dataclass(frozen=True)
class Wanted:
    """What a consultation says of itself, as somebody typed it. opens_at, closes_at: aware."""

    title_vi: str
    title_en: str = ""
    summary_vi: str = ""
    summary_en: str = ""
    issuer: str = ""
    audience: dict[str, Any] | None = None
    members_first_h: int = MEMBERS_FIRST_H
    remind_days: Sequence[int] = REMIND_DAYS
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True)
class Whole:
    """A consultation with everything that is asked in it."""

    row: ConsultationRow
    units: list[UnitRow]
    questions: list[QuestionRow]

    def unit(self, seq: int | None) -> UnitRow | None:
        return next((unit for unit in self.units if unit.seq == seq), None)


class Consultations:
    def __init__(self, clock: Clock, *, default_language: str) -> None:
        self._clock = clock
        self._default_language = default_language

    # Reading

    async def find(self, uow: UnitOfWork, consultation_id: int | None) -> ConsultationRow:
        """Return the consultation. Raises ConsultationNotFound."""
        row = await stored.by_id(uow, consultation_id) if consultation_id is not None else None
        if row is None:
            raise errors.ConsultationNotFound()
        return row

    async def whole(self, uow: UnitOfWork, consultation_id: int | None) -> Whole:
        row = await self.find(uow, consultation_id)
        return Whole(row, await stored.units(uow, row.id), await stored.questions(uow, row.id))

    async def audience(self, uow: UnitOfWork, row: ConsultationRow) -> audiences.Count:
        """Return how many the audience has now, by channel, and who cannot be reached."""
        wanted = AudienceFilter.from_json(row.audience)
        return await audiences.count(uow, wanted, default_language=self._default_language)

    # Writing

    async def create(self, uow: UnitOfWork, wanted: Wanted, actor: Actor) -> ConsultationRow:
        """Begin a draft. Raises MayNot, TitleMissing or FieldTooLong."""
        permissions.check_prepares(actor)
        now = self._clock.now()
        number = f"LYK-{now.year}-{await uow.next_number(f'consultation:{now.year}'):04d}"
        row = ConsultationRow(
            id=new_id(),
            number=number,
            state=State.DRAFT,
            revision=1,
            **self._values(wanted),
            author_id=actor.id,
            author_name=actor.name,
            editors=[permissions.hand(actor)],
            approver_name=None,
            responder_name=None,
            publisher_name=None,
            text_hash=None,
            conclusion_vi="",
            conclusion_en="",
            created_at=now,
            updated_at=now,
            approved_at=None,
            opened_at=None,
            closed_at=None,
            grouped_at=None,
            responded_at=None,
            published_at=None,
        )
        stored.add(uow, row)
        stored.note(uow, row.id, "create", actor.name, now)
        return row

    def _values(self, wanted: Wanted) -> dict[str, Any]:
        lines = {name: " ".join(getattr(wanted, name).split()) for name in ("title_vi", "title_en", "issuer")}
        texts = {name: getattr(wanted, name).strip() for name in ("summary_vi", "summary_en")}
        if not lines["title_vi"]:
            raise errors.TitleMissing()
        for name, text in (lines | texts).items():
            most = _LINE_AT_MOST if name in lines else _TEXT_AT_MOST
            if len(text) > most:
                raise errors.FieldTooLong(field=name, most=most)
        audience = AudienceFilter.from_json(wanted.audience or {}).to_json()
        return {
            **lines,
            **texts,
            "audience": audience,
            "members_first_h": max(0, min(wanted.members_first_h, 24 * 60)),
            "remind_days": sorted({day for day in wanted.remind_days if 0 < day <= 60}, reverse=True)[:5],
            "opens_at": wanted.opens_at,
            "closes_at": wanted.closes_at,
        }

    async def edit(self, uow: UnitOfWork, row: ConsultationRow, wanted: Wanted, actor: Actor) -> None:
        """Change what it says of itself. Raises MayNot, NotEditable, MovedOn, TitleMissing or FieldTooLong."""
        await self._write(uow, row, actor, "edit", **self._values(wanted))

    async def set_text(self, uow: UnitOfWork, row: ConsultationRow, units: Sequence[UnitRow], actor: Actor) -> None:
        """Put a text in place of the former one. Raises as `edit`."""
        await self._write(uow, row, actor, "text", details={"units": len(units)})
        await stored.set_units(uow, row.id, units)

    async def set_questions(
        self, uow: UnitOfWork, row: ConsultationRow, questions: Sequence[QuestionRow], actor: Actor
    ) -> None:
        """Put these questions in place of the former ones. Raises as `edit`, or QuestionWrong."""
        rows = checked([vars(question) for question in questions])
        await self._write(uow, row, actor, "questions", details={"questions": len(rows)})
        await stored.set_questions(uow, row.id, rows)

    async def _write(
        self,
        uow: UnitOfWork,
        row: ConsultationRow,
        actor: Actor,
        event: str,
        details: dict[str, Any] | None = None,
        **values: Any,
    ) -> None:
        permissions.check_prepares(actor)
        if row.state != State.DRAFT:
            raise errors.NotEditable(state=row.state)
        now = self._clock.now()
        editors = list(dict.fromkeys([*row.editors, permissions.hand(actor)]))
        if not await stored.change(uow, row, editors=editors, updated_at=now, **values):
            raise errors.MovedOn(state=row.state)
        stored.note(uow, row.id, event, actor.name, now, **(details or {}))

    # Deciding

    def faults(self, whole: Whole, count: audiences.Count) -> list[HelpdeskError]:
        """Return everything that must be mended before it can be approved."""
        row, now = whole.row, self._clock.now()
        found: list[HelpdeskError] = []
        if not row.issuer:
            found.append(errors.IssuerMissing())
        if not whole.units:
            found.append(errors.NoArticle())
        if row.opens_at is None or row.closes_at is None:
            found.append(errors.DatesMissing())
        else:
            if row.closes_at <= row.opens_at:
                found.append(errors.ClosesBeforeOpening(opens=row.opens_at, closes=row.closes_at))
            elif row.closes_at <= now:
                found.append(errors.ClosesInThePast(closes=row.closes_at))
            elif row.closes_at <= max(now, row.opens_at) + timedelta(hours=row.members_first_h):
                found.append(errors.MembersFirstTooLong(hours=row.members_first_h))
        if not count.reachable:
            found.append(errors.AudienceEmpty(people=count.people))
        return found

    async def approve(self, uow: UnitOfWork, row: ConsultationRow, actor: Actor) -> None:
        """Let it go out at its opening. Raises MayNot, SamePerson, MovedOn, or the first of `faults`."""
        permissions.check_decides(actor, row.editors)
        whole = await self.whole(uow, row.id)
        if faults := self.faults(whole, await self.audience(uow, row)):
            raise faults[0]
        now = self._clock.now()
        # The approval is of this wording; who wants another one withdraws it to a draft.
        digest = text_hash(whole)
        await self._move(uow, row, Event.APPROVE, actor.name, approver_name=actor.name, approved_at=now, text_hash=digest)
        await asking.set_due(uow, subject=SUBJECT, subject_id=row.id, moments=moments(row, now))

    async def withdraw(self, uow: UnitOfWork, row: ConsultationRow, actor: Actor) -> None:
        """Take an approved one back to a draft, while it has not opened. Raises MayNot or MovedOn."""
        permissions.check_prepares(actor)
        await self._move(uow, row, Event.WITHDRAW, actor.name, approver_name=None, approved_at=None, text_hash=None)
        await asking.drop_due(uow, row.id)

    async def cancel(self, uow: UnitOfWork, row: ConsultationRow, actor: Actor, *, reason: str = "") -> None:
        """Give it up. Once it is open that is for those who decide, and everybody who was asked is told the reason.

        Raises MayNot, MovedOn, CancelReasonMissing or FieldTooLong.
        """
        permissions.check_prepares(actor)
        reason, now = reason.strip(), self._clock.now()
        if len(reason) > _REASON_AT_MOST:
            raise errors.FieldTooLong(field="reason", most=_REASON_AT_MOST)
        if row.state == State.OPEN:
            if not permissions.may_decide(actor):
                raise errors.MayNot()
            if not reason:
                raise errors.CancelReasonMissing()
        await self._move(uow, row, Event.CANCEL, actor.name, details={"reason": reason})
        # Whatever waited is dropped: nobody is asked or reminded any more.
        due = {TELL_CANCELLED: now} if row.state == State.OPEN else {}
        await asking.set_due(uow, subject=SUBJECT, subject_id=row.id, moments=due)

    async def extend(self, uow: UnitOfWork, row: ConsultationRow, closes_at: datetime, actor: Actor) -> None:
        """Give more time while it is open; reminders that have not gone out move along.

        Raises MayNot, MovedOn, or ClosesInThePast where the new end is not later than the present one.
        """
        if not permissions.may_decide(actor):
            raise errors.MayNot()
        if row.state != State.OPEN:
            raise errors.MovedOn(state=row.state)
        now = self._clock.now()
        if row.closes_at is None or closes_at <= row.closes_at:
            raise errors.ClosesInThePast(closes=closes_at)
        if not await stored.change(uow, row, closes_at=closes_at, updated_at=now):
            raise errors.MovedOn(state=row.state)
        later = replace(row, closes_at=closes_at)
        await asking.set_due(uow, subject=SUBJECT, subject_id=row.id, moments=moments(later, now))
        stored.note(uow, row.id, "extend", actor.name, now, closes_at=closes_at.isoformat())

    async def _move(self, uow: UnitOfWork, row: ConsultationRow, event: Event, actor: str, **values: Any) -> None:
        await move(uow, row, event, actor, self._clock.now(), **values)


async def move(
    uow: UnitOfWork,
    row: ConsultationRow,
    event: Event,
    actor: str,
    now: datetime,
    *,
    details: Mapping[str, Any] | None = None,
    **values: Any,
) -> None:
    """Lead the consultation to the state that the event leads to. details: for its history. Raises MovedOn."""
    to = after(row.state, event)
    if to is None or not await stored.change(uow, row, state=to, updated_at=now, **values):
        raise errors.MovedOn(state=row.state)
    stored.note(uow, row.id, event, actor, now, **(details or {}))
    log.info(f"consultation.{event}", consultation=row.number)


def moments(row: ConsultationRow, now: datetime) -> dict[str, datetime]:
    """Return what falls due when. Reminders whose moment has passed, or comes before everybody is asked, are left out."""
    assert row.opens_at is not None
    assert row.closes_at is not None
    opens = max(row.opens_at, row.opened_at or row.opens_at)
    others = opens + timedelta(hours=row.members_first_h)
    found = {_ASK_MEMBERS: opens, _ASK_OTHERS: others, _CLOSE: row.closes_at}
    for days in row.remind_days:
        at = row.closes_at - timedelta(days=days)
        if at > max(others, now):
            found[f"{REMIND}{days}"] = at
    return found


def text_hash(whole: Whole) -> str:
    """Return the SHA-256 of what is asked: of every unit and question."""
    asked = [[vars(unit) for unit in whole.units], [vars(question) for question in whole.questions]]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def units_from(name: str, raw: bytes) -> list[UnitRow]:
    """Read a draft; for whoever has a file or typed text in hand. Raises TextUnreadable, TooMuchText or NoArticle."""
    units = read_draft(name, raw)
    if not units:
        raise errors.NoArticle()
    return units
