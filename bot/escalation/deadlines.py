"""The clocks of an inquiry, and the rungs of their ladders.

Routing: 24 hours of wall clock within which a request must reach the unit that can deal with it, or the officer explains
why not (1399/QĐ-TCHQ Điều 3 khoản 1 điểm c). Response: the department's own target, in working time. Review: how long a lead
has to look into what the enterprise rated badly, in working time as well.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.escalation.calendar import WorkingCalendar

_SECOND = timedelta(seconds=1)


class Clock(StrEnum):
    ROUTING = "routing"
    RESPONSE = "response"
    REVIEW = "review"


PERCENTS = (50, 80, 95, 100)


@dataclass(frozen=True)
class RungDue:
    """A step of a clock's ladder: at this share of the clock somebody is told. left: what the clock then still has."""

    clock: Clock
    percent: int
    at: datetime
    left: timedelta


def routing_rungs(start: datetime, deadline: timedelta) -> list[RungDue]:
    """Return the rungs of the routing clock, the last one at the deadline itself."""
    due = start + deadline
    shares = [(percent, deadline * (100 - percent) / 100) for percent in PERCENTS]
    return [RungDue(Clock.ROUTING, percent, due - left, left) for percent, left in shares]


def whole_second(moment: datetime) -> datetime:
    """Return the second that the moment lies in. A response clock counts whole seconds: each belongs to one that runs or to
    one that stands still, never to both, so that any number of pauses adds up."""
    return moment.replace(microsecond=0)


@dataclass(frozen=True)
class ResponseClock:
    """A clock that counts a department's working time down, and can stand still any number of times.

    left: working time that was left when it last began to run, or when it was stopped; below zero once the target is missed.
    since: when it last began to run (aware, a whole second); None while it stands still.
    """

    left: timedelta
    since: datetime | None = None

    def left_at(self, moment: datetime, calendar: WorkingCalendar) -> timedelta:
        """Return the working time that is left; below zero by as much as the target is missed."""
        return self.left if self.since is None else self.left - calendar.between(self.since, whole_second(moment))

    def stop(self, moment: datetime, calendar: WorkingCalendar) -> "ResponseClock":
        return ResponseClock(self.left_at(moment, calendar))

    def run(self, moment: datetime) -> "ResponseClock":
        """Return the clock as it goes on from the moment; one that runs already just goes on."""
        return self if self.since is not None else ResponseClock(self.left, whole_second(moment))

    def reaches(self, left: timedelta, calendar: WorkingCalendar) -> datetime | None:
        """Return when so much will be left (zero: the deadline); None if that is past, or while the clock stands still."""
        if self.since is None or self.left <= left:
            return None
        return calendar.after(self.since, self.left - left)


def response_rungs(
    clock: ResponseClock, target: timedelta, calendar: WorkingCalendar, kind: Clock = Clock.RESPONSE
) -> list[RungDue]:
    """Return the rungs that lie ahead of a clock that runs, for a target of so much working time."""
    rungs = []
    for percent in PERCENTS:
        left = target * (100 - percent) / 100 // _SECOND * _SECOND
        at = clock.reaches(left, calendar)
        if at is not None:
            rungs.append(RungDue(kind, percent, at, left))
    return rungs
