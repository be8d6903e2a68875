"""What the enterprise does: asks, adds, says whether it helped, opens again, rates."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.delivery.ledger import BY_HAND
from bot.escalation import errors
from bot.escalation.actors import Actor
from bot.escalation.deadlines import Clock as DeadlineClock
from bot.escalation.deadlines import ResponseClock, response_rungs, routing_rungs, whole_second
from bot.escalation.history import START, digest
from bot.escalation.keeping import Asker, Candidate, IncomingFile, InquiryKeeping, checked
from bot.escalation.states import OPEN, TAKES_MESSAGES, Event, State
from storage import inquiries as stored
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.models import History, Inquiry, InquiryOrigin
from storage.unit_of_work import UnitOfWork

BAD_RATING = 2
"""stars, out of five, up to which the lead looks into it"""


class Asking(InquiryKeeping):
    async def receive(
        self,
        uow: UnitOfWork,
        asker: Asker,
        text: str,
        *,
        candidates: Sequence[Candidate] = (),
        received_at: datetime | None = None,
        by: Actor | None = None,
        files: Sequence[IncomingFile] = (),
    ) -> InquiryRecord:
        """Log a question: every one becomes an inquiry with a number, those that the bot answers too.

        candidates: who may be competent, best first; kept for the case that it goes to people later. received_at and by: when
        it came and who wrote it down, where that was not the person and not now. files: that came with the question.
        """
        text = checked(text)
        now = self._clock.now()
        year = now.astimezone(self._calendars.timezone).year
        number = f"YC-{year}-{await uow.next_number(f'inquiry:{year}'):06d}"
        inquiry_id = new_id()
        first = self._chain.next_row(
            inquiry_id=inquiry_id,
            length=0,
            head=START,
            at=now,
            event="receive",
            actor=by or asker.actor,
            from_state=None,
            to_state=State.RECEIVED,
            department=None,
            reason=None,
            details={
                "number": number,
                "text": digest(text),
                "channel": asker.channel,
                **({"received_at": received_at.isoformat()} if received_at is not None else {}),
                **({"files": [file.name for file in files]} if files else {}),
            },
        )
        inquiry = InquiryRecord(
            id=inquiry_id,
            number=number,
            state=State.RECEIVED,
            contact_id=asker.contact_id,
            account_id=asker.account_id,
            enterprise_id=asker.enterprise_id,
            claimed_tax_code=asker.claimed_tax_code,
            claimed_company=asker.claimed_company,
            channel=asker.channel,
            language=asker.language,
            text=text,
            priority=0 if asker.is_member else 1,
            decision=None,
            confidence=None,
            entry_id=None,
            citations=[],
            candidates=_listed(candidates),
            helped=None,
            department_id=None,
            department_name=None,
            received_at=received_at or now,
            routing_due_at=None,
            routed_at=None,
            routed_by=None,
            response_due_at=None,
            response_calendar=None,
            response_left_s=None,
            response_since=None,
            response_budget_s=None,
            officer_id=None,
            officer_name=None,
            resume_at=None,
            deferred_until=None,
            deferral_reason=None,
            answered_at=None,
            closed_at=None,
            rating=None,
            rating_comment=None,
            review_due_at=None,
            history_length=1,
            history_head=first["hash"],
            updated_at=now,
        )
        uow.insert(Inquiry, **stored.values_of(inquiry))
        uow.insert(History, **first)
        for file in files:
            self._keep_file(uow, inquiry.id, None, file)
        self._announce(uow, inquiry.id)
        self._remember_origin(uow, inquiry.id, asker)
        return inquiry

    @staticmethod
    def _remember_origin(uow: UnitOfWork, inquiry_id: int, asker: Asker) -> None:
        if asker.origin is not None:
            uow.insert(InquiryOrigin, account_id=asker.account_id, message_id=asker.origin[:64], inquiry_id=inquiry_id)

    async def suggested(
        self, uow: UnitOfWork, inquiry: InquiryRecord, *, entry_ids: Sequence[str], confidence: float, actor: Actor
    ) -> InquiryRecord:
        """Log what the bot offered instead of an answer. The inquiry stays `received` until one of them is chosen or an
        officer is asked; it runs no clock until then, and stays in the list of whoever asked."""
        return await self._note(
            uow,
            inquiry,
            "suggest",
            actor,
            details={"entries": list(entry_ids), "confidence": round(confidence, 4)},
            decision="suggest",
            confidence=confidence,
        )

    async def answered_by_bot(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        *,
        entry_id: str | None,
        citations: list[dict[str, str]],
        confidence: float | None,
        actor: Actor,
    ) -> InquiryRecord:
        """Log that the bot answered, and on which legal ground; a further answer is logged as well.

        entry_id: None where the law itself was quoted.
        """
        details = {
            "entry": entry_id,
            "citations": citations,
            "confidence": None if confidence is None else round(confidence, 4),
        }
        changes: dict[str, Any] = {
            "decision": "answer",
            "entry_id": entry_id,
            "citations": citations,
            "confidence": confidence,
        }
        if inquiry.state == State.ANSWERED_BY_BOT:
            return await self._note(uow, inquiry, str(Event.ANSWER_BY_BOT), actor, details=details, **changes)
        return await self._move(uow, inquiry, Event.ANSWER_BY_BOT, actor, details=details, **changes)

    async def decline(
        self, uow: UnitOfWork, inquiry: InquiryRecord, *, reason: str, citations: list[dict[str, str]], actor: Actor
    ) -> InquiryRecord:
        """Log that the programme does not support this matter (1399/QĐ-TCHQ Điều 3 khoản 2 điểm b)."""
        return await self._move(
            uow,
            inquiry,
            Event.DECLINE,
            actor,
            reason=reason,
            details={"citations": citations},
            decision="decline",
            citations=citations,
        )

    async def ask_officer(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        *,
        candidates: Sequence[Candidate] = (),
        actor: Actor,
        routed_at_once: bool = False,
    ) -> InquiryRecord:
        """Hand the inquiry to people: the 24 hours start now (1399/QĐ-TCHQ Điều 3 khoản 1 điểm c), or when it was received
        by an officer, who wrote it down later.

        candidates: who may be competent, best first; without any, those that were kept when it was received stand.
        routed_at_once: it is routed in the same step, so that the clock of its routing has no ladder to climb.
        """
        start = inquiry.received_at if inquiry.channel in BY_HAND else self._clock.now()
        listed = _listed(candidates) or inquiry.candidates
        inquiry = await self._move(
            uow,
            inquiry,
            Event.ASK_OFFICER,
            actor,
            details={"candidates": listed},
            decision=inquiry.decision or "escalate",
            candidates=listed,
            routing_due_at=start + self._routing_deadline,
        )
        if not routed_at_once:
            self._set_rungs(uow, inquiry, routing_rungs(start, self._routing_deadline))
        return inquiry

    async def add_message(
        self, uow: UnitOfWork, inquiry: InquiryRecord, asker: Asker, text: str, files: tuple[IncomingFile, ...] = ()
    ) -> InquiryRecord:
        """Add what the enterprise says or sends to an inquiry that is open; a reply it was asked for starts the clock."""
        if inquiry.contact_id != asker.contact_id:
            raise errors.InquiryNotYours(number=inquiry.number)
        state = State(inquiry.state)
        if state not in TAKES_MESSAGES:
            raise errors.NotPossibleNow(number=inquiry.number, state=str(state), action="add")
        text = checked(text, may_be_empty=bool(files))
        message_id = self._say(uow, inquiry.id, "addition", asker.actor, text)
        if text:  # files alone come with a question, or say nothing that could be corrected
            self._remember_origin(uow, inquiry.id, asker)
        for file in files:
            self._keep_file(uow, inquiry.id, message_id, file)
        details = {"message": digest(text), "files": [file.name for file in files]}
        if state is State.WAITING_FOR_ENTERPRISE:
            inquiry = await self._move(uow, inquiry, Event.ENTERPRISE_REPLIES, asker.actor, details=details)
            return await self._start_response_clock(uow, inquiry)
        return await self._note(uow, inquiry, "add", asker.actor, details=details)

    async def claim(
        self, uow: UnitOfWork, inquiry: InquiryRecord, asker: Asker, *, tax_code: str, company: str
    ) -> InquiryRecord:
        """Put what a guest says of themselves on an inquiry of theirs that is open. Nobody has verified it.

        tax_code: as `bot.membership.tax_codes` returns it. company: what they call their enterprise.
        """
        if inquiry.contact_id != asker.contact_id:
            raise errors.InquiryNotYours(number=inquiry.number)
        if State(inquiry.state) not in OPEN:
            raise errors.NotPossibleNow(number=inquiry.number, state=inquiry.state, action="claim")
        return await self._note(
            uow,
            inquiry,
            "claim",
            asker.actor,
            details={"tax_code": tax_code, "company": digest(company), "verified": False},
            claimed_tax_code=tax_code,
            claimed_company=company,
        )

    async def solved(self, uow: UnitOfWork, inquiry: InquiryRecord, asker: Asker) -> InquiryRecord:
        """The enterprise says that the answer solved it."""
        if inquiry.contact_id != asker.contact_id:
            raise errors.InquiryNotYours(number=inquiry.number)
        return await self._move(uow, inquiry, Event.CLOSE, asker.actor, closed_at=self._clock.now(), helped=True)

    async def reopen(self, uow: UnitOfWork, inquiry: InquiryRecord, asker: Asker) -> InquiryRecord:
        """The enterprise says that it is not solved: back to the department, with a new response clock."""
        if inquiry.contact_id != asker.contact_id:
            raise errors.InquiryNotYours(number=inquiry.number)
        if not self.in_time_to_reopen(inquiry):
            raise errors.ReopenTooLate(number=inquiry.number, days=self._reopen_within.days)
        inquiry = await self._open_again(uow, inquiry, asker.actor, helped=False)
        await self._notices.tell_officers(
            uow,
            inquiry,
            "officer.reopened",
            audience="officer",
            department_id=inquiry.department_id,
            once=f"reopened:{inquiry.id}:{inquiry.history_length}",
        )
        return inquiry

    async def bot_helped(self, uow: UnitOfWork, inquiry: InquiryRecord, asker: Asker, helped: bool) -> InquiryRecord:
        """Keep the answer to "did this help?"; it feeds the report, never the ranking by itself."""
        if inquiry.contact_id != asker.contact_id:
            raise errors.InquiryNotYours(number=inquiry.number)
        if inquiry.state != State.ANSWERED_BY_BOT:
            return inquiry
        return await self._note(uow, inquiry, "helped" if helped else "not_helped", asker.actor, helped=helped)

    async def rate(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        asker: Asker,
        *,
        stars: int | None = None,
        comment: str | None = None,
    ) -> InquiryRecord:
        """Keep what the enterprise thinks of how it was dealt with: 1 to 5, and a comment if they wish."""
        if inquiry.contact_id != asker.contact_id:
            raise errors.InquiryNotYours(number=inquiry.number)
        if stars is not None and not 1 <= stars <= 5:
            raise errors.RatingOutOfRange()
        if inquiry.state not in (State.CLOSED, State.ANSWERED):
            raise errors.NotPossibleNow(number=inquiry.number, state=inquiry.state, action="rate")
        changes: dict[str, Any] = {}
        if stars is not None:
            changes["rating"] = stars
        if comment is not None:
            changes["rating_comment"] = checked(comment)
        inquiry = await self._note(uow, inquiry, "rate", asker.actor, details={"rating": stars}, **changes)
        if stars is None:
            return inquiry
        if stars > BAD_RATING:
            return await self._end_review(uow, inquiry)  # they have thought better of it
        return inquiry if inquiry.review_due_at is not None else await self._begin_review(uow, inquiry, stars)

    async def _begin_review(self, uow: UnitOfWork, inquiry: InquiryRecord, stars: int) -> InquiryRecord:
        """Give it back to the lead, with a deadline of its own."""
        department = self.directory.get(inquiry.department_id) or self.directory.coordinating
        calendar = self._calendar(department)
        clock = ResponseClock(self._review_target).run(whole_second(self._clock.now()))
        self._set_rungs(uow, inquiry, response_rungs(clock, self._review_target, calendar, DeadlineClock.REVIEW))
        due = clock.reaches(timedelta(), calendar)
        await self._notices.tell_officers(
            uow,
            inquiry,
            "officer.rated_badly",
            audience="lead",
            department_id=department.id,
            once=f"rated:{inquiry.id}:{inquiry.history_length}",
            rating=stars,
        )
        return await self._set(uow, inquiry, review_due_at=due)


def _listed(candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    return [
        {
            "id": each.department_id,
            "name": each.name,
            "probability": round(each.probability, 4),
            **({"reason": each.reason} if each.reason else {}),
            **({"like": list(each.like)} if each.like else {}),
        }
        for each in candidates[:3]
    ]
