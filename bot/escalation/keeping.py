"""How an inquiry is kept: each change asks the state machine, is guarded by what was seen, and leaves a row in the history.

The two sides that act on inquiries, `asking` (the enterprise) and `handling` (the authority), stand on this.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot import signals
from bot.clock import Clock
from bot.delivery.message import Attachment
from bot.escalation import errors
from bot.escalation.actors import Actor, ActorKind
from bot.escalation.calendar import Calendars, WorkingCalendar
from bot.escalation.deadlines import Clock as DeadlineClock
from bot.escalation.deadlines import ResponseClock, RungDue, response_rungs, whole_second
from bot.escalation.history import Chain
from bot.escalation.notices import Notices
from bot.escalation.states import Event, IllegalMove, State, move
from bot.escalation.tracking import TrackingCodes
from bot.knowledge.directory import Department, Directory
from bot.locales.catalogue import LANGUAGES
from bot.signals import Signals
from storage import clocks
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.models import File, History, Inquiry, InquiryMessage, Rung
from storage.unit_of_work import UnitOfWork

TEXT_AT_MOST = 8000
"""characters of a question, an addition or an answer; a longer one is refused, not cut"""
_TARGET_OF_NOBODY = timedelta(hours=16)
"""working time for an inquiry whose department is no longer in the directory, until a sweep has moved it up"""
_ALWAYS_WRITTEN = ("state", "updated_at", "history_length", "history_head")


@dataclass(frozen=True)
class Asker:
    """Who asks, and where: what the inquiry keeps of them."""

    contact_id: int
    account_id: int
    channel: str
    language: str
    name: str
    enterprise_id: int | None = None
    is_member: bool = False
    claimed_tax_code: str | None = None
    claimed_company: str | None = None
    origin: str | None = None
    """the platform's id of the message with which they say something: a later correction of it finds its inquiry by this"""

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.ENTERPRISE, self.contact_id, self.name)


@dataclass(frozen=True)
class Candidate:
    """A department that may be competent, with the probability that it is."""

    department_id: str
    name: str
    probability: float
    reason: str = ""
    """why the bot thinks so, for officers"""
    like: tuple[str, ...] = ()
    """numbers of inquiries like it that people have routed there"""


@dataclass(frozen=True)
class IncomingFile:
    """A file that came with a message. Either its content is already in the file store (`sha256`), or the channel
    fetches it by `reference` after the turn."""

    channel: str
    reference: str
    name: str
    media_type: str
    size: int | None = None
    sha256: str | None = None

    @staticmethod
    def at_desk(file: Attachment) -> "IncomingFile":
        """Return what an officer attached, whose content is in the file store."""
        return IncomingFile("desk", file.sha256, file.name, file.media_type, sha256=file.sha256)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class InquiryKeeping:
    """`directory` is asked anew on every use, so that a reload of the knowledge base is noticed.

    reopen_within: how long after the answer or the closing the enterprise may open it again. review_target: the working time
    that a lead has to look into a bad rating.
    """

    def __init__(
        self,
        *,
        directory: Callable[[], Directory],
        notices: Notices,
        chain: Chain,
        calendars: Calendars,
        clock: Clock,
        routing_deadline: timedelta,
        live: Signals,
        watch: Callable[[UnitOfWork, InquiryRecord], None] | None = None,
        reminded: Callable[[UnitOfWork, int], None] | None = None,
        reopen_within: timedelta = timedelta(days=30),
        review_target: timedelta = timedelta(hours=8),
        tracking: TrackingCodes | None = None,
    ) -> None:
        """watch: told of every change of an inquiry, in its transaction, with the inquiry as it then is. reminded: told of the
        id of one about which a clock told something, or of which an officer has seen that."""
        self._watch = watch
        self._reminded = reminded
        self._directory = directory
        self._notices = notices
        self._chain = chain
        self._calendars = calendars
        self._clock = clock
        self._routing_deadline = routing_deadline
        self._live = live
        self._reopen_within = reopen_within
        self._review_target = review_target
        self._tracking = tracking or TrackingCodes(b"")

    @property
    def directory(self) -> Directory:
        return self._directory()

    def _check_actor(self, inquiry: InquiryRecord, actor: Actor) -> None:
        if actor.kind in (ActorKind.OFFICER, ActorKind.API) and not actor.works_on(inquiry.department_id):
            raise errors.InquiryNotYours(number=inquiry.number)

    def _check_hands(self, inquiry: InquiryRecord, actor: Actor) -> None:
        """What another officer has in hand is theirs; a lead and the coordinator may step in."""
        self._check_actor(inquiry, actor)
        taken = inquiry.officer_id is not None and inquiry.officer_id != actor.id
        if taken and actor.kind is ActorKind.OFFICER and not actor.leads(inquiry.department_id):
            raise errors.TakenByOther(number=inquiry.number, officer=inquiry.officer_name or "")

    def _department(self, department_id: str) -> Department:
        department = self.directory.get(department_id)
        if department is None or not department.accepts_inquiries:
            raise errors.DepartmentUnknown(department=department_id)
        return department

    def _accepts(self, department_id: str) -> bool:
        department = self.directory.get(department_id)
        return department is not None and department.accepts_inquiries

    async def _hand_over(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        event: Event,
        department: Department,
        actor: Actor,
        *,
        by: str,
        reason: str | None = None,
        because: str | None = None,
        climbing: bool = True,
    ) -> InquiryRecord:
        """because: what of the system's own made it so, for the history; people give a reason in their words.

        climbing: the ladder of the routing clock may still have rungs to come.
        """
        now = self._clock.now()
        first = inquiry.routed_at is None
        inquiry = await self._move(
            uow,
            inquiry,
            event,
            actor,
            reason=reason,
            details={"to": department.id, "by": by} | ({"because": because} if because else {}),
            department_id=department.id,
            department_name=department.name,
            routed_at=inquiry.routed_at or now,
            routed_by=by,
            officer_id=None,
            officer_name=None,
            resume_at=None,
            response_left_s=None,
        )
        if climbing and first and by != "auto":  # at the deadline they have all fired
            await clocks.call_off_rungs(uow, inquiry.id, DeadlineClock.ROUTING)
        inquiry = await self._start_response_clock(uow, inquiry, afresh=True)
        await self._notices.tell_officers(
            uow,
            inquiry,
            "officer.new",
            audience="officer",
            department_id=department.id,
            once=f"new:{inquiry.id}:{inquiry.history_length}",
        )
        return inquiry

    def _names(self, inquiry: InquiryRecord) -> dict[str, str]:
        """Return what its department is called in each language; the name that it had then, where it has another by now."""
        department = self.directory.get(inquiry.department_id)
        name = inquiry.department_name or ""
        return names_of(department) if department is not None and department.name == name else dict.fromkeys(LANGUAGES, name)

    def _calendar(self, department: Department | None) -> WorkingCalendar:
        return self._calendars.of(department.calendar if department else None)

    def in_time_to_reopen(self, inquiry: InquiryRecord) -> bool:
        """Say whether the enterprise may still say that it is not solved."""
        since = inquiry.closed_at or inquiry.answered_at
        return since is None or self._clock.now() - since <= self._reopen_within

    async def _open_again(
        self, uow: UnitOfWork, inquiry: InquiryRecord, actor: Actor, *, reason: str | None = None, **changes: Any
    ) -> InquiryRecord:
        """Back to the department, with a new response clock."""
        if inquiry.department_id is None:
            raise errors.NotPossibleNow(number=inquiry.number, state=inquiry.state, action="reopen")
        changes |= {"answered_at": None, "closed_at": None, "response_left_s": None}
        inquiry = await self._move(uow, inquiry, Event.REOPEN, actor, reason=reason, **changes)
        inquiry = await self._end_review(uow, inquiry)
        return await self._start_response_clock(uow, inquiry, afresh=True)

    async def _end_review(self, uow: UnitOfWork, inquiry: InquiryRecord) -> InquiryRecord:
        if inquiry.review_due_at is None:
            return inquiry
        await clocks.call_off_rungs(uow, inquiry.id, DeadlineClock.REVIEW)
        return await self._set(uow, inquiry, review_due_at=None)

    async def _start_response_clock(
        self, uow: UnitOfWork, inquiry: InquiryRecord, *, afresh: bool = False, at: datetime | None = None
    ) -> InquiryRecord:
        """Let the clock of the inquiry's department run: afresh with its whole target, else with what was left.

        at: since when it runs, where that was earlier than now (a deferral that ended while nobody was at work).
        """
        start = whole_second(at or self._clock.now())
        department = self.directory.get(inquiry.department_id)
        calendar = self._calendar(department)
        target = department.response_target if department else _TARGET_OF_NOBODY
        if afresh or inquiry.response_left_s is None:
            clock = ResponseClock(target).run(start)
            if inquiry.response_due_at is not None:
                await clocks.call_off_rungs(uow, inquiry.id, DeadlineClock.RESPONSE)
            self._set_rungs(uow, inquiry, response_rungs(clock, target, calendar))
        else:
            clock = ResponseClock(timedelta(seconds=inquiry.response_left_s)).run(start)
            await self._set_rungs_again(uow, inquiry, clock, target, calendar)
        return await self._set(
            uow,
            inquiry,
            # A target that was missed before the clock stood still stays missed since that moment.
            response_due_at=clock.reaches(timedelta(), calendar) or inquiry.response_due_at,
            response_calendar=calendar.version,
            response_left_s=None,
            response_since=clock.since,
            response_budget_s=int(clock.left.total_seconds()),
        )

    async def _stop_response_clock(self, uow: UnitOfWork, inquiry: InquiryRecord) -> InquiryRecord:
        if inquiry.response_left_s is not None or inquiry.response_due_at is None:
            return inquiry
        now = whole_second(self._clock.now())
        calendar = self._calendar(self.directory.get(inquiry.department_id))
        if inquiry.response_since is None or inquiry.response_budget_s is None:  # started before these were kept
            left = calendar.between(now, inquiry.response_due_at) - calendar.between(inquiry.response_due_at, now)
        else:
            clock = ResponseClock(timedelta(seconds=inquiry.response_budget_s), inquiry.response_since)
            left = clock.left_at(now, calendar)
        # What fell due before now still fires, late: it was not called off in time.
        await clocks.call_off_rungs(uow, inquiry.id, DeadlineClock.RESPONSE, after=now)
        return await self._set(uow, inquiry, response_left_s=int(left.total_seconds()))

    def _set_rungs(self, uow: UnitOfWork, inquiry: InquiryRecord, rungs: list[RungDue]) -> None:
        for rung in rungs:
            uow.insert(
                Rung,
                id=new_id(),
                inquiry_id=inquiry.id,
                clock=str(rung.clock),
                run=inquiry.history_length,
                percent=rung.percent,
                left_s=int(rung.left.total_seconds()),
                due_at=rung.at,
                pending_at=rung.at,
            )

    async def _set_rungs_again(
        self, uow: UnitOfWork, inquiry: InquiryRecord, clock: ResponseClock, target: timedelta, calendar: WorkingCalendar
    ) -> None:
        """Set the rungs that a stop of the clock called off: the same rows, each of which fires once in a run."""
        done: set[int] = set()
        for row in await clocks.latest_rungs(uow, inquiry.id, DeadlineClock.RESPONSE):
            percent = row["percent"]
            if percent in done or row["fired_at"] is not None or row["pending_at"] is not None:
                done.add(percent)
                continue
            left_s = row["left_s"]
            left = target * (100 - percent) / 100 if left_s is None else timedelta(seconds=left_s)
            at = clock.reaches(left, calendar)
            if at is not None:
                uow.update(Rung, row["id"], due_at=at, pending_at=at)
            done.add(percent)

    def _say(self, uow: UnitOfWork, inquiry_id: int, kind: str, actor: Actor, text: str) -> int:
        message_id = new_id()
        uow.insert(
            InquiryMessage,
            id=message_id,
            inquiry_id=inquiry_id,
            kind=kind,
            author=str(actor.kind),
            author_id=actor.id,
            author_name=actor.name,
            text=text,
            at=self._clock.now(),
        )
        return message_id

    def _keep_file(self, uow: UnitOfWork, inquiry_id: int, message_id: int | None, file: IncomingFile) -> None:
        now = self._clock.now()
        uow.insert(
            File,
            id=new_id(),
            inquiry_id=inquiry_id,
            message_id=message_id,
            channel=file.channel,
            reference=file.reference,
            name=file.name[:255],
            media_type=file.media_type[:127],
            size=file.size,
            sha256=file.sha256,
            fetch_at=None if file.sha256 else now,
            attempts=0,
            created_at=now,
        )

    async def _move(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        event: Event,
        actor: Actor,
        *,
        reason: str | None = None,
        details: dict[str, Any] | None = None,
        **changes: Any,
    ) -> InquiryRecord:
        """Change the state as the machine says, guarded by the state that was seen, and leave a row in the history."""
        try:
            state = move(State(inquiry.state), event)
        except IllegalMove:
            raise errors.NotPossibleNow(number=inquiry.number, state=inquiry.state, action=str(event)) from None
        return await self._write(uow, inquiry, state, str(event), actor, reason, details, changes)

    async def _note(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        event: str,
        actor: Actor,
        *,
        details: dict[str, Any] | None = None,
        **changes: Any,
    ) -> InquiryRecord:
        """Leave a row in the history about something that does not change the state."""
        return await self._write(uow, inquiry, State(inquiry.state), event, actor, None, details, changes)

    async def _write(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        state: State,
        event: str,
        actor: Actor,
        reason: str | None,
        details: dict[str, Any] | None,
        changes: dict[str, Any],
    ) -> InquiryRecord:
        now = self._clock.now()
        after = replace(inquiry, **changes, state=str(state), updated_at=now)
        row = self._chain.next_row(
            inquiry_id=inquiry.id,
            length=inquiry.history_length,
            head=inquiry.history_head,
            at=now,
            event=event,
            actor=actor,
            from_state=inquiry.state,
            to_state=str(state),
            department=after.department_name,
            reason=reason,
            details=details,
        )
        after = replace(after, history_length=row["seq"], history_head=row["hash"])
        written = {name: getattr(after, name) for name in (*changes, *_ALWAYS_WRITTEN)}
        seen = {"state": inquiry.state, "history_length": inquiry.history_length}
        if not await uow.change(Inquiry, inquiry.id, seen=seen, **written):
            raise errors.NotPossibleNow(number=inquiry.number, state=inquiry.state, action=event)
        uow.insert(History, **row)
        self._announce(uow, inquiry.id)
        if self._watch is not None:
            self._watch(uow, after)
        return after

    def _announce(self, uow: UnitOfWork, inquiry_id: int) -> None:
        uow.after_commit(lambda: self._live.publish(signals.inquiry(inquiry_id)))
        uow.after_commit(lambda: self._live.publish(signals.DESK))

    async def _set(self, uow: UnitOfWork, inquiry: InquiryRecord, **changes: Any) -> InquiryRecord:
        uow.update(Inquiry, inquiry.id, **changes)
        return replace(inquiry, **changes)


def names_of(department: Department) -> dict[str, str]:
    return {"vi": department.name, "en": department.name_en}


def checked(text: str, *, may_be_empty: bool = False) -> str:
    text = text.strip()
    if not text and not may_be_empty:
        raise errors.TextMissing()
    if len(text) > TEXT_AT_MOST:
        raise errors.TextTooLong(length=len(text), most=TEXT_AT_MOST)
    return text
