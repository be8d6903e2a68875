"""Surveys: drafted, approved by a second person, asked, closed; a periodic one drafts its next round by itself.

What keeps an anonymous one anonymous is written at its tables (`storage.models.surveys`).
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.consultation import errors as asking_errors
from bot.consultation import permissions
from bot.consultation.questions import answer as checked_answer
from bot.consultation.questions import checked
from bot.errors import HelpdeskError
from bot.escalation.actors import Actor
from bot.surveys import errors
from storage import asking, audiences
from storage import surveys as stored
from storage.audiences import AudienceFilter
from storage.consultations import QuestionRow
from storage.ids import new_id
from storage.surveys import SKIPPED, TEXT, SurveyRow
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

SUBJECT = "survey"
REMIND = "remind"
_REMIND_BEFORE = timedelta(days=3)
_LINE_AT_MOST, _TEXT_AT_MOST = 300, 4000
_EDITABLE_FOR = timedelta(days=2)
"""for how long Telegram lets people edit what they wrote"""
_REPEATS = (0, 1, 3, 6, 12)


@dataclass(frozen=True)
class Wanted:
    """A survey as somebody typed it. opens_at, closes_at: aware."""

    title_vi: str
    title_en: str = ""
    intro_vi: str = ""
    intro_en: str = ""
    anonymous: bool = True
    questions: Sequence[QuestionRow] = ()
    audience: dict[str, Any] | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    repeats_months: int = 0


def questions_of(row: SurveyRow) -> list[QuestionRow]:
    return [QuestionRow(number, **question) for number, question in enumerate(row.questions, 1)]


class Surveys:
    def __init__(self, clock: Clock, *, default_language: str) -> None:
        self._clock = clock
        self._default_language = default_language

    async def find(self, uow: UnitOfWork, survey_id: int | None) -> SurveyRow:
        """Return the survey. Raises SurveyNotFound."""
        row = await stored.by_id(uow, survey_id) if survey_id is not None else None
        if row is None:
            raise errors.SurveyNotFound()
        return row

    async def audience(self, uow: UnitOfWork, row: SurveyRow) -> audiences.Count:
        wanted = AudienceFilter.from_json(row.audience)
        return await audiences.count(uow, wanted, default_language=self._default_language)

    # Writing

    async def create(self, uow: UnitOfWork, wanted: Wanted, actor: Actor) -> SurveyRow:
        """Begin a draft. Raises MayNot, TitleMissing, FieldTooLong or QuestionWrong."""
        permissions.check_prepares(actor)
        hands = [permissions.hand(actor)]
        return await self._add(uow, self._values(wanted), actor_id=actor.id, author=actor.name, editors=hands)

    async def _add(
        self,
        uow: UnitOfWork,
        values: dict[str, Any],
        *,
        actor_id: int | None,
        author: str,
        editors: list[str],
        series_id: int | None = None,
        number: int = 1,
    ) -> SurveyRow:
        now, survey_id = self._clock.now(), new_id()
        row = SurveyRow(
            id=survey_id,
            number=f"KS-{now.year}-{await uow.next_number(f'survey:{now.year}'):04d}",
            state="draft",
            revision=1,
            **values,
            series_id=series_id or survey_id,
            round=number,
            author_id=actor_id,
            author_name=author,
            editors=editors,
            approver_name=None,
            created_at=now,
            updated_at=now,
            approved_at=None,
            opened_at=None,
            closed_at=None,
        )
        stored.add(uow, row)
        return row

    def _values(self, wanted: Wanted) -> dict[str, Any]:
        lines = {name: " ".join(getattr(wanted, name).split()) for name in ("title_vi", "title_en")}
        texts = {name: getattr(wanted, name).strip() for name in ("intro_vi", "intro_en")}
        if not lines["title_vi"]:
            raise asking_errors.TitleMissing()
        for name, text in (lines | texts).items():
            most = _LINE_AT_MOST if name in lines else _TEXT_AT_MOST
            if len(text) > most:
                raise asking_errors.FieldTooLong(field=name, most=most)
        questions = [vars(question).copy() for question in checked([vars(each) for each in wanted.questions])]
        for question in questions:
            del question["seq"]
        return {
            **lines,
            **texts,
            "anonymous": wanted.anonymous,
            "questions": questions,
            "audience": AudienceFilter.from_json(wanted.audience or {}).to_json(),
            "opens_at": wanted.opens_at,
            "closes_at": wanted.closes_at,
            "repeats_months": wanted.repeats_months if wanted.repeats_months in _REPEATS else 0,
        }

    async def edit(self, uow: UnitOfWork, row: SurveyRow, wanted: Wanted, actor: Actor) -> None:
        """Change a draft. Raises MayNot, NotEditable, MovedOn, or what `create` raises."""
        permissions.check_prepares(actor)
        if row.state != "draft":
            raise asking_errors.NotEditable(state=row.state)
        editors = list(dict.fromkeys([*row.editors, permissions.hand(actor)]))
        values = self._values(wanted)
        if not await stored.change(uow, row, editors=editors, updated_at=self._clock.now(), **values):
            raise asking_errors.MovedOn(state=row.state)

    # Deciding

    def faults(self, row: SurveyRow, count: audiences.Count) -> list[HelpdeskError]:
        """Return everything that must be mended before it can be approved."""
        found: list[HelpdeskError] = []
        if not row.questions:
            found.append(errors.NoQuestion())
        if row.opens_at is None or row.closes_at is None:
            found.append(asking_errors.DatesMissing())
        elif row.closes_at <= row.opens_at:
            found.append(asking_errors.ClosesBeforeOpening(opens=row.opens_at, closes=row.closes_at))
        elif row.closes_at <= self._clock.now():
            found.append(asking_errors.ClosesInThePast(closes=row.closes_at))
        if not count.reachable:
            found.append(asking_errors.AudienceEmpty(people=count.people))
        return found

    async def approve(self, uow: UnitOfWork, row: SurveyRow, actor: Actor) -> None:
        """Let it go out at its opening. Raises MayNot, SamePerson, MovedOn, or the first of `faults`."""
        permissions.check_decides(actor, row.editors)
        if faults := self.faults(row, await self.audience(uow, row)):
            raise faults[0]
        assert row.opens_at is not None
        assert row.closes_at is not None
        now = self._clock.now()
        await self._move(uow, row, "draft", "approved", approver_name=actor.name, approved_at=now)
        due = {"open": row.opens_at, "close": row.closes_at}
        if row.closes_at - _REMIND_BEFORE > max(row.opens_at, now):
            due[REMIND] = row.closes_at - _REMIND_BEFORE
        await asking.set_due(uow, subject=SUBJECT, subject_id=row.id, moments=due)

    async def withdraw(self, uow: UnitOfWork, row: SurveyRow, actor: Actor) -> None:
        """Take an approved one back to a draft before it opens. Raises MayNot or MovedOn."""
        permissions.check_prepares(actor)
        await self._move(uow, row, "approved", "draft", approver_name=None, approved_at=None)
        await asking.drop_due(uow, row.id)

    async def cancel(self, uow: UnitOfWork, row: SurveyRow, actor: Actor) -> None:
        """Give it up before it opens. Raises MayNot or MovedOn."""
        permissions.check_prepares(actor)
        await self._move(uow, row, row.state if row.state in ("draft", "approved") else "draft", "cancelled")
        await asking.drop_due(uow, row.id)

    async def _move(self, uow: UnitOfWork, row: SurveyRow, before: str, to: str, **values: Any) -> None:
        if row.state != before or not await stored.change(uow, row, state=to, updated_at=self._clock.now(), **values):
            raise asking_errors.MovedOn(state=row.state)
        log.info("survey.moved", survey=row.number, to=to)

    async def open(self, uow: UnitOfWork, row: SurveyRow) -> None:
        await self._move(uow, row, "approved", "open", opened_at=self._clock.now())

    async def missed(self, uow: UnitOfWork, row: SurveyRow) -> None:
        """All of its time passed while nothing ran: somebody gives it new dates."""
        log.error("survey.missed", survey=row.number)
        await self._move(uow, row, "approved", "draft", approver_name=None, approved_at=None)
        await asking.drop_due(uow, row.id)

    async def close(self, uow: UnitOfWork, row: SurveyRow) -> None:
        """Close it, and draft the next round of a periodic one: it goes out once somebody has approved it."""
        await self._move(uow, row, "open", "closed", closed_at=self._clock.now())
        await stored.shuffle_texts(uow, row.id)
        if row.repeats_months and row.opens_at is not None and row.closes_at is not None:
            opens = months_later(row.opens_at, row.repeats_months)
            wanted = Wanted(
                row.title_vi,
                row.title_en,
                row.intro_vi,
                row.intro_en,
                row.anonymous,
                questions_of(row),
                row.audience,
                opens,
                opens + (row.closes_at - row.opens_at),
                row.repeats_months,
            )
            values, number = self._values(wanted), row.round + 1
            await self._add(uow, values, actor_id=None, author="", editors=[], series_id=row.series_id, number=number)

    # Answering

    async def open_for(self, uow: UnitOfWork, contact_id: int) -> list[SurveyRow]:
        return await stored.open_for(uow, contact_id)

    async def wrote_anonymously(self, uow: UnitOfWork, contact_id: int) -> bool:
        """Say whether a message of this person that they can still edit may be an answer to an anonymous survey."""
        since = self._clock.now() - _EDITABLE_FOR
        for row, answered in await stored.anonymously_begun(uow, contact_id, closing_after=since):
            if any(question.kind == "text" and question.seq <= answered for question in questions_of(row)):
                return True
        return False

    async def where(self, uow: UnitOfWork, survey_id: int | None, contact_id: int) -> tuple[SurveyRow, int]:
        """Return the survey and how many questions are behind this person.

        Raises SurveyNotFound, SurveyNotForThem, or SurveyNotOpen.
        """
        row = await self.find(uow, survey_id)
        who = await stored.participant(uow, row.id, contact_id)
        if who is None:
            raise errors.SurveyNotForThem()
        if row.state != "open" or row.closes_at is None or self._clock.now() >= row.closes_at:
            raise errors.SurveyNotOpen()
        return row, who.answered

    async def answer(self, uow: UnitOfWork, survey_id: int | None, contact_id: int, *, question: int, value: str) -> None:
        """Count the answer to a question; an empty one passes it over. Questions are answered in their order, each once.

        Raises as `where`, or AnsweredBefore, AnswerWrong, OpinionTooLong.
        """
        row, _ = await self.where(uow, survey_id, contact_id)
        asked = next((each for each in questions_of(row) if each.seq == question), None)
        if asked is None:
            raise asking_errors.QuestionUnknown()
        kept = checked_answer(asked, value)
        if await stored.hold(uow, row.id) != "open":
            raise errors.SurveyNotOpen()
        if not await stored.pass_question(uow, row.id, contact_id, question):
            raise errors.AnsweredBefore()
        await stored.count(uow, row.id, question, SKIPPED if not kept else TEXT if asked.kind == "text" else kept)
        if kept and asked.kind == "text":
            stored.add_text(uow, row.id, question, kept)
        if not row.anonymous and kept:
            stored.add_named(uow, row.id, contact_id, question, kept, self._clock.now())


def months_later(moment: datetime, months: int) -> datetime:
    """Return the same day so many months later, or the last day of that month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
