"""What the authority does: routes, takes, answers, asks back, defers, hands over, closes."""

from datetime import datetime
from typing import Any

from bot import signals
from bot.delivery.ledger import BY_HAND
from bot.delivery.message import Attachment
from bot.escalation import errors
from bot.escalation.actors import SYSTEM, Actor, ActorKind
from bot.escalation.allowed import reader_of
from bot.escalation.deadlines import Clock as DeadlineClock
from bot.escalation.history import digest
from bot.escalation.keeping import TEXT_AT_MOST, IncomingFile, InquiryKeeping, checked, names_of
from bot.escalation.states import TAKES_MESSAGES, Event, State
from bot.knowledge.directory import Department
from storage import clocks, queue, routing
from storage import inquiries as stored
from storage.inquiries import InquiryRecord, RecipientRow
from storage.models import ChannelAccount
from storage.unit_of_work import UnitOfWork

SOLVED = ("button.solved", "solved")
ASKED_BACK = "asked_back"
"""the step in which the person stands whom an officer has asked back: free text may be the reply"""
NOT_SOLVED = ("button.not_solved", "unsolved")


class Handling(InquiryKeeping):
    async def route(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        department_id: str,
        actor: Actor,
        *,
        by: str,
        tell: bool = True,
        at_once: bool = False,
    ) -> InquiryRecord:
        """Hand the inquiry to the department that is competent. by: bot, coordinator, auto.

        tell: whether the enterprise is told in a message of its own (the bot says it within its reply). at_once: in the
        step in which it went to people, for which `ask_officer` began no ladder.
        """
        if actor.kind in (ActorKind.OFFICER, ActorKind.API) and not actor.sees_all:
            raise errors.RoleNotEnough(action="route")
        department = self._department(department_id)
        await self._learn_where(uow, inquiry, department, actor, "route")
        inquiry = await self._hand_over(uow, inquiry, Event.ROUTE, department, actor, by=by, climbing=not at_once)
        if tell:
            await self._notices.tell_enterprise(
                uow,
                inquiry,
                "notice.routed_at_deadline" if by == "auto" else "notice.routed",
                once=f"routed:{inquiry.id}:{inquiry.history_length}",
                department=names_of(department),
                due=inquiry.response_due_at,
            )
        return inquiry

    async def route_at_deadline(self, uow: UnitOfWork, inquiry: InquiryRecord) -> InquiryRecord:
        """Route what nobody has routed when the 24 hours end: to the best candidate, else to the coordinating unit."""
        best = next((c["id"] for c in inquiry.candidates if self._accepts(c["id"])), None)
        department = self._department(best or self.directory.coordinating.id)
        inquiry = await self.route(uow, inquiry, department.id, SYSTEM, by="auto")
        await self._notices.tell_officers(
            uow,
            inquiry,
            "officer.routed_at_deadline",
            audience="lead",
            department_id=department.id,
            once=f"routing:100:{inquiry.id}",
            department=department.name,
            to=department.id,
        )
        return inquiry

    async def take(self, uow: UnitOfWork, inquiry: InquiryRecord, actor: Actor) -> InquiryRecord:
        """An officer takes it in hand; from now on it is theirs to answer."""
        self._check_actor(inquiry, actor)
        if inquiry.officer_id is not None and inquiry.officer_id != actor.id:
            raise errors.TakenByOther(number=inquiry.number, officer=inquiry.officer_name or "")
        mine = _officer_id(actor), actor.name
        if inquiry.state == State.IN_PROGRESS and (inquiry.officer_id, inquiry.officer_name) == mine:
            return inquiry  # pressed twice: the enterprise is not told twice
        inquiry = await self._move(uow, inquiry, Event.TAKE, actor, officer_id=mine[0], officer_name=mine[1])
        await self._notices.tell_enterprise(uow, inquiry, "notice.in_progress", department=self._names(inquiry))
        return inquiry

    async def release(self, uow: UnitOfWork, inquiry: InquiryRecord, actor: Actor) -> InquiryRecord:
        """Give it back to the department."""
        self._check_hands(inquiry, actor)
        return await self._move(uow, inquiry, Event.RELEASE, actor, officer_id=None, officer_name=None)

    async def answer(
        self, uow: UnitOfWork, inquiry: InquiryRecord, text: str, actor: Actor, files: tuple[Attachment, ...] = ()
    ) -> InquiryRecord:
        """Answer the enterprise, in its own chat; the response clock ends."""
        self._check_hands(inquiry, actor)
        text = checked(text)
        now = self._clock.now()
        inquiry = await self._move(
            uow,
            inquiry,
            Event.ANSWER,
            actor,
            details={"message": digest(text), "files": [file.name for file in files]},
            answered_at=now,
            response_left_s=None,
            resume_at=None,
            officer_id=inquiry.officer_id or _officer_id(actor),
            officer_name=inquiry.officer_name or actor.name,
        )
        self._say_with(uow, inquiry.id, "answer", actor, text, files)
        await clocks.call_off_rungs(uow, inquiry.id, DeadlineClock.RESPONSE)
        await self._notices.tell_enterprise(
            uow,
            inquiry,
            "notice.answered",
            kind="answer",
            reply=True,
            purpose="answered",
            files=files,
            buttons=(tuple((label, f"{action}:{inquiry.id}") for label, action in (SOLVED, NOT_SOLVED)),),
            department=self._names(inquiry),
            text=text,
        )
        return inquiry

    async def answers_go_to(self, uow: UnitOfWork, inquiry: InquiryRecord) -> RecipientRow:
        """Return the account to which an answer given now is sent."""
        return await self._notices.address(uow, inquiry, reply=True)

    def _say_with(
        self, uow: UnitOfWork, inquiry_id: int, kind: str, actor: Actor, text: str, files: tuple[Attachment, ...]
    ) -> None:
        message_id = self._say(uow, inquiry_id, kind, actor, text)
        for file in files:
            self._keep_file(uow, inquiry_id, message_id, IncomingFile.at_desk(file))

    async def ask_back(
        self, uow: UnitOfWork, inquiry: InquiryRecord, text: str, actor: Actor, files: tuple[Attachment, ...] = ()
    ) -> InquiryRecord:
        """Ask the enterprise for something; the response clock stands still until it replies."""
        self._check_hands(inquiry, actor)
        text = checked(text)
        inquiry = await self._move(
            uow,
            inquiry,
            Event.ASK_BACK,
            actor,
            details={"message": digest(text), **({"files": [file.name for file in files]} if files else {})},
            officer_id=inquiry.officer_id or _officer_id(actor),
            officer_name=inquiry.officer_name or actor.name,
        )
        inquiry = await self._stop_response_clock(uow, inquiry)
        self._say_with(uow, inquiry.id, "ask_back", actor, text, files)
        # Their next text may be the reply. Whoever is in the middle of something is not torn out of it.
        to = await self._notices.address(uow, inquiry, reply=True)
        await uow.change(ChannelAccount, to.account_id, seen={"step": None}, step=ASKED_BACK, step_data={})
        await self._notices.tell_enterprise(
            uow,
            inquiry,
            "notice.ask_back",
            reply=True,
            asks=True,
            files=files,
            buttons=((("button.reply", f"reply:{inquiry.id}"),),),
            department=self._names(inquiry),
            text=text,
        )
        return inquiry

    async def defer(
        self, uow: UnitOfWork, inquiry: InquiryRecord, *, reason: str, until: datetime, actor: Actor
    ) -> InquiryRecord:
        """Say why it cannot be done in time, and by when it will be; the enterprise is told both."""
        self._check_hands(inquiry, actor)
        if not reason.strip():
            raise errors.ReasonMissing(action="defer")
        if until <= self._clock.now():
            raise errors.DateNotAhead(until=until)
        reason = checked(reason)
        inquiry = await self._move(
            uow,
            inquiry,
            Event.DEFER,
            actor,
            reason=reason,
            details={"until": until.isoformat()},
            deferral_reason=reason,
            deferred_until=until,
            resume_at=until,
        )
        inquiry = await self._stop_response_clock(uow, inquiry)
        await self._notices.tell_enterprise(
            uow, inquiry, "notice.deferred", department=self._names(inquiry), reason=reason, until=until
        )
        return inquiry

    async def resume(self, uow: UnitOfWork, inquiry: InquiryRecord) -> InquiryRecord:
        """A deferral has run out: the response clock goes on by itself."""
        # It ends at its date, also if nobody was at work then: the department is not given the time of a standstill of ours.
        ended = inquiry.resume_at
        inquiry = await self._move(uow, inquiry, Event.RESUME, SYSTEM, resume_at=None)
        inquiry = await self._start_response_clock(uow, inquiry, at=ended)
        await self._notices.tell_officers(
            uow,
            inquiry,
            "officer.deferral_ended",
            audience="officer",
            department_id=inquiry.department_id,
            once=f"resumed:{inquiry.id}:{inquiry.history_length}",
        )
        return inquiry

    async def transfer(
        self, uow: UnitOfWork, inquiry: InquiryRecord, department_id: str, reason: str, actor: Actor
    ) -> InquiryRecord:
        """Hand it to another department, which starts its own response clock."""
        self._check_actor(inquiry, actor)
        if not reason.strip():
            raise errors.ReasonMissing(action="transfer")
        department = self._department(department_id)
        if department.id == inquiry.department_id:
            raise errors.SameDepartment(department=department.name)
        await self._learn_where(uow, inquiry, department, actor, "transfer")
        inquiry = await self._move(uow, inquiry, Event.TRANSFER, actor, reason=checked(reason), resume_at=None)
        await clocks.call_off_rungs(uow, inquiry.id, DeadlineClock.RESPONSE)
        inquiry = await self._hand_over(uow, inquiry, Event.ROUTE, department, actor, by=inquiry.routed_by or "coordinator")
        await self._notices.tell_enterprise(
            uow,
            inquiry,
            "notice.transferred",
            department=names_of(department),
            reason=reason,
            due=inquiry.response_due_at,
        )
        return inquiry

    async def _learn_where(
        self, uow: UnitOfWork, inquiry: InquiryRecord, department: Department, actor: Actor, source: str
    ) -> None:
        """Keep where a person says that it belongs; what the bot and the system decide is nothing to learn from."""
        if actor.kind not in (ActorKind.OFFICER, ActorKind.API):
            return
        first = inquiry.candidates[0]["id"] if inquiry.candidates else None
        before = inquiry.department_id or first
        await routing.keep(
            uow,
            inquiry_id=inquiry.id,
            department_id=department.id,
            suggested_id=before,
            corrected=before is not None and before != department.id,
            source=source,
            actor_id=actor.id,
            actor_name=actor.name,
            at=self._clock.now(),
        )

    async def escalate(self, uow: UnitOfWork, inquiry: InquiryRecord, reason: str, actor: Actor) -> InquiryRecord:
        """Beyond the department's competence: to the level above (1761/QĐ-TCHQ Điều 7 khoản 3.2)."""
        self._check_actor(inquiry, actor)
        if not reason.strip():
            raise errors.ReasonMissing(action="escalate")
        above = self.directory.escalation_target(inquiry.department_id or self.directory.coordinating.id)
        if above.id == inquiry.department_id:
            raise errors.SameDepartment(department=above.name)
        inquiry = await self._hand_over(
            uow, inquiry, Event.ESCALATE, above, actor, by=inquiry.routed_by or "coordinator", reason=checked(reason)
        )
        await self._notices.tell_enterprise(
            uow, inquiry, "notice.escalated", department=names_of(above), due=inquiry.response_due_at
        )
        return inquiry

    async def move_up(self, uow: UnitOfWork, inquiry: InquiryRecord) -> InquiryRecord:
        """The department is no longer in the directory, or takes no inquiries any more: to the level above."""
        gone, name, before = inquiry.department_id or "", inquiry.department_name or "", self._names(inquiry)
        above = self.directory.escalation_target(gone) if gone in self.directory else self.directory.coordinating
        by = inquiry.routed_by or "auto"
        inquiry = await self._hand_over(uow, inquiry, Event.ESCALATE, above, SYSTEM, by=by, because="department_closed")
        await self._notices.tell_officers(
            uow,
            inquiry,
            "officer.department_closed",
            audience="lead",
            department_id=above.id,
            once=f"closed:{inquiry.id}:{inquiry.history_length}",
            department=name,
            to=gone,
        )
        await self._notices.tell_enterprise(
            uow,
            inquiry,
            "notice.department_closed",
            once=f"closed:{inquiry.id}:{inquiry.history_length}",
            before=before,
            department=names_of(above),
            due=inquiry.response_due_at,
        )
        return inquiry

    async def close(self, uow: UnitOfWork, inquiry: InquiryRecord, actor: Actor, *, reason: str = "") -> InquiryRecord:
        """Close it; without an answer this needs a reason, which the enterprise is told."""
        self._check_hands(inquiry, actor)
        answered = inquiry.answered_at is not None
        if not answered and not reason.strip():
            raise errors.ReasonMissing(action="close")
        reason = checked(reason, may_be_empty=True)
        inquiry = await self._move(
            uow,
            inquiry,
            Event.CLOSE,
            actor,
            reason=reason or None,
            closed_at=self._clock.now(),
            response_left_s=None,
            resume_at=None,
        )
        await clocks.call_off_rungs(uow, inquiry.id, DeadlineClock.RESPONSE)
        await self._notices.tell_enterprise(
            uow,
            inquiry,
            "notice.closed_with_reason" if reason else "notice.closed",
            buttons=(
                tuple((f"button.stars_{stars}", f"rate:{stars}:{inquiry.id}") for stars in range(1, 6)),
                (("button.not_solved", f"unsolved:{inquiry.id}"),),
            ),
            reason=reason,
        )
        return inquiry

    async def tell_recorded(self, uow: UnitOfWork, inquiry: InquiryRecord) -> None:
        """Tell the enterprise on its chat that what came from it by telephone, e-mail or letter has been written down."""
        await self._notices.tell_enterprise(
            uow,
            inquiry,
            "notice.recorded_routed" if inquiry.department_id else "notice.recorded",
            department=self._names(inquiry),
            due=inquiry.due_at,
            code=self._tracking.of(inquiry.number),
        )

    async def passed_on(self, uow: UnitOfWork, inquiry: InquiryRecord, actor: Actor) -> InquiryRecord:
        """An officer has passed on a message of ours by telephone, e-mail or letter."""
        self._check_actor(inquiry, actor)
        return await self._note(uow, inquiry, "told_by_hand", actor)

    async def attach(
        self, uow: UnitOfWork, inquiry: InquiryRecord, files: tuple[IncomingFile, ...], actor: Actor
    ) -> InquiryRecord:
        """Put files to an inquiry, beside what the enterprise asked; one that is there already is not put there again."""
        self._check_actor(inquiry, actor)
        there = {(row["sha256"], row["name"]) for row in await stored.files(uow, inquiry.id)}
        new = [file for file in files if (file.sha256, file.name) not in there]
        for file in new:
            self._keep_file(uow, inquiry.id, None, file)
        return (
            await self._note(uow, inquiry, "attach", actor, details={"files": [each.name for each in new]}) if new else inquiry
        )

    async def record_reply(
        self, uow: UnitOfWork, inquiry: InquiryRecord, text: str, actor: Actor, files: tuple[IncomingFile, ...] = ()
    ) -> InquiryRecord:
        """Write down what an enterprise that is reached by hand replied or added; a reply it was asked for starts the clock."""
        self._check_actor(inquiry, actor)
        if inquiry.channel not in BY_HAND or State(inquiry.state) not in TAKES_MESSAGES:
            raise errors.NotPossibleNow(number=inquiry.number, state=inquiry.state, action="record_reply")
        text = checked(text, may_be_empty=bool(files))
        message_id = self._say(uow, inquiry.id, "addition", actor, text)
        for file in files:
            self._keep_file(uow, inquiry.id, message_id, file)
        details = {"message": digest(text), "files": [file.name for file in files]}
        if inquiry.state == State.WAITING_FOR_ENTERPRISE:
            inquiry = await self._move(uow, inquiry, Event.ENTERPRISE_REPLIES, actor, details=details)
            return await self._start_response_clock(uow, inquiry)
        return await self._note(uow, inquiry, "add", actor, details=details)

    async def review(self, uow: UnitOfWork, inquiry: InquiryRecord, text: str, actor: Actor) -> InquiryRecord:
        """The lead has looked into a bad rating, and says to the enterprise what came of it."""
        self._check_lead(inquiry, actor, "review")
        if inquiry.review_due_at is None:
            raise errors.NothingToReview(number=inquiry.number)
        text = checked(text)
        inquiry = await self._note(uow, inquiry, "review", actor, details={"message": digest(text)})
        self._say(uow, inquiry.id, "review", actor, text)
        inquiry = await self._end_review(uow, inquiry)
        await self._notices.tell_enterprise(
            uow, inquiry, "notice.reviewed", kind="answer", department=self._names(inquiry), text=text
        )
        return inquiry

    async def open_again(self, uow: UnitOfWork, inquiry: InquiryRecord, reason: str, actor: Actor) -> InquiryRecord:
        """The lead opens it again, whatever the enterprise says, and however long ago it was closed."""
        self._check_lead(inquiry, actor, "reopen")
        if not reason.strip():
            raise errors.ReasonMissing(action="reopen")
        reason = checked(reason)
        inquiry = await self._open_again(uow, inquiry, actor, reason=reason)
        await self._notices.tell_enterprise(
            uow,
            inquiry,
            "notice.reopened",
            department=self._names(inquiry),
            reason=reason,
            due=inquiry.response_due_at,
        )
        return inquiry

    def _check_lead(self, inquiry: InquiryRecord, actor: Actor, action: str) -> None:
        self._check_actor(inquiry, actor)
        if actor.kind in (ActorKind.OFFICER, ActorKind.API) and not actor.leads(inquiry.department_id):
            raise errors.RoleNotEnough(action=action)

    async def note(
        self, uow: UnitOfWork, inquiry: InquiryRecord, text: str, actor: Actor, *, files: tuple[IncomingFile, ...] = ()
    ) -> InquiryRecord:
        """Write an internal note, which the enterprise never sees."""
        self._check_actor(inquiry, actor)
        text = checked(text)
        message_id = self._say(uow, inquiry.id, "note", actor, text)
        for file in files:
            self._keep_file(uow, inquiry.id, message_id, file)
        details: dict[str, Any] = {"message": digest(text)}
        if files:
            details["files"] = [file.name for file in files]
        return await self._note(uow, inquiry, "note", actor, details=details)

    async def notices_seen(
        self, uow: UnitOfWork, actor: Actor, *, notice_id: int | None = None, up_to: int | None = None
    ) -> None:
        """An officer has seen a notice, or all up to one: as far as they are for them, none of these is told again."""
        assert actor.id is not None
        reader, now = reader_of(actor, self.directory), self._clock.now()
        seen = await queue.mark_seen(uow, reader, now=now, officer_id=actor.id, notice_id=notice_id, up_to=up_to)
        for inquiry_id in seen:
            self.reminders_changed(uow, inquiry_id)
        uow.after_commit(lambda: self._live.publish(signals.DESK))

    async def reminders_seen(self, uow: UnitOfWork, inquiry: InquiryRecord, actor: Actor) -> bool:
        """An officer has seen what the clocks told of the inquiry; False where nothing of it was for them."""
        assert actor.id is not None
        reader, now = reader_of(actor, self.directory), self._clock.now()
        if not await queue.mark_reminders_seen(uow, reader, now=now, officer_id=actor.id, inquiry_id=inquiry.id):
            return False
        self.reminders_changed(uow, inquiry.id)
        uow.after_commit(lambda: self._live.publish(signals.DESK))
        return True

    def reminders_changed(self, uow: UnitOfWork, inquiry_id: int) -> None:
        """A clock told something of the inquiry, or somebody has seen it: whoever shows that is told."""
        if self._reminded is not None:
            self._reminded(uow, inquiry_id)

    async def said_elsewhere(self, uow: UnitOfWork, contact_id: int, text: str, who: str) -> bool:
        """Keep what an officer wrote to a person outside the desk (in the platform's own console) with the inquiry that it is
        most likely about: the newest that is open, else the newest. False when they never asked anything."""
        found = await stored.of_contact(uow, contact_id, limit=20)
        if not found:
            return False
        inquiry = next((each for each in found if each.closed_at is None), found[0])
        actor = Actor(ActorKind.OFFICER, None, who)
        text = text.strip()[:TEXT_AT_MOST]
        self._say(uow, inquiry.id, "elsewhere", actor, text)
        await self._note(uow, inquiry, "said_elsewhere", actor, details={"message": digest(text)})
        return True


def _officer_id(actor: Actor) -> int | None:
    return actor.id if actor.kind is ActorKind.OFFICER else None
