"""The ladder: who is told at which share of a clock, and told again until somebody has seen it.

From the officer to the lead to the head of the coordinating unit; where nobody fills a place, the next one above is told.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy.engine import RowMapping

from bot import signals
from bot.clock import Clock
from bot.escalation.actors import Role
from bot.escalation.calendar import Calendars
from bot.escalation.deadlines import Clock as DeadlineClock
from bot.escalation.inquiries import Inquiries
from bot.escalation.notices import Notices, Reminder
from bot.escalation.states import CLOCK_STANDS_STILL, OPEN, WITH_A_DEPARTMENT, State
from bot.metrics import RUNGS
from bot.signals import Signals
from storage import clocks
from storage.clocks import Post
from storage.inquiries import InquiryRecord
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

LATE_FROM = timedelta(seconds=60)
"""a rung that fires this long after its time is marked late: nobody was at work when it fell due"""
REMIND_EVERY = timedelta(minutes=30)


class Level(StrEnum):
    """Who is told. The names are the audiences of notices."""

    OFFICER = "officer"
    LEAD = "lead"
    HEAD = "head"
    COORDINATOR = "coordinator"


STEPS: dict[tuple[str, int], tuple[Level, ...]] = {
    (DeadlineClock.ROUTING, 50): (Level.COORDINATOR,),
    (DeadlineClock.ROUTING, 80): (Level.LEAD,),
    (DeadlineClock.ROUTING, 95): (Level.HEAD,),
    (DeadlineClock.ROUTING, 100): (Level.HEAD,),
    (DeadlineClock.RESPONSE, 50): (Level.OFFICER,),
    (DeadlineClock.RESPONSE, 80): (Level.LEAD,),
    (DeadlineClock.RESPONSE, 95): (Level.HEAD,),
    (DeadlineClock.RESPONSE, 100): (Level.OFFICER, Level.LEAD, Level.HEAD),
    (DeadlineClock.REVIEW, 50): (Level.LEAD,),
    (DeadlineClock.REVIEW, 80): (Level.LEAD,),
    (DeadlineClock.REVIEW, 95): (Level.HEAD,),
    (DeadlineClock.REVIEW, 100): (Level.LEAD, Level.HEAD),
}
"""The leads of the routing clock are those of the coordinating unit; the lead of the department that an inquiry is routed to
at the deadline hears of it as well, see `Inquiries.route_at_deadline`."""
_ABOVE = (Level.OFFICER, Level.LEAD, Level.HEAD)


def reached(level: Level, department_id: str, posts: frozenset[Post]) -> Level:
    """Return the level that is told: this one, or the next above it that somebody fills; at last the coordinators, among
    whom the administrator is."""
    for each in _ABOVE[_ABOVE.index(level) :] if level in _ABOVE else ():
        if any(_fills(post, each, department_id) for post in posts):
            return each
    return Level.COORDINATOR


def _fills(post: Post, level: Level, department_id: str) -> bool:
    sees_all = post.role in (Role.COORDINATOR, Role.ADMINISTRATOR)
    if level is Level.HEAD:
        return sees_all and post.lead
    here = post.department_id == department_id and (sees_all or post.role == Role.OFFICER)
    return here and (post.lead or level is Level.OFFICER)


class Ladder:
    """remind_every: how long after a notice it is told again, until somebody presses "seen"."""

    def __init__(
        self,
        *,
        inquiries: Inquiries,
        notices: Notices,
        calendars: Calendars,
        clock: Clock,
        live: Signals,
        remind_every: timedelta = REMIND_EVERY,
    ) -> None:
        self._inquiries = inquiries
        self._notices = notices
        self._calendars = calendars
        self._clock = clock
        self._live = live
        self._remind_every = remind_every

    async def climb(
        self, uow: UnitOfWork, inquiry: InquiryRecord, rungs: Sequence[RowMapping], posts: frozenset[Post]
    ) -> InquiryRecord:
        """Do what these rungs of an inquiry are for, lowest first. They have been marked as fired in this transaction."""
        now = self._clock.now()
        for rung in rungs:
            late = now - rung["due_at"] > LATE_FROM
            self._count(uow, rung["clock"], rung["percent"], late)
            if rung["clock"] == DeadlineClock.RESPONSE:
                if State(inquiry.state) in WITH_A_DEPARTMENT:
                    key = "officer.response_over" if rung["percent"] == 100 else "officer.response_soon"
                    await self._tell(uow, inquiry, rung, key, late, inquiry.department_id or "", posts)
            elif rung["clock"] == DeadlineClock.REVIEW:
                if inquiry.review_due_at is not None:
                    key = "officer.review_over" if rung["percent"] == 100 else "officer.review_soon"
                    department_id = inquiry.department_id or self._inquiries.directory.coordinating.id
                    await self._tell(uow, inquiry, rung, key, late, department_id, posts)
            elif inquiry.state == State.AWAITING_ROUTING:
                coordinating = self._inquiries.directory.coordinating.id
                if rung["percent"] < 100:
                    await self._tell(uow, inquiry, rung, "officer.routing_soon", late, coordinating, posts)
                    continue
                inquiry = await self._inquiries.route_at_deadline(uow, inquiry)
                log.warning("routing.at_deadline", inquiry=inquiry.number, late=late)
                to = {"department": inquiry.department_name or "", "to": inquiry.department_id or ""}
                await self._tell(uow, inquiry, rung, "officer.routed_at_deadline", late, coordinating, posts, **to)
        return inquiry

    async def _tell(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        rung: RowMapping,
        key: str,
        late: bool,
        department_id: str,
        posts: frozenset[Post],
        **params: str,
    ) -> None:
        now = self._clock.now()
        quiet = self._quiet(rung["percent"], now)
        reminder = Reminder(rung["id"], None if quiet else now, quiet or now + self._remind_every)
        levels = (reached(level, department_id, posts) for level in STEPS[rung["clock"], rung["percent"]])
        for level in dict.fromkeys(levels):
            await self._notices.tell_officers(
                uow,
                inquiry,
                f"{key}_late" if late else key,
                audience=level,
                department_id=department_id,
                once=f"rung:{rung['id']}:{level}",
                reminder=reminder,
                percent=rung["percent"],
                **params,
            )
        if not quiet:
            self._inquiries.reminders_changed(uow, inquiry.id)
        uow.after_commit(lambda: self._live.publish(signals.DESK))

    async def remind(self, uow: UnitOfWork, notices: Sequence[RowMapping]) -> int:
        """Tell these notices again, as far as it is still of use; return how many that were."""
        now = self._clock.now()
        told = 0
        for notice in notices:
            state, percent = State(notice["state"]), notice["percent"]
            if notice["seen_at"] is not None or of_no_more_use(notice, state):
                await clocks.put_off_reminder(uow, notice, until=None)
            elif notice["clock"] == DeadlineClock.RESPONSE and state in CLOCK_STANDS_STILL:
                await clocks.put_off_reminder(uow, notice, until=now + self._remind_every)
            elif quiet := self._quiet(percent, now):
                await clocks.put_off_reminder(uow, notice, until=quiet)
            else:
                if await clocks.remind(uow, notice, now=now, again_at=now + self._remind_every):
                    self._inquiries.reminders_changed(uow, notice["inquiry_id"])
                    told += 1
        if told:
            uow.after_commit(lambda: self._live.publish(signals.DESK))
        return told

    def _quiet(self, percent: int, now: datetime) -> datetime | None:
        """Return until when nobody is told of this; a deadline that has passed is told at any hour."""
        return self._calendars.quiet.ends_after(now) if percent < 100 else None

    def _count(self, uow: UnitOfWork, clock: str, percent: int, late: bool) -> None:
        uow.after_commit(RUNGS.labels(clock, str(percent), str(late)).inc)


def of_no_more_use(notice: RowMapping, state: State) -> bool:
    """Say whether what was to be done has been done, or is somebody else's by now."""
    if notice["clock"] == DeadlineClock.ROUTING:
        return state not in OPEN or (notice["percent"] < 100 and notice["routed_at"] is not None)
    if notice["clock"] == DeadlineClock.REVIEW:
        return bool(notice["replaced"]) or notice["review_due_at"] is None
    return bool(notice["replaced"]) or state not in WITH_A_DEPARTMENT
